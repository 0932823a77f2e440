# The hub by one word. `make demo` runs it, `make test` tests it; the rest is for those who change it.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
LOOK := $(BIN)/python manage.py

.PHONY: help demo test bench check fix docs messages manage env env-dev

help: ## list these words
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1@\2/p' Makefile | expand -t 1 | awk -F@ '{ printf "%-18s %s\n", $$1, $$2 }'

demo: env ## the whole hub with its demo world (HUB_PORT and HUB_VAR choose its port and folder)
	@exec $(BIN)/python -m hub.embedded demo --with-parent

ifdef ARGS
test: env-dev ## all the tests on real servers, with coverage; ARGS="tests/unit -x" for some
	@exec $(BIN)/python -m pytest $(ARGS)
else
test: env-dev
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n 2 --dist loadfile --no-loadscope-reorder
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report
	@$(BIN)/coverage report --fail-under=100 --include="$$($(BIN)/python -m tests.pure_modules)"
endif

bench: env-dev ## what governance costs, measured side by side; writes docs/reference/performance.md
	@exec $(BIN)/python -m tests.bench

check: export DJANGO_SETTINGS_MODULE = hub.settings.test
check: env-dev ## format, lint, walls, types, migrations, generated pages: changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy hub catalog access tests manage.py
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(LOOK) write_reference --check

fix: export DJANGO_SETTINGS_MODULE = hub.settings.test
fix: env-dev ## mend what a tool can mend, and write the generated pages
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(LOOK) write_reference

docs: export DJANGO_SETTINGS_MODULE = hub.settings.test
docs: env-dev ## write the generated pages of docs/reference
	$(LOOK) write_reference

messages: export DJANGO_SETTINGS_MODULE = hub.settings.test
messages: env-dev ## collect the words to translate, and compile the catalogue
	$(BIN)/python -m tests.repository.messages

manage: env ## one of Django's commands on the hub's servers: make manage ARGS="audit verify"
	@exec $(BIN)/python -m hub.embedded manage $(ARGS)

env: ## what the hub needs, in .venv
	@PYTHON="$(PYTHON)" requirements/install.sh base

env-dev:
	@PYTHON="$(PYTHON)" requirements/install.sh dev
