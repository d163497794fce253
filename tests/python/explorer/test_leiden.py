"""Leiden, the yardstick of the health page: planted groups, connected communities, and never worse than what it started from."""

import numpy as np
import pytest

from simclusters.explorer.leiden import described, leiden, leiden_with_as_many


def graph_of(edges, count):
    graph = [{} for _ in range(count)]
    for left, right, weight in edges:
        graph[left][right] = graph[right][left] = weight
    return graph


def planted(groups=5, size=12, inside=0.7, across=0.03, seed=1):
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), size)
    pairs = [(left, right) for left in range(len(group)) for right in range(left)]
    kept = [pair for pair in pairs if random.random() < (inside if group[pair[0]] == group[pair[1]] else across)]
    return graph_of([(*pair, random.uniform(0.5, 1)) for pair in kept], len(group)), group.tolist()


def modularity(graph, communities, resolution=1.0):
    """The sum over all pairs, as it is defined."""
    strengths = np.array([sum(neighbors.values()) for neighbors in graph])
    weights = np.array([[neighbors.get(other, 0.0) for other in range(len(graph))] for neighbors in graph])
    same = np.equal.outer(communities, communities)
    return ((weights - resolution * np.outer(strengths, strengths) / strengths.sum()) * same).sum() / strengths.sum()


def is_connected(graph, nodes):
    reached, waiting = {nodes[0]}, [nodes[0]]
    while waiting:
        for other in graph[waiting.pop()]:
            if other in nodes and other not in reached:
                reached.add(other)
                waiting.append(other)
    return reached == set(nodes)


def test_planted_groups_are_found():
    graph, group = planted()
    found = leiden(graph, 1.0)
    assert len({(one, other) for one, other in zip(group, found, strict=True)}) == len(set(found)) == 5


@pytest.mark.parametrize("seed", range(8))
def test_communities_are_connected_and_beat_the_planted_ones(seed):
    graph, group = planted(inside=0.35, across=0.08, seed=seed)
    found = leiden(graph, 1.0)
    assert modularity(graph, found) >= modularity(graph, group) - 0.02
    for community in set(found):
        assert is_connected(graph, [node for node, one in enumerate(found) if one == community])


def test_the_number_asked_for_is_nearly_found_and_the_share_inside_counted():
    graph, group = planted(groups=9)
    found = leiden_with_as_many(graph, 9)
    assert found.count == 9
    total = sum(weight for neighbors in graph for weight in neighbors.values())
    inside = sum(weight for node, neighbors in enumerate(graph) for other, weight in neighbors.items() if group[node] == group[other])
    assert found.inside_share == pytest.approx(inside / total)


def test_graphs_without_edges_are_left_alone():
    assert described([], leiden([], 1.0)).count == 0
    assert leiden([{}, {}], 1.0) == [0, 1]
