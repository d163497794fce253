"""Any split, order, repetition or crash of the events leaves the same live tables as one batch."""

import datetime
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simclusters.streaming import Stream
from simclusters.streaming.stream import part_of

HALF_LIFE_HOURS, WINDOW_HOURS, MINIMUM_FAV_SCORE = 8, 72, 0.3
FOLDED = ("int_stream_pairs", "int_tweet_cluster_partials")
PARTIALS = FOLDED[1]
# Each kill costs a start of the process, a few seconds; SIMCLUSTERS_STREAM_KILLS=50 is the long version.
KILLS = int(os.environ.get("SIMCLUSTERS_STREAM_KILLS", "2"))
STREAM = str(Path(__file__).with_name("stream_process.py"))


@pytest.fixture(scope="module")
def events(built_warehouse):
    """Favs and un-favs of few users on few tweets in the thirty hours after the sample: many repeat, undo and redo."""
    chance = random.Random(4)
    as_of = built_warehouse.query("select as_of from stg_as_of")[0][0]
    users = [row[0] for row in built_warehouse.query("select distinct consumer_id from interested_in order by 1 limit 40")]
    tweets = [row[0] for row in built_warehouse.query("select tweet_id from stg_tweets order by created_at desc limit 15")]
    return [
        (
            chance.choice(users),
            chance.choice(tweets),
            chance.choice(["fav", "fav", "unfav"]),
            as_of + datetime.timedelta(minutes=chance.randrange(1800)),
        )
        for _ in range(700)
    ]


def insert(warehouse, rows):
    values = ", ".join(f"({user}, {tweet}, '{kind}', timestamp '{moment}')" for user, tweet, kind, moment in rows)
    warehouse.execute(f"insert into int_stream_inbox values {values}")


def fold(warehouse):
    warehouse.build("run", "--select", *FOLDED)


def live_scores(warehouse):
    """Of all communities of a tweet, however weak."""
    warehouse.execute("update table_limits set items_per_group = 10000, minimum_score = -1 where table_name = 'live_tweet_embeddings'")
    return warehouse.query("select tweet_id, cluster_id, tweet_score, fav_count from live_tweet_embeddings order by all")


def assert_equal_scores(left, right):
    assert [row[:2] for row in left] == [row[:2] for row in right]
    assert [row[3] for row in left] == [row[3] for row in right]
    for left_row, right_row in zip(left, right, strict=True):
        assert math.isclose(left_row[2], right_row[2], rel_tol=1e-9, abs_tol=1e-12), (left_row, right_row)


@pytest.fixture(scope="module")
def one_batch(built_warehouse, events, tmp_path_factory):
    """Live scores after all events in one batch."""
    warehouse = built_warehouse.copy(tmp_path_factory.mktemp("one_batch"))
    insert(warehouse, events)
    fold(warehouse)
    return live_scores(warehouse)


def test_one_batch_is_the_formula(built_warehouse, events, one_batch):
    """Recomputed without the pipeline: the last event of each user and tweet, if a fav, adds the fading interests of the user."""
    batch = built_warehouse.query(
        "select user_id, tweet_id, engagement_type, engaged_at from stg_engagements where engagement_type in ('fav', 'unfav')"
    )
    authors = dict(built_warehouse.query("select tweet_id, author_id from stg_tweets"))
    created = dict(built_warehouse.query("select tweet_id, created_at from stg_tweets"))
    interests = defaultdict(list)
    for consumer, cluster, score in built_warehouse.query(
        "select consumer_id, cluster_id, log_fav_score_cluster_normalized from interested_in"
        f" where log_fav_score > 0 and round(fav_score, 10) >= {MINIMUM_FAV_SCORE}"
    ):
        interests[consumer].append((cluster, score))
    as_of = max(event[3] for event in batch + events)
    # Whole buckets are live: the one that the window starts in counts.
    start = as_of - datetime.timedelta(hours=WINDOW_HOURS)
    start = start.replace(minute=0, second=0, microsecond=0)
    last = {}
    for user, tweet, kind, moment in batch + events:
        if moment >= start and authors.get(tweet) != user:
            last[user, tweet] = max(last.get((user, tweet), (moment, False)), (moment, kind == "unfav"))
    expected = defaultdict(float)
    for (user, tweet), (moment, is_undone) in last.items():
        if not is_undone and as_of - created[tweet] < datetime.timedelta(hours=WINDOW_HOURS):
            for cluster, score in interests[user]:
                age = (as_of - moment).total_seconds() / 3600
                expected[tweet, cluster] += score * 0.5 ** (age / HALF_LIFE_HOURS)
    found = {(tweet, cluster): score for tweet, cluster, score, _ in one_batch}
    assert found.keys() == expected.keys()
    assert len(found) > 500
    for key, score in found.items():
        assert math.isclose(score, expected[key], rel_tol=1e-9), key


def test_times_may_be_fractions_of_a_minute_and_of_an_hour(built_warehouse, events, one_batch, tmp_path):
    """Buckets of half a minute, as published, and a window that ends within an hour: what is live in both has the same score."""
    warehouse = built_warehouse.copy(tmp_path)
    warehouse.variables |= {"stream_bucket_minutes": 0.5, "stream_window_hours": WINDOW_HOURS + 0.25, "stream_half_life_hours": 8.0}
    warehouse.build("run", "--full-refresh", "--select", *FOLDED, "live_tweet_embeddings")
    insert(warehouse, events)
    fold(warehouse)
    found = {row[:2]: row[2] for row in live_scores(warehouse)}
    expected = {row[:2]: row[2] for row in one_batch}
    same = [key for key in found.keys() & expected.keys() if math.isclose(found[key], expected[key], rel_tol=1e-9)]
    assert len(same) > 0.9 * len(expected)


