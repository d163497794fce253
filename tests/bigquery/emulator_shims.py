"""Where the BigQuery emulator falls short of BigQuery, and what fills the gap.

Each shim states the difference, who notices it and what the shim does. Models are never bent for the emulator: a
difference is repaired here or reported upstream. ``emulator.py`` applies all of them before it serves a request.
"""

import functools
import inspect
import itertools
import math
import threading
from collections.abc import Callable
from typing import Any

import duckdb
import sqlglot
from local_bigquery.catalog import metadata
from local_bigquery.engine import database
from local_bigquery.jobs import merge, query, store
from local_bigquery.models import Job, Table, TableReference
from local_bigquery.sql import native, script
from local_bigquery.sql.dialect import FUNCTIONS, MACRO, BigQueryDialect
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


@functools.cache
def connect_in_memory() -> duckdb.DuckDBPyConnection:
    """Keep projects in memory, as plain DuckDB.

    Not a difference in what the emulator answers but in how long it takes, like the next two: it keeps each project as a DuckLake of
    Parquet files, whose list of tables DuckDB reads again after each statement that makes one.
    """
    connection = duckdb.connect(config={"TimeZone": "UTC"})
    connection.execute("attach ':memory:' as emulator; attach ':memory:' as bq")
    connection.execute(database.EMULATOR_SCHEMA)
    native.register(connection)
    for path in FUNCTIONS:
        connection.execute(MACRO.sub(r"CREATE MACRO bq.main.\1", path.read_text()))
    return connection


def attach_in_memory(project_id: str) -> None:
    if project_id not in database._attached:
        database.execute(f"attach if not exists ':memory:' as {database.quote(project_id)}")
        database._attached.add(project_id)


def ask_for_one_table(fetch: Callable[..., list[tuple]]) -> Callable[..., list[tuple]]:
    """Look a table or its columns up by name.

    The emulator asks some ten times per statement, and DuckDB then lists every table of every database: also one per statement before.
    """

    def fetch_one(sql: str, params: list | None = None) -> list[tuple]:
        if "duckdb_columns()" not in sql and ("duckdb_tables()" not in sql or params[2] is None):
            return fetch(sql, params)
        *name, looked_for = [*params, None][:4]
        try:
            columns = fetch('select name, "notnull" from pragma_table_info(?)', [database.quote(*name)])
            if "duckdb_columns()" in sql:
                return [(column,) for column, is_required in columns if (column == looked_for if looked_for else is_required)]
            stored = metadata.load(Table, *name)
            if stored and stored.view:
                return [(name[-1], "VIEW", 0)]
            return [(name[-1], "TABLE", *fetch(f"select count(*) from {database.quote(*name)}")[0])]
        except duckdb.CatalogException:
            return []

    return fetch_one


def remember_resources() -> None:
    """Keep what the emulator knows of tables and jobs as it is. It writes JSON into tables and reads it for each question."""
    resources: dict[type, dict[tuple, Any]] = {model: {} for model in metadata.KINDS}
    jobs: dict[tuple, Job] = {}
    versions = itertools.count()

    def list_resources(model: type, *keys: str) -> list:
        known = resources[model]
        if keys in known:
            return [known[keys]]
        return [resource for other, resource in list(known.items()) if other[: len(keys)] == keys and len(other) > len(keys)]

    def save_resource(resource: Any, *keys: str) -> Any:
        resources[type(resource)][keys] = resource = resource.replace(etag=str(next(versions)))
        return resource

    def delete_resources(model: type, *keys: str) -> None:
        # Other threads make tables meanwhile.
        for other in [other for other in list(resources[model]) if other[: len(keys)] == keys]:
            resources[model].pop(other, None)

    def save_job(job: Job) -> Job:
        jobs[job.jobReference.projectId, job.jobReference.jobId] = job
        return job

    def list_jobs(project: str, states: Any = None, parent: Any = None, earliest: Any = None, latest: Any = None) -> list[Job]:
        found = [
            job
            for (job_project, _), job in list(jobs.items())
            if job_project == project
            and job.statistics.parentJobId == parent
            and (states is None or job.status.state in states)
            and (earliest or 0) <= int(job.statistics.creationTime) <= (latest or math.inf)
        ]
        return sorted(found, key=lambda job: (-int(job.statistics.creationTime), job.jobReference.jobId))

    metadata.list_, metadata.save, metadata.delete = list_resources, save_resource, delete_resources
    store.save, store.list_, store.load = save_job, list_jobs, lambda *name: jobs.get(name)


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
    database._connect, database.attach, database.projects = connect_in_memory, attach_in_memory, lambda: sorted(database._attached)
    # A table that is not there yet is asked for often; DuckDB need not look for names like it.
    database.execute("set global catalog_error_max_schemas = 0")
    # On several threads a window function of DuckDB 1.5 may end the database (duckdb issue 25713). Statements still run side by side.
    database.execute("set global threads = 1")
    database.fetch = ask_for_one_table(database.fetch)
    remember_resources()
    query.execute = report_destination_of_create_table_as(expect_no_temporary_tables(query.execute))
    script.Interpreter.set = assign_struct_to_listed_variables(script.Interpreter.set)
    tables._check, merge.run = let_merges_reach_filtered_tables(tables._check, merge.run)
