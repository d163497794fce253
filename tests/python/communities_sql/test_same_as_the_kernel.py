"""The two engines find the same communities: SQL sweeps against the compiled kernel, on real and generated graphs."""

import os
from pathlib import Path

import duckdb
import numpy as np
import pytest

from simclusters.communities import detect_communities

from .project import CommunitiesProject

REPOSITORY = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("SIMCLUSTERS_DATASETS", REPOSITORY / "data"))
CIAO = DATA / "ciao" / "follows.parquet"

SWEEPS = {
    "seed": 7,
    "epochs": 6,
    "greedy_epochs": 4,
    "blocks": 2,
    "start_temperature": 0.5,
    "cooling_ratio": 0.7,
}
FIRST, SECOND = "2026-01-01", "2026-02-01"

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


def similarity_edges(follows):
    columns = duckdb.sql(SIMILARITY_SQL.format(follows=follows)).fetchnumpy()
    return columns["producer_id"], columns["neighbor_producer_id"], columns["edge_weight"]


def generated_edges(node_count=3000, community_size=30):
    """A planted partition with uneven weights: half of a node's twenty edges go to its own community."""
    generator = np.random.default_rng(11)
    ends = generator.integers(0, node_count, (10 * node_count, 2))
    homes = ends[: 5 * node_count, 0] // community_size
    ends[: 5 * node_count, 1] = homes * community_size + generator.integers(0, community_size, 5 * node_count)
    ends = np.unique(np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1), axis=0)
    return ends[:, 0], ends[:, 1], generator.gamma(4.0, 0.25, len(ends))


def kernel_communities(edges, true_positive_weight, previous=None):
    found = detect_communities(
        *edges, true_positive_weight=true_positive_weight, previous=previous, community_moves=False, **SWEEPS
    )
    members = zip(found.producer_ids.tolist(), found.cluster_ids.tolist(), strict=True)
    return {producer: cluster for producer, cluster in members if cluster > 0}


GRAPHS = {
    "sample": lambda: similarity_edges(REPOSITORY / "seeds" / "raw_follows.csv"),
    "ciao": lambda: similarity_edges(CIAO),
    "generated": generated_edges,
}
TRUE_POSITIVE_WEIGHTS = {"sample": 10, "ciao": 10, "generated": 20}


@pytest.fixture(scope="module")
def builds(tmp_path_factory):
    """Edges of a first and a later time by graph, and the project that has built both."""
    first_edges = {name: edges() for name, edges in GRAPHS.items() if name != "ciao" or CIAO.exists()}
    # A fifth of the edges is gone: some producers leave, and some communities fall apart.
    later_edges = {
        name: tuple(column[np.arange(len(column)) % 5 > 0] for column in edges) for name, edges in first_edges.items()
    }
    project = CommunitiesProject(tmp_path_factory.mktemp("larger_graphs"))
    for as_of, edges in [(FIRST, first_edges), (SECOND, later_edges)]:
        project.write_edges(edges)
        project.build(
            {name: {"as_of": as_of, "true_positive_weight": TRUE_POSITIVE_WEIGHTS[name], **SWEEPS} for name in edges}
        )
    return first_edges, later_edges, project


@pytest.mark.parametrize("name", GRAPHS)
def test_sql_and_kernel_find_the_same_communities_from_a_cold_and_a_warm_start(builds, name):
    first_edges, later_edges, project = builds
    if name not in first_edges:
        pytest.skip("the Ciao follows are not at $SIMCLUSTERS_DATA/ciao/follows.parquet")
    first, second = project.communities(name, FIRST), project.communities(name, SECOND)
    assert len(set(first.values())) > 10
    assert first == kernel_communities(first_edges[name], TRUE_POSITIVE_WEIGHTS[name])
    assert second == kernel_communities(later_edges[name], TRUE_POSITIVE_WEIGHTS[name], previous=first)
