# What there is to do here. `make` alone lists it. Every target that needs the environment makes it first.
PYTHON ?= python3
BIN := .venv/bin
UPGRADE ?=

# these two are common names of environment variables: they count only when they are given to make itself
given = $(if $(findstring command line,$(origin $(1))),--$(2) "$($(1))")

.DEFAULT_GOAL := help
.PHONY: help setup run chat train test lint format lock check-document clean

help: ## list what there is to do
	@echo "make TARGET, where TARGET is one of:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## make or update the environment in .venv from the locks (quick when nothing has changed)
	@command -v "$(PYTHON)" >/dev/null || { echo "$(PYTHON) is missing: install Python 3 (Debian: python3 and python3-venv)"; exit 1; }
	@"$(PYTHON)" tools/setup.py

run: setup ## train if need be and serve the bot: make run [HOST=127.0.0.1] [PORT=5005]
	@$(BIN)/python tools/run.py

chat: setup ## talk to the bot in this terminal: make chat [LANGUAGE=fr] [URL=http://127.0.0.1:5005]
	@$(BIN)/python -m bot.chat $(call given,URL,url) $(call given,LANGUAGE,language)

train: setup ## train a new model, whether or not it is needed
	@$(BIN)/python tools/run.py --train

test: lint ## lint, train if need be, then every test: make test [ARGS="tests/unit -k safety"]
	@$(BIN)/python tools/run.py --model
	@echo "test: pytest $(ARGS)"
	@$(BIN)/python -m pytest $(ARGS)

lint: setup ## hold the code to its style and its types
	@echo "lint: ruff check"
	@$(BIN)/ruff check .
	@echo "lint: ruff format --check"
	@$(BIN)/ruff format --check .
	@echo "lint: mypy"
	@$(BIN)/mypy

format: setup ## put the code into its style
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

COMPILE = "$$uv" pip compile --quiet --generate-hashes --no-header $(if $(UPGRADE),--upgrade)
lock: ## resolve the three locks anew from their inputs: make lock [UPGRADE=1 for newer versions]
	@uv=$$("$(PYTHON)" tools/setup.py --uv) && cd requirements && \
	echo "lock: uv.in -> uv.txt" && $(COMPILE) --python-version 3.8 uv.in -o uv.txt && \
	echo "lock: run.in -> run.txt" && $(COMPILE) --python-version 3.12 --override overrides.txt run.in -o run.txt && \
	echo "lock: dev.in -> dev.txt" && $(COMPILE) --python-version 3.12 --override overrides.txt dev.in -o dev.txt && \
	echo "lock: done; make test says whether all still works"

check-document: ## hold the facts against the document's current text: make check-document DOCUMENT=path
	@test -n "$(DOCUMENT)" || { echo "say which document: make check-document DOCUMENT=path/to/document.txt"; exit 2; }
	@test -f "$(DOCUMENT)" || { echo "DOCUMENT=$(DOCUMENT): there is no such file"; exit 2; }
	@$(MAKE) --no-print-directory setup
	@$(BIN)/python -m bot.grounding "$(DOCUMENT)"

clean: ## remove what was built (environment, models, caches), but not var/, where conversations are
	@echo "clean: removing .venv, .cache, .rasa, trained models and caches; var/ stays"
	@rm -rf .venv .cache .rasa models/*.tar.gz models/.training .pytest_cache .mypy_cache .ruff_cache .hypothesis results
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
