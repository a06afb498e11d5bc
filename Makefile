# Every target is explained by its ## comment; `make help` prints them.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DEMO   ?= demo-output
# Training and its tests want torch; naming a version first spares the gigabytes of its CUDA build.
TORCH  ?= 2.13.0

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow check lint types fix bench models samples clean

help:  ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Gongkai needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || { echo "Making the virtual environment $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing Gongkai and its tools (a minute or two the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'torch==$(TORCH)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(STAMP)

setup: $(STAMP)  ## Make .venv and install everything

demo: $(STAMP)  ## Annotate the bundled sample reports and say where the results are
	@$(BIN)/gongkai annotate corpora/samples -o $(DEMO)
	@echo
	@echo "One summary JSON per report stands in $(DEMO)/. Look at one in colour:"
	@echo "  $(BIN)/gongkai show $(DEMO)/zhuxi-2022.json"

test: $(STAMP)  ## Run all tests but the slow and the GPU ones (about ten minutes)
	@$(BIN)/python -m pytest -n 2 -m "not slow and not gpu"

test-slow: $(STAMP)  ## Run the slow tests as well
	@$(BIN)/python -m pytest -n 2 -m "not gpu"

check: lint types test  ## Everything CI checks; reads only

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP)
	@$(BIN)/python tests/check_types.py

fix: $(STAMP)  ## Format and mend what can be mended automatically
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(STAMP)  ## Time one report step by step, then runs over thousands, as ratios to floors of the same run
	@$(BIN)/python tests/bench/bench.py
	@$(BIN)/python tests/bench/batch.py

models: $(STAMP)  ## Train the shipped models again from the corpus (over an hour; goes on where it stopped)
	@for name in fast-tagger fast-metrics accurate-encoder accurate-links accurate-joint accurate; do \
	  $(BIN)/gongkai train configs/training/$$name.yaml -o build/models/$$name || exit 1; \
	done
	@for name in fast-tagger fast-metrics accurate; do \
	  $(BIN)/python -m gongkai.training.ship build/models/$$name models/weights/$$name || exit 1; \
	done

samples: $(STAMP)  ## Regenerate the bundled samples from their sources
	@$(BIN)/python -m gongkai.corpora.synthetic samples

clean:  ## Remove what make created
	rm -rf $(VENV) $(DEMO) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
