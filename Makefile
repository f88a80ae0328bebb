# Everything a newcomer or a developer runs. A bare `make` lists the targets.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
KILLS ?= 1000
AWAY ?= 600
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test security check faults bench lock mock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.run-ready ## make .venv from the hash-locked requirements, compile triage (only what changed)

setup-dev: $(VENV)/.dev-ready $(VENV)/.run-ready ## the same, with what tests and checks need

run: setup ## start a demo on 127.0.0.1 (PORT=9000 make run: ports 9000 to 9002)
	@$(BIN)/tipline init --demo
	@exec $(BIN)/tipline serve --port $(PORT)

test: setup-dev ## run every test
	$(BIN)/python -m pytest -n 2 # most of what they do is wait

security: setup-dev ## run the security stories and print a table: case, result
	$(BIN)/python -m pytest tests/security

check: setup-dev ## migrations, format, lint, types, import law, dependencies, templates, spelling, dead code
	$(BIN)/python -c "from vault.schema import head; head()" # one line of migrations, not two
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/codespell
	$(BIN)/vulture

faults: setup-dev ## before a release, most of an hour: kill processes at random on both set-ups; KILLS=60 for less
	@$(BIN)/python -m tests.faults --kills $(KILLS) --away $(AWAY) --json

bench: setup-dev ## measure speed: one JSON object a line
	@$(BIN)/python -m tests.load

# The machine's own index settings must not leak into the locks: --no-config, and no UV_ variable survives.
COMPILE = env -u UV_INDEX -u UV_DEFAULT_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
	$(BIN)/uv pip compile --quiet --no-config --system-certs --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-header pyproject.toml

lock: setup-dev ## renew requirements.txt (to run) and requirements-dev.txt (to test and check)
	$(COMPILE) --group build --output-file requirements.txt
	$(COMPILE) --group build --group dev --constraints requirements.txt --output-file requirements-dev.txt
	@! grep -nE '://|^-' requirements.txt requirements-dev.txt || { echo "a lock names an address" >&2; exit 1; }

mock: $(VENV)/prism/.ready ## install the mock that serves the provider's API description to tests/contract

clean: ## remove .venv and caches; var/ (the data) stays
	rm -rf $(VENV) *__mypyc*.so triage/*.so triage/.compiled .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/prism/.ready: tests/contract/package.json tests/contract/package-lock.json | $(BIN)/python
	@mkdir -p $(@D)
	@cp $^ $(@D)
	@cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --silent || \
		{ echo "The mock of the provider's API cannot be installed: are npm and its registry there?" >&2; exit 1; }
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is too old: install Python 3.11 or newer, then: make PYTHON=python3.11 setup" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv module is missing: install it (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.packages: requirements.txt | $(BIN)/python
	@echo "Installing what Tipline needs into $(VENV) (once, about a minute) ..."
	@$(PIP) install --require-hashes --requirement requirements.txt
	@touch $@

$(VENV)/.run-ready: $(VENV)/.packages pyproject.toml hatch_build.py $(wildcard triage/*.py)
	@echo "Compiling triage, where there is a C compiler (half a minute; TIPLINE_COMPILE=0: without) ..."
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@ls triage/*.so >/dev/null 2>&1 || echo "Triage is not compiled. It runs as it is written, more slowly."
	@touch $@

$(VENV)/.dev-ready: requirements-dev.txt $(VENV)/.packages
	@echo "Installing what tests and checks need into $(VENV) (once) ..."
	@$(PIP) install --require-hashes --requirement requirements-dev.txt
	@touch $@
