"""Community moves agree with the plain-Python twin, and every round raises the exact objective to a local optimum."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simclusters.communities.graph import build_sparse_graph
from simclusters.communities.moves import CommunityMoves
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
