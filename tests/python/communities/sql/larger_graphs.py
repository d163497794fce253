"""Graphs of real and generated size: the sample, Ciao when it is there, and a planted partition."""

import os
from pathlib import Path

import duckdb
import numpy as np
from dbt_command import PROJECT

from .project import Edges

CIAO = Path(os.environ.get("SIMCLUSTERS_DATASETS", PROJECT / "data")) / "ciao" / "follows.parquet"

# The project's own graph in short: producers with five followers or more, 10 * cosine^2, the 100 nearest of either end.
SIMILARITY_SQL = """
with

follows as (select distinct consumer_id, producer_id from '{follows}'),

audiences as (select producer_id, count(*) as follower_count from follows group by producer_id having count(*) >= 5),

pairs as (
    select
        left_follows.producer_id,
        right_follows.producer_id as neighbor_producer_id,
        10 * count(*) * count(*)
        / (any_value(left_audiences.follower_count) * any_value(right_audiences.follower_count)) as edge_weight
    from follows as left_follows
    inner join follows as right_follows
        on left_follows.consumer_id = right_follows.consumer_id and left_follows.producer_id <> right_follows.producer_id
    inner join audiences as left_audiences on left_follows.producer_id = left_audiences.producer_id
    inner join audiences as right_audiences on right_follows.producer_id = right_audiences.producer_id
    group by all
    having edge_weight >= 10 * 0.02 * 0.02
),

nearest as (
    from pairs
    qualify row_number() over (partition by producer_id order by round(edge_weight, 10) desc, neighbor_producer_id) <= 100
)

select distinct
    least(producer_id, neighbor_producer_id) as producer_id,
    greatest(producer_id, neighbor_producer_id) as neighbor_producer_id,
    edge_weight
from nearest
order by all
"""


def similarity_edges(follows: Path) -> Edges:
    columns = duckdb.sql(SIMILARITY_SQL.format(follows=follows)).fetchnumpy()
    return columns["producer_id"], columns["neighbor_producer_id"], columns["edge_weight"]


def generated_edges(node_count: int = 3000, community_size: int = 30) -> Edges:
    """A planted partition with uneven weights: half of a node's twenty edges go to its own community."""
    generator = np.random.default_rng(11)
    ends = generator.integers(0, node_count, (10 * node_count, 2))
    homes = ends[: 5 * node_count, 0] // community_size
    ends[: 5 * node_count, 1] = homes * community_size + generator.integers(0, community_size, 5 * node_count)
    ends = np.unique(np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1), axis=0)
    return ends[:, 0], ends[:, 1], generator.gamma(4.0, 0.25, len(ends))


GRAPHS = {
    "sample": lambda: similarity_edges(PROJECT / "seeds" / "raw_follows.csv"),
    "ciao": lambda: similarity_edges(CIAO),
    "generated": generated_edges,
}


def present_graphs() -> dict[str, Edges]:
    return {name: edges() for name, edges in GRAPHS.items() if name != "ciao" or CIAO.exists()}


def four_fifths(edges: Edges) -> Edges:
    """Without a fifth of the edges: some producers are gone, and some communities fall apart."""
    return tuple(column[np.arange(len(column)) % 5 > 0] for column in edges)
