# Every command of the repository; `make` alone lists them.
# Lives here: the names and the order of the steps. How the environment is made: tools/environment.sh; what is checked
# and in which order: tools/checks.sh. PYTHON=/path/to/python chooses the interpreter.

# Prices and results of this clone stay in this clone, unless the environment names another store.
export SBC_HOME ?= $(CURDIR)/.sbc_lab

python := .venv/bin/python
quick_start := notebooks/guide/01_quickstart.ipynb
# JupyterLab refuses to run as root unless told; inside a container root is who one is.
as_root := $(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check lab bench mutations format constraints

help: ## list the commands
	@sed -n 's/^\([a-z]*\): ## \(.*\)/  make \1|\2/p' Makefile | awk -F '|' '{ printf "%-18s %s\n", $$1, $$2 }'

demo: ## set up, load the sample prices, run the guide and print its results
	@bash tools/environment.sh demo
	@$(python) -m sbc_lab.cli demo

test: ## set up and run every check: format, lint, types, tests, documents, notebooks
	@bash tools/environment.sh demo dist hub test
	@bash tools/checks.sh all

check: ## the checks of less than a minute: format, lint, types, quick tests
	@bash tools/environment.sh demo dist hub test
	@bash tools/checks.sh quick

lab: ## open JupyterLab on the quick start
	@bash tools/environment.sh demo
	@$(python) -m jupyterlab $(as_root) $(quick_start)

bench: ## run the benchmarks beside other programs; JSON=folder keeps the numbers
	@bash tools/environment.sh demo dist hub test bench
	@set -e; $(if $(JSON),mkdir -p "$(JSON)";) for name in indicators tree batch peers targets; do echo "benchmarks/$$name.py"; \
	  $(python) "benchmarks/$$name.py" $(if $(JSON),--json "$(JSON)/$$name.json"); done

mutations: ## break the engine in many ways, one at a time, and see that the tests notice
	@bash tools/environment.sh demo dist hub test
	@$(python) tools/mutations.py

format: ## rewrite the sources the way `make check` wants them
	@bash tools/environment.sh demo dist hub test
	@$(python) -m ruff check --fix-only --quiet .
	@$(python) -m ruff format .

constraints: ## look for newer versions of everything and pin them
	@bash tools/environment.sh demo
	@bash tools/constraints.sh
