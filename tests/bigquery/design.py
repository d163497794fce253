"""Is each table stored as its queries want it, as far as BigQuery allows, and does the warehouse have it so?

Read from dbt's manifest: `partition_by`, `cluster_by`, `require_partition_filter` and expirations in the models' configs.
"""

import pathlib
import sys
from collections.abc import Iterator

from analysis import declared_columns, models_of
from google.cloud import bigquery
from processes import PROJECT

sys.path.insert(0, str(pathlib.Path(PROJECT) / "benchmarks" / "full_size"))

import plan  # noqa: E402  the benchmark's folder is no package

MOST_CLUSTERED = 4
# https://cloud.google.com/bigquery/docs/clustered-tables and .../partitioned-tables
CLUSTERED_TYPES = ("int64", "string", "bool", "date", "datetime", "timestamp", "numeric", "bignumeric", "geography")
PARTITIONED_TYPES = ("timestamp", "date", "datetime", "int64")
LARGE_ROWS = 1e8
"""A table that is public, or changed row by row, needs a design from as many rows at the original's size."""


def large_tables() -> set[str]:
    """Tables that the plan for full size expects to be large."""
    rows = plan.growth()
    measured = plan.measured_size(max(rows), rows[max(rows)])
    values = plan.planned_size("B", measured).values
    return {name for name in plan.TABLES if values[name] >= LARGE_ROWS}


def problems(manifest: dict, large: set[str]) -> list[str]:
    """What is wrong with the designs, in words."""
    return [f"{model['name']}: {problem}" for model in models_of(manifest) for problem in _problems(model, manifest, large)]


def clustered_by(model: dict) -> list[str]:
    columns = model["config"].get("cluster_by") or []
    return [columns] if isinstance(columns, str) else list(columns)


def _problems(model: dict, manifest: dict, large: set[str]) -> Iterator[str]:
    config, types = model["config"], declared_columns(model)
    clusters, partition = clustered_by(model), config.get("partition_by")
    if config["materialized"] in ("view", "typed_table_function"):
        if clusters or partition or config.get("hours_to_expiration"):
            yield "has no rows of its own, so nothing to partition, cluster or let expire"
        return
    if len(clusters) > MOST_CLUSTERED:
        yield f"clustered by {len(clusters)} columns; {MOST_CLUSTERED} are allowed"
    for name in clusters:
        if types.get(name) not in CLUSTERED_TYPES:
            yield f"clustered by {name}, which is {types.get(name, 'no column')}"
    if partition:
        stored = types.get(partition["field"])
        if stored not in PARTITIONED_TYPES or stored != partition["data_type"]:
            yield f"partitioned by {partition['field']} as {partition['data_type']}, which is {stored or 'no column'}"
    if config.get("require_partition_filter"):
        if not partition:
            yield "requires a filter on a partition and has none"
            return
        for test in manifest["nodes"].values():
            is_of_model = test["resource_type"] == "test" and test.get("attached_node") == model["unique_id"]
            if is_of_model and partition["field"] not in (test["config"]["where"] or ""):
                yield f"requires a filter on {partition['field']}, and the test {test['name']} has none"
    is_looked_up = model["access"] == "public" or config["materialized"] == "incremental" or _is_shown(model, manifest)
    if model["name"] in large and is_looked_up and not clusters and not partition:
        yield "is large and public or incremental, and has neither partitions nor clusters"


def _is_shown(model: dict, manifest: dict) -> bool:
    """Whether a public view has its rows from this table alone, as that of a step with two engines has."""
    return any(
        view["access"] == "public" and view["config"]["materialized"] == "view" and view["depends_on"]["nodes"] == [model["unique_id"]]
        for view in models_of(manifest)
    )


def stored_otherwise(manifest: dict, client: bigquery.Client) -> list[str]:
    """Tables that the warehouse has with another design than their config says."""
    found = []
    for model in models_of(manifest):
        config = model["config"]
        if config["materialized"] in ("view", "typed_table_function"):
            continue
        table = client.get_table(f"{model['database']}.{model['schema']}.{model['alias']}")
        partition = config.get("partition_by") or {}
        asked = {
            "clusters": clustered_by(model),
            "partition": partition.get("field"),
            "unit": partition.get("granularity", "").upper() or None,
            "filter": bool(config.get("require_partition_filter")),
            "expires": bool(config.get("hours_to_expiration")),
        }
        stored = {
            "clusters": table.clustering_fields or [],
            "partition": table.time_partitioning.field if table.time_partitioning else None,
            "unit": table.time_partitioning.type_ if table.time_partitioning else None,
            "filter": bool(table.require_partition_filter),
            "expires": table.expires is not None,
        }
        found += [f"{model['name']}: {key} {stored[key]}, not {asked[key]}" for key in asked if asked[key] != stored[key]]
    return found
