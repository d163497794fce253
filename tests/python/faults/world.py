"""A tiny world of two days: three planted communities, their followers, and favs of ten days and one more."""

from __future__ import annotations

import csv
import datetime
import random
from pathlib import Path

START = datetime.datetime(2026, 1, 1)
COMMUNITIES, PRODUCERS, CONSUMERS, TWEETS, FAVS = 3, 8, 60, 45, 500
COLUMNS = {
    "follows": ["consumer_id", "producer_id"],
    "engagements": ["user_id", "tweet_id", "engagement_type", "engaged_at"],
    "tweets": ["tweet_id", "author_id", "created_at"],
    "users": ["user_id", "screen_name"],
}
Rows = list[tuple]


def world(seed: int = 1) -> tuple[dict[str, Rows], dict[str, Rows], Rows]:
    """The inputs of the first day, those of the second, which grow out of it, and events of the first hour between."""
    chance = random.Random(seed)
    producers = [[1000 + 100 * community + number for number in range(PRODUCERS)] for community in range(COMMUNITIES)]
    follows, favs = [], []
    tweets = [(10**6 + number, chance.choice(chance.choice(producers))) for number in range(TWEETS)]
    for number in range(CONSUMERS):
        consumer, own = 1 + number, producers[number % COMMUNITIES]
        followed = {*chance.sample(own, 5), chance.choice(chance.choice(producers))}
        follows += [(consumer, producer) for producer in sorted(followed)]
    for _ in range(FAVS):
        consumer = 1 + chance.randrange(CONSUMERS)
        tweet, _ = chance.choice([one for one in tweets if one[1] in producers[(consumer - 1) % COMMUNITIES]])
        favs.append((consumer, tweet, chance.choice(["fav", "fav", "fav", "unfav"]), START + minutes(chance.randrange(11 * 1440))))
    favs.sort(key=lambda row: row[3])
    events = [
        (
            1 + chance.randrange(CONSUMERS),
            chance.choice(tweets)[0],
            chance.choice(["fav", "unfav"]),
            START + minutes(14400 + number / 2),
        )
        for number in range(120)
    ]
    second = {
        "follows": follows,
        "engagements": favs,
        "tweets": [(tweet, author, START + minutes(60)) for tweet, author in tweets],
        "users": [(user, f"user_{user}") for user in [*range(1, CONSUMERS + 1), *sum(producers, [])]],
    }
    first = second | {
        "follows": follows[: len(follows) * 9 // 10],
        "engagements": [row for row in favs if row[3] < START + datetime.timedelta(days=10)],
    }
    return first, second, events


def minutes(count: float) -> datetime.timedelta:
    return datetime.timedelta(minutes=count)


def write_csv(path: Path, table: str, rows: Rows) -> None:
    """A file of an input table; one that is old enough for a stream."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS[table])
        writer.writerows(rows)
