"""The kernel's sweeps walk the path of the plain-Python twin, move for move."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from simclusters.communities import detect_communities

TWIN_FILE = Path(__file__).resolve().parents[1] / "communities_sql" / "twin.py"
_spec = importlib.util.spec_from_file_location("communities_twin", TWIN_FILE)
twin = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(twin)


def random_edges(rng, node_count, edge_count):
    """Distinct undirected edges between producers with scattered ids, weights in (0, 1]."""
    ids = np.sort(rng.choice(10**12, node_count, replace=False))
    pairs = rng.integers(0, node_count, (edge_count, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    return ids[pairs[:, 0]], ids[pairs[:, 1]], rng.random(len(pairs))


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
    found = detect_communities(source, target, weight, previous=previous, community_moves=False, **options)

    in_a_community = found.cluster_ids > 0
    assert (
        dict(
            zip(
                found.producer_ids[in_a_community].tolist(),
                found.cluster_ids[in_a_community].tolist(),
                strict=True,
            )
        )
        == expected
    )
