"""The similarity kernel on any tiny follow graph, against a recomputation from sets of followers."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simclusters.similarity import FollowMatrix, Recipe, co_followed_producers, nearest_neighbors

FLOOR, NEIGHBORS = 0.3, 4
# Four steps of conjugate gradients solve four equations.
REGRESSION = Recipe(0.0, 0.5, 0.25, 1.0, 0.0, 0.5, 2.0)


@st.composite
def follow_graphs(draw):
    """(consumer, place of the producer) pairs, each once, and the ids of the producers in the order of their places."""
    producers = sorted(draw(st.sets(st.integers(0, 2**63 - 1), min_size=2, max_size=12)))
    follow = st.tuples(st.integers(1, 10), st.integers(0, len(producers) - 1))
    return sorted(draw(st.sets(follow, min_size=1, max_size=60))), producers


def matrix_of(follows, producers, places):
    """The follows, when producer number i stands at place places[i], from 1."""
    counts = np.bincount([producer for _, producer in follows], minlength=len(producers))
    return FollowMatrix(
        np.array([consumer for consumer, _ in follows]),
        np.array([places[producer] for _, producer in follows]),
        np.array(producers),
        np.array(places),
        counts,
        np.ones(len(producers)),
    )


def found_by_kernel(follows, producers, places, threads=1):
    """Rows of the kernel, sorted."""
    table = nearest_neighbors(matrix_of(follows, producers, places), FLOOR, NEIGHBORS, threads=threads).read_all()
    return sorted(zip(*(column.to_pylist() for column in table.columns), strict=True))


def listed_by_regression(follows, producers, places, crowdings, threads=1):
    """Scores by producer and co-followed producer. The crowding of producer number i is crowdings[i]."""
    by_place = np.ones(len(producers))
    by_place[np.array(places) - 1] = crowdings
    lengths = np.full(len(producers), len(producers))
    matrix = matrix_of(follows, producers, places)
    table = co_followed_producers(matrix, REGRESSION, lengths, by_place, NEIGHBORS, threads).read_all()
    return {(known, found): score for known, found, _, score in zip(*(column.to_pylist() for column in table.columns), strict=True)}


@given(follow_graphs())
def test_a_regression_solves_its_equations(graph):
    """Straight from the matrix of follows, for each producer on its nearest."""
    follows, producers = graph
    matrix = np.zeros((11, len(producers)))
    matrix[tuple(np.array(follows).T)] = 1
    counts = matrix.sum(axis=0)
    weights = np.maximum(matrix.sum(axis=1), 1) ** -REGRESSION.activity_power
    shared = matrix.T @ (weights[:, None] * matrix)
    own = np.diag(shared)
    crowdings = 1 + np.arange(len(producers))
    expected = {}
    for found in range(len(producers)):
        others = [known for known in range(len(producers)) if known != found and shared[known, found] > 0]
        others.sort(key=lambda known: (-round(shared[known, found] / math.sqrt(own[known] * own[found]), 10), producers[known]))
        near = others[:NEIGHBORS]
        penalties = REGRESSION.regression_penalty * np.sqrt(own[near] * own.sum() / counts.sum())
        coefficients = np.linalg.solve(shared[np.ix_(near, near)] + np.diag(penalties), shared[near, found])
        popularity = (REGRESSION.added_means + counts[found] / counts.mean()) ** -REGRESSION.popularity_power
        for known, coefficient in zip(near, coefficients, strict=True):
            if coefficient > 0:
                expected[producers[known], producers[found]] = coefficient * popularity / math.sqrt(crowdings[found])
    found = listed_by_regression(follows, producers, list(range(1, len(producers) + 1)), crowdings)
    assert {pair for pair, score in found.items() if score > 1e-7} <= expected.keys()
    assert all(math.isclose(found.get(pair, 0.0), score, abs_tol=1e-7) for pair, score in expected.items())


@given(follow_graphs(), st.randoms(use_true_random=False))
def test_neither_order_nor_places_nor_names_change_a_regression(graph, chance):
    follows, producers = graph
    places = list(range(1, len(producers) + 1))
    names = chance.sample(range(10**6), 11)
    renamed = [(names[consumer], producer) for consumer, producer in chance.sample(follows, len(follows))]
    expected = listed_by_regression(follows, producers, places, np.ones(len(producers)))
    found = listed_by_regression(renamed, producers, chance.sample(places, len(places)), np.ones(len(producers)), threads=2)
    assert found.keys() == expected.keys()
    assert all(math.isclose(found[pair], score, abs_tol=2e-10) for pair, score in expected.items())


def pairs_of(matrix):
    """(consumer id, producer id) of each follow, by consumer and by producer."""
    ids, consumer_ids, follows = matrix.producers.ids, matrix.consumer_ids, matrix.follows
    by_consumer = zip(np.repeat(consumer_ids, np.diff(follows.consumer_start)).tolist(), ids[follows.producers].tolist(), strict=True)
    by_producer = zip(consumer_ids[follows.consumers].tolist(), np.repeat(ids, np.diff(follows.producer_start)).tolist(), strict=True)
    return sorted(by_consumer), sorted(by_producer)


@given(follow_graphs(), st.randoms(use_true_random=False))
def test_what_is_left_of_a_matrix_is_the_matrix_of_what_is_left(graph, chance):
    follows, producers = graph
    places = chance.sample(range(1, len(producers) + 1), len(producers))
    left_out = chance.sample(follows, chance.randrange(len(follows) + 1))
    matrix = matrix_of(follows, producers, places)
    consumers = np.searchsorted(matrix.consumer_ids, [consumer for consumer, _ in left_out])
    left = matrix.without(consumers, np.array([places[producer] - 1 for _, producer in left_out], np.int64))
    expected = matrix_of([follow for follow in follows if follow not in left_out], producers, places)
    assert pairs_of(left) == pairs_of(expected)
    assert left.producers.follower_counts.tolist() == expected.producers.follower_counts.tolist()


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
