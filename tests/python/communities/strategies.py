"""Tiny graphs for Hypothesis: it looks for one that breaks a law, and shows the smallest."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

Edges = tuple[np.ndarray, np.ndarray, np.ndarray]


@st.composite
def edge_lists(draw, most_nodes: int = 16) -> Edges:
    """Distinct undirected edges between producers with any ids; weights in (0, 1], many of them equal."""
    count = draw(st.integers(2, most_nodes))
    ids = np.array(sorted(draw(st.sets(st.integers(0, 2**63 - 1), min_size=count, max_size=count))), np.int64)
    left, right = np.triu_indices(count, 1)
    kept = sorted(draw(st.sets(st.integers(0, len(left) - 1), min_size=1, max_size=4 * count)))
    weight = draw(st.lists(st.integers(1, 20), min_size=len(kept), max_size=len(kept)))
    return ids[left[kept]], ids[right[kept]], np.array(weight) / 20


@st.composite
def labelled_edges(draw) -> tuple[Edges, list[int], int]:
    """Edges, a label for each of their producers in the order of the ids, and the cost of a pair that is not linked."""
    edges = draw(edge_lists())
    count = len(np.unique(np.concatenate(edges[:2])))
    labels = draw(st.lists(st.integers(0, count - 1), min_size=count, max_size=count))
    return edges, labels, draw(st.integers(1, 800_000))
