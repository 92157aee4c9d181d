# The commands of the project; `make` alone lists them. What they need is set up on the way: .venv, the SDK, the downloads.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory --no-builtin-rules

# The first Python that is new enough; PYTHON=… chooses another.
PYTHON ?= $(firstword $(foreach name,python3.12 python3.13 python3.11 python3,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $(name))))
BIN := .venv/bin
PEERS := .venv-peers/complete-$(firstword $(shell sha256sum bench/peers/requirements.lock))
VENV := .venv/complete-$(firstword $(shell sha256sum requirements-dev.lock))
SDK := sdk/dist/complete
SDK_SOURCES := $(shell find sdk/src sdk/*.mjs sdk/package.json sdk/tsconfig.json -type f)
NODE_MODULES := sdk/node_modules/complete
SDK_PEERS := sdk/test/conformance/peers/node_modules/complete
RUN := $(BIN)/python -m deploy
MODE_OPTION = $(if $(MODE),--mode $(MODE))
TESTS ?= tests

##@ The stack
.PHONY: up down status logs reset
up: preflight $(VENV) $(SDK) ## Start everything, send one impression through, print its row and the addresses (MODE=native|compose)
	@$(RUN) up $(MODE_OPTION)
down: $(VENV) ## Stop everything; nothing is left running
	@$(RUN) down $(MODE_OPTION)
status: $(VENV) ## Part, state, pid, uptime, health, memory
	@$(RUN) status $(MODE_OPTION)
logs: $(VENV) ## The log of one part: make logs S=collector
	@$(RUN) logs $(S) $(MODE_OPTION)
reset: $(VENV) ## Stop everything and remove its data, after a question
	@$(RUN) reset $(MODE_OPTION) $(if $(YES),--yes)

##@ Look at it
.PHONY: audit demo drift erase lifecycle repair sql
demo: $(VENV) $(SDK) ## A real browser reads the demo page; its impressions by link, a screenshot
	@$(RUN) demo $(MODE_OPTION)
sql: export STATEMENT = $(value Q)
sql: $(VENV) ## A prompt for SQL, or one statement: make sql Q="SHOW TABLES"
	@$(RUN) sql $(MODE_OPTION)

audit: $(VENV) ## Prove that every offset is in the lake exactly once, or name what is not (DEEP=1 reads the rows too)
	@$(RUN) audit $(if $(DEEP),deep) $(MODE_OPTION)
drift: $(VENV) ## Fields that come and that nobody declared, by count, with an example (DAY=2026-11-25, or the last seven)
	@$(RUN) drift $(DAY) $(MODE_OPTION)
erase: $(VENV) ## Say which rows would be erased: PAGE_VIEW=id, or SITE=key BEFORE=2026-11-25 (APPLY=1 erases them)
	@$(RUN) erase $(if $(PAGE_VIEW),--page-view="$(PAGE_VIEW)") $(if $(SITE),--site="$(SITE)") \
		$(if $(BEFORE),--before="$(BEFORE)") $(if $(APPLY),--apply) $(MODE_OPTION)
repair: $(VENV) ## Compare log, data and metastore, name each difference (APPLY=1 mends the metastore)
	@$(RUN) repair $(if $(APPLY),--apply) $(MODE_OPTION)
lifecycle: $(VENV) ## What lies hot, warm and cold, what moves next and when, and the store's own rules
	@$(RUN) lifecycle $(MODE_OPTION)

##@ Work on it
.PHONY: test test-sdk test-compose conformance comparison delivery verify chaos-compactor chaos-collector fuzz-collector
.PHONY: bench bench-sdk bench-collector bench-compactor bench-query check generate promote format lint lock
test: preflight $(VENV) $(SDK) browser test-sdk ## Every test but those in containers, on a stack of its own (TESTS=tests/unit for some)
	@$(BIN)/python -m pytest $(TESTS) --ignore=tests/compose
	@$(if $(filter tests,$(TESTS)),LIVES=63 $(MAKE) delivery)
test-sdk: $(NODE_MODULES) $(SDK) browser ## The SDK's tests alone, and every scenario, in Chromium
	@cd sdk && npm test --silent
	@cd sdk && ENGINES=chromium npm run --silent conformance
conformance: $(NODE_MODULES) $(SDK) browser ## What an impression is, in real engines: make conformance ENGINES=chromium,firefox,webkit ONLY=frames
	@cd sdk && npm run --silent conformance
comparison: $(NODE_MODULES) $(SDK) $(SDK_PEERS) browser ## The same scenarios played by published trackers; writes docs/comparison.md
	@cd sdk && node test/conformance/compare.mjs
test-compose: $(VENV) $(SDK) ## The stack in Docker: send, read by SQL, restart every container, read again
	@$(BIN)/python -m pytest tests/compose
chaos-compactor: preflight $(VENV) ## Break what the compactor stands on, and prove every event there once (RUNS=12 SEED=1, CONTROL=naive)
	@$(BIN)/python -m tests.chaos.compactor --runs $(or $(RUNS),12) --seed $(or $(SEED),1) \
		$(if $(CONTROL),--control $(CONTROL)) $(if $(PLAN),--plan)
chaos-collector: preflight $(VENV) ## Kill, cut off and fill what the collector stands on; what was acknowledged is in Kafka (RUNS=10 SEED=1)
	@$(BIN)/python -m tests.chaos.collector --runs $(or $(RUNS),10) --seed $(or $(SEED),1) $(if $(CONTROL),--control $(CONTROL))
fuzz-collector: $(VENV) ## A million mutated bodies through the collector's application (BODIES=1000000 SEED=1)
	@$(BIN)/python -m tests.fuzz --bodies $(or $(BODIES),1000000) --seed $(or $(SEED),1)
delivery: $(VENV) $(NODE_MODULES) $(SDK) browser ## Page lives that go wrong against a real collector and Kafka: make delivery LIVES=1000
	@cd sdk && node test/delivery/run.mjs
verify: $(NODE_MODULES) browser ## What is wrong on a page: make verify URL=https://your.page
	@cd sdk && node verify/main.mjs "$(URL)"
bench: $(VENV) $(PEERS) ## Benchmarks without a stack, each beside its baselines: decoding, the layout of files
	@$(BIN)/python -m bench.compactor_decode
	@$(BIN)/python -m bench.parquet_layouts
bench-collector: preflight $(VENV) ## The collector on a real Kafka beside Node, Go and others; 10 minutes without Kafka (OUTAGE=60 for less)
	@$(BIN)/python -m bench.collector
bench-compactor: preflight $(VENV) $(PEERS) ## The compactor beside its baselines, from a real topic to committed Parquet (SCALE=0.1 for a tenth)
	@$(BIN)/python -m bench.compactor $(if $(SCALE),--scale $(SCALE)) $(if $(RECOVERIES),--recoveries $(RECOVERIES))
bench-query: preflight $(VENV) $(PEERS) ## The lake's layout through Trino beside DuckDB and PostgreSQL, a merge under queries (SCALE=0.02 for less)
	@$(BIN)/python -m bench.query $(if $(SCALE),--scale $(SCALE))
bench-sdk: $(NODE_MODULES) $(SDK) $(SDK_PEERS) browser ## The SDK's size, payload and cost beside its peers', into sdk/results/sdk.json
	@cd sdk && node bench/main.mjs
check: $(VENV) $(NODE_MODULES) ## Format, lint, types, import rules, and whether everything generated is fresh
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m generate --check
	cd sdk && npx --no-install tsc --noEmit
generate: $(VENV) ## Write what follows from the event: JSON Schema, TypeScript, tables, docs
	@$(BIN)/python -m generate
promote: $(VENV) ## Give an undeclared field a column of its own for new data: make promote FIELD=campaign TYPE=string
	@$(BIN)/python -m generate.promote $(FIELD) $(TYPE)
	@$(BIN)/ruff format --quiet eyeshot/promoted.py && $(BIN)/python -m generate
format: $(VENV) ## Format the code and mend what lint can
	@$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format .
lock: $(VENV) ## Lock the newest allowed versions of all dependencies, by hash
	@options="--quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header"; \
	$(BIN)/uv pip compile $$options pyproject.toml -o requirements.lock; \
	$(BIN)/uv pip compile $$options --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	@$(BIN)/uv pip compile $$options bench/peers/requirements.in -o bench/peers/requirements.lock
	@$(BIN)/python -m deploy.native.lock

##@ Help
.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n\033[1m%s\033[0m\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  \033[36m%-15s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- what the commands need ----

# What the machine lacks is said before the first download.
.PHONY: preflight python
preflight: python
	@[[ -e $(VENV) ]] || $(PYTHON) -m deploy.preflight $(MODE_OPTION)
python:
	@[[ -e $(VENV) || -n "$(PYTHON)" ]] || { echo "Python 3.11 or newer is missing: apt-get install python3 python3-venv" >&2; exit 1; }

$(VENV): requirements-dev.lock | python
	@echo "Setting up .venv (Python packages, checked by hash) …"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { echo "To get venv: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps --requirement requirements-dev.lock
	@touch $@

# What the benchmarks stand beside; nothing else needs it.
$(PEERS): bench/peers/requirements.lock | python
	@echo "Setting up .venv-peers (DuckDB and Quix Streams, checked by hash) …"
	@rm -rf .venv-peers
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --require-hashes --no-deps --requirement $<
	@touch $@

$(NODE_MODULES): sdk/package-lock.json | $(VENV)
	@echo "Setting up sdk/node_modules (checked by hash) …"
	@cd sdk && npm ci --silent --no-audit --no-fund
	@touch $@

$(SDK_PEERS): sdk/test/conformance/peers/package-lock.json | $(NODE_MODULES)
	@echo "Setting up the trackers to compare with (checked by hash) …"
	@cd sdk/test/conformance/peers && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

$(SDK): $(SDK_SOURCES) $(NODE_MODULES)
	@cd sdk && npm run --silent build
	@touch $@

# Tests need a real Chromium; on Debian as root it is installed, elsewhere it is said how.
.PHONY: browser
browser:
	@bash deploy/native/browser.sh
