# How the dependencies get here with Yarn. Included by the Makefile.

LOCK := yarn.lock
# It cannot do without a lock file, which stays only once `make lock` has written it.
INSTALL := { trap 'rm -f $(LOCK)' EXIT; yarn install --no-immutable; }
INSTALL_LOCKED := yarn install --immutable
WRITE_LOCK := yarn install --mode=update-lockfile --no-immutable
AUDIT := yarn npm audit --all --recursive
# Yarn 1, which many machines have, is another program.
BRING_MANAGER = yarn --version 2> /dev/null | grep -q '^[4-9]' || \
	$(BRING) .tools/yarn "$$(node -p 'require("./package.json").packageManager.replace("yarn", "@yarnpkg/cli-dist")')"

include toolchain.mk
