"""Build all tables, from your files or from the sample, with one line per table; then show the first results.

    simclusters run [--input folder] [--vars '{name: value}'] [--full-refresh] [--select models]

Everything is plain `dbt build`; this only prints less of what passes and more of what was made.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt.cli.main import dbtRunner

from simclusters.beside import build_beside, close_connections
from simclusters.commands import explore, report, variables_of
from simclusters.database import DatabaseInUseError, advice, database_path, in_short, open_database, wait_for_database
from simclusters.inputs import check_no_secret, damaged_files, input_notes
from simclusters.runs import summary, warning

STATUS_OK = {"success", "pass", "warn", "skipped", "no-op"}
TABLES = {"model", "seed", "snapshot"}


class Progress:
    """Prints a line per finished table and counts the tests between them.

    has_told : whether dbt has printed the error that ends the build
    """

    def __init__(self) -> None:
        self.tests = 0
        self.tables = 0
        self.has_told = False
        self.started = time.perf_counter()

    def __call__(self, event: Any) -> None:
        self.has_told = self.has_told or event.info.name == "MainEncounteredError"
        if event.info.name != "NodeFinished":
            return
        node, outcome = event.data.node_info, event.data.run_result
        if node.resource_type in TABLES and outcome.status == "success":
            self.tables += 1
            folder = Path(node.node_path).parts[0] if node.resource_type == "model" else "seeds"
            self.write(
                f"{time.perf_counter() - self.started:6.1f} s  {folder:<12} {node.node_name:<38}{outcome.execution_time:7.2f} s"
            )
        elif outcome.status == "pass":
            self.tests += 1
        elif outcome.status not in STATUS_OK:
            self.write(f"{'':10}{outcome.status.upper()}: {node.node_name}")

    def write(self, line: str) -> None:
        # One write per line: dbt calls from several threads.
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def build(arguments: argparse.Namespace) -> bool:
    """Run `dbt build`; True when everything passed. dbt prints what fails; what to do about it goes to standard error.

    Raises KeyboardInterrupt when it was stopped, and DatabaseInUseError when another process does not let it in.
    """
    variables = dict(arguments.vars)
    if arguments.input:
        variables["input_dir"] = str(Path(arguments.input).resolve()) if "://" not in arguments.input else arguments.input
    command = ["build", "--quiet", "--vars", yaml.safe_dump(variables, default_flow_style=True, width=10**6)]
    if "DBT_LOG_LEVEL_FILE" not in os.environ:
        # A log of each statement takes a fifth of the processor time. What fails is printed, and compiled SQL is in target/.
        command += ["--log-level-file", "info"]
    if arguments.full_refresh:
        command.append("--full-refresh")
    if arguments.select:
        # A test of these models and of others would find the others as they were, or not at all.
        command += ["--select", *arguments.select.split(), "--indirect-selection", "buildable"]

    wait_for_database(database_path())
    # Unit tests prove formulas, not data: `dbt build` and `make test` run them.
    os.environ.setdefault("DBT_EXCLUDE_RESOURCE_TYPES", "unit_test")
    progress = Progress()
    print("Building. Each line: seconds so far, step, table, seconds of the table.", flush=True)
    outcome = dbtRunner(callbacks=[progress]).invoke(command)
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    if outcome.exception is not None:
        damaged = damaged_files(Path(variables["input_dir"]), outcome.exception) if variables.get("input_dir") else []
        problem = "" if progress.has_told else str(outcome.exception)
        for line in filter(None, [problem, advice(outcome.exception), *damaged]):
            print(line, file=sys.stderr)
        return False
    seconds = time.perf_counter() - progress.started
    warned = warnings_of(outcome.result)
    print(f"{progress.tables} tables, {progress.tests} passed tests and {len(warned)} warnings in {seconds:.1f} s", flush=True)
    print(*(f"  {line}" for line in warned), sep="\n", flush=True)
    return outcome.success


def warnings_of(result: Any) -> list[str]:
    """A line on each test that warns, of what dbt returns; a build that dbt gave up has none."""
    return [
        warning(one.node.name, one.node.description, one.message) for one in getattr(result, "results", []) if one.status == "warn"
    ]


EPILOG = """
examples:
  simclusters run                                      the sample of 2,000 invented users
  simclusters run --input my_folder                    my_folder/follows.csv, and whatever else is there
  simclusters run --vars '{input_schema: raw}'         tables of the schema raw in the same DuckDB file
  simclusters run --input my_folder --full-refresh     other data than in the run before

