# How the dependencies get here with npm. Included by the Makefile.

LOCK := package-lock.json
INSTALL := npm install --no-package-lock --no-audit --no-fund
INSTALL_LOCKED := npm ci --no-audit --no-fund
WRITE_LOCK := npm install --package-lock-only --no-audit --no-fund
AUDIT := npm audit

include toolchain.mk
