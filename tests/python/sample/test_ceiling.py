"""Who knows how the sample's follows were drawn: laws on a small network. benchmarks/recommendation/ceiling.py is a script."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import numpy as np
import pytest
from dbt_command import PROJECT

from simclusters.sample.network import Network, generate_follows, make_network
from simclusters.sample.parameters import SampleParameters

SMALL = SampleParameters(users=600, follows=6_000, engagements=0)
HELD_OUT_SHARE = 0.2
CUTOFF = 10


@pytest.fixture(scope="module")
def ceiling() -> ModuleType:
    specification = importlib.util.spec_from_file_location("ceiling", PROJECT / "benchmarks" / "recommendation" / "ceiling.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def network() -> Network:
    return make_network(SMALL)


@pytest.fixture(scope="module")
def follows(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Follows that are known, and follows that are held out: bool[users, producers] each."""
    drawn = np.zeros((len(network.user_ids), len(network.producer_user)), bool)
    for consumer, producer in generate_follows(network, SMALL):
        drawn[consumer, producer] = True
    is_out = np.random.default_rng(1).random(drawn.shape) < HELD_OUT_SHARE
    return drawn & ~is_out, drawn & is_out


def found(scores: np.ndarray, known: np.ndarray, out: np.ndarray) -> float:
    """The share of the held out follows among the first CUTOFF producers of each user."""
    first = np.argsort(np.where(known, np.inf, -scores), axis=1, kind="stable")[:, :CUTOFF]
    return np.take_along_axis(out, first, 1).sum() / out.sum()


def test_a_drawn_follow_goes_somewhere(ceiling: ModuleType, network: Network) -> None:
    np.testing.assert_allclose(ceiling.chances(network, ceiling.planted_interests(network)).sum(axis=1), 1)


def test_learned_interests_are_shares(ceiling: ModuleType, network: Network, follows) -> None:
    learned = ceiling.learned_interests(network, follows[0])
    assert learned.min() >= 0
    np.testing.assert_allclose(learned.sum(axis=1), 1)


def test_who_knows_more_finds_more(ceiling: ModuleType, network: Network, follows) -> None:
    known, out = follows
    by_all, by_follows = (found(scores, known, out) for scores in ceiling.ceilings(network, known, HELD_OUT_SHARE).values())
    popularity = np.tile(known.sum(axis=0), (len(known), 1))
    assert by_all > by_follows > found(popularity, known, out)


def test_chances_of_held_out_follows_are_true(ceiling: ModuleType, network: Network, follows) -> None:
    known, out = follows
    chances = ceiling.held_out_chances(network, ceiling.planted_interests(network), known, HELD_OUT_SHARE)
    assert np.where(known, 0, chances).sum() == pytest.approx(out.sum(), rel=0.1)


def test_who_is_followed_follows_back_more_often(ceiling: ModuleType, network: Network, follows) -> None:
    interests, producers, community = ceiling.planted_interests(network), network.producer_user, network.producer_community
    is_one_sided = follows[0][producers] & ~follows[0][producers].T & (community[:, None] == community)
    follower, followed = np.argwhere(is_one_sided)[0]
    without = follows[0].copy()
    without[producers[follower], followed] = False
    back = [
        ceiling.held_out_chances(network, interests, known, HELD_OUT_SHARE)[producers[followed], follower]
        for known in (follows[0], without)
    ]
    assert back[0] > back[1]
