"""The similarity kernel on any tiny follow graph, against a recomputation from sets of followers."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simclusters.similarity import FollowMatrix, nearest_neighbors

FLOOR, NEIGHBORS = 0.3, 4


@st.composite
def follow_graphs(draw):
    """(consumer, place of the producer) pairs, each once, and the ids of the producers in the order of their places."""
    producers = sorted(draw(st.sets(st.integers(0, 2**63 - 1), min_size=2, max_size=12)))
    follow = st.tuples(st.integers(1, 10), st.integers(0, len(producers) - 1))
    return sorted(draw(st.sets(follow, min_size=1, max_size=60))), producers


def found_by_kernel(follows, producers, places, threads=1):
    """Rows of the kernel, when producer number i stands at place places[i], from 1."""
    counts = np.bincount([producer for _, producer in follows], minlength=len(producers))
    matrix = FollowMatrix(
        np.array([consumer for consumer, _ in follows]),
        np.array([places[producer] for _, producer in follows]),
        np.array(producers),
        np.array(places),
        counts,
        np.ones(len(producers)),
    )
    table = nearest_neighbors(matrix, FLOOR, NEIGHBORS, threads=threads).read_all()
    return sorted(zip(*(column.to_pylist() for column in table.columns), strict=True))


@given(follow_graphs())
def test_neighbors_are_those_of_the_definition(graph):
    follows, producers = graph
    followers = [{consumer for consumer, followed in follows if followed == place} for place in range(len(producers))]
    expected = []
    for left, left_set in enumerate(followers):
        near = []
        for right, right_set in enumerate(followers):
            common = len(left_set & right_set)
            if left != right and common:
                cosine = common / math.sqrt(len(left_set) * len(right_set))
                near.append((-round(cosine, 10), producers[right], common, cosine))
        kept = [one for one in sorted(near) if -one[0] >= FLOOR][:NEIGHBORS]
        expected += [(producers[left], neighbor, common, cosine) for _, neighbor, common, cosine in kept]
    found = found_by_kernel(follows, producers, list(range(1, len(producers) + 1)))
    assert [row[:3] for row in found] == [row[:3] for row in sorted(expected)]
    assert all(math.isclose(row[3], other[3], rel_tol=1e-12) for row, other in zip(found, sorted(expected), strict=True))


@given(follow_graphs(), st.randoms(use_true_random=False))
def test_neither_order_nor_places_nor_other_consumers_names_change_anything(graph, chance):
    follows, producers = graph
    places = list(range(1, len(producers) + 1))
    names = chance.sample(range(10**6), 11)
    renamed = [(names[consumer], producer) for consumer, producer in chance.sample(follows, len(follows))]
    expected = found_by_kernel(follows, producers, places)
    assert found_by_kernel(renamed, producers, chance.sample(places, len(places)), threads=2) == expected


@given(follow_graphs())
def test_a_stranger_changes_nobody_elses_neighbors(graph):
    """One more producer, followed by one more consumer."""
    follows, producers = graph
    places = list(range(1, len(producers) + 2))
    stranger = next(number for number in range(100) if number not in producers)
    with_stranger = found_by_kernel([*follows, (11, len(producers))], [*producers, stranger], places)
    assert with_stranger == found_by_kernel(follows, producers, places[:-1])
