# `make help` lists what there is.

PYTHON ?= python3
INPUT ?=
FULL_REFRESH ?=
VARS ?= {}
BIN := .venv/bin
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
# Without compiled modules on disk each process that imports dbt spends two more seconds.
export PYTHONPYCACHEPREFIX ?= $(CURDIR)/target/bytecode
unexport PYTHONDONTWRITEBYTECODE
# Tests ask servers on this machine, and no proxy knows those.
export no_proxy := $(or $(no_proxy),$(NO_PROXY)),127.0.0.1,localhost
export NO_PROXY := $(no_proxy)
export PATH := $(CURDIR)/$(BIN):$(PATH)

# A test builds in a database of its own, so it never touches the one that people query.
TEST_DATABASE := target/test/simclusters.duckdb
TEST_ENVIRONMENT := SIMCLUSTERS_DATABASE=$(TEST_DATABASE) DBT_TARGET_PATH=target/test DBT_LOG_PATH=target/test/logs

EVERY ?= 60
OUTPUT ?= published
SELECTOR ?=
LIVE ?=
SEEDS ?= 17
FIRST ?= 0

.DEFAULT_GOAL := help
.PHONY: help run explore export stream estimate wheel setup check test lint lint-sql test-build test-python test-bigquery test-nightly test-spark faults sbom sample clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile
	@echo "A first call of any of them sets up .venv. PYTHON=... chooses another Python than python3."

run: setup ## build everything on the sample, or on the files of INPUT=folder, show the first results and write explorer.html; FULL_REFRESH=1; VARS='{name: value}'
	@$(BIN)/simclusters run --input "$(INPUT)" --vars "$(VARS)" $(if $(FULL_REFRESH),--full-refresh)

explore: setup ## write explorer.html, to look at communities, people and why; LIVE=1 serves it from what is published in OUTPUT=published
	@$(BIN)/simclusters explore $(if $(LIVE),--live --from "$(OUTPUT)")

export: setup ## publish the public tables for readers, in OUTPUT=published: Parquet files and a DuckDB file that stay as they are
	@$(BIN)/simclusters export --output "$(OUTPUT)"

stream: setup ## keep the live tables fresh from the event files of INPUT=folder, or from the tables of VARS='{input_schema: name}', until stopped
	@$(BIN)/simclusters stream --input "$(INPUT)" --every $(EVERY) --vars "$(VARS)"

estimate: setup ## what a build would read, of SELECTOR=weekly, daily, hourly, minute or report; on BigQuery by dry runs, which are free
	@$(BIN)/simclusters estimate --selector "$(SELECTOR)" --vars "$(VARS)"

wheel: setup ## all of it as dist/simclusters-*.whl: the command, the kernel and the dbt project
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@ls dist/simclusters-*.whl

setup: .venv/ready ## make .venv, with what a run needs; every other target does so first

# The lock is all that is needed. Without --no-deps, older pips ask for a hash of what a package calls by an extra, such as mashumaro[msgpack].
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps

.venv/ready: requirements.lock pyproject.toml
	@echo "Setting up .venv (once)"
	@$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'Python 3.11 or newer is needed; set PYTHON=...')"
	@$(PYTHON) -m venv .venv
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-build-isolation --editable .
	@touch .venv/ready

# What only tests need is a fifth of the whole.
.venv/tests-ready: .venv/ready requirements-test.lock
	@$(INSTALL) --require-hashes -r requirements-test.lock
	@touch .venv/tests-ready

# What can be said without building anything: style, the parsed project, kernels.
check: lint lint-sql ## a minute and a half: style, the parsed project and the kernels; nothing is built
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not build and not data and not index"

# The emulator takes about as long as build, lint and pytest, so they run side by side. pytest is printed last: its closing line says how
# it went. The build parses the project, and pytest reads it from there.
test: .venv/tests-ready ## style, build and tests on DuckDB, pytest, and the same project on an emulator of BigQuery; what takes longer is nightly
	@echo "BigQuery beside build, lint and pytest; pytest is shown when all are done"
	@$(LINT_ALL)
	@$(MAKE) --no-print-directory test-bigquery & bigquery=$$!; \
	if $(MAKE) --no-print-directory test-build lint-sql; then \
	  $(MAKE) --no-print-directory test-python > target/test/pytest.log 2>&1; python=$$?; \
	  wait $$bigquery; bigquery=$$?; cat target/test/pytest.log; exit $$((bigquery || python)); \
	else kill $$bigquery; wait; exit 1; fi

