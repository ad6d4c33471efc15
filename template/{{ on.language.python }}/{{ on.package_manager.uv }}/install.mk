# How the dependencies get here with uv. Included by the Makefile.

SYSTEM_PYTHON ?= python3

# The uv on the PATH; where there is none, setup brings one into .venv.
UV = $(or $(shell command -v uv),.venv/bin/uv)

.PHONY: setup
setup:
	@command -v uv > /dev/null || { \
		$(SYSTEM_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
			echo "setup: Python 3.11 or newer is needed: make setup SYSTEM_PYTHON=python3.12" >&2; exit 1; }; \
		$(SYSTEM_PYTHON) -m venv .venv && \
		$(PYTHON) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv; }
	$(UV) venv --quiet --allow-existing
	$(UV) pip install --quiet --constraint constraints.txt --requirement pyproject.toml --group dev \
		--requirement scripts/services/requirements.txt $(LOCAL_PACKAGES)
