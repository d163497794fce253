"""Who writes what and when, and how much attention a tweet gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from simclusters.sample.drawing import WeightedGroups, draw_from_shares, heavy_tailed, uniform_stream
from simclusters.sample.network import Network
from simclusters.sample.parameters import SampleParameters

SNOWFLAKE_EPOCH_MILLISECONDS = 1_288_834_974_657
SNOWFLAKE_TIME_SHIFT_BITS = 22

WINDOW_START = datetime(2026, 9, 1, tzinfo=UTC)
WINDOW_END = datetime(2026, 9, 5, 23, 59, 59, tzinfo=UTC)
WINDOW_START_SECONDS = int(WINDOW_START.timestamp())
WINDOW_END_SECONDS = int(WINDOW_END.timestamp())

ENGAGEMENT_HALF_LIFE_HOURS = 5.0

# Room at the end of the window for what a fav can be followed by: companions, an undo, a second fav.
LAST_FIRST_EVENT_SECONDS = WINDOW_END_SECONDS - 180
LAST_UNDO_SECONDS = WINDOW_END_SECONDS - 60
LAST_TWEET_SECONDS = WINDOW_END_SECONDS - 900

TWEET_KINDS = ("plain", "video", "promoted")


@dataclass(frozen=True)
class Tweets:
    """Tweets by position, oldest first. ``author`` is a user position, also where the published author is null."""

    tweet_ids: np.ndarray
    created_milliseconds: np.ndarray
    author: np.ndarray
    has_author: np.ndarray
    community: np.ndarray
    kind: np.ndarray
    has_video: np.ndarray
    is_sensitive: np.ndarray
    expected_share: np.ndarray


def share_of_life(created_seconds: np.ndarray) -> np.ndarray:
    """The part of a tweet's engagements that falls before the end of the window, in [0, 1)."""
    hours = (LAST_FIRST_EVENT_SECONDS - created_seconds) / 3600.0
    return 1.0 - 0.5 ** (hours / ENGAGEMENT_HALF_LIFE_HOURS)


def make_tweets(network: Network, parameters: SampleParameters) -> Tweets:
    """Tweets of producers and, less often, of anyone; later days are busier."""
    count = parameters.tweet_count
    random = uniform_stream(parameters.seed, "tweets").random

    day_shares = np.array([14, 15, 17, 22, 32], dtype=np.float64)
    hour_shares = np.array([3, 2, 1, 1, 1, 2, 3, 4, 5, 5, 5, 5, 6, 6, 5, 5, 5, 6, 7, 8, 8, 7, 6, 4], dtype=np.float64)
    hour = draw_from_shares(np.outer(day_shares, hour_shares).reshape(-1), random(count))
    milliseconds = WINDOW_START_SECONDS * 1000 + np.floor((hour + random(count)) * 3_600_000).astype(np.int64)
    milliseconds = np.sort(np.minimum(milliseconds, LAST_TWEET_SECONDS * 1000))
    low_bits = np.floor(random(count) * (1 << SNOWFLAKE_TIME_SHIFT_BITS)).astype(np.int64)
    tweet_ids = np.sort((milliseconds - SNOWFLAKE_EPOCH_MILLISECONDS) << SNOWFLAKE_TIME_SHIFT_BITS | low_bits)
    tweet_ids = np.maximum.accumulate(tweet_ids - np.arange(count)) + np.arange(count)
    milliseconds = (tweet_ids >> SNOWFLAKE_TIME_SHIFT_BITS) + SNOWFLAKE_EPOCH_MILLISECONDS

    writes_often = network.producer_weight**0.5 * heavy_tailed(random(len(network.producer_user)), 0.4, 6.0)
    by_producer = network.producer_user[draw_from_shares(writes_often, random(count))]
    by_anyone = draw_from_shares(network.activity, random(count))
    author = np.where(random(count) < 0.88, by_producer, by_anyone)
    interests = WeightedGroups(network.interest_weight, network.interest_start)
    community = network.interest_community[interests.draw(author, random(count))]

    chance = random(count)
    kind = np.where(chance < 0.03, TWEET_KINDS.index("promoted"), TWEET_KINDS.index("plain"))
    has_video = random(count) < 0.24
    kind = np.where(has_video & (chance >= 0.03), TWEET_KINDS.index("video"), kind)

    audience = np.bincount(network.interest_community, minlength=parameters.community_count)[community]
    fame = np.append(network.producer_weight, 0.1)[network.producer_of_user[author]]
    attention = heavy_tailed(random(count), 0.6, 30.0) * (0.4 + fame) * audience**0.5 * np.where(has_video, 1.5, 1.0)
    attention *= share_of_life(milliseconds / 1000.0)
    # No tweet can be engaged with by more people than care about its community.
    most = 1.5 * audience / max(1, parameters.engagements)
    for _ in range(4):
        attention = np.minimum(attention / attention.sum(), most)

    return Tweets(
        tweet_ids=tweet_ids,
        created_milliseconds=milliseconds,
        author=author,
        has_author=random(count) >= 0.015,
        community=community,
        kind=kind,
        has_video=has_video,
        is_sensitive=random(count) < 0.02,
        expected_share=attention / attention.sum(),
    )
