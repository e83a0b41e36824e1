# Trigraph: every everyday command. Needs make and Python 3.11 or later; the rest is set up in .venv.
.DEFAULT_GOAL := help
.PHONY: help run test check bench soak docs requirements clean
SHELL := /bin/sh

# Tests and benches start many processes, which should compile the sources once, whatever this machine prefers.
unexport PYTHONDONTWRITEBYTECODE

venv := .venv
bin := $(venv)/bin
# The first name that runs and is new enough: a name alone proves nothing where a version manager answers for it.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)

help: ## Say what can be done here
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

run: $(venv)/.runtime ## Serve the demo (TRIGRAPH_PORT, TRIGRAPH_DATA_DIR); its addresses and keys are printed
	@exec $(bin)/trigraph serve --demo

test: $(venv)/.development ## Run the tests (ARGS="-k leads"); what needs an absent service says so and is skipped
	@$(bin)/pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

check: $(venv)/.development ## Lint, formatting, types and the import floors
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/mypy
	@$(bin)/lint-imports --no-logo

bench: $(venv)/.runtime ## Measure requests on 100,000 leads beside hand-written SQL and mercurius, streams, campaigns and researches
	@$(bin)/python -m bench $(ARGS)

soak: $(venv)/.runtime ## Kill a server amid its writes while its receivers fail half the time, and see that nothing is lost (ARGS=--reads: reads and memory)
	@$(bin)/python -m bench.soak $(ARGS)

docs: $(venv)/.development ## Write the pages that are made from the code
	@$(bin)/python -m gateway.settings_page docs/settings.md

# Pins come from the public index alone, whatever this machine's pip prefers, so that the hashes hold on every platform.
compile = env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND="make requirements" \
	$(bin)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --all-build-deps \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host $(ARGS)

requirements: $(venv)/.development ## Compile the pinned requirements from pyproject.toml (ARGS=--upgrade for newer versions)
	@$(compile) --output-file requirements.txt pyproject.toml
	@$(compile) --output-file requirements-dev.txt --extra dev --constraint requirements.txt pyproject.toml

clean: ## Remove the environment, caches and build leftovers; data under var/ stays
	@rm -rf $(venv) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(bin)/python:
	@test -n "$(PYTHON)" || { echo "Trigraph needs Python 3.11 or later and found none. Install it, or name it: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@echo "Making $(venv) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(venv) || { rm -rf $(venv); \
		echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

install = $(bin)/python -m pip install -qq --disable-pip-version-check

# What tests need is compiled as it is imported, which is a small part of what there is.
# Development requirements contain the runtime's, so whichever stamp is made last leaves a complete environment.
$(venv)/.runtime: requirements.txt pyproject.toml | $(bin)/python
	@echo "Installing what Trigraph runs on (once, about a minute)"
	@$(install) --require-hashes -r requirements.txt
	@$(install) --no-build-isolation --no-deps --editable .
	@touch $@

$(venv)/.development: requirements-dev.txt requirements.txt pyproject.toml | $(bin)/python
	@echo "Installing what Trigraph runs on and is tested with (once, about two minutes)"
	@$(install) --no-compile --require-hashes -r requirements-dev.txt
	@$(install) --no-build-isolation --no-deps --editable .
	@touch $@ $(venv)/.runtime
