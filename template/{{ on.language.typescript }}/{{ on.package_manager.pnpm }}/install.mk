# How the dependencies get here with pnpm. Included by the Makefile.

LOCK := pnpm-lock.yaml
INSTALL := pnpm install --no-lockfile
INSTALL_LOCKED := pnpm install --frozen-lockfile
WRITE_LOCK := pnpm install --lockfile-only
AUDIT := pnpm audit
# An older one reads the settings and the lock file differently.
BRING_MANAGER = pnpm --version 2> /dev/null | grep -q '^1[2-9]\.' || \
	$(BRING) .tools/pnpm "$$(node -p 'require("./package.json").packageManager')"

include toolchain.mk
