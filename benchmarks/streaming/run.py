"""Events a second of the stream, and whether a pass gets dearer as the history grows.

    python benchmarks/streaming/run.py --database simclusters.duckdb [--events 1000000] [--per-file 10000] [--keep]

10^6 events in files of 10^4 are folded into a copy of a built database, twice: a file a pass, as when each arrives a moment after the
other is done, and all files that wait, as after an outage. The events are favs and a tenth un-favs of the database's consumers on its
newest tweets, spread over a day after its `as_of`. A pass is everything from looking into the folder to the printed line.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simclusters.streaming import Stream

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from measure import command_line, machine, report  # noqa: E402  (a script in the folder above)

PAGE = HERE / "README.md"
DAY_MILLIS = 24 * 3_600_000
WHEN = ("before the first event", "after the last")


def write_files(database: Path, folder: Path, events: int, per_file: int) -> None:
    """Write the event files, in order of time, a tenth of them un-favs."""
    with duckdb.connect(str(database), read_only=True) as connection:
        users = np.array(connection.execute("select distinct consumer_id from interested_in order by 1").fetchnumpy()["consumer_id"])
        newest = "select tweet_id from stg_tweets order by created_at desc, tweet_id limit 5000"
        tweets = np.array(connection.execute(newest).fetchnumpy()["tweet_id"])
        start = connection.execute("select epoch_ms(as_of) from stg_as_of").fetchone()[0]
    chance = np.random.default_rng(1)
    moments = np.sort(start + chance.integers(0, DAY_MILLIS, events))
    for number, first in enumerate(range(0, events, per_file)):
        count = min(per_file, events - first)
        table = pa.table(
            {
                "user_id": chance.choice(users, count),
                "tweet_id": chance.choice(tweets, count),
                "engagement_type": np.where(chance.random(count) < 0.9, "fav", "unfav"),
                "engaged_at": pa.array(moments[first : first + count], pa.timestamp("ms")),
            }
        )
        pq.write_table(table, folder / f"{number:06}.parquet")


def stream_files(options: argparse.Namespace, files_at_once: int) -> tuple[list[float], list[float], int]:
    """Seconds of each pass over all files, seconds of passes with nothing new before and after, and live rows at the end."""
    with tempfile.TemporaryDirectory(dir=options.database.parent) as work:
        database, folder = Path(work) / options.database.name, Path(work) / "events"
        folder.mkdir()
        shutil.copy(options.database, database)
        os.environ["SIMCLUSTERS_DATABASE"] = str(database)
        write_files(database, folder, options.events, options.per_file)
        stream = Stream(folder, database)
        stream.fold()
        empty = [timed(stream.fold) for _ in range(5)]
        seconds = []
        while True:
            started = time.perf_counter()
            if stream.one_pass(files_at_once) == 0:
                break
            seconds.append(time.perf_counter() - started)
        empty += [timed(stream.fold) for _ in range(5)]
        with duckdb.connect(str(database), read_only=True) as connection:
            rows = connection.execute("select count(*) from live_tweet_embeddings").fetchone()[0]
    return seconds, empty, rows


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    parser = command_line(__doc__, "streaming")
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--per-file", type=int, default=10_000)
    options = parser.parse_args()
    files = -(-options.events // options.per_file)
    passes, growth = [], []
    for files_at_once in sorted({1, min(10, files), files}):
        seconds, empty, rows = stream_files(options, files_at_once)
        rate, median = f"{options.events / sum(seconds):,.0f}", f"{statistics.median(seconds):.2f}"
        passes.append([files_at_once, len(seconds), f"{sum(seconds):.1f}", rate, median, f"{max(seconds):.2f}"])
        if files_at_once == 1:
            tenth = max(1, len(seconds) // 10)
            tenths = [seconds[first : first + tenth] for first in range(0, len(seconds) // tenth * tenth, tenth)]
            growth = [
                [f"{number * tenth * options.per_file:,}", f"{statistics.median(part):.3f}"] for number, part in enumerate(tenths)
            ]
            growth += [
                [f"nothing new, {when}", f"{statistics.median(part):.3f}"]
                for when, part in zip(WHEN, (empty[:5], empty[5:]), strict=True)
            ]
    print(f"{machine()}; the live tables are read from {rows:,} rows")
    columns = ["files a pass", "passes", "seconds", "events a second", "median pass, s", "longest pass, s"]
    report(PAGE, "## Events a second", columns, passes, 1, options.keep)
    report(
        PAGE, "## A pass by the events that came before", ["events before", "median seconds of ten passes"], growth, 1, options.keep
    )


if __name__ == "__main__":
    main()
