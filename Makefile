# Two commands do everything: `make site` builds this repository's release site, `make test` passes the tests.
# Needs Python 3.11 or later, git and make; the rest is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help site demo serve test thorough check formatted linted typed layered compiled format chromium fuzz matrix supply wheel clean

help: ## What can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

site: $(VENV)/ready ## Set everything up and build this repository's release site into site/
	$(BIN)/checktrail build --site-dir site --strict

demo: site ## The site, with that of the demo beside it in site/demo/: what is published
	@rm -rf build/tidepool && mkdir -p build
	$(BIN)/checktrail demo build/tidepool
	$(BIN)/checktrail -C build/tidepool build --site-dir $(CURDIR)/site/demo --strict

serve: $(VENV)/ready ## Serve the site and rebuild it as you edit
	$(BIN)/checktrail serve

test: $(VENV)/ready ## Set everything up and pass the tests
	@$(MAKE) --no-print-directory --jobs=4 chromium check compiled
	$(COMPILING) $(BIN)/pytest -n auto --dist worksteal

thorough: $(VENV)/ready chromium compiled ## Every law by all its examples, two hundred kills, twenty random repositories: an hour
	$(COMPILING) CHECKTRAIL_THOROUGH=1 $(BIN)/pytest -n auto --dist worksteal

check: formatted linted layered typed ## Format, lint, types, layers: the same here and in CI

formatted: $(VENV)/ready
	$(BIN)/ruff format --check

linted: $(VENV)/ready
	$(BIN)/ruff check

typed: $(VENV)/ready
	$(BIN)/mypy generator tests

layered: $(VENV)/ready
	$(BIN)/lint-imports

# Where the environment forbids Python to keep what it compiled, every start of a program, and every process that
# collects tests, would compile it all again. Done while the types are checked, as that keeps one processor busy alone.
COMPILING := PYTHONDONTWRITEBYTECODE=
compiled: $(VENV)/ready
	@$(COMPILING) $(BIN)/python -m compileall -q generator
	@$(COMPILING) $(BIN)/pytest --collect-only -qq >/dev/null 2>&1 || true  # what cannot be collected, the tests say

format: $(VENV)/ready ## Mend what can be mended by machine
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# A browser where packages may be installed; elsewhere the browser tests say that they are skipped, and why.
chromium:
	@for name in chromium-headless-shell chromium chromium-browser google-chrome; do \
	  command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo 'Installing chromium for the browser tests'; \
	  (apt-get update -qq && for package in chromium-headless-shell chromium; do \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$package && exit 0; done; exit 1) >/dev/null 2>&1 \
	    || echo 'chromium could not be installed: the browser tests will be skipped'; \
	else echo 'No chromium here and no right to install one: the browser tests will be skipped'; fi

# A million inputs for each surface, or as many as RUNS says, for at most SECONDS each.
RUNS ?= 1000000
SECONDS ?= 0
fuzz: $(VENV)/ready ## Feed every reader with what coverage leads to
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group fuzz
	for target in parser fixes policy configuration git_objects bundle; do \
	  $(BIN)/python tests/fuzz/run.py $$target -runs=$(RUNS) -max_total_time=$(SECONDS) || exit 1; done

supply: $(VENV)/ready ## The wheel, its bill of materials and licences into dist/, and known vulnerabilities of what it brings
	.ci/supply

matrix: $(VENV)/ready ## The core of the tests with other Pythons, the lowest and the newest dependencies, wheel and editable
	.ci/matrix

wheel: $(VENV)/ready ## Build the wheel into dist/
	$(BIN)/python -m build --wheel

clean: ## Remove everything that was made
	rm -rf $(VENV) site dist build
