# `make` alone prints what there is. Only Python 3.11 or newer, git and make are needed; the rest is brought by `make setup`.
# Another interpreter: make test PYTHON=python3.12, or PYTHON=/path/to/python3.13.
.DEFAULT_GOAL := help
.PHONY: help setup demo platform test check fuzz mutants bench matrix wheels lock clean
SHELL := /bin/bash
PYTHON ?=
VERSIONS ?= oldest 3.11 3.12 3.13
WORKERS ?= 2
# The tests start hundreds of processes: what one has compiled, the next one finds.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
CORE := packages/hexgate-core/src/hexgate/core

help: ## say what each target does
	@echo 'usage: make TARGET [PYTHON=python3.12 or a path]'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  %-8s %s\n' "$$name" "$$text"; done

setup: ## make .venv from requirements.lock, with uv brought along when it is missing
	@.ci/setup .venv '$(PYTHON)'

demo: setup ## show the main job offline: one refund asked for by two roles, then an agent that works for two users
	@$(BIN)/python docs/examples/first_decision/demo.py
	@echo
	@$(BIN)/python docs/examples/support_agent/pydantic_ai_agent.py

platform: setup ## run the platform of this checkout at http://127.0.0.1:8000, with what it keeps in .platform/
	@HEXGATE_PLATFORM_DIR="$${HEXGATE_PLATFORM_DIR:-$(CURDIR)/.platform}" $(BIN)/python -m uvicorn hexgate.platform:app --no-access-log

test: setup ## run every test, with the coverage floor of hexgate.core
	@.ci/oracles
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term

check: setup ## lint, format, types, layers, architecture and the lock
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy packages/*/src platform/src
	@$(BIN)/mypy tests .ci/*.py
	@for tests in $(wildcard packages/*/tests); do (cd "$$tests/.." && ../../$(BIN)/mypy --config-file ../../pyproject.toml tests) || exit 1; done
	@.ci/node && $(BIN)/pyright --pythonpath $(BIN)/python
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/architecture
	@$(BIN)/python .ci/lock.py check

fuzz: setup ## search for counterexamples: a million generated decisions, two million inputs to the runtime
	@.ci/oracles
	@$(BIN)/python -m pytest -n $(WORKERS) -m fuzz

mutants: setup ## change the engine a little in many places and list what no test notices
	@WORKERS=$(WORKERS) .ci/mutants

bench: setup ## measure decisions against the floor, results kept by version
	@$(BIN)/python tests/benchmarks/bench.py

matrix: setup ## run every test on Python 3.11 to 3.13, and with the oldest of what we ask for (VERSIONS=3.12 for one)
	@.ci/oracles
	@.ci/matrix $(VERSIONS)

wheels: setup ## build every wheel into dist/
	@rm -rf dist && $(BIN)/uv build --quiet --all-packages --wheel --no-build-isolation --python $(BIN)/python --out-dir dist && ls dist

lock: setup ## resolve anew and write requirements.lock
	@$(BIN)/python .ci/lock.py new && .ci/setup .venv

clean: ## remove everything that is not source
	@rm -rf .venv .venv-* .tools uv.lock dist mutants .mutants .coverage* .*_cache .hypothesis
