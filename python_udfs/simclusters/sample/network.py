"""Who exists, what they care about, and who follows whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simclusters.sample.drawing import (
    DRAWING_ROUNDS,
    WeightedGroups,
    draw_from_shares,
    first_occurrences,
    group_starts,
    heavy_tailed,
    split_rows,
    uniform_stream,
)
from simclusters.sample.parameters import SMALLEST_COMMUNITY, SampleParameters

# The least popular part of each community has so few followers that some of it is not eligible to be clustered.
LITTLE_KNOWN_FROM = 0.9
# Users with one to four interests, and the weight of each interest, strongest first.
INTEREST_COUNT_SHARES = (26, 36, 24, 14)
INTEREST_WEIGHTS = (1.0, 0.6, 0.4, 0.25)
# Of a producer's own community, in place of the first of these.
OWN_INTEREST_WEIGHT = 6.0
# Interests are drawn by the size of the community to this power.
INTEREST_SIZE_POWER = 0.8
# Follows of the leader of any community, and of anybody; the others stay inside the interests.
CELEBRITY_SHARE = 0.05
STRANGER_SHARE = 0.03
# Producers of its own community that a producer draws, who then follow each other.
MUTUAL_DRAWS = 2


@dataclass(frozen=True)
class Network:
    """Who exists. Users, producers and communities are positions; ``user_ids`` ascends with the position.

    Arrays of users: ``user_ids``, ``producer_of_user`` (-1 for those who are no producer), ``follow_weight``,
    ``activity``, ``is_active``. Arrays of producers, ordered by community, then by popularity: ``producer_user``,
    ``producer_community``, ``producer_weight``; ``community_start`` (int64[communities + 1]) bounds each community.
    Arrays of interests, ordered by user, strongest first: ``interest_user``, ``interest_community``,
    ``interest_weight``; ``interest_start`` (int64[users + 1]) bounds each user.
    """

    user_ids: np.ndarray
    producer_user: np.ndarray
    producer_community: np.ndarray
    producer_weight: np.ndarray
    community_start: np.ndarray
    producer_of_user: np.ndarray
    interest_start: np.ndarray
    interest_user: np.ndarray
    interest_community: np.ndarray
    interest_weight: np.ndarray
    follow_weight: np.ndarray
    activity: np.ndarray
    is_active: np.ndarray


def community_sizes(producers: int, communities: int) -> np.ndarray:
    """int64[communities] that sum to ``producers``; what exceeds ``SMALLEST_COMMUNITY`` falls with the rank."""
    cumulative = np.concatenate([[0.0], np.cumsum(np.arange(1, communities + 1) ** -0.7)])
    spare = producers - SMALLEST_COMMUNITY * communities
    return SMALLEST_COMMUNITY + np.diff(np.rint(spare * cumulative / cumulative[-1]).astype(np.int64))


def make_network(parameters: SampleParameters) -> Network:
    """Users, their interests, and the producers of each community."""
    users, producers, communities = parameters.users, parameters.producer_count, parameters.community_count
    random = uniform_stream(parameters.seed, "network").random

    mean_gap = max(8, 80_000_000 // users)
    user_ids = 10_000_000 + np.cumsum(1 + np.floor(random(users) * 2 * mean_gap).astype(np.int64))

    # Popularity must not follow the age of the account.
    producer_user = np.argsort(random(users), kind="stable")[:producers]
    producer_of_user = np.full(users, -1, dtype=np.int64)
    producer_of_user[producer_user] = np.arange(producers)
    sizes = community_sizes(producers, communities)
    community_start = np.concatenate([[0], np.cumsum(sizes)])
    producer_community = np.repeat(np.arange(communities), sizes)
    rank = np.arange(producers) - community_start[producer_community] + 1
    little_known = rank > LITTLE_KNOWN_FROM * sizes[producer_community]
    producer_weight = rank**-0.7 * (0.7 + 0.6 * random(producers)) * np.where(little_known, 0.05, 1.0)

    is_producer = producer_of_user >= 0
    interest_counts = 1 + draw_from_shares(INTEREST_COUNT_SHARES, random(users))
    drawn = np.stack([draw_from_shares(sizes**INTEREST_SIZE_POWER, random(users)) for _ in INTEREST_WEIGHTS], axis=1)
    drawn[producer_user, 0] = producer_community
    flat_user = np.repeat(np.arange(users), 4)
    flat_community = drawn.reshape(-1)
    position = np.tile(np.arange(4), users)
    wanted = np.flatnonzero(position < interest_counts[flat_user])
    kept = wanted[first_occurrences(flat_user[wanted] * communities + flat_community[wanted])]
    interest_user, interest_community = flat_user[kept], flat_community[kept]
    interest_weight = np.array(INTEREST_WEIGHTS)[position[kept]]
    interest_weight[is_producer[interest_user] & (position[kept] == 0)] = OWN_INTEREST_WEIGHT

    is_active = random(users) >= np.where(is_producer, 0.01, 0.04)
    follow_weight = heavy_tailed(random(users), 0.4, 8.0) * np.where(is_active, 1.0, 0.3)
    follow_weight[is_producer] *= 1.3
    # A few people follow nobody and still read: the pipeline must not assume that whoever engages also follows.
    follow_weight[~is_producer & (random(users) < 0.01)] = 0.0
    activity = heavy_tailed(random(users), 0.5, 12.0) * np.where(is_active, 1.0, 0.02)

    return Network(
        user_ids=user_ids,
        producer_user=producer_user,
        producer_community=producer_community,
        producer_weight=producer_weight,
        community_start=community_start,
        producer_of_user=producer_of_user,
        interest_start=group_starts(interest_user, users),
        interest_user=interest_user,
        interest_community=interest_community,
        interest_weight=interest_weight,
        follow_weight=follow_weight,
        activity=activity,
        is_active=is_active,
    )


def celebrity_shares(communities: int) -> np.ndarray:
    """How much more often the leader of an earlier community is followed by anybody: float64[communities]."""
    return 1.0 / np.arange(1, communities + 1)


def mutual_follows(network: Network, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(consumer, producer) positions, both directions of each pair of producers that follow each other; by consumer."""
    random = uniform_stream(seed, "mutual follows").random
    producers = len(network.producer_user)
    peers = WeightedGroups(network.producer_weight, network.community_start)
    source = np.repeat(np.arange(producers), MUTUAL_DRAWS)
    target = peers.draw(network.producer_community[source], random(len(source)))
    source, target = source[source != target], target[source != target]
    consumer = network.producer_user[np.concatenate([source, target])]
    producer = np.concatenate([target, source])
    kept = first_occurrences(consumer * producers + producer)
    order = kept[np.argsort(consumer[kept], kind="stable")]
    return consumer[order], producer[order]


