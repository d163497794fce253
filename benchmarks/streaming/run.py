"""Events a second of the stream: 10^6 events in files of 10^4, folded file by file into a copy of a built database.

    python benchmarks/streaming/run.py --database simclusters.duckdb [--events 1000000] [--per-file 10000] [--files-at-once 1]

The events are favs and un-favs of the database's consumers on its newest tweets, spread over a day after its `as_of`.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simclusters.stream import MODEL, Stream

DAY_MILLIS = 24 * 3_600_000


def write_files(database: Path, folder: Path, events: int, per_file: int) -> None:
    """Write the event files, in order of time, a tenth of them un-favs."""
    with duckdb.connect(str(database), read_only=True) as connection:
        users = np.array(
            connection.execute("select distinct consumer_id from interested_in order by 1").fetchnumpy()["consumer_id"]
        )
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--per-file", type=int, default=10_000)
    parser.add_argument("--files-at-once", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.database.parent) as work:
        database, folder = Path(work) / options.database.name, Path(work) / "events"
        folder.mkdir()
        shutil.copy(options.database, database)
        os.environ["SIMCLUSTERS_DATABASE"] = str(database)
        write_files(database, folder, options.events, options.per_file)
        stream = Stream(folder, database)
        stream.dbt("run", "--select", MODEL)
        seconds = []
        while True:
            started = time.perf_counter()
            if stream.one_pass(options.files_at_once) == 0:
                break
            seconds.append(time.perf_counter() - started)
    tenth = max(1, len(seconds) // 10)
    total, first, last = sum(seconds), statistics.median(seconds[:tenth]), statistics.median(seconds[-tenth:])
    print(
        f"{options.events:,} events, {len(seconds)} passes, {total:.1f} s: {options.events / total:,.0f} events a second"
    )
    print(f"median seconds a pass: first tenth {first:.2f}, last tenth {last:.2f}")


if __name__ == "__main__":
    main()
