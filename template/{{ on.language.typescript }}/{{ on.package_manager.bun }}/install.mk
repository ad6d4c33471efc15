# How the dependencies get here with Bun; the service runs on Node. Included by the Makefile.

LOCK := bun.lock
INSTALL := bun install --no-save
INSTALL_LOCKED := bun install --frozen-lockfile
WRITE_LOCK := bun install --lockfile-only
AUDIT := bun audit
BRING_MANAGER = command -v bun > /dev/null || \
	$(BRING) .tools/bun "$$(node -p 'require("./package.json").packageManager')"

include toolchain.mk
