# Corral, from a fresh clone: `make up` runs it, `make test` tests it. Nothing needs to be installed by hand.

VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
# Extra arguments of the command behind a target: make up ARGS="--port 8001", make test ARGS="-k contracts"
ARGS ?=

# Where this is set, every process of a test, hundreds of hubs, daemons and CLIs, compiles the whole of our code anew.
export PYTHONDONTWRITEBYTECODE :=

# The tests that start no hub and no daemon as processes.
UNIT := tests/protocol tests/cli tests/daemon tests/hub -m "not acceptance and not slow and not schemathesis"

.DEFAULT_GOAL := help
# The dashboard is built into the hub's package; anew when its sources are newer.
DASHBOARD := hub/corral_hub/web/static/index.html
SOURCES := $(shell find dashboard -path dashboard/node_modules -prune -o -type f -print)

.PHONY: dashboard check-dashboard check-style check-types check-shape chromium
.PHONY: help up demo doctor test test-unit test-newer check format bench lock docs migration install nginx bubblewrap agent-clis clean

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(READY) $(DASHBOARD) ## install if needed, then run PostgreSQL, the hub and a local daemon (Ctrl-C stops all)
	@$(BIN)/corral up $(ARGS)

demo: $(READY) ## run a small graph of real tasks on the running hub
	@$(BIN)/corral demo $(ARGS)

doctor: $(READY) ## say what is wrong with this installation
	@$(BIN)/corral doctor $(ARGS)

# A worker more than two processors are: much of what these tests do is wait for processes. A file's tests stay together,
# they share worlds; those that start processes come first (tests/conftest.py), so that no long file is left for the end.
WORKERS ?= 3
SHARED := --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

test: $(READY) $(DASHBOARD) nginx bubblewrap agent-clis chromium ## run every test
	@$(BIN)/python -m pytest $(SHARED) $(ARGS)

test-unit: $(READY) ## run the fast tests only
	@$(BIN)/python -m pytest $(SHARED) $(UNIT) $(ARGS)

# The question is whether all of it works there: properties are held to fewer examples, `make test` looks at the rest.
test-newer: ## run the fast tests on the newest other Python of this machine, if it has one
	@scripts/test-newer "$(VENV)" $(SHARED) --hypothesis-profile brief $(UNIT) $(ARGS)

check: check-style check-types check-shape check-dashboard ## lint, format, types, import layers, shape of the code

check-style: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

check-types: $(READY)
	@$(BIN)/pyright --project pyproject.toml

check-shape: $(READY)
	@$(BIN)/python -m pytest -q tests/architecture

check-dashboard: $(READY) ## the same for the dashboard, with its unit tests, where its packages can be had
	@scripts/check-dashboard $(VENV)

dashboard: $(READY) ## build the dashboard into the hub's package
	@scripts/build-dashboard $(VENV)

$(DASHBOARD): $(READY) $(SOURCES)
	@scripts/build-dashboard $(VENV)

format: $(READY) ## format and repair what ruff can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(READY) ## measure latency and throughput, each as a ratio to this machine's own commit rate
	@$(BIN)/python -m bench $(ARGS)

lock: $(READY) ## resolve requirements.lock anew (make lock ARGS="--upgrade" for newer versions)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --no-emit-package corral-protocol \
		--group pyproject.toml:dev hub/pyproject.toml daemon/pyproject.toml cli/pyproject.toml \
		--output-file requirements.lock $(ARGS)
	@! grep -nE '(https?|file)://' requirements.lock || { echo "requirements.lock names an address" >&2; exit 1; }

docs: $(READY) ## write the pages of docs/reference and the types of the dashboard that are made from code
	@$(BIN)/python -m docs.generate
	@scripts/install-dashboard $(VENV) && scripts/with-node $(VENV) npm run --silent --prefix dashboard types -- src/api/schema.ts

migration: $(READY) ## write a migration for changed tables: make migration NAME="what it does"
	@$(BIN)/python scripts/new_migration.py "$(NAME)"

install: $(READY) ## make the virtual environment only
	@:

$(READY): requirements.lock protocol/pyproject.toml hub/pyproject.toml daemon/pyproject.toml cli/pyproject.toml
	@scripts/install $(VENV)

nginx: ## install nginx for the tests of deploy/nginx, where this account may
	@scripts/install-nginx

bubblewrap: ## install bubblewrap, which walls in the code of workflow nodes, where this account may
	@scripts/install-bubblewrap

chromium: ## install the browser that the tests of the dashboard drive, where this account may
	@scripts/install-chromium

agent-clis: ## install the agent CLIs that tests run for real, where npm can
	@scripts/install-agent-clis

clean: ## remove the virtual environments and everything tools left behind (never your data)
	@rm -rf .venv .venv-* .node-clis dashboard/node_modules hub/corral_hub/web/static .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
