"""Leiden's communities of the same graph, for comparison: what the method of Traag, Waltman and van Eck (2019) keeps inside.

Plain Python, for graphs of some hundred thousand edges at most. It takes the best move where the published method draws one, so that a
graph has one answer.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

Graph = list[dict[int, float]]
"""Weights of the neighbours of each node, both ways; a node is its own neighbour with twice the weight inside it."""

MOST_EDGES = 300_000
"""Directed edges from which comparing would take longer than people wait."""
TRIES = 4


class Partition(NamedTuple):
    """Communities by node, and the share of the weight that is inside them."""

    communities: list[int]
    count: int
    inside_share: float


def leiden_with_as_many(graph: Graph, count: int) -> Partition:
    """Leiden's communities at the resolution, of a few, that finds the number nearest to ``count``."""
    resolution, low, high, best = 1.0, 0.0, float("inf"), None
    for _ in range(TRIES):
        found = described(graph, leiden(graph, resolution))
        if best is None or abs(found.count - count) < abs(best.count - count):
            best = found
        if abs(found.count - count) <= 0.1 * count:
            break
        low, high = (resolution, high) if found.count < count else (low, resolution)
        resolution = resolution * 2 if high == float("inf") else (low + high) / 2
    return best


def described(graph: Graph, communities: list[int]) -> Partition:
    """A partition with its number of communities and the share of the weight inside."""
    total = inside = 0.0
    for node, neighbors in enumerate(graph):
        for other, weight in neighbors.items():
            total += weight
            if communities[node] == communities[other]:
                inside += weight
    return Partition(communities, len(set(communities)), inside / total if total else 0.0)


def leiden(graph: Graph, resolution: float) -> list[int]:
    """A community per node: modularity with this resolution. Each is connected."""
    members = [[node] for node in range(len(graph))]
    level, communities = graph, list(range(len(graph)))
    while True:
        strengths = [sum(neighbors.values()) for neighbors in level]
        total = sum(strengths)
        if total == 0:
            break
        _move(level, strengths, communities, resolution / total)
        if len(set(communities)) == len(level):
            break
        refined = _refined(level, strengths, communities, resolution / total)
        names = {name: place for place, name in enumerate(dict.fromkeys(refined))}
        merged: list[list[int]] = [[] for _ in names]
        outer = [0] * len(names)
        smaller: Graph = [{} for _ in names]
        for node, neighbors in enumerate(level):
            here = names[refined[node]]
            merged[here] += members[node]
            outer[here] = communities[node]
            for other, weight in neighbors.items():
                there = names[refined[other]]
                smaller[here][there] = smaller[here].get(there, 0.0) + weight
        if len(smaller) == len(level):
            break
        first = {name: place for place, name in enumerate(dict.fromkeys(outer))}
        members, level, communities = merged, smaller, [first[name] for name in outer]
    found = [0] * len(graph)
    for node, inside in enumerate(members):
        for one in inside:
            found[one] = communities[node]
    return found


def _move(graph: Graph, strengths: list[float], communities: list[int], scale: float) -> None:
    """Move nodes, one at a time, to the community that gains most, until none gains; ``communities`` is changed."""
    sums: dict[int, float] = {}
    for node, community in enumerate(communities):
        sums[community] = sums.get(community, 0.0) + strengths[node]
    waiting, is_waiting = deque(range(len(graph))), [True] * len(graph)
    while waiting:
        node = waiting.popleft()
        is_waiting[node] = False
        here, strength = communities[node], strengths[node]
        links: dict[int, float] = {here: 0.0}
        for other, weight in graph[node].items():
            if other != node:
                links[communities[other]] = links.get(communities[other], 0.0) + weight
        sums[here] -= strength
        best, best_gain = here, links[here] - scale * strength * sums[here]
        for community, weight in links.items():
            gain = weight - scale * strength * sums[community]
            if gain > best_gain + 1e-12:
                best, best_gain = community, gain
        sums[best] += strength
        if best != here:
            communities[node] = best
            for other in graph[node]:
                if communities[other] != best and not is_waiting[other]:
                    waiting.append(other)
                    is_waiting[other] = True


def _refined(graph: Graph, strengths: list[float], communities: list[int], scale: float) -> list[int]:
    """Parts of the communities: nodes that are still alone join the part, inside their community, that gains most."""
    parts = list(range(len(graph)))
    sums, sizes = list(strengths), [1] * len(graph)
    for node, strength in enumerate(strengths):
        if sizes[parts[node]] > 1:
            continue
        links: dict[int, float] = {}
        for other, weight in graph[node].items():
            if other != node and communities[other] == communities[node]:
                links[parts[other]] = links.get(parts[other], 0.0) + weight
        best, best_gain = node, 0.0
        for part, weight in links.items():
            gain = weight - scale * strength * sums[part]
            if gain > best_gain + 1e-12:
                best, best_gain = part, gain
        if best != node:
            sums[best] += strength
            sums[node] -= strength
            sizes[best] += 1
            sizes[node] -= 1
            parts[node] = best
    return parts
