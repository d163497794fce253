"""Are the tables of two builds of the project the same, row by row?

Keys exactly, floats to 1e-9 of the larger value, everything else exactly. Which tables, and what their keys are, is read from
dbt's manifest: the public models and those of the staging step, and their ``unique_grain`` tests.
"""

import pathlib
from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import pyarrow
from pyarrow import parquet

RELATIVE_TOLERANCE = 1e-9
ROWS_SHOWN = 3
PARTS = {
    "producer_candidate_explanations": "mod(consumer_id, 20) = 0",
    "tweet_candidate_explanations": "mod(consumer_id, 20) = 0",
    "settings": "setting_name != 'engine'",
}
"""The rows that are compared: of a view that people ask for one thing at a time, since all would be half of the run; and without the
engine, since DuckDB is asked for the one that BigQuery chooses.
"""
# What hooks write says when a run happened, and that differs.
NOT_COMPARED = ("ephemeral", "typed_table_function", "hook_table")


@dataclass
class Table:
    name: str
    relation: str
    """As the warehouse writes it, quoted."""
    grain: list[str]
    filter: str = ""
    """What a query must say to read the rows that are compared: of all partitions, when BigQuery asks for them, or of a part."""


def compared_tables(manifest: dict) -> dict[str, Table]:
    """The public and the staging models that are tables or views, by name."""
    grains = {
        node["attached_node"]: node["test_metadata"]["kwargs"]["columns"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") == "unique_grain"
    }
    return {
        node["name"]: Table(node["name"], node["relation_name"], grain_of(node["unique_id"], grains), compared_rows(node))
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and (node["access"] == "public" or node["group"] == "staging")
        and node["config"]["materialized"] not in NOT_COMPARED
    }


def grain_of(model_id: str, grains: dict[str, list[str]]) -> list[str]:
    """Of a view of the good rows of a base table, the grain of that table."""
    return grains.get(model_id) or grains.get(model_id.replace(".stg_", ".base_"), [])


CALLS = {
    "recommend_tweets": ("interested_in", "consumer_id", "{}, 'default'", ["tweet_id"]),
    "recommend_live_tweets": ("interested_in", "consumer_id", "'consumer', {}, 'live', 'all', 'all'", ["tweet_id"]),
    "similar_tweets": ("persistent_tweet_embeddings", "tweet_id", "{}, 'cosine'", ["tweet_id"]),
    "tweets_for_producer": ("known_for", "producer_id", "{}, 'log_cosine'", ["tweet_id"]),
    "tweets_for_topic": ("topic_embeddings", "topic_id", "{}, 'default', 'en', 'all'", ["tweet_id"]),
    "similar_producers_of": ("known_for", "producer_id", "{}, 'follow_based_producer'", ["producer_id"]),
    "embedding_similarity": (
        "topic_embeddings",
        "topic_id",
        "'fav_tfg_topic', {0}, 'en', 'all', 'fav_based_entity', {0}, 'all', 'all'",
        [],
    ),
}
"""By table function: the table and column with ids to ask for, the arguments, and what tells the rows of one answer apart."""


def called_functions(manifest: dict, some_ids: Callable[[str, str], list[int]]) -> dict[str, Table]:
    """Each table function that CALLS names, as a table of its answers: `call_id` is the id that was asked for.

    ``some_ids`` gives ids of a table's column.
    """
    functions = {node["name"]: node for node in manifest["nodes"].values() if is_table_function(node)}
    called = {}
    for name in functions.keys() & CALLS.keys():
        table, column, arguments, grain = CALLS[name]
        answers = [
            f"select cast({entity_id} as int64) as call_id, * from {functions[name]['relation_name']}({arguments.format(entity_id)})"
            for entity_id in some_ids(table, column)
        ]
        called[name] = Table(name, f"({' union all '.join(answers)})", ["call_id", *grain])
    return called


def uncalled_functions(manifest: dict) -> list[str]:
    """Names of table functions whose answers nobody compares."""
    return sorted(node["name"] for node in manifest["nodes"].values() if is_table_function(node) and node["name"] not in CALLS)


def is_table_function(node: dict) -> bool:
    return node["resource_type"] == "model" and node["config"]["materialized"] == "typed_table_function"


def compared_rows(node: dict) -> str:
    """A filter that leaves the part to compare, or every row of a table whose partitions must be named."""
    config = node["config"]
    if node["name"] in PARTS:
        return f"where {PARTS[node['name']]}"
    if not config.get("require_partition_filter") or not config.get("partition_by"):
        return ""
    return f"where {config['partition_by']['field']} is not null"


def read_exported(folder: pathlib.Path, table: Table) -> pyarrow.Table:
    """A table of the DuckDB build, as ``export_tables.py`` wrote it."""
    return parquet.read_table(folder / f"{table.name}.parquet")


def without_zones(rows: pyarrow.Table) -> pyarrow.Table:
    """Timestamps are UTC on both sides; only BigQuery's say so in the type."""
    for position, column in enumerate(rows.schema):
        if pyarrow.types.is_timestamp(column.type):
            plain = rows.column(position).cast(pyarrow.timestamp("us"))
            rows = rows.set_column(position, column.name, plain)
    return rows


def differences(table: Table, here: pyarrow.Table, there: pyarrow.Table) -> list[str]:
    """What differs, in words; empty when the tables are the same.

    Parameters
    ----------
    here, there : the rows on DuckDB and on BigQuery, in any order
    """
    if not table.grain:
        return ["no unique_grain test says what one row is"]
    here, there = without_zones(here), without_zones(there)
    if here.column_names != there.column_names:
        return [f"columns are {here.column_names} on DuckDB, {there.column_names} on BigQuery"]
    types = {
        name: (str(here.schema.field(name).type), str(there.schema.field(name).type))
        for name in here.column_names
        if not same_type(here.schema.field(name).type, there.schema.field(name).type)
    }
    if types:
        return [f"column {name} is {left} on DuckDB, {right} on BigQuery" for name, (left, right) in types.items()]

    connection = duckdb.connect()
    connection.register("here", here)
    connection.register("there", there)
    keys = ", ".join(quoted(name) for name in table.grain)
    found = []

    def report(what: str, sql: str) -> None:
        rows = connection.execute(f"select count(*) over (), * from ({sql}) order by all limit {ROWS_SHOWN}").fetchall()
        if rows:
            found.append(f"{rows[0][0]:,} rows {what}, such as {'; '.join(str(row[1:]) for row in rows)}")

    report("only on DuckDB", f"select {keys} from here except all select {keys} from there")
    report("only on BigQuery", f"select {keys} from there except all select {keys} from here")
    for column in here.schema:
        if column.name in table.grain:
            continue
        left, right = f"here.{quoted(column.name)}", f"there.{quoted(column.name)}"
        differs = f"{left} is distinct from {right}"
        if pyarrow.types.is_floating(column.type):
            close = f"abs({left} - {right}) <= {RELATIVE_TOLERANCE} * greatest(abs({left}), abs({right}))"
            differs = f"{differs} and not coalesce({close}, false)"
        report(
            f"with another {column.name}",
            f"select {keys}, {left} as here_value, {right} as there_value from here join there using ({keys}) where {differs}",
        )
    connection.close()
    return found


def same_type(left: pyarrow.DataType, right: pyarrow.DataType) -> bool:
    """Equal but for the length of text offsets."""
    texts = (pyarrow.string(), pyarrow.large_string())
    return left == right or (left in texts and right in texts)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