input files are called after their table, as one file, numbered files (follows-1.csv) or a folder (follows/). They are Parquet, CSV
with any usual separator, or JSON, packed or not. Columns are found by name:
  follows        consumer_id, producer_id (needed: who follows whom)
  engagements    user_id, tweet_id, engagement_type (fav, retweet, reply, click, ...), engaged_at (UTC)
  tweets         tweet_id, author_id, created_at, has_video, is_sensitive, is_evergreen
  users          user_id, screen_name, is_active, language, country
  user_languages user_id, language, language_weight (for users who read several)
  tweet_topics   tweet_id, topic_id
  topics         topic_id, topic_name
  topic_follows  consumer_id, topic_id
  opt_outs       user_id, topic_id, opt_out_kind (interested_in, known_for)
  blocks         user_id, blocked_user_id (whom the user does not want to see)
"""


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns 0, 1 when the build failed, 2 when it was not tried."""
    parser = argparse.ArgumentParser(
        prog="simclusters run",
        description=__doc__.splitlines()[0],
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--input", default="", metavar="FOLDER", help="folder, or URL like s3://bucket/folder, with your files")
    parser.add_argument("--vars", default="{}", metavar="YAML", help="settings, as in '{communities_k: 100}'; docs/tuning.md")
    parser.add_argument(
        "--full-refresh",
        action="store_true",
        help="start cold, without histories; in a copy of the database, which takes its place when done",
    )
    parser.add_argument("--select", default="", metavar="MODELS", help="only these models, as dbt selects them; without a report")
    options = parser.parse_args(arguments)
    try:
        check_no_secret(options.input)
        options.vars = variables_of(options.vars)
    except ValueError as problem:
        print(f"simclusters run: {problem}", file=sys.stderr)
        return 2
    is_duckdb = os.environ.get("SIMCLUSTERS_TARGET", "duckdb") == "duckdb"
    is_beside = options.full_refresh and is_duckdb
    kept = "Every table is as it was" if is_beside else "Tables that were not reached keep their last good rows"
    try:
        if options.input and Path(options.input).is_dir():
            for note in input_notes(Path(options.input)):
                print(f"Not read: {note}", file=sys.stderr)
        if build_beside(lambda: build(options)) if is_beside else build(options):
            if not options.select and is_duckdb:
                show_results()
            return 0
        print(f"The build failed. {kept}.", file=sys.stderr)
        print(*state_of_tables(), sep="\n", file=sys.stderr)
    except DatabaseInUseError as problem:
        print(f"error: {problem}", file=sys.stderr)
    except duckdb.Error as problem:
        print(f"error: {in_short(problem)}", file=sys.stderr)
    except OSError as problem:
        print(f"error: {problem}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"Stopped. {kept}.", file=sys.stderr)
    return 1


def show_results() -> None:
    """The report, pages to look at, and where the tables are."""
    close_connections()
    report.main([])
    try:
        print(explore.write_file(Path(explore.DEFAULT_FILE)))
    except (RuntimeError, OSError, duckdb.Error) as problem:
        # The tables are built; that they cannot be drawn is no failure of the run.
        print(f"{explore.DEFAULT_FILE} was not written: {problem}", file=sys.stderr)
    print(f"The tables are in {database_path()}. Ask them with any DuckDB client, or `simclusters dbt show -s tweet_candidates`.")


def state_of_tables() -> list[str]:
    """Whether the tables belong together after a build in this process; nothing when there is no DuckDB file to read."""
    close_connections()
    if not database_path().exists():
        return []
    try:
        with open_database(database_path(), read_only=True, patience=0) as connection:
            return summary(connection)
    except (duckdb.Error, DatabaseInUseError):
        return []
