# What `make setup` needs besides the dependencies: Node 24, the package manager, and Python for the
# scripts that every repo of the house has. What the machine lacks comes into .tools.

SYSTEM_PYTHON ?= python3
NODE_VERSION := 24.21.0
# The npm package that holds Node for this kind of machine.
NODE_PACKAGE := [process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node", \
	process.platform, process.arch].join("-")
NODE_SUFFICES := node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a * 100 + b < 2402 ? 1 : 0)'
BRING := npm install --silent --no-save --no-package-lock --prefix

.PHONY: setup
setup: toolchain
	@if [ -f $(LOCK) ]; then $(INSTALL_LOCKED); else $(INSTALL); fi

.PHONY: lock
lock: node_modules
	@$(WRITE_LOCK)

# Not in `make check`: what is known changes by the day, and the network is asked for it. Where there
# is no lock file, one is written for as long as it takes.
.PHONY: audit
audit: node_modules
	@[ -f $(LOCK) ] || { trap 'rm -f $(LOCK)' EXIT; $(WRITE_LOCK) > /dev/null; }; $(AUDIT)

# A later shell may come to an older Node than the one that `make setup` met.
.PHONY: node
node:
	@$(NODE_SUFFICES) || { \
		echo "make: Node.js 24.2 or newer is needed; 'make setup' brings one" >&2; exit 1; }

.PHONY: toolchain
toolchain:
	@command -v npm > /dev/null || { \
		echo "setup: npm is needed; it comes with Node.js" >&2; exit 1; }
	@command -v uv > /dev/null || \
		$(SYSTEM_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || { \
		echo "setup: uv, or Python 3.11 or newer, is needed: make setup SYSTEM_PYTHON=python3.12" >&2; \
		exit 1; }
	@$(NODE_SUFFICES) || { \
		echo "setup: Node.js 24.2 or newer is needed; bringing one into .tools" >&2; \
		$(BRING) .tools/node $$(node -p '$(NODE_PACKAGE)')@$(NODE_VERSION); }
	@$(BRING_MANAGER)
	@if command -v uv > /dev/null; then \
		uv venv --quiet --allow-existing --python '>=3.11' .tools/python && \
		uv pip install --quiet --python $(PYTHON) --requirement scripts/services/requirements.txt; \
	else \
		$(SYSTEM_PYTHON) -m venv .tools/python && \
		$(PYTHON) -m pip install --quiet --disable-pip-version-check \
			--requirement scripts/services/requirements.txt; \
	fi
