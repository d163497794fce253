"""Milliseconds of a recommendation asked from Python, and seconds of the batch for all consumers; writes SPEED.md.

    python benchmarks/recommendation/speed.py [--work FOLDER] [--users 170000] [--follows 1500000] [--engagements 1000000]

Builds the sample generator's network of that size once, then asks each table function for 200 sources in a random order, after ten
that warm up, on one connection with two threads; then lets dbt build the batches. A kept work folder is measured again without
a build; only the functions are made again. The page is this script's alone: what is on it was measured in one run, which should have
the machine to itself.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from measure import WITHOUT_TESTS, dbt, machine  # noqa: E402  (scripts in the folder above)
from pages import table, write_page  # noqa: E402

from simclusters.sample.parameters import SampleParameters  # noqa: E402
from simclusters.sample.writing import write_sample  # noqa: E402

WARM_UP, ASKED = 10, 200
WITH_FAVS = "consumer_id from consumer_scores where consumer_score = 'log_fav'"
# Name, call, and the sources that can be asked for.
FUNCTIONS = [
    ("recommend_tweets", "recommend_tweets(?, 'default')", WITH_FAVS),
    ("tweets_for_producer", "tweets_for_producer(?, 'default')", "producer_id from producer_embeddings"),
    ("similar_tweets", "similar_tweets(?, 'default')", "tweet_id from tweet_embeddings"),
    ("tweets_for_topic", "tweets_for_topic(?, 'default', 'all', 'all')", "topic_id from topic_embeddings"),
    ("recommend_live_tweets", "recommend_live_tweets('consumer', ?, 'live', 'all', 'all')", WITH_FAVS),
]
# The batch of SimClusters-ANN for consumers, which the seed leaves to the function.
CONSUMERS_IN_BATCH = "update ann_configs set is_in_batch = source_kind = 'consumer' and config_name = 'default'"
BATCHES = ("int_ann_configs", "int_ann_lookups", "ann_candidates", "int_tweet_candidates")


def build(folder: Path, options: argparse.Namespace, variables: dict) -> None:
    """Generates the inputs and builds what the functions and batches read."""
    sample = SampleParameters(users=options.users, follows=options.follows, engagements=options.engagements)
    write_sample(sample, folder / "input", "parquet")
    wanted = [f"+{name}" for name in ("tweet_candidates", "ann_candidates", *(name for name, _, _ in FUNCTIONS))]
    dbt("build", *WITHOUT_TESTS, "--select", *wanted, folder=folder, variables=variables, at_once=2)


def ask(connection: duckdb.DuckDBPyConnection, call: str, sources: str) -> tuple[float, float, float]:
    """Milliseconds at the median and at the 95th of 100 of one call, and its mean rows."""
    ids = connection.execute(
        f"select id from (select distinct {sources.replace(' from', ' as id from', 1)}) order by hash(id) limit {WARM_UP + ASKED}"
    ).fetchall()
    milliseconds, rows = [], 0
    for number, source in enumerate(ids):
        started = time.perf_counter()
        answer = connection.execute(f"select * from {call} order by candidate_rank", source).fetchall()
        if number >= WARM_UP:
            milliseconds.append((time.perf_counter() - started) * 1000)
            rows += len(answer)
    milliseconds.sort()
    return statistics.median(milliseconds), milliseconds[len(milliseconds) * 95 // 100], rows / len(milliseconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("data/recommendation/speed"))
    parser.add_argument("--users", type=int, default=170_000)
    parser.add_argument("--follows", type=int, default=1_500_000)
    parser.add_argument("--engagements", type=int, default=1_000_000)
    parser.add_argument("--output", type=Path, default=HERE / "SPEED.md")
    options = parser.parse_args()
    folder = options.work.resolve()
    database = folder / "simclusters.duckdb"
    variables = {"input_dir": str(folder / "input"), "communities_k": 500}
    if not database.exists():
        build(folder, options, variables)
    dbt("run", "--select", "int_ann_configs", *(name for name, _, _ in FUNCTIONS), folder=folder, variables=variables)

    load = f"load average of the minute before: {os.getloadavg()[0]:.1f}"
    lines = ["# Speed of recommendations", "", f"Written by speed.py; {machine()}, {load}.", ""]
    with duckdb.connect(str(database), read_only=True, config={"threads": 2}) as connection:
        facts = {
            name: connection.execute(f"select count(*) from {sql}").fetchone()[0]
            for name, sql in {
                "engagements": "stg_engagements",
                "consumers with favs": f"(select distinct {WITH_FAVS})",
                "entries of the batch's indexes": "cluster_top_tweets",
                "live sums": "int_tweet_cluster_partials",
            }.items()
        }
        lines += [", ".join(f"{count:,} {name}" for name, count in facts.items()) + ".", ""]
        asked = []
        for name, call, sources in FUNCTIONS:
            median, slow, rows = ask(connection, call, sources)
            asked.append([f"`{name}`", f"{median:.1f} ms", f"{slow:.1f} ms", f"{rows:.0f}"])
        lines += table(["asked from Python, warm", "median", "95 of 100", "tweets"], asked)
    with duckdb.connect(str(database)) as connection:
        connection.execute(CONSUMERS_IN_BATCH)
    seconds = dbt("run", "--select", *BATCHES, folder=folder, variables=variables).model_seconds
    with duckdb.connect(str(database), read_only=True) as connection:
        batches = []
        for name, model, key, what in (
            ("ann_candidates", "ann_candidates", "source_id", "SimClusters-ANN, configuration `default`"),
            ("tweet_candidates", "int_tweet_candidates", "consumer_id", "offline recommendations, all recipes"),
        ):
            consumers, rows = connection.execute(f"select count(distinct {key}), count(*) from {name}").fetchone()
            batches.append([f"`{name}`: {what}", f"{seconds[model]:.1f}", f"{consumers:,}", f"{rows:,}"])
    write_page(options.output, [*lines, *table(["batch", "seconds", "consumers", "rows"], batches)])
    print(options.output.read_text())


if __name__ == "__main__":
    main()
