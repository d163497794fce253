"""Laws of detect_communities as a whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_communities import detect

from simclusters.communities import detection
from simclusters.communities.agreement import normalized_mutual_information

from .graphs import cliques, planted_edges, star
from .strategies import edge_lists


@pytest.fixture(autouse=True, scope="module")
def _small_graphs_use_all_threads():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detection, "EDGES_PER_THREAD", 1)
        yield


def planted_graph(seed=1, count=30, size=12):
    return planted_edges(np.random.default_rng(seed), [size] * count, 0.7, 0.03)


OPTIONS = [
    {"k": 30},
    {"k": 12},
    {"true_positive_weight": 6.0},
    {"true_positive_weight": 4.0},
    {"true_positive_weight": 6.0, "community_moves": False},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_number_of_threads_changes_nothing(options):
    source, target, weight, _ = planted_graph()
    one, *others = (detect(source, target, weight, threads=threads, **options) for threads in (1, 2, 3, 7))
    for other in others:
        np.testing.assert_array_equal(one.cluster_ids, other.cluster_ids)
        assert one.report.objective_by_epoch == other.report.objective_by_epoch


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_order_and_direction_of_edges_change_nothing(options):
    source, target, weight, _ = planted_graph()
    expected = detect(source, target, weight, **options)
    rng = np.random.default_rng(5)
    order, flip = rng.permutation(len(source)), rng.random(len(source)) < 0.5
    shuffled = np.where(flip, target, source)[order], np.where(flip, source, target)[order], weight[order]
    found = detect(*shuffled, **options)
    np.testing.assert_array_equal(expected.cluster_ids, found.cluster_ids)
    assert expected.report.objective == found.report.objective


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_new_ids_in_the_same_order_change_nothing(options):
    source, target, weight, planted = planted_graph()
    new_ids = np.sort(np.random.default_rng(2).choice(2**63 - 1, len(planted), replace=False)) - 2**62
    expected = detect(source, target, weight, **options)
    found = detect(new_ids[source], new_ids[target], weight, **options)
    np.testing.assert_array_equal(expected.cluster_ids, found.cluster_ids)
    np.testing.assert_array_equal(found.producer_ids, new_ids[expected.producer_ids])


def test_new_ids_in_any_order_find_the_same_communities():
    source, target, weight, planted = planted_graph()
    new_ids = np.random.default_rng(2).permutation(len(planted))
    found = detect(new_ids[source], new_ids[target], weight, k=30)
    assert normalized_mutual_information(planted, found.cluster_ids[new_ids]) == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(5))
def test_planted_communities_are_found_when_their_number_is_asked(seed):
    source, target, weight, planted = planted_graph(seed)
    found = detect(source, target, weight, k=30, seed=seed)
    assert normalized_mutual_information(planted, found.cluster_ids) >= 0.99
    assert found.report.communities_found == 30


@given(edge_lists(), st.randoms(use_true_random=False))
def test_neither_the_order_of_edges_nor_names_in_their_order_nor_threads_change_anything(edges, chance):
    source, target, weight = edges
    order = chance.sample(range(len(source)), len(source))
    turned = np.array([chance.random() < 0.5 for _ in order])
    numbers = np.unique(np.concatenate([source, target]))
    left, right = (np.searchsorted(numbers, ids[order]) * 10 - 50 for ids in (source, target))
    found = detect(source, target, weight, true_positive_weight=5, threads=1)
    again = detect(np.where(turned, right, left), np.where(turned, left, right), weight[order], true_positive_weight=5, threads=3)
    assert again.producer_ids.tolist() == [10 * place - 50 for place in range(len(numbers))]
    assert again.cluster_ids.tolist() == found.cluster_ids.tolist()


@given(st.lists(edge_lists(10), min_size=3, max_size=3))
def test_no_community_reaches_over_unconnected_parts(parts):
    left, right = ([], [])
    for shift, (source, target, _) in enumerate(parts):
        ids = np.unique(np.concatenate([source, target]))
        left.append(np.searchsorted(ids, source) * 3 + shift)
        right.append(np.searchsorted(ids, target) * 3 + shift)
    weight = np.concatenate([part[2] for part in parts])
    found = detect(np.concatenate(left), np.concatenate(right), weight, true_positive_weight=50)
    part_of = found.producer_ids % 3
    for cluster_id in range(1, found.report.communities_found + 1):
        assert len(np.unique(part_of[found.cluster_ids == cluster_id])) == 1


@pytest.mark.parametrize("wanted", [3, 5, 8, 12, 20, 30, 45])
def test_k_is_met_within_a_percent_or_the_reason_says_why(wanted):
    source, target, weight, _ = planted_graph()
    found = detect(source, target, weight, k=wanted, largest_share=1.0)
    report = found.report
    assert report.communities_asked == wanted
    assert report.communities_found == len(np.unique(found.cluster_ids[found.cluster_ids > 0]))
    assert abs(report.communities_found - wanted) <= 0.01 * wanted
    assert f"not {wanted}" not in report.reason


def test_cliques_set_the_limits_of_k():
    separate = detect(*cliques(20, 8), k=5).report
    assert separate.communities_found == 20
    assert "20 communities, not 5" in separate.reason
    assert "no two are linked" in separate.reason
    many = detect(*cliques(20, 8), k=50).report
    assert many.communities_found == 20
    assert "20 communities, not 50: no resolution" in many.reason
    bridged = detect(*cliques(20, 8, bridged=True), k=5).report
    assert bridged.communities_found == 5


def test_a_giant_is_avoided_and_k_still_met():
    rng = np.random.default_rng(4)
    source, target, weight, planted = planted_edges(rng, [60] * 4 + [6] * 30, 0.3, 0.04)
    natural = detect(source, target, weight, k=16, largest_share=1.0).report
    capped = detect(source, target, weight, k=16, largest_share=0.1).report
    assert natural.largest_community > 0.1 * len(planted)
    assert capped.largest_community <= 0.1 * len(planted)
    assert capped.communities_found == 16


def test_a_limit_of_size_bends_before_the_count_does():
    """One clique is larger than the limit by a producer and breaks at no resolution. Once 166 communities were found, not 42."""
    rng = np.random.default_rng(2)
    sizes = [61] + [19] * 41
    groups = np.repeat(np.arange(len(sizes)), sizes)
    left, right = np.triu_indices(len(groups), 1)
    is_inside = groups[left] == groups[right]
    share = np.where(is_inside, np.where(groups[left] == 0, 1.0, 0.5), 6 / len(groups))
    is_edge = rng.random(len(left)) < share
    found = detect(left[is_edge], right[is_edge], np.ones(is_edge.sum()), k=42)
    assert found.report.communities_found == 42
    assert found.report.largest_community == 61
    assert normalized_mutual_information(groups, found.cluster_ids) > 0.95


def test_an_estimated_k_takes_the_count_that_the_graph_has_nearby():
    source, target, weight, planted = planted_graph()
    for k in (26, 34):
        found = detect(source, target, weight, k=k, is_k_estimated=True)
        assert found.report.communities_found == 30
        assert normalized_mutual_information(planted, found.cluster_ids) > 0.99


def test_every_clique_is_a_community():
    found = detect(*cliques(7, 9, bridged=True), true_positive_weight=5)
    np.testing.assert_array_equal(found.cluster_ids, np.repeat(np.arange(1, 8), 9))
    assert found.report.unassigned == 0


def test_a_star_is_one_community_of_the_size_that_pays():
    # The hub and s - 1 leaves: s - 1 edges less (s - 1) (s - 2) / 2 pair costs; a leaf joins while it gains.
    report = detect(*star(30), true_positive_weight=4.0).report
    assert report.communities_found == 1
    assert report.largest_community in (5, 6)
    assert report.unassigned == 31 - report.largest_community
    assert report.objective == 4 * 1_250_000 - 10 * 250_000


def test_two_producers_are_one_community():
    found = detect([9], [3], [0.25], k=1)
    assert found.producer_ids.tolist() == [3, 9]
    assert found.cluster_ids.tolist() == [1, 1]


@pytest.mark.parametrize("options", [{"k": 3}, {"true_positive_weight": 2, "community_moves": False}], ids=str)
def test_no_edges_give_no_communities(options):
    found = detect(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), **options)
    assert len(found.producer_ids) == len(found.cluster_ids) == 0
    assert found.report.communities_found == 0


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1.0, 1e3, 1e9])
def test_weights_of_any_size_find_the_same_cliques(scale):
    source, target, weight = cliques(6, 8, bridged=True)
    found = detect(source, target, weight * scale, true_positive_weight=5.0)
    np.testing.assert_array_equal(found.cluster_ids, np.repeat(np.arange(1, 7), 8))


def test_ids_and_cluster_ids_at_the_ends_of_64_bits():
    smallest, largest = -(2**63), 2**63 - 1
    found = detect([smallest, smallest, 0], [largest, 0, largest], [1.0, 1.0, 1.0], k=1, previous={smallest: 2**62 - 1})
    assert found.producer_ids.tolist() == [smallest, 0, largest]
    assert found.cluster_ids.tolist() == [2**62 - 1] * 3
    alone = detect([smallest], [largest], [1.0], true_positive_weight=3, community_moves=False, previous={largest: 2**62 - 1})
    assert alone.cluster_ids.tolist() == [2**62 - 1] * 2


def test_the_weight_that_a_run_reports_leads_to_the_same_pair_cost():
    source, target, weight, _ = planted_graph()
    searched = detect(source, target, weight, k=12).report
    given = detect(source, target, weight, true_positive_weight=searched.true_positive_weight).report
    assert given.pair_cost == searched.pair_cost


@pytest.mark.parametrize("community_moves", [True, False])
def test_the_reported_objective_is_the_objective_of_the_result(community_moves):
    source, target, weight, _ = planted_graph()
    found = detect(source, target, weight, true_positive_weight=6, community_moves=community_moves)
    labels = dict(zip(found.producer_ids.tolist(), found.cluster_ids.tolist(), strict=True))
    units = np.maximum(1, np.floor(weight * 1e6 + 0.5)).astype(np.int64)
    pairs = zip(source.tolist(), target.tolist(), units.tolist(), strict=True)
    inside = sum(u + found.report.pair_cost for s, t, u in pairs if labels[s] == labels[t] > 0)
    sizes = np.unique(found.cluster_ids[found.cluster_ids > 0], return_counts=True)[1].tolist()
    assert found.report.objective == inside - found.report.pair_cost * sum(size * (size - 1) // 2 for size in sizes)
    assert found.report.objective == found.report.objective_by_epoch[-1]


def test_the_greedy_phase_never_falls():
    source, target, weight, _ = planted_graph()
    report = detect(source, target, weight, true_positive_weight=6).report
    rounds = report.objective_by_epoch[report.epochs :]
    assert len(rounds) >= 2
    assert rounds == sorted(rounds)


@pytest.mark.parametrize(
    ("edges", "complaint"),
    [
        (([1, 2], [2], [1.0, 1.0]), "equal lengths"),
        (([1, 2], [2, 3], [1.0, np.nan]), "finite"),
        (([1, 2], [2, 3], [1.0, np.inf]), "finite"),
        (([1, 2], [2, 3], [1.0, -0.5]), "negative"),
        (([1, 2], [2, 2], [1.0, 1.0]), "two different producers"),
        (([1, 2, 2], [2, 3, 1], [1.0, 1.0, 1.0]), "may appear once"),
        (([1.5], [2.5], [1.0]), "integers"),
        (([1], [2], ["a"]), "numbers"),
        (([[1]], [[2]], [[1.0]]), "one dimension"),
        (([1], [2], [1e13]), "add up to"),
    ],
)
def test_wrong_edges_are_refused(edges, complaint):
    with pytest.raises(ValueError, match=complaint):
        detect(*map(np.array, edges), k=2)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, "give k"),
        ({"k": 0}, "k must be"),
        ({"k": 2.5}, "k must be"),
        ({"true_positive_weight": 0}, "above 0"),
        ({"true_positive_weight": 1e-300}, "too small"),
        ({"true_positive_weight": 1e-310}, "too small"),
        ({"k": 2, "community_moves": False}, "without community moves"),
        ({"k": 2, "seed": -1}, "seed must be"),
        ({"k": 2, "threads": 0}, "threads must be"),
        ({"k": 2, "blocks": 0}, "blocks must be"),
        ({"k": 2, "epochs": -1}, "epochs must be"),
        ({"k": 2, "start_temperature": np.nan}, "start_temperature"),
        ({"k": 2, "cooling_ratio": 1.5}, "cooling_ratio"),
        ({"k": 2, "largest_share": 0.0}, "largest_share"),
        ({"k": 2, "previous": {1: -3}}, "cluster ids"),
        ({"k": 2, "previous": (np.array([1, 1]), np.array([2, 3]))}, "more than once"),
        ({"k": 2, "previous": (np.array([1, 2]), np.array([2]))}, "2 producer ids and 1"),
    ],
)
def test_wrong_options_are_refused(options, complaint):
    with pytest.raises(ValueError, match=complaint):
        detect(*cliques(2, 3), **options)


def test_other_starts_find_what_the_first_one_misses(monkeypatch):
    source, target, weight, _ = planted_edges(np.random.default_rng(0), [8] * 20, 0.4, 0.06)
    objectives = []
    for starts in (1, detection.MOST_STARTS):
        monkeypatch.setattr(detection, "MOST_STARTS", starts)
        objectives.append(detect(source, target, weight, true_positive_weight=6.0).report.objective)
    assert objectives[1] > objectives[0]
