# A bare machine with git, make and Python 3.11 or later is enough: everything else goes to .venv.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The first Python that is new enough; PYTHON=… on the command line picks another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; \
	done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest
# In memory where there is plenty.
QUICK := TMPDIR=$$($(BIN)/python -m harness.scratch) $(PYTEST)
COMPILE := $(BIN)/uv pip compile --quiet --universal --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --group dev --output-file constraints.txt pyproject.toml

# Runs the targets in turn, tells how long each took, and stops at the first that fails.
each = set -e; $(foreach stage,$(1),began=$$(date +%s); $(MAKE) $(stage); \
	echo "--- $(stage): $$(($$(date +%s) - began)) s";)

.PHONY: help setup demo fleet check lint types unit render update organisations docs live test test-fast \
	reference bench bench-generation bench-service bench-peers bench-organisations upgrade clean

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Install the tools into .venv, nothing global

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; say where with PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) comes without venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt \
		--requirement pyproject.toml --group dev
	@touch $@

demo: $(READY) ## Generate the default service, boot it and walk through it
	@$(BIN)/python -m demo

# What to do, and options: DO="apply --check --jobs 4", DO="status --json".
DO := apply
export FLEET ?= fleet.yml
fleet: $(READY) ## Start and update the services of FLEET=fleet.yml; DO=status tells how they stand
	@$(BIN)/python -m fleet $(DO)

check: lint types ## Format, lint and types of the template's own Python

lint: $(READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml fleet/github/*.yml

types: $(READY)
	$(BIN)/mypy

unit: $(READY)
	$(QUICK) tests/extensions tests/harness tests/bench tests/contract/test_suite.py

render: $(READY)
	$(QUICK) --numprocesses 2 --dist worksteal tests/render tests/operations

update: $(READY)
	$(QUICK) --numprocesses 2 --dist loadfile tests/update

organisations: $(READY)
	$(QUICK) tests/organisations

docs: $(READY)
	$(QUICK) tests/docs

# Three at a time on two cores: much of it waits, for windows, leases and restarts.
live: $(READY) ## Generate, set up, check, boot and prove, for every answer set
	$(PYTEST) --numprocesses 3 --dist loadscope --verbose --capture=no --tb=short --durations=20 tests/live

test-fast: ## Everything but live: a few minutes
	@$(call each, check unit render update organisations docs)

test: $(READY) ## Everything, one stage after the other
	@$(BIN)/python -m harness.tally --clear
	@$(call each, check unit render update organisations docs live)
	@$(BIN)/python -m harness.tally

reference: $(READY) ## Write docs/questions.md anew, from copier.yml
	@$(BIN)/python -W ignore -m docs.questions

bench: $(READY) ## Measure it all anew, on a quiet machine: bench/RESULTS.md
	@$(call each, bench-generation bench-service bench-peers bench-organisations)

bench-generation bench-peers bench-organisations: $(READY)
	$(BIN)/python -m $(subst -,.,$@)

bench-service: $(READY)
	$(BIN)/python -m bench.service
	$(BIN)/python -m bench.service --framework express

upgrade: $(READY) ## Move the transitive pins; move the direct ones in pyproject.toml first
	$(COMPILE) --upgrade
	@$(MAKE) setup

clean: ## Remove what was installed and cached here
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
