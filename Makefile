# The commands of the project; `make` alone lists them. They need make, a POSIX shell and
# Python 3.11 or newer (PYTHON=... names one); everything is installed into .venv.

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?=
JOBS   ?= 2
TORCH  := torch==2.13.0
RUN    := runs/lenet

# -qq leaves errors only.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input
FAILED  := { echo "make: pip could not install this; the lines above say why" >&2; exit 1; }
# Test workers share the cores among themselves; BLAS threads on top would only get in their way.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help train test dev lint types contract unit doctest docs parity format clean

help: ## list these commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A run that was stopped goes on where it was.
train: $(VENV)/.cli ## train LeNet on MNIST: curves, checkpoint and report go to runs/lenet
	$(BIN)/chainrule train $(if $(wildcard $(RUN)/config.json),--resume $(RUN),lenet --data mnist --output $(RUN))

test: lint types contract unit doctest docs ## everything that must pass before a change is merged

dev: $(VENV)/.dev ## set up .venv for working on chainrule

lint: $(VENV)/.dev ## style and formatting (ruff)
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check

types: $(VENV)/.dev ## type annotations (mypy --strict)
	$(BIN)/python -m mypy

# Without the cache, which misses modules that were not there before.
contract: $(VENV)/.dev ## imports only go down the floors of the house (import-linter)
	$(BIN)/lint-imports --no-cache

unit: $(VENV)/.dev ## the tests, README and docs included (pytest)
	$(PYTEST) --ignore=tests/parity

doctest: $(VENV)/.dev ## the examples in the docstrings (pytest)
	$(PYTEST) --doctest-modules src/chainrule

docs: $(VENV)/.dev ## build the documentation into site/ (mkdocs)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

parity: $(VENV)/.torch ## compare with PyTorch, which this installs (pytest)
	$(PYTEST) tests/parity

format: $(VENV)/.dev ## format the code and mend what ruff can mend
	$(BIN)/python -m ruff check --fix
	$(BIN)/python -m ruff format

clean: ## remove .venv, caches and built files; runs/ stays
	rm -rf $(VENV) site dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests docs -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps say what .venv holds, so that a second call installs nothing.
$(BIN)/python:
	@scripts/make-venv $(VENV) $(PYTHON)

$(VENV)/.cli: pyproject.toml | $(BIN)/python
	@echo "Installing chainrule and its command line into $(VENV) (once; about a minute)"
	@$(INSTALL) --editable '.[cli]' || $(FAILED)
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "Installing chainrule and the tools to test it into $(VENV) (once; one to two minutes)"
	@$(INSTALL) --editable '.[dev]' || $(FAILED)
	@touch $(VENV)/.cli $@

$(VENV)/.torch: $(VENV)/.dev
	@echo "Installing $(TORCH) into $(VENV) (once)"
	@$(INSTALL) '$(TORCH)' || $(FAILED)
	@touch $@
