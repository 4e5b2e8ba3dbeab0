# CP2 by phone. `make run` is all a new user needs; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help run test lint bench clean

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
ONLY ?=
TESTS ?=
# A .venv whose Python is gone is made anew, and so is all that was installed in it.
$(if $(wildcard $(BIN)/python),,$(shell rm -f .venv/*.stamp))

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# make runs the supervisor itself, with no shell between: if make is killed, the supervisor stops everything.
run: export CP2_STOP_WITH_PARENT := 1
run: .venv/run.stamp ## start everything on this machine and print the handset's address
	@$(BIN)/python wsgi.py

test: .venv/dev.stamp ## run every test on real servers; TESTS="tests/test_x.py -k name" chooses
	@$(BIN)/python -m pytest -n 4 --dist worksteal $(TESTS)

lint: .venv/dev.stamp ## check style, format and types
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary .

bench: .venv/dev.stamp ## measure; ONLY=name measures one
	@$(BIN)/python -m benchmarks $(ONLY)

clean: ## remove the virtual environment and the caches (never the data in var/)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/run.stamp: requirements.txt | .venv/bin/python
	@echo "Installing requirements.txt ..."
	@$(PIP) install -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt requirements.txt | .venv/bin/python
	@echo "Installing requirements-dev.txt ..."
	@$(PIP) install -r requirements-dev.txt
	@touch $@ .venv/run.stamp

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { \
	    echo "There is no $(PYTHON). Install Python 3.11 or newer, or: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V). Try: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making .venv with $$($(PYTHON) -V) ..."
	@$(PYTHON) -m venv --clear .venv
