"""Community moves agree with the plain-Python twin, and every round raises the exact objective to a local optimum."""

from collections import Counter

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simclusters.communities import resolution
from simclusters.communities.graph import build_sparse_graph
from simclusters.communities.move_kernels import partition_of, same_communities
from simclusters.communities.moves import CommunityMoves
from simclusters.communities.resolution import Goal, fit_to, most_settled_pair_cost
from simclusters.communities.sweeps import LabelledRows
from simclusters.threads import Workers

from . import moves_twin as twin
from .graphs import planted_edges
from .strategies import labelled_edges


def as_case(drawn):
    """(sparse graph, its edges as (node, node, units), labels numbered by first node, pair cost)."""
    (source, target, weight), labels, pair_cost = drawn
    graph = build_sparse_graph(source, target, weight)
    rows = np.repeat(np.arange(graph.node_count), np.diff(graph.rows.row_start))
    ends = (rows, graph.rows.neighbors, graph.rows.weight_units)
    edges = [edge for edge in zip(*(column.tolist() for column in ends), strict=True) if edge[0] < edge[1]]
    return graph, edges, twin.numbered_by_first_node(labels), pair_cost


def moves_on(graph, labels, threads=1):
    start = LabelledRows(graph.rows, np.arange(graph.node_count), np.array(labels, np.int32))
    return CommunityMoves(start, Workers(threads))


@settings(max_examples=2 * settings.default.max_examples)
@given(labelled_edges(), st.integers(1, 3))
def test_a_round_is_the_round_of_the_twin(drawn, threads):
    graph, edges, labels, pair_cost = as_case(drawn)
    moves = moves_on(graph, labels, threads)
    taken_apart = frozenset()
    for _ in range(3):
        before = twin.objective(edges, labels, pair_cost)
        gain = moves.improve(pair_cost)
        labels, taken_apart = twin.one_round(graph.node_count, edges, labels, pair_cost, taken_apart)
        assert moves.now.labels.tolist() == labels
        assert gain == twin.objective(edges, labels, pair_cost) - before
        assert gain >= 0
        assert moves.inside().objective(pair_cost) == twin.objective(edges, labels, pair_cost)


@given(labelled_edges())
def test_no_single_move_and_no_merge_gains_after_the_last_round(drawn):
    graph, edges, labels, pair_cost = as_case(drawn)
    moves = moves_on(graph, labels)
    while moves.improve(pair_cost) > 0:
        pass
    found = moves.now.labels.tolist()
    best = twin.objective(edges, found, pair_cost)
    for node in range(graph.node_count):
        for label in {*found, graph.node_count}:
            assert twin.objective(edges, found[:node] + [label] + found[node + 1 :], pair_cost) <= best
    for left in set(found):
        for right in set(found):
            merged = [right if label == left else label for label in found]
            assert twin.objective(edges, merged, pair_cost) <= best


@given(labelled_edges())
def test_communities_are_connected(drawn):
    graph, edges, labels, pair_cost = as_case(drawn)
    moves = moves_on(graph, labels)
    while moves.improve(pair_cost) > 0:
        pass
    found = moves.now.labels.tolist()
    reached = list(range(graph.node_count))
    for _ in reached:
        for left, right, _ in edges:
            if found[left] == found[right]:
                reached[left] = reached[right] = min(reached[left], reached[right])
    for label, size in Counter(found).items():
        assert len({reached[node] for node in range(graph.node_count) if found[node] == label}) == 1, (label, size)


@given(labelled_edges())
def test_merging_down_takes_the_least_loss_first(drawn):
    graph, edges, labels, pair_cost = as_case(drawn)
    moves = moves_on(graph, labels)
    moves.improve(pair_cost)
    found = moves.now.labels.tolist()
    big = [label for label, size in Counter(found).items() if size > 1]
    linked = {(found[a], found[b]) for a, b, _ in edges if found[a] != found[b] and found[a] in big and found[b] in big}
    merges = moves.merge_down_to(len(big) - 1, graph.node_count, pair_cost)
    assert merges == (1 if linked else 0)
    if linked:
        best = max(twin.objective(edges, [right if label == left else label for label in found], pair_cost) for left, right in linked)
        assert twin.objective(edges, moves.now.labels.tolist(), pair_cost) == best


