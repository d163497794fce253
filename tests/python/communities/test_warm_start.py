"""A warm start keeps cluster ids while producers come and go, and is about as good as a cold start."""

import numpy as np
import pytest
from dbt_command import PROJECT
from kernel_communities import detect

from .graphs import cliques, planted_edges, similarity_edges

SAMPLE_FOLLOWS = PROJECT / "seeds" / "raw_follows.csv"


@pytest.fixture(scope="module")
def sample_follows():
    """The sample's follows as two columns, consumers and producers; repeated and self-follows left out."""
    follows = np.genfromtxt(SAMPLE_FOLLOWS, delimiter=",", skip_header=1, usecols=(0, 1))
    follows = np.unique(follows[~np.isnan(follows).any(axis=1)].astype(np.int64), axis=0)
    return follows[follows[:, 0] != follows[:, 1]]


def changed(follows, share, seed):
    """The follows with a share of them pointed at the producers of other random follows."""
    rng = np.random.default_rng(seed)
    follows = follows.copy()
    picked = rng.choice(len(follows), int(share * len(follows)), replace=False)
    follows[picked, 1] = follows[rng.choice(len(follows), len(picked)), 1]
    follows = np.unique(follows, axis=0)
    return follows[follows[:, 0] != follows[:, 1]]


def kept_share(before, after):
    """Share of the producers in a community before, and still in the graph, that keep their cluster id."""
    _, left, right = np.intersect1d(before.producer_ids, after.producer_ids, return_indices=True)
    left, right = before.cluster_ids[left], after.cluster_ids[right]
    return float((left == right)[left > 0].mean())


@pytest.mark.parametrize("seed", range(5))
def test_with_five_percent_of_the_follows_changed_ids_stay_and_quality_holds(sample_follows, seed):
    before = detect(*similarity_edges(*sample_follows.T), k=24)
    edges = similarity_edges(*changed(sample_follows, 0.05, seed).T)
    warm = detect(*edges, k=24, previous=(before.producer_ids, before.cluster_ids))
    cold = detect(*edges, k=24)
    assert kept_share(before, warm) >= 0.95
    assert abs(warm.report.communities_found - 24) <= 1
    same_weight = {"true_positive_weight": cold.report.true_positive_weight}
    judged = detect(
        *edges, previous=(warm.producer_ids, warm.cluster_ids), epochs=0, greedy_epochs=0, community_moves=False, **same_weight
    )
    assert judged.report.objective >= 0.99 * cold.report.objective


@pytest.mark.parametrize("options", [{"k": 20}, {"true_positive_weight": 6.0}], ids=str)
def test_the_same_graph_again_keeps_every_id(options):
    source, target, weight, _ = planted_edges(np.random.default_rng(0), [12] * 20, 0.7, 0.03)
    before = detect(source, target, weight, **options)
    again = detect(source, target, weight, previous=(before.producer_ids, before.cluster_ids), **options)
    np.testing.assert_array_equal(before.cluster_ids, again.cluster_ids)
    assert again.report.epochs == 0


def test_previous_may_be_a_mapping_or_two_arrays():
    edges = cliques(4, 5, bridged=True)
    previous = {producer: 10 + producer // 5 for producer in range(20)}
    expected = detect(*edges, k=4, previous=previous)
    columns = np.array(list(previous)), np.array(list(previous.values()))
    found = detect(*edges, k=4, previous=columns)
    assert expected.cluster_ids.tolist() == list(previous.values())
    np.testing.assert_array_equal(expected.cluster_ids, found.cluster_ids)


def test_new_producers_join_and_vanished_ones_leave():
    source, target, weight = cliques(5, 6)
    # Of every clique the first producer is new, and producer 1000 is gone.
    previous = {producer: 7 + producer // 6 for producer in range(30) if producer % 6} | {1000: 7}
    found = detect(source, target, weight, k=5, previous=previous)
    np.testing.assert_array_equal(found.cluster_ids, np.repeat([7, 8, 9, 10, 11], 6))
    assert 1000 not in found.producer_ids


def test_the_ids_of_dead_communities_go_to_new_ones():
    source, target, weight = cliques(5, 6)
    # The communities 2 and 4 were of producers that are gone; the cliques 1 and 3 are of new ones.
    previous = {producer: 1 + producer // 6 for producer in range(30) if producer // 6 not in (1, 3)}
    previous |= {1000 + place: 2 + 2 * (place // 6) for place in range(12)}
    found = detect(source, target, weight, k=5, previous=previous)
    np.testing.assert_array_equal(found.cluster_ids, np.repeat([1, 2, 3, 4, 5], 6))


def test_a_community_that_splits_keeps_its_id_on_the_larger_side():
    source, target, weight, planted = planted_edges(np.random.default_rng(0), [12, 8, 10], 1.0, 0.0)
    previous = dict(enumerate(np.where(planted < 2, 5, 9).tolist()))
    found = detect(source, target, weight, true_positive_weight=5, previous=previous)
    np.testing.assert_array_equal(found.cluster_ids, np.array([5, 1, 9])[planted])


def test_two_communities_that_merge_keep_the_id_of_the_larger():
    source, target, weight = cliques(2, 12)
    previous = dict(enumerate([3] * 7 + [8] * 5 + [4] * 12))
    found = detect(source, target, weight, true_positive_weight=5, previous=previous)
    assert found.cluster_ids.tolist() == [3] * 12 + [4] * 12


def test_a_warm_start_takes_a_count_that_is_a_few_percent_off():
    source, target, weight, _ = planted_edges(np.random.default_rng(0), [12] * 40, 0.7, 0.03)
    before = detect(source, target, weight, k=40)
    after = detect(source, target, weight, k=41, previous=(before.producer_ids, before.cluster_ids))
    assert before.report.communities_found == 40
    np.testing.assert_array_equal(after.cluster_ids, before.cluster_ids)


def test_of_two_ids_with_equal_shares_the_smaller_stays():
    found = detect(*cliques(1, 4), true_positive_weight=5, previous={0: 9, 1: 9, 2: 4, 3: 4})
    assert found.cluster_ids.tolist() == [4] * 4


def test_who_is_left_alone_takes_no_id_along():
    """Producer 2 leaves producer 1 for a stranger. Both had the id, and only a community can have it."""
    found = detect([1, 2], [2, 3], [0.01, 1.0], true_positive_weight=1, previous={1: 5, 2: 5})
    assert found.cluster_ids.tolist() == [0, 5, 5]
