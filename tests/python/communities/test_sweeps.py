"""The kernel's sweeps walk the path of the plain-Python twin, move for move."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_communities import detect, members

from . import sweeps_twin as twin
from .strategies import edge_lists


@settings(max_examples=2 * settings.default.max_examples)
@given(
    edge_lists(),
    st.dictionaries(st.integers(0, 15), st.integers(0, 5)),
    st.fixed_dictionaries(
        {
            "seed": st.integers(0, 2**40),
            "epochs": st.integers(0, 5),
            "greedy_epochs": st.integers(0, 5),
            "blocks": st.integers(1, 4),
            "start_temperature": st.floats(0, 2),
            "cooling_ratio": st.just(0.7),
            "true_positive_weight": st.floats(0.1, 20),
        }
    ),
)
def test_the_sweeps_walk_the_path_of_the_twin(graph, known, options):
    """``known`` : by the place of some producers, the communities that they were in."""
    source, target, weight = graph
    present = np.unique(np.concatenate([source, target])).tolist()
    previous = {present[place]: 1000003 * cluster for place, cluster in known.items() if place < len(present)} or None
    edges = source.tolist(), target.tolist(), weight.tolist()
    expected = twin.detect_communities(edges, previous_communities=previous, **options)
    found = detect(source, target, weight, previous=previous, community_moves=False, **options)
    assert members(found) == expected
