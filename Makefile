# Two commands for a fresh machine: `make try` and `make test`. Each does all of its own set-up.

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3 python,$(shell command -v $(name) 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
WORKERS ?= 3
# pip compiles 22,000 modules one after the other; we do it on all cores, and without other people's tests.
INSTALL := $(BIN)/python -m pip --disable-pip-version-check -q install --no-compile
COMPILE := $(BIN)/python -W ignore -m compileall -qq -j 0 -x '[/\\]tests[/\\]' $(VENV) || true

.PHONY: help try test check lint types fix site bench clean

help:
	@echo "make try    set up, train the first study (2-6 minutes), build the diary and serve it"
	@echo "make test   set up, the whole suite offline on CPU"
	@echo "make check  what CI runs: lint, format, types, tests"
	@echo "make site   build the diary        make fix    mend lint and format"

try: $(VENV)/ready
	$(BIN)/cuaderno train maze --preset quick --keep
	$(BIN)/cuaderno serve --no-drafts

test: $(VENV)/ready-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: lint types test

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready-dev
	$(BIN)/mypy

fix: $(VENV)/ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

site: $(VENV)/ready
	$(BIN)/cuaderno build

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(VENV)/made:
	@echo "Setting up (once; PyTorch is 200 MB to download) …"
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Cuaderno needs Python 3.11 or newer. Name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@test -d $(VENV) || "$(PYTHON)" -m venv $(VENV)
	@touch $@

$(VENV)/ready: pyproject.toml | $(VENV)/made
	$(INSTALL) -e '.[train]'
	@$(COMPILE)
	@touch $@

$(VENV)/ready-dev: pyproject.toml | $(VENV)/made
	$(INSTALL) -e '.[all,dev]'
	@# timm alone: the torchvision that it asks for may be built for another torch
	$(INSTALL) --no-deps 'timm>=1.0'
	@$(COMPILE)
	@touch $(VENV)/ready $@
