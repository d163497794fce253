"""Where the BigQuery emulator falls short of BigQuery, and what fills the gap.

Each shim states the difference, who notices it and what the shim does. Models are never bent for the emulator: a
difference is repaired here or reported upstream. ``emulator.py`` applies all of them before it serves a request.
"""

import threading
from collections.abc import Callable
from typing import Any

import duckdb
import sqlglot
from local_bigquery.engine import database
from local_bigquery.jobs import merge, query
from local_bigquery.models import TableReference
from local_bigquery.sql import script
from local_bigquery.sql.dialect import BigQueryDialect
from local_bigquery.sql.rules import tables
from sqlglot import exp


def report_destination_of_create_table_as(execute: Callable[..., tuple]) -> Callable[..., tuple]:
    """Name the table that ``create table ... as select`` wrote as the destination of its job.

    BigQuery reports it; the emulator leaves it empty. dbt-bigquery reads it after every such statement to log the
    number of rows, and fails without it. The emulator does record the table as ``ddlTargetTable``.
    """

    def execute_and_report(*arguments: Any, **options: Any) -> tuple:
        statistics, children, destination = execute(*arguments, **options)
        if destination is None and statistics.statementType == "CREATE_TABLE_AS_SELECT":
            target: TableReference | None = statistics.ddlTargetTable
            destination = target
        return statistics, children, destination

    return execute_and_report


def assign_struct_to_listed_variables(set_variables: Callable[..., None]) -> Callable[..., None]:
    """Let ``set (a, b) = (select as struct x, y ...)`` assign each field to the variable at its place.

    BigQuery does; the emulator looks for one variable without a name ("Undeclared variable:"). dbt-bigquery writes it
    in every insert_overwrite script, hence in each microbatch after the first. The shim runs one query per variable.
    """

    def set_listed_variables(interpreter: script.Interpreter, statement: script.Statement) -> None:
        assignment = sqlglot.parse_one(statement.text, dialect=BigQueryDialect).expressions[0].this
        names, value = assignment.this, assignment.expression.unnest()
        listed = names.expressions if isinstance(names, exp.Tuple) else [names.unnest()]
        if (
            not isinstance(names, (exp.Paren, exp.Tuple))
            or not isinstance(value, exp.Select)
            or not value.args.get("kind")
        ):
            set_variables(interpreter, statement)
            return
        for position, name in enumerate(listed):
            field = value.copy()
            field.set("kind", None)
            field.set("expressions", [value.expressions[position].copy()])
            interpreter.assign(interpreter.variable(name.name), exp.Subquery(this=field))

    return set_listed_variables


def remember_the_catalog(fetch: Callable[..., list[tuple]]) -> Callable[..., list[tuple]]:
    """Ask DuckDB about tables and columns once, until something is written.

    Not a difference in what the emulator answers but in how long it takes: it asks some ten times per statement, and DuckDB
    then lists every table of every database, among them one per statement before. That was most of the time of a build. A project is
    a DuckLake, which numbers its states. The result of a statement lies outside, as a table that is written once.
    """
    answers: dict[tuple, list[tuple]] = {}

    def fetch_and_remember(sql: str, params: list | None = None) -> list[tuple]:
        if not any(listing in sql for listing in ("duckdb_tables()", "duckdb_views()", "duckdb_columns()")):
            return fetch(sql, params)
        if params[0] == "emulator":
            return [] if "duckdb_columns()" in sql else result_table(params)
        metadata = database.quote(f"__ducklake_metadata_{params[0]}", "ducklake_snapshot")
        try:
            state = fetch(f"select max(snapshot_id) from {metadata}")
        except duckdb.CatalogException:
            return fetch(sql, params)
        key = (sql, *params, *state)
        if key not in answers:
            answers[key] = fetch(sql, params)
        return answers[key]

    def result_table(name: list[str]) -> list[tuple]:
        try:
            return [(name[-1], "TABLE", *fetch(f"select count(*) from {database.quote(*name)}")[0])]
        except duckdb.CatalogException:
            return []

    return fetch_and_remember


def let_merges_reach_filtered_tables(check: Callable[..., None], run: Callable[..., Any]) -> tuple[Callable, Callable]:
    """Let a merge change a table with `require_partition_filter`, when its conditions name the partition.

    BigQuery takes the filter from the conditions of the `when` clauses, and dbt-bigquery relies on it. The emulator turns a merge into
    queries without them, which it then refuses. The shim checks the merge itself, and not those queries.
    """
    merging = threading.local()

    def check_outside_merges(tree: exp.Expression, table: exp.Table, is_target: bool) -> None:
        check(tree, table, is_target or getattr(merging, "filtered_by", None) is not None)

    def run_checked(cursor: Any, tree: exp.Merge, context: Any) -> Any:
        conditions = [when.args.get("condition") for when in tree.args["whens"].expressions] + [tree.args["on"]]
        columns = {column.name for condition in conditions if condition for column in condition.find_all(exp.Column)}
        merging.filtered_by = columns or None
        try:
            return run(cursor, tree, context)
        finally:
            merging.filtered_by = None

    return check_outside_merges, run_checked


def apply() -> None:
    """Put every shim in place."""
    # A table that is not there yet is asked for often; DuckDB need not look for names like it.
    database.execute("set global catalog_error_max_schemas = 0")
    database.fetch = remember_the_catalog(database.fetch)
    query.execute = report_destination_of_create_table_as(query.execute)
    script.Interpreter.set = assign_struct_to_listed_variables(script.Interpreter.set)
    tables._check, merge.run = let_merges_reach_filtered_tables(tables._check, merge.run)
