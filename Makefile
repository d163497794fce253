# make run                     set up, build everything on the sample, show the first results
# make run INPUT=folder        the same on a folder with a Parquet or CSV file per input table
# make stream INPUT=folder     keep the live tables fresh from event files that arrive in a folder, until stopped
# make stream VARS='{input_schema: name}'   the same from the engagements table of a schema, as it grows
# make test                    lint, build and test on DuckDB, pytest, and the same project on a BigQuery emulator
# make estimate                what a build would read (SELECTOR=weekly|daily|hourly|minute|report); on BigQuery by dry runs, which are free
# make wheel                   the kernel as dist/simclusters-*.whl, for machines that run the Python model elsewhere
# Also: setup, lint, test-build, test-python, test-bigquery, test-spark, sample, clean.

PYTHON ?= python3
INPUT ?=
VARS ?= {}
BIN := .venv/bin
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export PATH := $(CURDIR)/$(BIN):$(PATH)

# A test builds in a database of its own, so it never touches the one that people query.
TEST_DATABASE := target/test/simclusters.duckdb
TEST_ENVIRONMENT := SIMCLUSTERS_DATABASE=$(TEST_DATABASE) DBT_TARGET_PATH=target/test DBT_LOG_PATH=target/test/logs

EVERY ?= 60
SELECTOR ?=

.PHONY: run stream estimate wheel setup test lint test-build test-python test-bigquery test-spark sample clean

run: setup
	@$(BIN)/python -m simclusters run --input "$(INPUT)" --vars "$(VARS)"
	@$(BIN)/python -m simclusters report

stream: setup
	@$(BIN)/python -m simclusters stream --input "$(INPUT)" --every $(EVERY) --vars "$(VARS)"

estimate: setup
	@$(BIN)/python -m simclusters estimate --selector "$(SELECTOR)" --vars "$(VARS)"

# setuptools works in build/, which must not keep modules that are gone.
wheel: setup
	@rm -rf build
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@ls dist/simclusters-*.whl

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	@echo "Setting up .venv (once)"
	@$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'Python 3.11 or newer is needed; set PYTHON=...')"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch .venv/ready

# The emulator takes about as long as lint, build and pytest, so they run side by side. pytest is printed last: its closing line says how
# it went.
test: setup
	@echo "BigQuery beside lint, build and pytest; pytest is shown when all are done"
	@$(MAKE) --no-print-directory test-bigquery & bigquery=$$!; \
	if $(MAKE) --no-print-directory lint test-build; then \
	  $(MAKE) --no-print-directory test-python > target/test/pytest.log 2>&1; python=$$?; \
	  wait $$bigquery; bigquery=$$?; cat target/test/pytest.log; exit $$((bigquery || python)); \
	else kill $$bigquery; wait; exit 1; fi

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/yamllint --strict .
	@$(TEST_ENVIRONMENT) $(BIN)/sqlfluff lint --disable-progress-bar --nocolor models tests/singular

test-build: setup
	@rm -rf target/test && mkdir -p target/test
	@$(TEST_ENVIRONMENT) $(BIN)/dbt --warn-error-options '{"error": ["Deprecations"]}' build --quiet
	@$(TEST_ENVIRONMENT) $(BIN)/dbt docs generate --no-compile --quiet

# A folder of warehouses is made once per file, so a file stays with one process; and in their own order, or the longest file comes last.
test-python: setup
	@SIMCLUSTERS_TEST_BUILD=$(CURDIR)/target/test $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-bigquery: setup
	@$(BIN)/python tests/bigquery/run_in_own_environment.py

# The Python models on a local Spark session. Needs Java; pyspark is large, so it is installed only for this.
test-spark: setup
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[spark]"
	@$(BIN)/python -m pytest tests/python/project/test_spark.py

sample: setup
	@$(BIN)/python -m simclusters.sample --output seeds

clean:
	rm -rf .venv .venv-bigquery build dist target logs simclusters.duckdb simclusters.duckdb.wal
