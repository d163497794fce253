"""Normalised mutual information: its two ends, its symmetry, and its blindness to names."""

import numpy as np
import pytest

from simclusters.communities.agreement import normalized_mutual_information

RNG = np.random.default_rng(5)
LEFT = RNG.integers(0, 6, 400)
RIGHT = np.where(RNG.random(400) < 0.7, LEFT, RNG.integers(0, 6, 400))


def test_equal_partitions_agree_fully_whatever_their_names():
    assert normalized_mutual_information(LEFT, LEFT * 7 + 3) == pytest.approx(1.0)


def test_independent_partitions_do_not_agree():
    left, right = np.divmod(np.arange(36), 6)
    assert normalized_mutual_information(left, right) == pytest.approx(0.0, abs=1e-12)


def test_the_measure_is_symmetric_and_between_its_ends():
    value = normalized_mutual_information(LEFT, RIGHT)
    assert value == pytest.approx(normalized_mutual_information(RIGHT, LEFT))
    assert 0.2 < value < 0.95


def test_a_hand_computed_value():
    # H(left) = ln 2, H(right) = 1.5 ln 2, mutual information = ln 2.
    left, right = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])
    assert normalized_mutual_information(left, right) == pytest.approx(1 / 1.25)


def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="same length, got 2 and 3"):
        normalized_mutual_information(np.zeros(2), np.zeros(3))
