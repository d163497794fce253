"""The generated network as the input tables of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.sample.drawing import WeightedGroups, draw_from_shares, group_starts, uniform_stream
from simclusters.sample.engagements import ENGAGEMENT_TYPES, FollowerSample, generate_engagements
from simclusters.sample.names import BROADER_TOPICS, EVERYDAY_WORDS, GIVEN_NAMES, LANGUAGES, THEMES
from simclusters.sample.network import Network, generate_follows, make_network
from simclusters.sample.parameters import SampleParameters
from simclusters.sample.tweets import Tweets, make_tweets

# Broader topics have the ids below.
FIRST_COMMUNITY_TOPIC_ID = 101
FOLLOWERS_KEPT_FOR_ENGAGEMENTS = 4_000_000

SCHEMAS = {
    "follows": pa.schema([("consumer_id", pa.int64()), ("producer_id", pa.int64())]),
    "engagements": pa.schema(
        [("user_id", pa.int64()), ("tweet_id", pa.int64()), ("engagement_type", pa.string()), ("engaged_at", pa.timestamp("us"))]
    ),
    "tweets": pa.schema(
        [
            ("tweet_id", pa.int64()),
            ("author_id", pa.int64()),
            ("created_at", pa.timestamp("us")),
            ("has_video", pa.bool_()),
            ("is_sensitive", pa.bool_()),
            ("is_evergreen", pa.bool_()),
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
    "user_languages": pa.schema([("user_id", pa.int64()), ("language", pa.string()), ("language_weight", pa.float64())]),
    "tweet_topics": pa.schema([("tweet_id", pa.int64()), ("topic_id", pa.int64())]),
    "topics": pa.schema([("topic_id", pa.int64()), ("topic_name", pa.string())]),
    "topic_follows": pa.schema([("consumer_id", pa.int64()), ("topic_id", pa.int64())]),
    "opt_outs": pa.schema([("user_id", pa.int64()), ("topic_id", pa.int64()), ("opt_out_kind", pa.string())]),
    "blocks": pa.schema([("user_id", pa.int64()), ("blocked_user_id", pa.int64())]),
    "planted_communities": pa.schema([("producer_id", pa.int64()), ("community_id", pa.int64()), ("topic_id", pa.int64())]),
}


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
        pa.array(GIVEN_NAMES).take(pa.array(given)), pc.binary_join_element_wise(pa.array(words).take(pa.array(word)), suffix, ""), "_"
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


def user_languages_table(users: pa.Table, parameters: SampleParameters) -> pa.Table:
    """One or two rows for a quarter of the users: the language of the account, and often one that they read beside it."""
    random = uniform_stream(parameters.seed, "user languages").random
    codes = [language for language, *_ in LANGUAGES]
    count = users.num_rows
    has_weights = random(count) < 0.25
    account = np.array([codes.index(language) for language in users["language"].to_pylist()])
    other = draw_from_shares([row[3] for row in LANGUAGES], random(count))
    hundredths = 55 + np.floor(random(count) * 45).astype(np.int64)
    chosen = has_weights[:, None] & np.stack([np.full(count, True), other != account], axis=1)
    user, slot = np.nonzero(chosen)
    language = np.stack([account, other], axis=1)[user, slot]
    weight = np.stack([hundredths, 100 - hundredths], axis=1)[user, slot] / 100
    return pa.table(
        [users["user_id"].take(pa.array(user)), pa.array(codes).take(pa.array(language)), weight], schema=SCHEMAS["user_languages"]
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
            pa.nulls(len(tweets.tweet_ids), pa.bool_()),
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
    consumer, topic = np.divmod(np.unique(network.interest_user[interest] * topic_limit + columns[interest, slot]), topic_limit)
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


def blocks_table(network: Network, parameters: SampleParameters) -> pa.Table:
    """One row per user and user whom it blocks: about 3 % of users block a producer."""
    random = uniform_stream(parameters.seed, "blocks").random
    user = np.flatnonzero(random(len(network.user_ids)) < 0.03)
    blocked = network.producer_user[np.floor(random(len(user)) * len(network.producer_user)).astype(np.int64)]
    is_other = user != blocked
    return pa.table([network.user_ids[user[is_other]], network.user_ids[blocked[is_other]]], schema=SCHEMAS["blocks"])


def planted_table(network: Network) -> pa.Table:
    """One row per producer: its community (ids from 1) and the main topic of the community."""
    order = np.argsort(network.producer_user)
    community = network.producer_community[order]
    producer_ids = network.user_ids[network.producer_user[order]]
    return pa.table([producer_ids, community + 1, topic_ids_of(community)], schema=SCHEMAS["planted_communities"])


def generate_tables(parameters: SampleParameters) -> Iterator[tuple[str, pa.Table]]:
    """(table name, rows) of every input table; large tables come in several pieces, one after the other.

    ``planted_communities`` comes last: it is the answer, not an input.
    """
    network = make_network(parameters)
    users = users_table(network, parameters)
    yield "users", users
    yield "user_languages", user_languages_table(users, parameters)
    yield "topics", topics_table(parameters)
    yield "topic_follows", topic_follows_table(network, parameters)
    yield "opt_outs", opt_outs_table(network, parameters)
    yield "blocks", blocks_table(network, parameters)

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
