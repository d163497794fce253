"""Where the BigQuery emulator falls short of BigQuery, and what fills the gap.

Each shim states the difference, who notices it and what the shim does. Models are never bent for the emulator: a
difference is repaired here or reported upstream. ``emulator.py`` applies all of them before it serves a request.
"""

import inspect
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
        if not isinstance(names, (exp.Paren, exp.Tuple)) or not isinstance(value, exp.Select) or not value.args.get("kind"):
            set_variables(interpreter, statement)
            return
        for position, name in enumerate(listed):
            field = value.copy()
            field.set("kind", None)
            field.set("expressions", [value.expressions[position].copy()])
            interpreter.assign(interpreter.variable(name.name), exp.Subquery(this=field))

    return set_listed_variables


LAKE_LISTINGS = {
    "duckdb_tables()": """
        select listed.table_name, listed.kind, listed.row_count
        from (
            select schema_id, table_name, 'TABLE' as kind, coalesce(record_count, 0) as row_count
            from {metadata}.ducklake_table left join {metadata}.ducklake_table_stats using (table_id)
            where end_snapshot is null
            union all
            select schema_id, view_name, 'VIEW', 0 from {metadata}.ducklake_view where end_snapshot is null
        ) as listed
        inner join {metadata}.ducklake_schema as schemas using (schema_id)
        where schemas.end_snapshot is null and schemas.schema_name = $1 and listed.table_name = coalesce($2, listed.table_name)
        order by 1
    """,
    "duckdb_columns()": """
        select columns.column_name
        from {metadata}.ducklake_column as columns
        inner join {metadata}.ducklake_table as tables using (table_id)
        inner join {metadata}.ducklake_schema as schemas using (schema_id)
        where columns.end_snapshot is null and tables.end_snapshot is null and schemas.end_snapshot is null
            and columns.parent_column is null and schemas.schema_name = $1 and tables.table_name = $2
            and case when $3 is null then not columns.nulls_allowed else columns.column_name = $3 end
    """,
}
"""What the emulator asks of DuckDB's catalog, by a word in the question, as a question to the tables of a DuckLake.

Parameters: schema, table, and the column to look for; without a column the question is which columns are required. The column
looked for is the hidden one of tables partitioned by the time of loading; in a view over one (the project has none) it is not found.
"""


def ask_the_lake(fetch: Callable[..., list[tuple]]) -> Callable[..., list[tuple]]:
    """Look tables and columns up where a project, which is a DuckLake, keeps them.

    Not a difference in what the emulator answers but in how long it takes: it asks some ten times per statement, and DuckDB
    then lists every table of every database, among them one per statement before. That was most of the time of a build. The result
    of a statement lies outside of the lake.
    """

    def fetch_from_lake(sql: str, params: list | None = None) -> list[tuple]:
        listing = next((text for word, text in LAKE_LISTINGS.items() if word in sql), None)
        if listing is None:
            return fetch(sql, params)
        project, *rest = params
        if project == "emulator":
            return [] if "duckdb_columns()" in sql else result_table(params)
        if "duckdb_columns()" in sql and len(rest) == 2:
            rest.append(None)
        try:
            return fetch(listing.format(metadata=database.quote(f"__ducklake_metadata_{project}")), rest)
        except duckdb.CatalogException:
            return fetch(sql, params)

    def result_table(name: list[str]) -> list[tuple]:
        try:
            return [(name[-1], "TABLE", *fetch(f"select count(*) from {database.quote(*name)}")[0])]
        except duckdb.CatalogException:
            return []

    return fetch_from_lake


class FreshCursor:
    """A cursor without temporary tables, which says so without a look at the catalog."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def sql(self, text: str, **options: Any) -> duckdb.DuckDBPyRelation:
        if text == "SELECT table_name FROM duckdb_tables() WHERE temporary":
            text = "select '' as table_name where false"
        return self._cursor.sql(text, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def expect_no_temporary_tables(execute: Callable[..., tuple]) -> Callable[..., tuple]:
    """Start a statement without listing all tables for temporary ones: only a session, which dbt does not open, leaves any."""
    signature = inspect.signature(execute)

    def execute_on_fresh_cursor(cursor: duckdb.DuckDBPyConnection, *arguments: Any, **options: Any) -> tuple:
        session = signature.bind(cursor, *arguments, **options).arguments.get("session")
        return execute(cursor if session else FreshCursor(cursor), *arguments, **options)

    return execute_on_fresh_cursor


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
    database.fetch = ask_the_lake(database.fetch)
    query.execute = report_destination_of_create_table_as(expect_no_temporary_tables(query.execute))
    script.Interpreter.set = assign_struct_to_listed_variables(script.Interpreter.set)
    tables._check, merge.run = let_merges_reach_filtered_tables(tables._check, merge.run)
