"""Multi-embeddings computed again with plain Python: groups by search, representatives by comparing everybody with everybody."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from frames import Tables

from .brute_force import norm

CONSUMERS = 200


@pytest.fixture(scope="module")
def unit_vectors(sample_tables: Tables) -> dict[int, np.ndarray]:
    """Producer id -> float64[clusters] of norm 1, the aggregatable log-fav embedding."""
    rows = sample_tables["producer_embeddings"].filter(pl.col("embedding_type") == "aggregatable_log_fav_producer")
    rows = rows.with_columns(unit=pl.col("producer_score") / norm("producer_score", ["producer_id"]))
    vectors: dict[int, np.ndarray] = {}
    for producer_id, cluster_id, unit in rows.select("producer_id", "cluster_id", "unit").iter_rows():
        vectors.setdefault(producer_id, np.zeros(rows["cluster_id"].max() + 1))[cluster_id] = unit
    return vectors


@pytest.fixture(scope="module")
def neighbors(sample_tables: Tables, unit_vectors: dict[int, np.ndarray]) -> dict[int, list[int]]:
    """Consumer id -> producers with an embedding; nobody on the sample has more than the limit."""
    graph = sample_tables["user_user_graph"].group_by("consumer_id").agg("producer_id").sort("consumer_id")
    assert graph["producer_id"].list.len().max() <= sample_tables.limit("int_multi_embedding_neighbors")
    some = graph.head(CONSUMERS).iter_rows()
    return {consumer: sorted(set(producers) & set(unit_vectors)) for consumer, producers in some}


def components(nodes: list[int], linked) -> list[list[int]]:
    """Connected components by search; ``linked`` says whether two nodes are."""
    unseen, found = set(nodes), []
    while unseen:
        reached, waiting = set(), [min(unseen)]
        while waiting:
            node = waiting.pop()
            reached.add(node)
            waiting += [other for other in unseen - reached if linked(node, other)]
        unseen -= reached
        found.append(sorted(reached))
    return sorted(found, key=lambda group: (-len(group), group[0]))


def expected_groups(method: str, producers: list[int], vectors: dict[int, np.ndarray], threshold: float) -> list[list[int]]:
    if method == "largest_dimension":
        return components(producers, lambda p, q: np.argmax(vectors[p].round(10)) == np.argmax(vectors[q].round(10)))
    return components(producers, lambda p, q: vectors[p] @ vectors[q] > threshold)


@pytest.mark.parametrize("method", ["largest_dimension", "connected_components"])
def test_groups_are_components_by_size(sample_tables, unit_vectors, neighbors, method):
    threshold = sample_tables.variables["multi_embedding_similarity"]
    members = sample_tables["multi_embedding_members"].filter(pl.col("grouping_method") == method)
    actual = members.sort("producer_id").group_by("consumer_id", "group_rank").agg("producer_id").sort("group_rank")
    actual = dict(actual.group_by("consumer_id", maintain_order=True).agg("producer_id").iter_rows())
    assert sum(len(producers) > 5 for producers in neighbors.values()) > CONSUMERS / 2
    for consumer, producers in neighbors.items():
        assert actual.get(consumer, []) == expected_groups(method, producers, unit_vectors, threshold)


def test_representatives_are_medoids_or_most_faved(sample_tables, unit_vectors, neighbors):
    favs = {(c, p): f for c, p, f in sample_tables["user_user_graph"].select("consumer_id", "producer_id", "fav_score").iter_rows()}
    actual = {
        (name, consumer, rank): (producer, size)
        for name, consumer, rank, producer, size in sample_tables["multi_embeddings"]
        .select("multi_embedding_type", "consumer_id", "group_rank", "producer_id", "producer_count")
        .iter_rows()
    }
    threshold = sample_tables.variables["multi_embedding_similarity"]
    [kept_groups] = sample_tables["multi_embedding_recipes"]["groups_per_consumer"].unique()
    for name, method, is_medoid in (
        ("largest_dimension", "largest_dimension", True),
        ("largest_dimension_fav_score", "largest_dimension", False),
        ("connected_components", "connected_components", True),
    ):
        for consumer, producers in neighbors.items():
            groups = expected_groups(method, producers, unit_vectors, threshold)
            for rank, group in enumerate(groups[:kept_groups], start=1):
                if is_medoid:
                    scores = {p: sum(unit_vectors[p] @ unit_vectors[q] for q in group) for p in group}
                else:
                    scores = {p: favs[consumer, p] for p in group}
                best = min(group, key=lambda p: (-round(scores[p], 10), p))
                assert actual[name, consumer, rank] == (best, len(group))
