"""Seeded generator of a small social network with planted communities.

Run ``python -m simclusters.sample --output seeds --seed 7`` to write the sample that the project ships, or
``python -m simclusters.sample --users 1000000 --follows 30000000 --engagements 10000000 --format parquet --output FOLDER``
to make data for scale tests. The same arguments always give the same bytes.

What is planted:

- Producers (about one user in six) belong to one community each; community sizes and popularity are heavy-tailed.
- Every user has one to four interests. A producer's first interest is its own community, and producers follow back.
- Most follows stay inside the interests of the consumer; the rest go to celebrities and to random producers.
- A tweet has the community of one of its author's interests. Engagements come mostly from users interested in that
  community, whether or not they follow the author, so tweets can be recommended from interests.
- The number of engagements of a tweet halves every ``ENGAGEMENT_HALF_LIFE_HOURS`` after its creation.
- Impressions are a sample, as in any real log: a fav without an impression exists.

Times are UTC, between ``WINDOW_START`` and ``WINDOW_END``; the clock is never read.

Memory is bounded by the number of users and tweets plus one chunk of rows, not by the number of follows or engagements.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

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

PRODUCERS_PER_USER = 0.17
SMALLEST_COMMUNITY = 8
# The least popular part of each community has so few followers that some of it is not eligible to be clustered.
LITTLE_KNOWN_FROM = 0.9
TWEETS_PER_ENGAGEMENT = 1 / 14
ROWS_PER_CHUNK = 1_000_000
FOLLOWERS_KEPT_FOR_ENGAGEMENTS = 4_000_000
DRAWING_ROUNDS = 60

ENGAGEMENT_TYPES = (
    "fav",
    "unfav",
    "retweet",
    "unretweet",
    "reply",
    "unreply",
    "video_playback_50",
    "video_playback_95",
    "notification_open",
    "click",
    "impression",
    "ad_fav",
    "ad_click",
)
TYPE_CODE = {name: code for code, name in enumerate(ENGAGEMENT_TYPES)}

# The share of each type among first events, by kind of tweet. Companions (a fav with a reply, an impression before a
# fav, 95 % of a video after 50 %) and undos are added later.
FIRST_EVENT_SHARES = {
    "plain": {"impression": 40, "fav": 38, "click": 7, "retweet": 5, "reply": 5, "notification_open": 5},
    "video": {
        "impression": 24,
        "fav": 28,
        "video_playback_50": 31,
        "click": 4,
        "retweet": 4,
        "reply": 4,
        "notification_open": 5,
    },
    "promoted": {"impression": 36, "fav": 20, "click": 4, "retweet": 3, "reply": 3, "ad_fav": 14, "ad_click": 20},
}
TWEET_KINDS = tuple(FIRST_EVENT_SHARES)


@dataclass(frozen=True)
class Theme:
    """What a community is about.

    ``words`` make screen names; ``broader_topic`` is shared by several themes; ``language`` and ``country`` are those
    of most of its people, or None when it has no home.
    """

    topic: str
    words: tuple[str, str, str]
    broader_topic: str | None = None
    language: str | None = None
    country: str | None = None


THEMES = (
    Theme("football analysis", ("football", "tactics", "dribble"), "sports", "es", "ES"),
    Theme("web development", ("webdev", "frontend", "browser")),
    Theme("street photography", ("street", "lens", "shutter"), "visual arts"),
    Theme("jazz guitar", ("jazz", "fretboard", "archtop"), "music"),
    Theme("anime illustration", ("anime", "inking", "sketch"), "visual arts", "ja", "JP"),
    Theme("city cycling", ("cycling", "pedal", "velo"), None, "nl", "NL"),
    Theme("sourdough baking", ("sourdough", "crumb", "levain"), "food", "fr", "FR"),
    Theme("indie games", ("indiegame", "pixel", "roguelike")),
    Theme("samba percussion", ("samba", "pandeiro", "surdo"), "music", "pt", "BR"),
    Theme("data journalism", ("datadesk", "charts", "newsroom")),
    Theme("trail running", ("trail", "summit", "ultra"), "sports"),
    Theme("modular synths", ("modular", "patch", "voltage"), "music", "de", "DE"),
    Theme("cricket statistics", ("cricket", "wicket", "innings"), "sports", "hi", "IN"),
    Theme("wild birds", ("birds", "heron", "wader"), None, "en", "GB"),
    Theme("home espresso", ("espresso", "crema", "portafilter"), "food", "it", "IT"),
    Theme("urban gardening", ("balcony", "compost", "seedling")),
    Theme("chess endgames", ("chess", "endgame", "rook")),
    Theme("deep sky astronomy", ("nebula", "telescope", "darksky"), "science"),
    Theme("marine biology", ("marine", "plankton", "reef"), "science"),
    Theme("vintage maps", ("maps", "atlas", "meridian")),
    Theme("knitting patterns", ("knitting", "merino", "purl")),
    Theme("board games", ("boardgame", "meeple", "dice")),
    Theme("climate science", ("climate", "glacier", "albedo"), "science"),
    Theme("dance covers", ("dance", "choreo", "encore"), "music", "ko", "KR"),
)
BROADER_TOPICS = tuple(sorted({theme.broader_topic for theme in THEMES if theme.broader_topic}))
FIRST_COMMUNITY_TOPIC_ID = 101

# Language, its most usual country, other countries, and the share of users outside any community with a home.
LANGUAGES = (
    ("en", "US", ("GB", "CA", "AU", "IN", "NG"), 52),
    ("es", "ES", ("MX", "AR", "CO"), 12),
    ("pt", "BR", ("PT",), 8),
    ("ja", "JP", (), 9),
    ("de", "DE", ("AT", "CH"), 5),
    ("fr", "FR", ("BE", "CA", "SN"), 5),
    ("nl", "NL", ("BE",), 3),
    ("it", "IT", ("CH",), 2),
    ("ko", "KR", (), 2),
    ("hi", "IN", (), 2),
)

GIVEN_NAMES = tuple(
    "ada aiko alba amir ana anders anouk arjun asha bea bruno carla chen chloe dana dario diego edda elif emil esra "
    "eva farah felix femi finn gita goran greta hana hugo ida ines ivan jana jonas jun kai kofi lara lea leo lina "
    "luca luz maja malik mara mateo mei mila milo nadia nico nils noor nora olga omar otto paula pilar priya quinn "
    "rafa ravi remy rosa sami sara selma sina sofia tara tess theo uma vera wale yara yuki zane zoe".split()
)
EVERYDAY_WORDS = tuple(
    "acorn amber anchor april aspen attic basil beacon birch bluebell bramble breeze canyon cedar cinder clover cobalt "
    "comet copper coral cricket delta dune ember fable falcon feather fern field fjord fox garnet ginger grove harbor "
    "hazel heath honey indigo iris ivy jade juniper kestrel lagoon lantern laurel lemon lichen linen lotus maple "
    "marble meadow mint mirror moss nettle north nutmeg oak ocean olive onyx opal orchard otter paper pebble pepper "
    "pine plum poppy prairie quartz quill rain raven ridge river robin saffron sage sierra silver sparrow spruce "
    "summer sunday thistle thyme tide timber topaz tulip valley velvet violet walnut willow winter wren zephyr".split()
)

SCHEMAS = {
    "follows": pa.schema([("consumer_id", pa.int64()), ("producer_id", pa.int64())]),
    "engagements": pa.schema(
        [
            ("user_id", pa.int64()),
            ("tweet_id", pa.int64()),
            ("engagement_type", pa.string()),
            ("engaged_at", pa.timestamp("us")),
        ]
    ),
    "tweets": pa.schema(
        [
            ("tweet_id", pa.int64()),
            ("author_id", pa.int64()),
            ("created_at", pa.timestamp("us")),
            ("has_video", pa.bool_()),
            ("is_sensitive", pa.bool_()),
        ]
    ),
    "users": pa.schema(
        [
            ("user_id", pa.int64()),
            ("screen_name", pa.string()),
            ("is_active", pa.bool_()),
            ("language", pa.string()),
            ("country", pa.string()),
        ]
    ),
    "tweet_topics": pa.schema([("tweet_id", pa.int64()), ("topic_id", pa.int64())]),
    "topics": pa.schema([("topic_id", pa.int64()), ("topic_name", pa.string())]),
    "topic_follows": pa.schema([("consumer_id", pa.int64()), ("topic_id", pa.int64())]),
    "opt_outs": pa.schema([("user_id", pa.int64()), ("topic_id", pa.int64()), ("opt_out_kind", pa.string())]),
}
PLANTED_SCHEMA = pa.schema([("producer_id", pa.int64()), ("community_id", pa.int64()), ("topic_id", pa.int64())])


@dataclass(frozen=True)
class SampleParameters:
    """Size and seed of a generated network; all counts are rows.

    ``tweets`` and ``communities`` may be None: about 14 engagements per tweet, and 24 communities (more for large
    networks, fewer for tiny ones).

    Raises ValueError when the counts cannot be met together.
    """

    users: int = 2_000
    follows: int = 26_000
    engagements: int = 50_000
    tweets: int | None = None
    communities: int | None = None
    seed: int = 7

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")
        if self.users < 100:
            raise ValueError(f"users must be at least 100, got {self.users}")
        if self.follows < 3 * self.users:
            raise ValueError(
                f"follows must be at least 3 per user ({3 * self.users} for {self.users} users), got {self.follows}"
            )
        if self.engagements < 0 or (self.tweets is not None and self.tweets < 1):
            raise ValueError("engagements must not be negative and tweets must be positive")
        if not 1 <= self.community_count <= self.producer_count // SMALLEST_COMMUNITY:
            raise ValueError(
                f"{self.producer_count} producers can make 1 to {self.producer_count // SMALLEST_COMMUNITY} "
                f"communities, not {self.community_count}"
            )

    @property
    def producer_count(self) -> int:
        return int(self.users * PRODUCERS_PER_USER)

    @property
    def community_count(self) -> int:
        if self.communities is not None:
            return self.communities
        few = min(len(THEMES), self.producer_count // SMALLEST_COMMUNITY)
        # A community must be larger than what one consumer follows in it, or the asked number of follows has no room.
        producers_per_community = max(17, 2 * self.follows // self.users)
        return few if self.users <= 10_000 else max(few, self.producer_count // producers_per_community)

    @property
    def tweet_count(self) -> int:
        return self.tweets if self.tweets is not None else max(1, int(self.engagements * TWEETS_PER_ENGAGEMENT))


@dataclass(frozen=True)
class Network:
    """Who exists. Users, producers and communities are positions; ``user_ids`` ascends with the position.

    Producers are ordered by community, then from most to least followed; ``community_start`` (int64[communities + 1])
    bounds each community. Interests are flat arrays ordered by user, strongest first, bounded by ``interest_start``
    (int64[users + 1]).
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