def generate_follows(network: Network, parameters: SampleParameters) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Chunks of (consumer position, producer position), ordered by consumer, then by the producer's user position.

    Raises ValueError when the consumers have too few producers to follow for the asked number of follows.
    """
    producers = len(network.producer_user)
    interests = WeightedGroups(network.interest_weight, network.interest_start)
    members = WeightedGroups(network.producer_weight, network.community_start)
    everyone = np.array([0, producers], dtype=np.int64)
    anyone = WeightedGroups(network.producer_weight, everyone)
    leaders = network.community_start[:-1]
    shares = celebrity_shares(len(leaders))
    mutual_consumer, mutual_producer = mutual_follows(network, parameters.seed)
    cumulative = np.concatenate([[0.0], np.cumsum(network.follow_weight)])

    def followed_by(consumer: np.ndarray, random) -> np.ndarray:
        community = network.interest_community[interests.draw(consumer, random(len(consumer)))]
        producer = members.draw(community, random(len(consumer)))
        kind = random(len(consumer))
        celebrity = leaders[draw_from_shares(shares, random(len(consumer)))]
        stranger = anyone.draw(np.zeros(len(consumer), dtype=np.int64), random(len(consumer)))
        return np.where(kind < CELEBRITY_SHARE, celebrity, np.where(kind < CELEBRITY_SHARE + STRANGER_SHARE, stranger, producer))

    for chunk, (first, after_last, rows) in enumerate(split_rows(cumulative, parameters.follows)):
        random = uniform_stream(parameters.seed, "follows", chunk).random
        mutual = slice(*np.searchsorted(mutual_consumer, [first, after_last]))
        once_each = first + np.flatnonzero(network.follow_weight[first:after_last])
        consumer = np.concatenate([mutual_consumer[mutual], once_each])
        producer = np.concatenate([mutual_producer[mutual], followed_by(once_each, random)])
        weights = network.follow_weight[first:after_last]
        kept = 0
        for _ in range(DRAWING_ROUNDS):
            draws = int(1.2 * (rows - kept)) + 16
            more = first + draw_from_shares(weights, random(draws))
            consumer = np.concatenate([consumer, more])
            producer = np.concatenate([producer, followed_by(more, random)])
            others = np.flatnonzero(network.producer_user[producer] != consumer)
            distinct = others[first_occurrences(consumer[others] * producers + producer[others])]
            consumer, producer, kept = consumer[distinct], producer[distinct], len(distinct)
            if kept >= rows:
                break
        else:
            raise ValueError(
                f"{parameters.users} users with {parameters.community_count} communities have no room for "
                f"{parameters.follows} follows: ask for more users or fewer communities"
            )
        consumer, producer = consumer[:rows], producer[:rows]
        order = np.lexsort((network.producer_user[producer], consumer))
        yield consumer[order], producer[order]
