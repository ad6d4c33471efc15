# How the dependencies get here with pip. Included by the Makefile.

SYSTEM_PYTHON ?= python3

.PHONY: setup
setup:
	@$(SYSTEM_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "setup: Python 3.11 or newer is needed: make setup SYSTEM_PYTHON=python3.12" >&2; exit 1; }
	$(SYSTEM_PYTHON) -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt pip
	$(PYTHON) -m pip install --quiet --constraint constraints.txt --build-constraint constraints.txt \
		--editable . --group dev --requirement scripts/services/requirements.txt $(LOCAL_PACKAGES)
