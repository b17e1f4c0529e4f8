# The words of this project. Each sets up what it needs: a fresh machine with python3 (3.11 or later),
# make and a C++ compiler is enough; on Debian, as root, what is missing is installed.
PYTHON ?= python3
export PYTHON
BIN := .venv/bin
CORE := CMakeLists.txt $(shell find core/include core/bind -name '*.hpp' -o -name '*.cpp')
ENGINE := $(shell find core/include core/wasm -name '*.hpp' -o -name '*.cpp')
PLAN := src/sitwell/plan.py $(wildcard src/sitwell/effects/*.py) tools/plan-code
PAGE := $(wildcard web/*.html web/*.ts) $(shell find web/src web/public -type f -not -path '*/generated/*')
MADE := web/src/generated
STATIC := src/sitwell/studio/static
# A folder changes when a file is added or removed: the editable installation must learn of it.
FOLDERS := $(shell find src -type d -not -name __pycache__ -not -path '$(STATIC)*')

.DELETE_ON_ERROR:
.PHONY: setup demo picture test check bench golden model studio web wheel clean

setup: .venv/project.stamp

demo: .venv/demo.stamp
	$(BIN)/sitwell demo

studio: .venv/studio.stamp
	$(BIN)/sitwell studio

# The page of the studio, into the package.
web: .venv/web.stamp

# The product as one file that pip installs, with the page in it.
wheel: .venv/web.stamp
	$(BIN)/python -m pip wheel -q --no-deps --no-build-isolation -w dist .

picture: demo
	cp demo/mix.svg docs/mix.svg

test: .venv/test.stamp
	$(BIN)/pytest -n 2

check: .venv/test.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd web && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent check

bench: .venv/bench.stamp
	$(BIN)/python bench/speed.py
	$(BIN)/python bench/engine.py

golden: .venv/test.stamp
	$(BIN)/pytest tests -m golden --write-golden

# The model that comes with Sitwell, from real audio: make model DATA=path
DATA ?= ../shared/data
model: .venv/training.stamp
	tools/train-default $(DATA)

clean:
	rm -rf .venv build web/node_modules $(MADE) $(STATIC)

# Each stamp says: this was installed, and nothing it depends on has changed since.
.venv/build.stamp: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sitwell needs Python 3.11 or later; make PYTHON=...")'
	tools/setup-system compiler
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --upgrade "pip>=25.1"
	$(BIN)/python -m pip install -q --group build
	touch $@

.venv/project.stamp: .venv/build.stamp $(CORE) $(FOLDERS)
	mkdir -p $(STATIC)
	$(BIN)/python -m pip install -q --no-build-isolation -e .
	touch $@

# The training package is installed beside the product, with the separator that its tests use.
.venv/training.stamp: .venv/project.stamp training/pyproject.toml
	$(BIN)/python -m pip install -q --no-build-isolation -e "training[spleeter]"
	touch $@

.venv/test.stamp: .venv/training.stamp .venv/web.stamp
	tools/setup-system ffmpeg chromium
	$(BIN)/python -m pip install -q --group dev
	touch $@

# What the page is built with: node and a compiler for WebAssembly from PyPI, the rest from web/package-lock.json.
.venv/node.stamp: .venv/build.stamp web/package-lock.json
	$(BIN)/python -m pip install -q --group web
	cd web && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent
	touch $@

build/web/plan.hpp: .venv/project.stamp $(PLAN)
	mkdir -p $(MADE) $(@D)
	$(BIN)/sitwell schema | $(BIN)/python tools/plan-code ts > $(MADE)/plan.ts
	$(BIN)/sitwell schema | $(BIN)/python tools/plan-code cpp > $@

$(MADE)/engine.wasm: .venv/node.stamp build/web/plan.hpp $(ENGINE) tools/build-wasm
	PYTHON=$(BIN)/python tools/build-wasm build/web $@

.venv/engine.stamp: $(MADE)/engine.wasm
	touch $@

.venv/web.stamp: .venv/engine.stamp $(PAGE)
	cd web && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent build
	touch $@

.venv/studio.stamp: .venv/web.stamp
	$(BIN)/python -m pip install -q --no-build-isolation -e ".[studio,demo]"
	touch $@

.venv/demo.stamp: .venv/project.stamp
	$(BIN)/python -m pip install -q --no-build-isolation -e ".[demo]"
	touch $@

.venv/bench.stamp: .venv/test.stamp
	$(BIN)/python -m pip install -q --group bench
	touch $@