def test_merging_down_makes_no_community_above_the_limit():
    rng = np.random.default_rng(3)
    source, target, weight, planted = planted_edges(rng, [10] * 12, 0.8, 0.05)
    moves = moves_on(build_sparse_graph(source, target, weight), planted)
    moves.merge_down_to(1, 30, 100_000)
    smallest, second = np.sort(moves.now.sizes[moves.now.sizes > 0])[:2]
    assert moves.now.largest <= 30 < smallest + second


def merged_pairs(links, wanted):
    """Communities of two producers, named by letters, after merging down. links : between all producers of two, and their weight."""
    names = sorted({name for pair in links for name in pair})
    edges = [(2 * place, 2 * place + 1, 1.0) for place in range(len(names))]
    for (one, other), weight in links.items():
        edges += [(2 * names.index(one) + i, 2 * names.index(other) + j, weight) for i in (0, 1) for j in (0, 1)]
    moves = moves_on(build_sparse_graph(*map(np.array, zip(*edges, strict=True))), np.repeat(np.arange(len(names)), 2))
    moves.merge_down_to(wanted, 12, 250_000)
    found = moves.now.labels[::2].tolist()
    return ["".join(name for name, label in zip(names, found, strict=True) if label == one) for one in sorted(set(found))]


def test_of_equal_partners_the_first_is_merged():
    assert merged_pairs({"AC": 0.5, "BC": 0.5}, wanted=2) == ["AC", "B"]


def test_a_pass_of_merging_down_takes_about_half_of_the_offers():
    """Once the two best pairs are merged, they are better partners for each other than E and F are."""
    links = {"AB": 1.0, "CD": 1.0, "AD": 0.9, "BD": 0.9, "EF": 0.01}
    assert merged_pairs(links, wanted=3) == ["ABCD", "E", "F"]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=10))
def test_a_community_is_the_same_when_its_members_are(pairs):
    def members(labels):
        return [frozenset(np.flatnonzero(labels == label).tolist()) for label in range(labels.max() + 1)]

    now, before = (partition_of(np.array(labels, np.int32), 4) for labels in zip(*pairs, strict=True))
    expected = [community in members(before.labels) for community in members(now.labels)]
    assert same_communities(now, before).tolist() == expected


@given(labelled_edges(), st.integers(1, 800_000))
def test_at_another_pair_cost_nothing_is_settled(drawn, other_cost):
    graph, _, labels, pair_cost = as_case(drawn)
    assume(other_cost != pair_cost)
    moves = moves_on(graph, labels)
    moves.improve(pair_cost)
    fresh = moves_on(graph, moves.now.labels)
    assert moves.improve(other_cost) == fresh.improve(other_cost)
    assert moves.now.labels.tolist() == fresh.now.labels.tolist()


def test_a_warm_search_begins_where_the_partition_is_settled_and_each_probe_at_the_partition(monkeypatch):
    source, target, weight, planted = planted_edges(np.random.default_rng(0), [12] * 20, 0.7, 0.03)
    moves = moves_on(build_sparse_graph(source, target, weight), planted)
    goal, guess = Goal(10, len(planted), 10**9, 0.05), 20_000
    most_settled, begun, settle = most_settled_pair_cost(moves, guess, 10**9), [], resolution.settle

    def settle_and_tell(moves, pair_cost):
        begun.append((pair_cost, moves.now.labels.tolist()))
        settle(moves, pair_cost)

    monkeypatch.setattr(resolution, "settle", settle_and_tell)
    fit_to(goal, moves, guess, is_warm=True)
    assert begun[0][0] == most_settled != guess
    assert len(begun) > 2
    assert all(labels == planted.tolist() for _, labels in begun)
