"""Deliberate slips that the checks must catch: a check that never fires is decoration."""

import pathlib
from collections.abc import Iterator

import analysis
import design
import parity
import pyarrow
from googlesql import Analyzer

MODEL_ID = "model.simclusters.wrong_model"


def uncaught(analyzer: Analyzer) -> Iterator[tuple[str, list[str]]]:
    """Each slip in words, with the problem when it was not caught as it should be."""
    for slip, select, types, message in WRONG_MODELS:
        yield slip, missing(message, analysis_of(analyzer, select, types))
    yield "a model that sends no statement", missing("never sent", analysis_of(analyzer, None, {}))
    rows = pyarrow.table({"tweet_id": [1, 2], "tweet_score": [0.5, 0.25], "screen_name": ["ada", None]})
    for slip, other_rows, message in (
        ("a float that differs by 1e-8 of its value", replaced(rows, "tweet_score", [0.5, 0.25 * (1 + 1e-8)]), "another tweet_score"),
        ("a float that is null on one side", replaced(rows, "tweet_score", [0.5, None]), "another tweet_score"),
        ("another text", replaced(rows, "screen_name", ["ada", "bob"]), "another screen_name"),
        ("a row too few", rows.slice(1), "only on DuckDB"),
        ("a row twice", pyarrow.concat_tables([rows, rows.slice(1)]), "only on BigQuery"),
        ("an integer column that is a float", rows.cast(pyarrow.schema([("tweet_id", "double"), *list(rows.schema)[1:]])), "double"),
    ):
        table = parity.Table("wrong_table", "wrong_table", ["tweet_id"])
        yield slip, missing(message, parity.differences(table, rows, other_rows))
    unknown = {"resource_type": "model", "name": "wrong_model", "config": {"materialized": "typed_table_function"}}
    yield "a table function that is never called", missing("wrong_model", parity.uncalled_functions({"nodes": {MODEL_ID: unknown}}))
    for slip, config, message in WRONG_DESIGNS:
        yield slip, missing(message, design.problems(designed(config), {"wrong_model"}))
    same = replaced(rows, "tweet_score", [0.5, 0.25 * (1 + 1e-10)])
    yield "no false alarm: a float that differs by 1e-10 of its value", parity.differences(table, rows, same)


WRONG_MODELS = (
    ("a function that only DuckDB has", "select list_sum([1]) as follower_count", {"follower_count": "int64"}, "Function not found"),
    ("a function of another meaning", "select epoch_ms(1) as created_at", {"created_at": "timestamp"}, "Function not found"),
    ("a cast that only DuckDB has", "select '1'::int64 as tweet_id", {"tweet_id": "int64"}, "Syntax error"),
    (
        "an integer where the contract says float",
        "select 1 as tweet_score",
        {"tweet_score": "float64"},
        "is int64 and declared as float64",
    ),
    ("a float where the contract says integer", "select 1 / 2 as tweet_rank", {"tweet_rank": "int64"}, "cannot be coerced"),
    ("a column that no table has", "select producer_name from `p`.`d`.`producers`", {"producer_name": "string"}, "Unrecognized name"),
    ("a column outside the contract", "select 1 as a, 2 as b", {"a": "int64"}, "does not match the number of columns"),
    (
        "a window over parts of a float",
        "select row_number() over (partition by producer_id / 2) as row_position from `p`.`d`.`producers`",
        {"row_position": "int64"},
        "Partitioning by expressions of type FLOAT64",
    ),
    (
        "an alias that hides the column that `having` reads",
        "select min(producer_id) as producer_id from `p`.`d`.`producers` having min(producer_id) > 0",
        {"producer_id": "int64"},
        "Aggregations of aggregations",
    ),
)


BY_SCORE = {"field": "tweet_score", "data_type": "float64"}
BY_DAY = {"field": "as_of", "data_type": "timestamp", "granularity": "day"}
WRONG_DESIGNS = (
    ("a cluster by a float", {"cluster_by": "tweet_score"}, "clustered by tweet_score, which is float64"),
    ("a cluster by what is no column", {"cluster_by": ["tweet_id"]}, "clustered by tweet_id, which is no column"),
    ("five clusters", {"cluster_by": ["as_of"] * 5}, "5 columns; 4 are allowed"),
    ("partitions of a float", {"partition_by": BY_SCORE}, "partitioned by tweet_score as float64"),
    (
        "a required filter that a test does not have",
        {"partition_by": BY_DAY, "require_partition_filter": True},
        "the test tweets_are_unique has none",
    ),
    ("a large public table without a design", {}, "neither partitions nor clusters"),
    (
        "a large table that is merged into, without a design",
        {"materialized": "incremental", "access": "private"},
        "neither partitions nor clusters",
    ),
    ("an expiration of a view", {"materialized": "view", "hours_to_expiration": 72}, "has no rows of its own"),
)


def designed(config: dict) -> dict:
    """A manifest of one public model with this config, and a data test without a filter."""
    model = {
        "unique_id": MODEL_ID,
        "name": "wrong_model",
        "resource_type": "model",
        "access": config.get("access", "public"),
        "config": {"materialized": "table"} | config,
        "columns": {"as_of": {"data_type": "timestamp"}, "tweet_score": {"data_type": "float64"}},
    }
    test = {"name": "tweets_are_unique", "resource_type": "test", "attached_node": MODEL_ID, "config": {"where": None}}
    return {"nodes": {MODEL_ID: model, "test": test}}


def analysis_of(analyzer: Analyzer, select: str | None, types: dict[str, str]) -> list[str]:
    """What the analysis says of a contracted model that sends this query; ``None``: that sends nothing."""
    model = {
        "unique_id": MODEL_ID,
        "name": "wrong_model",
        "resource_type": "model",
        "depends_on": {"macros": []},
        "database": "p",
        "schema": "d",
        "alias": "wrong_model",
        "config": {"materialized": "table"},
        "contract": {"enforced": True},
        "columns": {name: {"data_type": data_type} for name, data_type in types.items()},
    }
    columns = ", ".join(f"{name} {data_type}" for name, data_type in types.items())
    statements = [
        analysis.SentStatement("model.simclusters.producers", "create table `p`.`d`.`producers` as select 1 as producer_id"),
        analysis.SentStatement(MODEL_ID, f"create or replace table `p`.`d`.`wrong_model` ({columns}) as ({select})"),
    ]
    manifest = {"nodes": {MODEL_ID: model}, "unit_tests": {}, "macros": {}}
    return analysis.analyze(manifest, statements[: 1 if select is None else 2], analyzer, pathlib.Path()).problems


def missing(message: str, problems: list[str]) -> list[str]:
    if any(message in problem for problem in problems):
        return []
    return [f"expected a problem with the words '{message}', got {problems}"]


def replaced(rows: pyarrow.Table, column: str, values: list) -> pyarrow.Table:
    position = rows.column_names.index(column)
    return rows.set_column(position, rows.schema.field(position), pyarrow.array(values, rows.schema.field(position).type))