@pytest.mark.parametrize("schedule", [pytest.param(0, marks=pytest.mark.nightly), 1, pytest.param(2, marks=pytest.mark.nightly)])
def test_any_schedule_ends_as_one_batch(built_warehouse, events, one_batch, tmp_path, schedule):
    chance = random.Random(schedule)
    warehouse = built_warehouse.copy(tmp_path)
    shuffled = chance.sample(events, len(events)) if schedule else sorted(events, key=lambda event: event[3])
    cuts = sorted(chance.sample(range(1, len(events)), 4))
    batches = [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True)]
    batches.insert(chance.randrange(1, len(batches)), chance.choice(batches))
    for batch in batches:
        insert(warehouse, batch)
        fold(warehouse)
    assert_equal_scores(live_scores(warehouse), one_batch)


def test_nothing_new_changes_nothing(built_warehouse, tmp_path):
    warehouse = built_warehouse.copy(tmp_path)
    before = warehouse.query(f"select * from {PARTIALS} order by all")
    fold(warehouse)
    assert warehouse.query(f"select * from {PARTIALS} order by all") == before


def test_sums_made_from_nothing_are_the_same(built_warehouse, events, one_batch, tmp_path):
    """What `dbt run --full-refresh` on the partial sums does after interests have changed; here they have not."""
    warehouse = built_warehouse.copy(tmp_path)
    insert(warehouse, events)
    fold(warehouse)
    warehouse.build("run", "--full-refresh", "--select", PARTIALS)
    assert_equal_scores(live_scores(warehouse), one_batch)


def write_files(folder, events, count):
    for number in range(count):
        rows = events[number::count]
        columns = list(zip(*rows, strict=True))
        table = pa.table({"user_id": columns[0], "tweet_id": columns[1], "engagement_type": columns[2], "engaged_at": columns[3]})
        pq.write_table(table, folder / f"{number:03}.parquet")


def stream_environment(warehouse, folder):
    return {
        **os.environ,
        "SIMCLUSTERS_DATABASE": str(warehouse.database),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }


# Of each change, tests/python/faults asks it once.
@pytest.mark.nightly
def test_killed_streams_lose_and_repeat_nothing(built_warehouse, events, one_batch, parsed, project_folder, tmp_path):
    """kill -9 at random moments, then one run to the end. There are files enough to be in the middle of them at every kill."""
    warehouse = built_warehouse.copy(tmp_path / "warehouse")
    folder = tmp_path / "events"
    folder.mkdir()
    files = 5 * KILLS
    write_files(folder, events, files)
    command = [sys.executable, STREAM, str(parsed), "--input", str(folder), "--once", "--files-at-once", "2"]
    environment = stream_environment(warehouse, tmp_path)
    chance = random.Random(9)
    read_when_killed = []
    for _ in range(KILLS):
        process = subprocess.Popen(command, cwd=project_folder, env=environment, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        time.sleep(chance.random() * 1.5)
        process.send_signal(signal.SIGKILL)
        process.wait()
        read_when_killed.append(warehouse.query("select count(*) from int_stream_files")[0][0])
    print(f"files taken in at each of {KILLS} kills: {read_when_killed}")
    finished = subprocess.run(command, cwd=project_folder, env=environment, capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stderr
    taken = warehouse.query("select count(*), cast(sum(row_count) as bigint) from int_stream_files")[0]
    assert taken == (files, len(events))
    assert warehouse.query("select count(*) from int_stream_inbox") == [(0,)]
    assert_equal_scores(live_scores(warehouse), one_batch)


def test_a_growing_table_needs_no_files(built_warehouse, events, one_batch, project_folder, tmp_path, monkeypatch):
    """Rows that are inserted into the engagements table of a schema arrive, by plain dbt and by the stream without a folder."""
    warehouse = built_warehouse.copy(tmp_path / "warehouse")
    warehouse.execute(
        """
        create schema growing;
        create table growing.follows as select consumer_id, producer_id from stg_follows;
        create table growing.engagements as select user_id, tweet_id, engagement_type, engaged_at from stg_engagements;
        """
    )
    variables = {"input_schema": "growing"}
    warehouse.declare_inputs("schema", "growing")
    upstream = ("staging", "engagements", "graph", "similarity", "communities", "entities", "interests")
    warehouse.parse_part(*upstream, "live", variables=variables)
    warehouse.build("run", "--select", "int_stream_events", variables=variables)

    def grow(rows):
        values = ", ".join(f"({user}, {tweet}, '{kind}', '{moment}')" for user, tweet, kind, moment in rows)
        warehouse.execute(f"insert into growing.engagements values {values}")

    grow(events[::2])
    warehouse.build("run", "--select", *FOLDED, variables=variables)
    grow(events[1::2])
    stream = Stream(None, warehouse.database, variables)
    stream.manifest = part_of(warehouse.manifest, list(FOLDED))
    for name, value in stream_environment(warehouse, tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(project_folder)
    assert stream.one_pass() > 0
    assert stream.one_pass() == 0
    assert_equal_scores(live_scores(warehouse), one_batch)


def test_a_missing_folder_or_database_is_named(tmp_path):
    with pytest.raises(ValueError, match="the input folder .* does not exist"):
        Stream(tmp_path / "nowhere", tmp_path / "none.duckdb")
    with pytest.raises(ValueError, match="name a folder of event files"):
        Stream(None, tmp_path / "none.duckdb")
    with pytest.raises(ValueError, match="build it first with `make run`"):
        Stream(tmp_path, tmp_path / "none.duckdb")
