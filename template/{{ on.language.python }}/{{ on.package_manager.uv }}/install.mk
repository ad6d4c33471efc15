# How the dependencies get here with uv. Included by the Makefile.

.PHONY: setup
setup:
	@command -v uv > /dev/null || { echo "setup: uv is missing; install it, e.g. by 'pipx install uv'" >&2; exit 1; }
	uv venv --quiet --allow-existing
	uv pip install --quiet --constraint constraints.txt --requirement pyproject.toml --group dev \
		--requirement scripts/services/requirements.txt $(LOCAL_PACKAGES)