class WeightedGroups:
    """Draws members of groups in proportion to their weights.

    Members are ordered by group; ``group_start`` (int64[groups + 1]) bounds each group. A draw costs a binary search.
    """

    def __init__(self, weights: np.ndarray, group_start: np.ndarray) -> None:
        self._cumulative = np.concatenate([[0.0], np.cumsum(weights)])
        self._group_start = group_start

    def draw(self, groups: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
        """One member position for each entry of ``groups`` (no group may be empty); ``uniforms`` lie in [0, 1)."""
        first, after_last = self._group_start[groups], self._group_start[groups + 1]
        low, high = self._cumulative[first], self._cumulative[after_last]
        members = np.searchsorted(self._cumulative, low + uniforms * (high - low), side="right") - 1
        # A product rounded up to the upper bound would land on the next group.
        return np.clip(members, first, after_last - 1)


def uniform_stream(seed: int, purpose: str, chunk: int = 0) -> np.random.Generator:
    """The random numbers of one purpose and chunk, independent of what else is drawn.

    Callers use only ``random()``: unlike the distributions of numpy, its stream does not change between versions.
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), chunk])))


def draw_from_shares(shares: Sequence[float] | np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """Positions in ``shares``, each drawn with probability proportional to its share."""
    cumulative = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.minimum(np.searchsorted(cumulative, uniforms * cumulative[-1], side="right"), len(cumulative) - 1)


def group_starts(groups: np.ndarray, group_count: int) -> np.ndarray:
    """int64[group_count + 1] offsets of ascending ``groups``."""
    return np.concatenate([[0], np.cumsum(np.bincount(groups, minlength=group_count))]).astype(np.int64)


def first_occurrences(keys: np.ndarray) -> np.ndarray:
    """Positions of the first occurrence of each key, in the order of the positions."""
    return np.sort(np.unique(keys, return_index=True)[1])


def heavy_tailed(uniforms: np.ndarray, exponent: float, largest: float) -> np.ndarray:
    """Pareto-like weights from 1 to ``largest``; a larger exponent is a heavier tail."""
    return np.minimum((1.0 - uniforms) ** -exponent, largest)


def split_rows(cumulative_weight: np.ndarray, rows: int) -> Iterator[tuple[int, int, int]]:
    """(first, after last, rows) of consecutive ranges holding about ``ROWS_PER_CHUNK`` rows each, ``rows`` in total.

    ``cumulative_weight`` is float64[n + 1] from 0 to the total weight.
    """
    chunks = max(1, -(-rows // ROWS_PER_CHUNK))
    targets = cumulative_weight[-1] * np.arange(1, chunks) / chunks
    bounds = np.unique(np.concatenate([[0], np.searchsorted(cumulative_weight, targets), [len(cumulative_weight) - 1]]))
    done = np.floor(rows * cumulative_weight[bounds] / cumulative_weight[-1]).astype(np.int64)
    done[-1] = rows
    for position in range(len(bounds) - 1):
        yield int(bounds[position]), int(bounds[position + 1]), int(done[position + 1] - done[position])


def community_sizes(producers: int, communities: int) -> np.ndarray:
    """int64[communities], descending like the inverse square root of the rank, at least ``SMALLEST_COMMUNITY`` each."""
    shares = np.arange(1, communities + 1) ** -0.5
    spare = producers - SMALLEST_COMMUNITY * communities
    above_smallest = np.maximum(producers * shares / shares.sum() - SMALLEST_COMMUNITY, 0.0)
    sizes = SMALLEST_COMMUNITY + np.floor(
        above_smallest * min(1.0, spare / max(above_smallest.sum(), 1e-9))
    ).astype(np.int64)
    sizes[np.arange(producers - sizes.sum()) % communities] += 1 if producers - sizes.sum() <= communities else 0
    sizes[0] += producers - sizes.sum()
    return sizes


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
    interest_counts = 1 + draw_from_shares([26, 36, 24, 14], random(users))
    drawn = np.stack([draw_from_shares(sizes**0.8, random(users)) for _ in range(4)], axis=1)
    drawn[producer_user, 0] = producer_community
    flat_user = np.repeat(np.arange(users), 4)
    flat_community = drawn.reshape(-1)
    position = np.tile(np.arange(4), users)
    wanted = np.flatnonzero(position < interest_counts[flat_user])
    kept = wanted[first_occurrences(flat_user[wanted] * communities + flat_community[wanted])]
    interest_user, interest_community = flat_user[kept], flat_community[kept]
    interest_weight = np.array([1.0, 0.6, 0.4, 0.25])[position[kept]]
    interest_weight[is_producer[interest_user] & (position[kept] == 0)] = 6.0

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


def mutual_follows(network: Network, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(consumer, producer) positions, both directions of each pair of producers that follow each other; by consumer."""
    random = uniform_stream(seed, "mutual follows").random
    producers = len(network.producer_user)
    peers = WeightedGroups(network.producer_weight, network.community_start)
    source = np.repeat(np.arange(producers), 2)
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
    celebrity_shares = 1.0 / np.arange(1, len(leaders) + 1)
    mutual_consumer, mutual_producer = mutual_follows(network, parameters.seed)
    cumulative = np.concatenate([[0.0], np.cumsum(network.follow_weight)])

    def followed_by(consumer: np.ndarray, random) -> np.ndarray:
        community = network.interest_community[interests.draw(consumer, random(len(consumer)))]
        producer = members.draw(community, random(len(consumer)))
        kind = random(len(consumer))
        celebrity = leaders[draw_from_shares(celebrity_shares, random(len(consumer)))]
        stranger = anyone.draw(np.zeros(len(consumer), dtype=np.int64), random(len(consumer)))
        return np.where(kind < 0.05, celebrity, np.where(kind < 0.08, stranger, producer))

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
    expected = heavy_tailed(random(count), 0.6, 30.0) * (0.4 + fame) * audience**0.5 * np.where(has_video, 1.5, 1.0)
    expected *= share_of_life(milliseconds / 1000.0)
    expected *= parameters.engagements / expected.sum()
    # No tweet can be engaged with by more people than care about its community.
    for _ in range(4):
        expected = np.minimum(expected, 1.5 * audience)
        expected *= parameters.engagements / expected.sum()

    return Tweets(
        tweet_ids=tweet_ids,
        created_milliseconds=milliseconds,
        author=author,
        has_author=random(count) >= 0.015,
        community=community,
        kind=kind,
        has_video=has_video,
        is_sensitive=random(count) < 0.02,
        expected_share=expected / expected.sum(),
    )


@dataclass(frozen=True)
class FollowerSample:
    """Followers of each producer, at most ``FOLLOWERS_KEPT_FOR_ENGAGEMENTS`` in all.

    ``follower`` (user positions) is ordered by producer and bounded by ``follower_start`` (int64[producers + 1]).
    """

    follower: np.ndarray
    follower_start: np.ndarray


def draw_readers(
    tweet: np.ndarray,
    tweets: Tweets,
    network: Network,
    followers: FollowerSample,
    community_audience: tuple[WeightedGroups, np.ndarray],
    random,
) -> np.ndarray:
    """A user position for each entry of ``tweet``: a follower of the author, someone interested, or anyone."""
    count = len(tweet)
    audience, audience_user = community_audience
    reader = audience_user[audience.draw(tweets.community[tweet], random(count))]
    producer = network.producer_of_user[tweets.author[tweet]]
    start, after_last = followers.follower_start[producer], followers.follower_start[producer + 1]
    source = random(count)
    chance, other = random(count), draw_from_shares(network.activity, random(count))
    from_followers = np.flatnonzero((source < 0.3) & (producer >= 0) & (after_last > start))
    picked = start + np.floor(chance * (after_last - start)).astype(np.int64)
    reader[from_followers] = followers.follower[picked[from_followers]]
    return np.where(source >= 0.92, other, reader)


def generate_engagements(
    network: Network, tweets: Tweets, followers: FollowerSample, parameters: SampleParameters
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Chunks of (user position, tweet position, type code, engaged at in seconds), ordered by time inside a chunk.

    A user, tweet and type occur once, except that a fav that was taken back may be given again. An undo comes after
    what it undoes, and a 95 % playback after a 50 % playback of the same user.

    Raises ValueError when there are too few users and tweets for the asked number of engagements.
    """
    if parameters.engagements == 0:
        return
    order = np.argsort(network.interest_community, kind="stable")
    audience_weight = (network.interest_weight * network.activity[network.interest_user])[order]
    audience_start = group_starts(network.interest_community[order], parameters.community_count)
    community_audience = (WeightedGroups(audience_weight, audience_start), network.interest_user[order])
    shares = np.array([[kind.get(name, 0) for name in ENGAGEMENT_TYPES] for kind in FIRST_EVENT_SHARES.values()])
    type_of_kind = WeightedGroups(
        shares.reshape(-1).astype(np.float64), np.arange(len(TWEET_KINDS) + 1) * len(ENGAGEMENT_TYPES)
    )
    cumulative = np.concatenate([[0.0], np.cumsum(tweets.expected_share)])

    def event_key(tweet: np.ndarray, user: np.ndarray, code: np.ndarray) -> np.ndarray:
        return (tweet * len(network.user_ids) + user) * len(ENGAGEMENT_TYPES) + code

    for chunk, (first, after_last, rows) in enumerate(split_rows(cumulative, parameters.engagements)):
        random = uniform_stream(parameters.seed, "engagements", chunk).random
        tweet = user = code = np.empty(0, dtype=np.int64)
        for _ in range(DRAWING_ROUNDS):
            draws = int(1.15 * (rows - len(tweet))) + 16
            more = first + draw_from_shares(tweets.expected_share[first:after_last], random(draws))
            kind = tweets.kind[more]
            tweet = np.concatenate([tweet, more])
            user = np.concatenate(
                [user, draw_readers(more, tweets, network, followers, community_audience, random)]
            )
            code = np.concatenate([code, type_of_kind.draw(kind, random(draws)) % len(ENGAGEMENT_TYPES)])
            distinct = first_occurrences(event_key(tweet, user, code))
            tweet, user, code = tweet[distinct], user[distinct], code[distinct]
            if len(tweet) >= rows:
                break
        else:
            raise ValueError(
                f"{parameters.users} users and {parameters.tweet_count} tweets have no room for "
                f"{parameters.engagements} engagements: ask for more users or tweets"
            )
        tweet, user, code = tweet[:rows], user[:rows], code[:rows]
        created = -(-tweets.created_milliseconds[tweet] // 1000)
        lived = share_of_life(created.astype(np.float64))
        age_hours = -ENGAGEMENT_HALF_LIFE_HOURS * np.log2(1.0 - random(rows) * lived)
        seconds = np.minimum(created + 2 + np.floor(age_hours * 3600).astype(np.int64), LAST_FIRST_EVENT_SECONDS)

        events = with_companions(tweet, user, code, seconds, created, random)
        kept = first_occurrences(event_key(events[0], events[1], events[2]))
        events = with_undos(tuple(column[kept] for column in events), rows, random)
        tweet, user, code, seconds = events
        order = np.lexsort((code, tweets.tweet_ids[tweet], network.user_ids[user], seconds))
        yield user[order], tweet[order], code[order], seconds[order]


def with_companions(
    tweet: np.ndarray, user: np.ndarray, code: np.ndarray, seconds: np.ndarray, created: np.ndarray, random
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The events (tweet, user, code, seconds), each directly followed by the companions it brought.

    Half of the retweets and replies come with a fav, two favs in five with an earlier impression, and nearly half of
    the viewers who reach 50 % of a video reach 95 %.
    """
    chance = random(len(tweet))
    delay = np.floor(1 + 59 * random(len(tweet))).astype(np.int64)
    is_fav = code == TYPE_CODE["fav"]
    is_reaction = (code == TYPE_CODE["retweet"]) | (code == TYPE_CODE["reply"])
    is_view = code == TYPE_CODE["video_playback_50"]
    companion = np.full(len(tweet), -1, dtype=np.int64)
    companion[is_reaction & (chance < 0.5)] = TYPE_CODE["fav"]
    companion[is_fav & (chance < 0.4)] = TYPE_CODE["impression"]
    companion[is_view & (chance < 0.45)] = TYPE_CODE["video_playback_95"]
    companion_seconds = np.where(is_fav, np.maximum(seconds - delay, created + 1), seconds + delay)

    position = np.arange(len(tweet))
    extra = np.flatnonzero(companion >= 0)
    order = np.argsort(np.concatenate([position, position[extra]]), kind="stable")
    return (
        np.concatenate([tweet, tweet[extra]])[order],
        np.concatenate([user, user[extra]])[order],
        np.concatenate([code, companion[extra]])[order],
        np.concatenate([seconds, companion_seconds[extra]])[order],
    )


def with_undos(
    events: tuple[np.ndarray, ...], rows: int, random
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Exactly ``rows`` events: the first ones given, and about 3 % that take some of them back.

    One undo in four that hits a fav is followed by a second fav. Needs at least ``rows`` events.
    """
    wanted = int(0.03 * rows)
    tweet, user, code, seconds = (column[: rows - wanted] for column in events)
    revocable = np.flatnonzero(np.isin(code, [TYPE_CODE["fav"], TYPE_CODE["retweet"], TYPE_CODE["reply"]]))
    revocable = revocable[np.argsort(random(len(revocable)), kind="stable")]
    favs = revocable[code[revocable] == TYPE_CODE["fav"]]
    faved_again = favs[: wanted // 5]
    undone = np.concatenate([faved_again, np.setdiff1d(revocable, faved_again, assume_unique=True)])
    undone = undone[: wanted - len(faved_again)]

    delay = 5 + np.floor(7200 * random(len(undone)) ** 3).astype(np.int64)
    undo_seconds = np.minimum(seconds[undone] + delay, LAST_UNDO_SECONDS)
    again_delay = 5 + np.floor(1800 * random(len(faved_again)) ** 3).astype(np.int64)
    again_seconds = np.minimum(undo_seconds[: len(faved_again)] + again_delay, WINDOW_END_SECONDS)

    rest = slice(rows - wanted, rows - len(undone) - len(faved_again))
    return (
        np.concatenate([tweet, tweet[undone], tweet[faved_again], events[0][rest]]),
        np.concatenate([user, user[undone], user[faved_again], events[1][rest]]),
        # The code of an undo is the one after the code of what it undoes.
        np.concatenate([code, code[undone] + 1, code[faved_again], events[2][rest]]),
        np.concatenate([seconds, undo_seconds, again_seconds, events[3][rest]]),
    )


def topic_ids_of(community: np.ndarray) -> np.ndarray:
    """The main topic id of each community position."""
    return FIRST_COMMUNITY_TOPIC_ID + community


def broader_topic_ids_of(community: np.ndarray) -> np.ndarray:
    """The broader topic id of each community position, or 0 where it has none."""
    ids = [0 if theme.broader_topic is None else 1 + BROADER_TOPICS.index(theme.broader_topic) for theme in THEMES]
    return np.array(ids, dtype=np.int64)[community % len(THEMES)]


def topics_table(parameters: SampleParameters) -> pa.Table:
    """One row per topic: a main topic for each community, and the broader ones."""
    names = []
    for community in range(parameters.community_count):
        series, theme = divmod(community, len(THEMES))
        names.append(THEMES[theme].topic if series == 0 else f"{THEMES[theme].topic} {series + 1}")
    ids = list(range(1, len(BROADER_TOPICS) + 1)) + topic_ids_of(np.arange(len(names))).tolist()
    return pa.table([ids, [*BROADER_TOPICS, *names]], schema=SCHEMAS["topics"])


def users_table(network: Network, parameters: SampleParameters) -> pa.Table:
    """One row per user, with a unique readable screen name and the language and country of most of the interests."""
    users = parameters.users
    random = uniform_stream(parameters.seed, "users").random
    community = network.interest_community[network.interest_start[:-1]]
    theme = community % len(THEMES)

    words = [*EVERYDAY_WORDS, *(word for item in THEMES for word in item.words)]
    given = np.floor(random(users) * len(GIVEN_NAMES)).astype(np.int64)
    everyday = np.floor(random(users) * len(EVERYDAY_WORDS)).astype(np.int64)
    of_theme = len(EVERYDAY_WORDS) + theme * 3 + np.floor(random(users) * 3).astype(np.int64)
    word = np.where(network.producer_of_user >= 0, of_theme, everyday)
    name_code = given * len(words) + word
    order = np.argsort(name_code, kind="stable")
    starts = np.searchsorted(name_code[order], name_code[order], side="left")
    namesake = np.empty(users, dtype=np.int64)
    namesake[order] = np.arange(users) - starts
    suffix = pc.if_else(pa.array(namesake == 0), pa.scalar(""), pc.cast(pa.array(namesake + 1), pa.string()))
    screen_name = pc.binary_join_element_wise(
        pa.array(GIVEN_NAMES).take(pa.array(given)),
        pc.binary_join_element_wise(pa.array(words).take(pa.array(word)), suffix, ""),
        "_",
    )

    codes = [language for language, *_ in LANGUAGES]
    home_language = np.array([-1 if item.language is None else codes.index(item.language) for item in THEMES])[theme]
    at_home = (home_language >= 0) & (random(users) < 0.75)
    language = np.where(at_home, home_language, draw_from_shares([row[3] for row in LANGUAGES], random(users)))
    countries = sorted({country for _, main, others, _ in LANGUAGES for country in (main, *others)})
    by_language, language_start = [], [0]
    for _, main, others, _ in LANGUAGES:
        by_language += [(countries.index(main), 3.0)] + [(countries.index(other), 1.0) for other in others]
        language_start.append(len(by_language))
    somewhere = WeightedGroups(np.array([weight for _, weight in by_language]), np.array(language_start))
    country = np.array([position for position, _ in by_language])[somewhere.draw(language, random(users))]
    home_country = np.array([-1 if item.country is None else countries.index(item.country) for item in THEMES])[theme]
    country = np.where(at_home & (random(users) < 0.9), home_country, country)

    return pa.table(
        [
            network.user_ids,
            screen_name,
            network.is_active,
            pa.array(codes).take(pa.array(language)),
            pa.array(countries).take(pa.array(country)),
        ],
        schema=SCHEMAS["users"],
    )


def tweets_table(network: Network, tweets: Tweets) -> pa.Table:
    """One row per tweet; ``created_at`` has milliseconds and equals the time in the snowflake id."""
    author = pa.array(network.user_ids[tweets.author], mask=~tweets.has_author)
    return pa.table(
        [
            tweets.tweet_ids,
            author,
            (tweets.created_milliseconds * 1000).astype("datetime64[us]"),
            tweets.has_video,
            tweets.is_sensitive,
        ],
        schema=SCHEMAS["tweets"],
    )


def tweet_topics_table(tweets: Tweets, parameters: SampleParameters) -> pa.Table:
    """One row per tweet and topic: mostly the main topic of its community, at times the broader one or a wrong one."""
    random = uniform_stream(parameters.seed, "tweet topics").random
    count = len(tweets.tweet_ids)
    broader = broader_topic_ids_of(tweets.community)
    wrong = topic_ids_of(np.floor(random(count) * parameters.community_count).astype(np.int64))
    columns = np.stack([topic_ids_of(tweets.community), broader, wrong], axis=1)
    present = random((count, 3)) < np.array([0.92, 0.5, 0.03])
    present[:, 1] &= broader > 0
    present[:, 2] &= wrong != columns[:, 0]
    tweet, slot = np.nonzero(present)
    order = np.lexsort((columns[tweet, slot], tweet))
    tweet_ids, topic_ids = tweets.tweet_ids[tweet][order], columns[tweet, slot][order]
    return pa.table([tweet_ids, topic_ids], schema=SCHEMAS["tweet_topics"])


def topic_follows_table(network: Network, parameters: SampleParameters) -> pa.Table:
    """One row per consumer and followed topic: topics of their interests, and a few of curiosity."""
    random = uniform_stream(parameters.seed, "topic follows").random
    count = len(network.interest_user)
    curious = topic_ids_of(np.floor(random(count) * parameters.community_count).astype(np.int64))
    broader = broader_topic_ids_of(network.interest_community)
    columns = np.stack([topic_ids_of(network.interest_community), broader, curious], axis=1)
    present = random((count, 3)) < np.array([0.45, 0.2, 0.03])
    present[:, 1] &= broader > 0
    interest, slot = np.nonzero(present)
    topic_limit = topic_ids_of(np.int64(parameters.community_count))
    consumer, topic = np.divmod(
        np.unique(network.interest_user[interest] * topic_limit + columns[interest, slot]), topic_limit
    )
    return pa.table([network.user_ids[consumer], topic], schema=SCHEMAS["topic_follows"])


def opt_outs_table(network: Network, parameters: SampleParameters) -> pa.Table:
    """One row per user, topic and kind: about 2 % of users refuse an interest, 2 % of producers a topic."""
    random = uniform_stream(parameters.seed, "opt outs").random
    refused = np.flatnonzero(random(len(network.interest_user)) < 0.01)
    refused_known_for = np.flatnonzero(random(len(network.producer_user)) < 0.02)
    user = np.concatenate([network.interest_user[refused], network.producer_user[refused_known_for]])
    community = np.concatenate([network.interest_community[refused], network.producer_community[refused_known_for]])
    is_known_for = np.arange(len(user)) >= len(refused)
    order = np.lexsort((community, user, is_known_for))
    kinds = pa.array(["interested_in", "known_for"]).take(pa.array(is_known_for[order].astype(np.int64)))
    return pa.table([network.user_ids[user[order]], topic_ids_of(community[order]), kinds], schema=SCHEMAS["opt_outs"])


def planted_table(network: Network) -> pa.Table:
    """One row per producer: its community (ids from 1) and the main topic of the community."""
    order = np.argsort(network.producer_user)
    community = network.producer_community[order]
    producer_ids = network.user_ids[network.producer_user[order]]
    return pa.table([producer_ids, community + 1, topic_ids_of(community)], schema=PLANTED_SCHEMA)


def generate_tables(parameters: SampleParameters) -> Iterator[tuple[str, pa.Table]]:
    """(table name, rows) of every input table; large tables come in several pieces, one after the other.

    ``planted_communities`` comes last: it is the answer, not an input.
    """
    network = make_network(parameters)
    yield "users", users_table(network, parameters)
    yield "topics", topics_table(parameters)
    yield "topic_follows", topic_follows_table(network, parameters)
    yield "opt_outs", opt_outs_table(network, parameters)

    kept_share = FOLLOWERS_KEPT_FOR_ENGAGEMENTS / parameters.follows
    thinning = uniform_stream(parameters.seed, "follower sample").random
    kept_consumers, kept_producers = [], []
    for consumer, producer in generate_follows(network, parameters):
        kept = thinning(len(consumer)) < kept_share
        kept_consumers.append(consumer[kept].astype(np.int32))
        kept_producers.append(producer[kept].astype(np.int32))
        producer_ids = network.user_ids[network.producer_user[producer]]
        yield "follows", pa.table([network.user_ids[consumer], producer_ids], schema=SCHEMAS["follows"])
    producer = np.concatenate(kept_producers)
    followers = FollowerSample(
        follower=np.concatenate(kept_consumers)[np.argsort(producer, kind="stable")],
        follower_start=group_starts(producer, len(network.producer_user)),
    )

    tweets = make_tweets(network, parameters)
    yield "tweets", tweets_table(network, tweets)
    yield "tweet_topics", tweet_topics_table(tweets, parameters)
    type_names = pa.array(ENGAGEMENT_TYPES)
    yield "engagements", SCHEMAS["engagements"].empty_table()
    for user, tweet, code, seconds in generate_engagements(network, tweets, followers, parameters):
        yield (
            "engagements",
            pa.table(
                [
                    network.user_ids[user],
                    tweets.tweet_ids[tweet],
                    type_names.take(pa.array(code)),
                    (seconds * 1_000_000).astype("datetime64[us]"),
                ],
                schema=SCHEMAS["engagements"],
            ),
        )
    yield "planted_communities", planted_table(network)


class TableFile:
    """A CSV or Parquet file that grows by pieces; the final name appears when it is complete."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        self._partial = path.with_name(path.name + ".partial")
        self._is_parquet = path.suffix == ".parquet"
        self.rows = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._is_parquet:
            self._writer = pq.ParquetWriter(self._partial, schema, compression="zstd")
        else:
            self._file = self._partial.open("wb")

    def append(self, piece: pa.Table) -> None:
        """Adds the rows of ``piece``, whose columns are those of the schema."""
        if self._is_parquet:
            if piece.num_rows:
                self._writer.write_table(piece)
        else:
            # Whole seconds stay short; only creation times carry milliseconds.
            time_format = "%Y-%m-%d %H:%M:%S%.3f" if "created_at" in piece.column_names else "%Y-%m-%d %H:%M:%S"
            frame = pl.from_arrow(piece)
            frame.write_csv(
                self._file, include_header=self._file.tell() == 0, datetime_format=time_format, line_terminator="\n"
            )
        self.rows += piece.num_rows

    def close(self) -> None:
        """Ends the file and gives it its name."""
        if self._is_parquet:
            self._writer.close()
        else:
            self._file.close()
        self._partial.replace(self._path)


def write_sample(
    parameters: SampleParameters, output: Path, file_format: str = "seeds", planted: Path | None = None
) -> dict[str, int]:
    """Writes every input table into ``output`` and returns the rows of each file by table name.

    ``file_format`` is ``seeds`` (raw_follows.csv, ...), ``csv`` (follows.csv, ...) or ``parquet`` (follows.parquet,
    ...). ``planted`` is the CSV or Parquet file for the planted communities, or None to leave it out.

    Raises ValueError for an unknown format.
    """
    if file_format not in ("seeds", "csv", "parquet"):
        raise ValueError(f"format must be seeds, csv or parquet, got {file_format}")
    prefix, suffix = ("raw_", "csv") if file_format == "seeds" else ("", file_format)
    row_counts: dict[str, int] = {}
    name_of_open, open_file = None, None
    for name, piece in generate_tables(parameters):
        if name == "planted_communities" and planted is None:
            continue
        if name != name_of_open:
            if open_file is not None:
                open_file.close()
            path = planted if name == "planted_communities" else output / f"{prefix}{name}.{suffix}"
            name_of_open, open_file = name, TableFile(path, piece.schema)
        open_file.append(piece)
        row_counts[name] = open_file.rows
    open_file.close()
    return row_counts


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line; see the module's description."""
    parser = argparse.ArgumentParser(prog="simclusters.sample", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--output", type=Path, required=True, help="folder for the files")
    parser.add_argument("--seed", type=int, default=7, help="same seed and counts, same bytes (default 7)")
    parser.add_argument("--users", type=int, help="default 2000, or one for 12 follows when --follows is given")
    parser.add_argument("--follows", type=int, help="default 13 for a user")
    parser.add_argument("--engagements", type=int, help="default 25 for a user")
    parser.add_argument("--tweets", type=int, help="default one for 14 engagements")
    parser.add_argument("--communities", type=int, help="default 24, more above 10,000 users")
    parser.add_argument("--format", choices=("seeds", "csv", "parquet"), default="seeds", help="seeds: raw_*.csv")
    parser.add_argument(
        "--planted",
        type=Path,
        help="file for the planted communities; with --format seeds the default is tests/fixtures beside the output",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns 0, or 2 with a message on standard error when the counts cannot be met."""
    options = parse_arguments(arguments)
    defaults = SampleParameters()
    users = options.users or (max(100, options.follows // 12) if options.follows else defaults.users)
    planted = options.planted
    if planted is None and options.format == "seeds":
        planted = options.output.parent / "tests" / "fixtures" / "planted_communities.csv"
    try:
        parameters = SampleParameters(
            users=users,
            follows=users * 13 if options.follows is None else options.follows,
            engagements=users * 25 if options.engagements is None else options.engagements,
            tweets=options.tweets,
            communities=options.communities,
            seed=options.seed,
        )
        row_counts = write_sample(parameters, options.output, options.format, planted)
    except ValueError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    for name, rows in row_counts.items():
        print(f"{name:<20} {rows:>12,} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