LINT_ALL := $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/yamllint --strict .

lint: .venv/tests-ready lint-sql ## style: ruff, yamllint, sqruff
	@$(LINT_ALL)

# With `engine: sql`, so that the SQL twins of the kernels are read too.
LINTED_PROJECT := target/linted
lint-sql: .venv/tests-ready
	@mkdir -p $(LINTED_PROJECT) && ln -sfn $(CURDIR)/models $(CURDIR)/macros $(CURDIR)/seeds $(CURDIR)/tests $(CURDIR)/*.yml $(CURDIR)/.sqlfluff $(LINTED_PROJECT)
	@sed 's/^  engine: auto$$/  engine: sql/' dbt_project.yml > $(LINTED_PROJECT)/dbt_project.yml.new && mv $(LINTED_PROJECT)/dbt_project.yml.new $(LINTED_PROJECT)/dbt_project.yml
	@cd $(LINTED_PROJECT) && SIMCLUSTERS_DATABASE=simclusters.duckdb DBT_TARGET_PATH=target DBT_LOG_PATH=target $(CURDIR)/$(BIN)/sqruff lint models tests/singular

test-build: .venv/tests-ready ## dbt build with all tests, audits too, in a fresh database
	@rm -rf target/test && mkdir -p target/test
	@$(TEST_ENVIRONMENT) DBT_LOG_LEVEL_FILE=none $(BIN)/dbt --warn-error-options '{"error": ["Deprecations", "NoNodeForYamlKey"]}' build --quiet

# A file stays with one process, which makes its databases once; and files in their own order, or the longest comes last.
test-python: .venv/tests-ready ## pytest on the build of test-build
	@SIMCLUSTERS_TEST_BUILD=$(CURDIR)/target/test $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-bigquery: .venv/tests-ready ## the project on an emulator of BigQuery, compared with DuckDB and read by Google's analyser
	@$(BIN)/python tests/bigquery/run_in_own_environment.py

# Whole builds again, by other routes, and on BigQuery also what sends it the same SQL.
test-nightly: .venv/tests-ready ## what takes too long for each change: builds that are repeated and killed, faults, every unit test and an erasure on BigQuery
	@$(BIN)/python -m pytest -m nightly
	@$(BIN)/python tests/bigquery/run_in_own_environment.py --nightly

# The Python models on a local Spark session. Needs Java; pyspark is large, so it is installed only for this.
test-spark: .venv/tests-ready ## the Python models on a local Spark session
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[spark]"
	@$(BIN)/python -m pytest tests/python/project/test_spark.py

faults: .venv/tests-ready ## kills, full disks, damaged files and wrong clocks, SEEDS=200 of them; FIRST=1000 begins elsewhere
	@mkdir -p target/faults
	@SIMCLUSTERS_DATABASE=simclusters.duckdb DBT_TARGET_PATH=target/faults DBT_LOG_PATH=target/faults $(BIN)/dbt parse --quiet
	@cd tests/python && $(CURDIR)/$(BIN)/python -m faults.run --seeds $(SEEDS) --first $(FIRST) --parsed $(CURDIR)/target/faults

# The tool lives outside .venv, so that it is no part of what it lists.
sbom: setup ## what .venv holds, as CycloneDX, in dist/sbom.json
	@$(PYTHON) -m venv target/sbom && target/sbom/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0
	@mkdir -p dist && target/sbom/bin/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible --of JSON -o dist/sbom.json
	@echo dist/sbom.json

sample: setup ## write the sample in seeds/ again
	@$(BIN)/python -m simclusters.sample --output seeds

clean: ## remove what these targets made
	rm -rf .venv .venv-bigquery .hypothesis dist target logs simclusters.duckdb simclusters.duckdb.wal explorer.html
