"""What the tables `runs` and `table_runs` say, for people and for the commands that rely on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import duckdb


class Run(NamedTuple):
    """The run that started last."""

    run_id: str
    state: str
    started_at: str  # UTC, as 20260131T235959Z
    failed_nodes: str


def last_run(connection: duckdb.DuckDBPyConnection) -> Run | None:
    """The run that started last; None in a database that an earlier version built."""
    try:
        row = connection.execute(
            "select run_id, run_state, strftime(started_at, '%Y%m%dT%H%M%SZ'), coalesce(failed_nodes, '')"
            " from runs order by started_at desc, run_id limit 1"
        ).fetchone()
    except duckdb.CatalogException:
        return None
    return Run(*row) if row else None


def what_is_mixed(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Why the tables do not belong together, a sentence each; empty when they do."""
    unfinished = connection.execute(
        "select runs.run_id, runs.run_state, count(*), min(table_name) from table_runs"
        " inner join runs on unfinished_run_id = runs.run_id group by all order by all"
    ).fetchall()
    [(older_count, example, newer)] = connection.execute(
        "select count(*), min(table_name), arg_min(newer_table, table_name) from table_runs where newer_table is not null"
    ).fetchall()
    ending = {"killed": "was killed", "started": "has not ended"}
    sentences = [
        f"Run {run_id[:8]} {ending.get(state, state)}, and may have replaced {count} tables, such as {table}."
        for run_id, state, count, table in unfinished
    ]
    if older_count:
        sentences.append(f"{older_count} tables are older than what they are made of, such as {example} than {newer}.")
    return sentences


def warnings_of_run(connection: duckdb.DuckDBPyConnection, target: Path) -> list[str] | None:
    """What tests of severity warn found in the last run, from dbt's target folder; None when that knows another run or no tests."""
    run = last_run(connection)
    try:
        report = json.loads((target / "run_results.json").read_text())
        results, invocation = report["results"], report["metadata"]["invocation_id"]
    except (OSError, ValueError, KeyError):
        return None
    if run is None or run.run_id != invocation or not any(result["unique_id"].startswith("test.") for result in results):
        return None
    warned = [result for result in results if result["status"] == "warn"]
    nodes = json.loads((target / "manifest.json").read_text())["nodes"] if warned else {}
    return [
        warning(result["unique_id"].split(".")[2], nodes.get(result["unique_id"], {}).get("description"), result["message"])
        for result in warned
    ]


def warning(name: str, description: str | None, message: str) -> str:
    """A line on a test that warns: what it means, or else what dbt says of it."""
    return f"{name}: {' '.join((description or message).split())}"


def other_inputs(connection: duckdb.DuckDBPyConnection, has_folder: bool, variables: dict[str, Any]) -> str | None:
    """A word of warning for a stream into a database whose tables were made from other inputs; None when there is nothing to say.

    has_folder : whether events come as files, which any batch but the sample may have

    Raises ValueError when events come from the tables of another schema than the batch's.
    """
    try:
        row = connection.execute(
            "select input_kind, input_name from table_runs inner join runs using (run_id) where table_name = 'int_stream_pairs'"
        ).fetchone()
    except duckdb.CatalogException:
        return None
    if row is None:
        return None
    kind, name = row
    if has_folder:
        if kind != "sample":
            return None
        return "these tables were made from the sample, so real events meet invented users; `make run INPUT=folder` builds your own"
    schema = str(variables.get("input_schema", ""))
    if (kind, name) != ("schema", schema):
        raise ValueError(
            f"the events come from the schema {schema}, and the tables here were made from the {kind} {name}".rstrip()
            + ": the two would mix. Build from that schema first, or name another database (SIMCLUSTERS_DATABASE)"
        )
    return None


def summary(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """A few lines on the last run, and whether the tables belong together; none on a database without them."""
    run = last_run(connection)
    if run is None and not connection.execute("from duckdb_tables() where table_name = 'known_for'").fetchall():
        return []
    if run is None:
        return ["No run is recorded: an earlier version built these tables."]
    failed = f" ({run.failed_nodes})" if run.failed_nodes else ""
    mixed = what_is_mixed(connection)
    if not mixed:
        return [f"Run {run.run_id[:8]} is {run.state}{failed}. All tables belong together."]
    return [
        f"Run {run.run_id[:8]} is {run.state}{failed}. Tables of two runs stand side by side: run `make run` again.",
        *(f"  {sentence}" for sentence in mixed),
    ]
