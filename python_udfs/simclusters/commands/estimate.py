"""What a build would read, table by table, before it is paid for: `make estimate`.

    simclusters estimate [--select models | --selector cadence] [--target bigquery] [--vars '{name: value}']

On BigQuery each compiled statement is sent as a dry run, which reads nothing and costs nothing; the bytes are those on the bill.
Elsewhere the bytes are those of the tables that a model reads, counted as BigQuery does: 8 for a number or a time, 1 for a bool, 2 and
the characters for a text. Both see the tables that stand: build once, on a sample, to estimate a first run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import yaml
from dbt.adapters.factory import get_adapter_by_type
from dbt.cli.main import dbtRunner

from simclusters.commands import variables_of

DOLLARS_PER_TIB = 6.25
"""On demand, US: https://cloud.google.com/bigquery/pricing"""
WITHOUT_A_STATEMENT = ("view", "ephemeral", "typed_table_function")
BYTES_OF_TYPE = {"BOOLEAN": "1", "VARCHAR": "2 + coalesce(strlen({column}), 0)"}


@dataclass(frozen=True)
class Estimate:
    """Bytes that building a model reads; None with the reason when that is not known."""

    name: str
    read_bytes: int | None
    reason: str = ""


def built_models(manifest: Any, selected_ids: set[str]) -> Iterator[Any]:
    """The selected models that read tables when they are built, in the order of their names."""
    for node in sorted(manifest.nodes.values(), key=lambda node: node.name):
        is_model = node.resource_type == "model" and node.config.materialized not in WITHOUT_A_STATEMENT
        if is_model and node.unique_id in selected_ids:
            yield node


def dry_run(client: Any, make_config: Callable[..., Any], name: str, sql: str) -> Estimate:
    """Bytes that BigQuery says a statement would read. ``make_config`` is ``bigquery.QueryJobConfig``."""
    try:
        job = client.query(sql, job_config=make_config(dry_run=True, use_query_cache=False))
    except Exception as error:  # of Google's client: a table that is not there yet, a missing permission
        return Estimate(name, None, str(error).splitlines()[0])
    return Estimate(name, job.total_bytes_processed)


def bigquery_estimates(adapter: Any, models: list[Any]) -> list[Estimate]:
    """A dry run of each model's compiled query, with the connection of dbt's profile."""
    from google.cloud import bigquery

    with adapter.connection_named("estimate"):
        client = adapter.connections.get_thread_connection().handle
        return [
            dry_run(client, bigquery.QueryJobConfig, model.name, model.compiled_code)
            if model.language == "sql"
            else Estimate(model.name, None, "a Python model reads what it asks for")
            for model in models
        ]


def stored_bytes(connection: duckdb.DuckDBPyConnection, relation: str) -> int | None:
    """Bytes of all rows of a table or view as BigQuery counts them; None when it does not exist."""
    try:
        columns = connection.execute(f"describe {relation}").fetchall()
    except duckdb.CatalogException:
        return None
    sizes = []
    for name, column_type, *_ in columns:
        column = '"' + name.replace('"', '""') + '"'
        sizes.append("(" + BYTES_OF_TYPE.get(column_type, "8").format(column=column) + ")")
    return connection.execute(f"select coalesce(sum({' + '.join(sizes)}), 0)::bigint from {relation}").fetchone()[0]


def duckdb_estimates(path: str, manifest: Any, models: list[Any]) -> list[Estimate]:
    """Bytes of the tables and views that each model names."""
    known: dict[str, int | None] = {}
    estimates = []
    with duckdb.connect(path, read_only=True) as connection:
        for model in models:
            parents = [manifest.nodes[parent] for parent in model.depends_on.nodes if parent in manifest.nodes]
            for parent in parents:
                if parent.relation_name not in known:
                    known[parent.relation_name] = stored_bytes(connection, parent.relation_name)
            absent = [parent.name for parent in parents if known[parent.relation_name] is None]
            if absent:
                estimates.append(Estimate(model.name, None, f"not built yet: {', '.join(absent)}"))
            else:
                estimates.append(Estimate(model.name, sum(known[parent.relation_name] for parent in parents)))
    return estimates


def report(estimates: list[Estimate]) -> str:
    """A line per model, the dearest first, and their sum."""
    lines = []
    for one in sorted(estimates, key=lambda one: (one.read_bytes is None, -(one.read_bytes or 0), one.name)):
        if one.read_bytes is None:
            lines.append(f"{'?':>14}  {'':>10}  {one.name}: {one.reason}")
        else:
            lines.append(f"{one.read_bytes / 2**20:>10,.1f} MiB  {cost(one.read_bytes):>10}  {one.name}")
    total = sum(one.read_bytes or 0 for one in estimates)
    unknown = sum(one.read_bytes is None for one in estimates)
    lines.append(f"{total / 2**20:>10,.1f} MiB  {cost(total):>10}  all" + (f", but for {unknown} unknown" * bool(unknown)))
    return "\n".join(lines)


def cost(read_bytes: int) -> str:
    return f"${read_bytes / 2**40 * DOLLARS_PER_TIB:.4f}"


def estimate(options: argparse.Namespace) -> list[Estimate]:
    """Compiles the project and estimates the selected models. Raises RuntimeError when dbt fails."""
    target = ["--target", options.target] if options.target else []
    choice = ["--selector", options.selector] if options.selector else ["--select", *options.select.split()]
    common = ["--quiet", *target, "--vars", options.vars]
    parsed = dbtRunner().invoke(["parse", *common])
    if not parsed.success:
        raise RuntimeError(str(parsed.exception or "dbt parse failed; its message is above"))
    manifest = parsed.result
    compiled = dbtRunner(manifest=manifest).invoke(["compile", *common, *(choice if choice != ["--select"] else [])])
    if not compiled.success:
        raise RuntimeError(str(compiled.exception or "dbt compile failed; its message is above"))

    nodes = {result.node.unique_id: result.node for result in compiled.result.results}
    models = [nodes[model.unique_id] for model in built_models(manifest, set(nodes))]
    adapter = get_adapter_by_type(manifest.metadata.adapter_type)
    if adapter.type() == "bigquery":
        return bigquery_estimates(adapter, models)
    # DuckDB lets nobody else in, not even to read, while dbt's connection is open.
    adapter.connections.close_all_connections()
    return duckdb_estimates(adapter.config.credentials.path, manifest, models)


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns 0, or 1 when dbt failed."""
    parser = argparse.ArgumentParser(prog="simclusters estimate", description=__doc__.splitlines()[0])
    parser.add_argument("--select", default="", help="models, in dbt's selection syntax; default: all")
    parser.add_argument("--selector", default="", help="a cadence of selectors.yml")
    parser.add_argument("--target", default="", help="target of profiles.yml")
    parser.add_argument("--vars", default="{}", help="values for the vars of dbt_project.yml, as YAML")
    options = parser.parse_args(arguments)
    try:
        options.vars = yaml.safe_dump(variables_of(options.vars), default_flow_style=True, width=10**6)
        print(report(estimate(options)))
    except (ValueError, RuntimeError, duckdb.Error) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
