# The commands of the study. Everything runs in .venv, made from requirements.lock.
.DEFAULT_GOAL := help
.PHONY: help report test notebooks slides lab lint lock clean
PYTHON ?= python3
RUN := .venv/bin/python -m helpers
UV := .venv/bin/python -m uv pip
UV_VERSION := 0.13.9
PRESET ?= deepseek-2025
NBVAL := --nbval --nbval-current-env --nbval-cell-timeout=600

help: ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(UV) install --quiet --compile-bytecode --require-hashes -r requirements.lock
	$(UV) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

report: .venv/.ready ## run the notebooks that have to run, then build site and slides (PRESET=name for another study)
	$(RUN) run --preset $(PRESET)

test: .venv/.ready ## run all tests: units, notebooks against their stored outputs, pages in a browser where there is one
	.venv/bin/python -m pytest -q -n auto --dist loadscope --continue-on-collection-errors $(NBVAL) tests notebooks

notebooks: .venv/.ready ## run the default study and store its outputs in notebooks/
	$(RUN) run
	$(RUN) store

slides: .venv/.ready ## build the slides of the last run again
	$(RUN) slides --preset $(PRESET)

lab: .venv/.ready ## open JupyterLab at the start page
	.venv/bin/python -m jupyter lab --LabApp.app_settings_dir=report/lab --LabApp.default_url=/lab/tree/notebooks/START.md

lint: .venv/.ready ## check format, style and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

lock: .venv/.ready ## resolve the dependencies of pyproject.toml again
	$(UV) compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock

clean: ## remove the runs that nobody is building; the environment and the figures of record stay
	@! test -x .venv/bin/python || $(RUN) clean
