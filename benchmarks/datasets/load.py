"""Turns public data sets into the input tables of the pipeline.

    python benchmarks/datasets/load.py ciao --datasets FOLDER
    make run INPUT=data/ciao

FOLDER holds one folder of Parquet files per data set; the environment variable SIMCLUSTERS_DATASETS names it once and
for all. The README says what each table is made of and why.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

Tables = dict[str, pl.DataFrame]

# Last.fm: users, artists and the tweets of artists have ids of their own ranges.
ARTIST_ID_OFFSET = 1_000_000
ARTIST_TWEET_ID_OFFSET = 2_000_000
# Last.fm: a tag of an artist that only one user gave is an opinion, not a topic.
MINIMUM_TAGGERS = 2
FIRST_PLAUSIBLE_YEAR = 2005

# Ciao: ratings from here on say that the user liked the product.
LIKED_RATING = 4

INT64 = pl.Int64
TIMESTAMP = pl.Datetime("us")


class DataAbsent(Exception):
    """The folder of a data set lacks a file; the message names it."""


def read(folder: Path, name: str) -> pl.DataFrame:
    """The Parquet file ``name`` of a data set. Raises DataAbsent when there is none."""
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise DataAbsent(f"{path} is absent: name the folder of the data sets with --datasets or SIMCLUSTERS_DATASETS")
    return pl.read_parquet(path)


def repaired(text: str) -> str:
    """UTF-8 that was once read as Latin-1, read as UTF-8: ``MÃ¶tley`` becomes ``Mötley``; other text as it is."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def ciao_tables(folder: Path) -> Tables:
    """Trust between reviewers as follows, products as tweets without author, reviews as engagements."""
    trust, events, item_topics = (read(folder, name) for name in ("follows", "events", "item_topics"))

    reviews = events.select(
        user_id=pl.col("user_id").cast(INT64),
        tweet_id=pl.col("item_id").cast(INT64),
        is_liked=pl.col("rating") >= LIKED_RATING,
        engaged_at=pl.from_epoch(pl.col("timestamp_s"), time_unit="s").cast(TIMESTAMP),
    )
    engagements = pl.concat(
        reviews.filter(condition).select("user_id", "tweet_id", engagement_type=pl.lit(kind), engaged_at="engaged_at")
        for kind, condition in (("reply", pl.lit(True)), ("fav", pl.col("is_liked")))
    )
    return {
        # The crawl capped the lists of the second column at 100, so that column is the one that follows.
        "follows": trust.select(consumer_id=pl.col("producer_id").cast(INT64), producer_id=pl.col("consumer_id").cast(INT64)),
        "engagements": engagements,
        "tweets": reviews.group_by("tweet_id").agg(created_at=pl.col("engaged_at").min()),
        "tweet_topics": item_topics.select(tweet_id=pl.col("item_id").cast(INT64), topic_id=pl.col("category_id").cast(INT64)),
        "topics": item_topics.select(topic_id=pl.col("category_id").cast(INT64))
        .unique()
        .with_columns(topic_name=pl.format("category {}", "topic_id")),
    }


def lastfm_tables(folder: Path) -> Tables:
    """Listeners follow artists and friends; an artist is also one tweet, which its taggers faved."""
    friends, plays, artists, tag_events, tags = (read(folder, name) for name in ("friends", "plays", "artists", "tag_events", "tags"))

    artist_id = pl.col("artist_id").cast(INT64) + ARTIST_ID_OFFSET
    tweet_id = pl.col("artist_id").cast(INT64) + ARTIST_TWEET_ID_OFFSET
    user_id = pl.col("user_id").cast(INT64)
    listening = plays.select(consumer_id=user_id, producer_id=artist_id)
    friendship = friends.select(pl.col("consumer_id", "producer_id").cast(INT64))
    listeners = pl.concat([friendship["consumer_id"], listening["consumer_id"]]).unique()

    tagged = tag_events.filter(pl.col("date").dt.year() >= FIRST_PLAUSIBLE_YEAR).select(
        user_id=user_id,
        tweet_id=tweet_id,
        author_id=artist_id,
        topic_id=pl.col("tag_id").cast(INT64),
        engaged_at=pl.col("date").cast(TIMESTAMP),
    )
    tweet_topics = (
        tagged.group_by("tweet_id", "topic_id")
        .agg(tagger_count=pl.col("user_id").n_unique())
        .filter(pl.col("tagger_count") >= MINIMUM_TAGGERS)
    )
    return {
        "follows": pl.concat([listening, friendship]),
        "engagements": tagged.group_by("user_id", "tweet_id").agg(
            engagement_type=pl.lit("fav"), engaged_at=pl.col("engaged_at").min()
        ),
        "tweets": tagged.group_by("tweet_id", "author_id").agg(created_at=pl.col("engaged_at").min()),
        "users": pl.concat(
            [
                pl.select(user_id=listeners).with_columns(screen_name=pl.format("listener {}", "user_id")),
                artists.select(user_id=artist_id, screen_name=pl.col("name").map_elements(repaired, return_dtype=pl.String)),
            ]
        ),
        "tweet_topics": tweet_topics.select("tweet_id", "topic_id"),
        "topics": tags.select(topic_id=pl.col("tag_id").cast(INT64), topic_name=pl.col("tag")),
    }


def slashdot_tables(folder: Path) -> Tables:
    """Follows alone; the self-follows stay, so that the pipeline can count them."""
    return {"follows": read(folder, "follows").select(pl.all().cast(INT64))}


DATA_SETS: dict[str, Callable[[Path], Tables]] = {
    "ciao": ciao_tables,
    "lastfm_hetrec": lastfm_tables,
    "snap_slashdot0902": slashdot_tables,
}


def write_tables(tables: Tables, output: Path) -> None:
    """Writes each table as Parquet, in the order of its columns, so that the same data give the same bytes."""
    output.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.sort(table.columns).write_parquet(output / f"{name}.parquet")


def command_line(description: str) -> argparse.ArgumentParser:
    """A parser with --datasets, the folder of the data sets."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("SIMCLUSTERS_DATASETS", "datasets"))
    parser.add_argument("--datasets", type=Path, default=default, help="folder of the data sets")
    return parser


def explains_absent_data(main: Callable[..., int]) -> Callable[..., int]:
    """Of a command line entry: when data are absent it returns 2, with a message on standard error."""

    @functools.wraps(main)
    def entry(arguments: Sequence[str] | None = None) -> int:
        try:
            return main(arguments)
        except DataAbsent as problem:
            print(f"error: {problem}", file=sys.stderr)
            return 2

    return entry


@explains_absent_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = command_line(__doc__)
    parser.add_argument("name", choices=sorted(DATA_SETS))
    parser.add_argument("--output", type=Path, help="default data/NAME")
    options = parser.parse_args(arguments)
    tables = DATA_SETS[options.name](options.datasets / options.name)
    write_tables(tables, options.output or Path("data") / options.name)
    for name, table in tables.items():
        print(f"{name:<20} {table.height:>12,} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
