PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test fix bench clean

# Distil the demo's intent labels; skips what has not changed
demo: $(VENV)/.demo
	$(BIN)/python -m weasel run all

# Linter, formatter, types, tests
test: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

# Mend what the linter and the formatter can mend
fix: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Every benchmark arm with three seeds; hours on two cores, resumable. DATA names the public sets
bench: $(VENV)/.demo
	$(BIN)/python -m weasel run all
	$(BIN)/python -m weasel run priority
	$(BIN)/python benchmarks/demo.py
	$(BIN)/python benchmarks/teacher_client.py
	$(BIN)/python benchmarks/teacher_client.py --kills 20
ifdef DATA
	$(BIN)/python benchmarks/public.py --data $(DATA) --seeds 0 1 2
	$(BIN)/python benchmarks/training_time.py --data $(DATA)
	$(BIN)/python benchmarks/scale.py $(DATA)/large_short/all.jsonl --n 10000 100000
endif

# Remove what the commands and the tools have written; the environment and the answers stay
clean: $(VENV)/.demo
	$(BIN)/python -m weasel run clean
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip
	touch $@

$(VENV)/.demo: $(VENV)/.python setup.cfg constraints.txt
	@echo "Installing into $(VENV): a few minutes the first time"
	$(PIP) -c constraints.txt -e ".[demo]"
	touch $@

$(VENV)/.dev: $(VENV)/.demo
	$(PIP) -c constraints.txt -e ".[dev]"
	touch $@
