# make help lists what can be done.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH := .venv-bench
BENCH_BIN := $(BENCH)/bin
WEB := web/node_modules/.ready
SOURCES = $(shell find src native -type f ! -name '*.pyc' ! -path '*.egg-info/*')

.DEFAULT_GOAL := help
.PHONY: help setup demo test check web webtools sanitize bench clean

help:  ## list these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

setup: $(READY)  ## make .venv and install Yeoul with its development tools

# torch comes first: its pinned release is the CPU build where one is offered, and nothing after may replace it.
$(READY): pyproject.toml constraints.txt $(wildcard native/*)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt torch
	$(BIN)/python -m pip install --quiet -c constraints.txt --editable '.[dev]'
	touch $@

demo: $(READY)  ## train on embedded data, about a minute, ending in a verdict and a report
	$(BIN)/yeoul demo

test: $(READY) webtools  ## run every test
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(READY)  ## lint, types and the fast tests, under a minute
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m 'not slow and not data'

web: $(WEB)  ## check the studio's page and build it into the package
	cd web && npm run --silent check && npm test --silent && npm run --silent build

$(WEB): web/package-lock.json
	cd web && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

# What the tests of the page need; a machine without npm or its registry skips those tests.
webtools:
	@! command -v npm >/dev/null || $(MAKE) --no-print-directory $(WEB) || echo "npm ci failed: the tests of the page are skipped"

# A second build of the kernels, beside the package, finds reads and writes outside of what they were given.
SANITIZED := build/sanitized
sanitize: $(READY)  ## run the kernels' tests with addresses and undefined behavior checked
	mkdir -p $(SANITIZED)
	$(BIN)/python -m pip install --quiet -c constraints.txt nanobind
	cmake -S native -B $(SANITIZED) -DYEOUL_SANITIZE=ON -DPython_EXECUTABLE=$(abspath $(BIN)/python) \
	  -Dnanobind_DIR=$$($(BIN)/python -m nanobind --cmake_dir)
	cmake --build $(SANITIZED) --parallel
	LD_PRELOAD="$$(c++ -print-file-name=libasan.so) $$(c++ -print-file-name=libstdc++.so.6)" ASAN_OPTIONS=detect_leaks=0 OMP_NUM_THREADS=2 \
	  YEOUL_SANITIZED=$(abspath $(SANITIZED)) $(BIN)/python -m pytest -q -s tests/kernels

bench: $(BENCH)/.ready  ## time the recurrent layers beside PyTorch's and Keras's; BENCH_ARGS=--quick for a part
	$(BENCH_BIN)/python -m benchmarks $(BENCH_ARGS)

# An environment of its own: what Yeoul is measured against is no dependency of it.
$(BENCH)/.peers: constraints.txt
	test -x $(BENCH_BIN)/python || $(PYTHON) -m venv $(BENCH)
	$(BENCH_BIN)/python -m pip install --quiet -c constraints.txt torch
	$(BENCH_BIN)/python -m pip install --quiet -c constraints.txt keras jax tensorflow-cpu
	touch $@

$(BENCH)/.ready: $(BENCH)/.peers pyproject.toml $(SOURCES)
	$(BENCH_BIN)/python -m pip install --quiet --force-reinstall --no-deps .
	$(BENCH_BIN)/python -m pip install --quiet -c constraints.txt .
	touch $@

clean:  ## remove what setup and tests made
	rm -rf $(VENV) $(BENCH) web/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis build src/*.egg-info
