"""The kernel's sweeps walk the path of the plain-Python twin, move for move."""

import numpy as np
import pytest
from kernel_communities import detect, members

from . import sweeps_twin as twin
from .graphs import random_edges


@pytest.mark.parametrize("case", range(200))
def test_the_sweeps_walk_the_path_of_the_twin(case):
    rng = np.random.default_rng(case)
    node_count = int(rng.integers(2, 40))
    source, target, weight = random_edges(rng, node_count, int(rng.integers(1, 4 * node_count)))
    previous = None
    if case % 2:
        present = np.unique(np.concatenate([source, target]))
        kept = present[rng.random(len(present)) < 0.7].tolist()
        previous = {producer_id: int(rng.integers(0, 6)) * 1000003 for producer_id in kept}
    options = {
        "seed": int(rng.integers(0, 2**40)),
        "epochs": int(rng.integers(0, 6)),
        "greedy_epochs": int(rng.integers(0, 6)),
        "blocks": int(rng.integers(1, 5)),
        "start_temperature": float(rng.random() * 2),
        "cooling_ratio": 0.7,
        "true_positive_weight": float(rng.random() * 20 + 0.1),
    }

    edges = source.tolist(), target.tolist(), weight.tolist()
    expected = twin.detect_communities(edges, previous_communities=previous, **options)
    found = detect(source, target, weight, previous=previous, community_moves=False, **options)
    assert members(found) == expected
