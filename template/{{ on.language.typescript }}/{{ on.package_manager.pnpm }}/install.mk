# How the dependencies get here with pnpm. Included by the Makefile.

LOCK := pnpm-lock.yaml
INSTALL := pnpm install --no-lockfile
INSTALL_LOCKED := pnpm install --frozen-lockfile
WRITE_LOCK := pnpm install --lockfile-only
AUDIT := pnpm audit
# One that is there takes the version that package.json names by itself.
BRING_MANAGER = command -v pnpm > /dev/null || \
	$(BRING) .tools/pnpm "$$(node -p 'require("./package.json").packageManager')"

include toolchain.mk
