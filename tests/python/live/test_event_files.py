"""The stream reads files by the rules of the batch, and no file stops another."""

import datetime
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time

import duckdb
import pytest
from dbt_command import PROJECT

from simclusters.database import DatabaseInUseError
from simclusters.streaming import Stream
from simclusters.streaming.stream import PAIRS, PARTIALS, part_of

HEADER = "user_id,tweet_id,engagement_type,engaged_at\n"
NOON = "2026-01-01 12:00:00"
GOOD = f"1,100,fav,{NOON}\n"


class Inbox:
    """A database with an inbox and nothing else, a folder of event files, and a stream between them."""

    def __init__(self, folder, manifest):
        self.database = folder / "simclusters.duckdb"
        self.folder = folder / "events"
        self.folder.mkdir()
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(
                "create table int_stream_inbox (user_id bigint, tweet_id bigint, engagement_type varchar, engaged_at timestamp)"
            )
        self.manifest = manifest
        self.stream = self.new_stream()

    def new_stream(self):
        stream = Stream(self.folder, self.database)
        stream.manifest = part_of(self.manifest, [PAIRS, PARTIALS])
        return stream

    def write(self, name, text, age=60):
        """Write a file that has not changed for some seconds."""
        path = os.path.join(os.fsencode(self.folder), os.fsencode(name))
        with open(path, "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
        os.utime(path, (time.time() - age, time.time() - age))

    def query(self, sql):
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def events(self):
        return self.query("select user_id, tweet_id, engagement_type, cast(engaged_at as varchar) from int_stream_inbox order by all")

    def problems(self):
        return self.query("select file_name, outcome, reason, row_count from int_stream_files where outcome <> 'taken' order by all")


@pytest.fixture
def inbox(parsed_warehouse, tmp_path, monkeypatch):
    made = Inbox(tmp_path, parsed_warehouse.manifest)
    monkeypatch.chdir(PROJECT)
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(made.database))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    return made


def test_a_file_is_read_by_the_rules_of_the_batch(inbox):
    """Ids are not guessed to be doubles, nor dates to begin with the day; what breaks a rule is counted by reason."""
    rows = [
        f"2094576338713995079,1,fav,{NOON}",
        f"12.0,1,fav,{NOON}+02",
        f"3,1, FAV ,{NOON}",
        f"4,1,retweet,{NOON}",
        f"12.7,1,fav,{NOON}",
        "13,1,fav,06/09/2026",
        f",1,fav,{NOON}",
        f"-3,1,fav,{NOON}",
        f"-4,1,fav,{NOON}",
        f"5,1,dance,{NOON}",
        "6,1,fav,9999-01-01 00:00:00",
        "7,1,fav,infinity",
    ]
    inbox.write("a.csv", HEADER + "\n".join(rows) + "\n")

    assert inbox.stream.load(10) == (1, 4, 8)
    assert inbox.events() == [
        (3, 1, "fav", NOON),
        (4, 1, "retweet", NOON),
        (12, 1, "fav", "2026-01-01 10:00:00"),
        (2094576338713995079, 1, "fav", NOON),
    ]
    assert inbox.problems() == [
        ("a.csv", "rejected", "engaged_at cannot be read", 2),
        ("a.csv", "rejected", "engaged_at is before 1970 or after 2099", 1),
        ("a.csv", "rejected", "engagement_type is unknown: dance", 1),
        ("a.csv", "rejected", "user_id cannot be read", 1),
        ("a.csv", "rejected", "user_id is negative", 2),
        ("a.csv", "rejected", "user_id is null", 1),
    ]


def test_text_ids_are_those_of_the_batch_and_new_ones_get_the_next_numbers(inbox):
    with duckdb.connect(str(inbox.database)) as connection:
        connection.execute("create table user_ids as select 1::bigint as user_id, '@ada' as user_key")
    inbox.write("a.csv", HEADER + f"@ada,100,fav,{NOON}\n@bob,100,fav,{NOON}\n")
    assert inbox.stream.load(10) == (1, 2, 0)
    assert [row[0] for row in inbox.events()] == [1, 2]
    assert inbox.query("from user_ids order by 1") == [(1, "@ada"), (2, "@bob")]


def test_who_was_erased_while_the_stream_works_is_not_taken_in(inbox):
    """Numbers and text: the query of the file was made before. The row is counted, and no example of it is kept."""
    with duckdb.connect(str(inbox.database)) as connection:
        connection.execute("create table erased_ids (id_hash varchar, erased_at timestamp)")
    inbox.write("a.csv", HEADER + GOOD)
    assert inbox.stream.load(10) == (1, 1, 0)
    with duckdb.connect(str(inbox.database)) as connection:
        connection.execute(
            "insert into erased_ids select sha256(named), null from (values ('user 2'), ('tweet 300'), ('user @ada')) as names (named)"
        )
    inbox.write("b.csv", f"{HEADER}{GOOD}02,200,fav,{NOON}\n3,300,fav,{NOON}\n2,9,fav,never\n-4,9,fav,{NOON}\n")
    assert inbox.stream.load(10) == (1, 1, 4)
    assert [row[0] for row in inbox.events()] == [1, 1]
    assert inbox.problems() == [
        ("b.csv", "rejected", "names somebody who was erased", 3),
        ("b.csv", "rejected", "user_id is negative", 1),
    ]
    with duckdb.connect(str(inbox.database)) as connection:
        connection.execute("create table user_ids as select 1::bigint as user_id, '@bob' as user_key")
    inbox.write("c.csv", f"{HEADER}@ada,100,fav,{NOON}\n")
    assert inbox.new_stream().load(10) == (1, 0, 1)
    assert inbox.query("from user_ids") == [(1, "@bob")]


def test_files_with_other_headers_and_types_are_read_each_in_its_way(inbox):
    """A Parquet file of other types, and CSV files with columns in another order or beside others."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        types = [("integer", "timestamp"), ("varchar", "timestamp with time zone"), ("double", "varchar")]
        for name, (id_type, time_type) in zip("abc", types, strict=True):
            connection.execute(
                f"copy (select cast(1 as {id_type}) as user_id, 100 as tweet_id, 'fav' as engagement_type,"
                f" cast('{NOON}' as {time_type}) as engaged_at) to '{inbox.folder / name}.parquet'"
            )
    inbox.write("d.csv", f"engaged_at,User_Id,client,tweet_id,engagement_type\n{NOON},1,web,100,fav\n")
    inbox.write("e.csv", HEADER + GOOD)
    inbox.write("f.csv", "\n\n" + HEADER + GOOD)
    inbox.write("g.csv", ("note," + HEADER + '"two lines",' + GOOD).replace("\n", "\r\n").replace("two ", "two\n"))

    assert inbox.stream.load(10) == (7, 7, 0)
    assert inbox.events() == [(1, 100, "fav", NOON)] * 7


def test_files_of_every_kind_that_the_batch_reads_are_read(inbox):
    """Packed ones, other separators and JSON. Not `.txt`, which may be notes."""
    event = f"1,100,fav,{NOON}"
    fields = dict(zip(HEADER.strip().split(","), event.split(","), strict=True))
    inbox.write("a.csv.gz", gzip.compress((HEADER + event + "\n").encode()))
    inbox.write("b.TSV", (HEADER + event + "\n").replace(",", "\t"))
    inbox.write("c.csv", (HEADER + event + "\n").replace(",", ";"))
    inbox.write("d.jsonl", json.dumps(fields) + "\n")
    inbox.write("e.json", json.dumps([fields | {"USER_ID": 1, "client": "web"}]))
    inbox.write("f.ndjson.gz", gzip.compress(json.dumps(fields).encode()))
    inbox.write("g.txt", HEADER + event + "\n")
    duckdb.sql(
        f"copy (select 1 as user_id, 100 as tweet_id, 'fav' as engagement_type, '{NOON}' as engaged_at)"
        f" to '{inbox.folder}/h.csv.zst' (format csv, header, compression zstd)"
    )
    os.utime(inbox.folder / "h.csv.zst", (1, 1))

    assert inbox.stream.load(10) == (7, 7, 0), inbox.problems()
    assert inbox.events() == [(1, 100, "fav", NOON)] * 7


def test_the_connection_is_utc_wherever_the_machine_is(tmp_path):
    code = """
import sys
from simclusters.database import open_database
print(open_database(sys.argv[1]).execute("select cast(timestamptz '2026-07-01 12:00:00+00' as timestamp)").fetchone()[0])
"""
    asked = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "x.duckdb")],
        env={**os.environ, "TZ": "America/New_York"},
        capture_output=True,
        text=True,
    )
    assert asked.stdout.strip() == "2026-07-01 12:00:00", asked.stderr


def test_what_fails_for_a_passing_reason_is_read_again(inbox, monkeypatch, capsys):
    """A dangling link stands for a file that may not be read; then the disk is full for a moment."""
    (inbox.folder / "a.csv").symlink_to(inbox.folder.parent / "later.csv")
    inbox.write("b.csv", HEADER + GOOD)
    insert = Stream._insert

    def full_disk(*_):
        raise duckdb.IOException("IO Error: Could not write file: No space left on device")

    monkeypatch.setattr(Stream, "_insert", full_disk)
    assert inbox.stream.load(10) == (0, 0, 0)
    assert inbox.stream.load(10) == (0, 0, 0)
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1].strip() for line in said] == ["a.csv", "b.csv"], "each is named once"
    assert [row[:2] for row in inbox.problems()] == [("a.csv", "waits"), ("b.csv", "waits")]

    monkeypatch.setattr(Stream, "_insert", insert)
    inbox.write(inbox.folder.parent / "later.csv", HEADER + GOOD)
    assert inbox.stream.load(10) == (2, 2, 0)
    assert inbox.problems() == []


def test_files_that_cannot_be_read_yet_leave_the_others_their_turn(inbox):
    """One file at a time, and the first is unpacked, though it is not called so."""
    inbox.write("a.csv.gz", HEADER + "1,100,fav,2026-01-02 03:04:05\n")
    inbox.write("b.csv", HEADER + "2,100,fav,2026-01-02 03:04:05\n")
    assert inbox.stream.load(1) == (0, 0, 0)
    assert inbox.stream.load(1) == (1, 1, 0)
    assert [user_id for user_id, *_ in inbox.events()] == [2]


def test_what_fails_for_good_is_named_once_and_read_again_when_it_changes(inbox, capsys):
    inbox.write("a.csv", "user,tweet_id,engagement_type\n1,100,fav\n")
    inbox.write("a2.csv", "user,tweet_id,engagement_type\n2,100,fav\n")
    inbox.write("b.csv", HEADER + '1,"100,fav,2026-01-01 00:00:00\n')
    inbox.write("c.csv", HEADER + GOOD)
    inbox.write("d.csv", (HEADER + GOOD).encode("utf-16"))
    inbox.write("note.txt", "no events")

    assert inbox.stream.load(10) == (5, 1, 0)
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "not read: a.csv: it has no column user_id, engaged_at; it has user, tweet_id, engagement_type"
    assert [line.split(":")[1].strip() for line in said] == ["a.csv", "a2.csv", "b.csv", "d.csv"]
    assert inbox.new_stream().load(10) == (0, 0, 0)
    assert [row[:2] for row in inbox.problems()] == [(f"{name}.csv", "failed") for name in ("a", "a2", "b", "d")]

    inbox.write("a.csv", HEADER + GOOD, age=30)
    assert inbox.new_stream().load(10) == (1, 1, 0)
    assert [row[0] for row in inbox.problems()] == ["a2.csv", "b.csv", "d.csv"]


def test_what_a_pass_has_loaded_and_not_folded_is_folded_by_the_next(inbox, monkeypatch, capsys):
    """Somebody opens the database in between, or the process is killed. No other file comes, and nothing says that it is all."""
    folds = []

    def dbt(self, *_):
        folds.append(len(inbox.events()))
        if len(folds) == 1:
            raise DatabaseInUseError("somebody came in between")

    monkeypatch.setattr(Stream, "dbt", dbt)
    inbox.write("a.csv", HEADER + GOOD)
    with pytest.raises(DatabaseInUseError):
        inbox.stream.one_pass()
    assert inbox.stream.one_pass() == 0
    assert inbox.stream.one_pass() == 0
    assert folds == [1, 1]

    again = inbox.new_stream()
    assert again.one_pass() == 0
    assert again.one_pass() == 0
    assert folds == [1, 1, 1]


def test_a_half_written_file_waits(inbox, monkeypatch):
    """A row that is cut, a Parquet file without its end, an empty file, and one that was written a moment ago."""
    # On a busy machine a look comes late.
    monkeypatch.setattr("simclusters.streaming.files.SETTLED_SECONDS", 20.0)
    inbox.write("a.csv", HEADER + GOOD + "2,100,fav,2026-01-01 1")
    inbox.write("b.parquet", b"PAR1 and half of the rest")
    inbox.write("c.csv", "")
    inbox.write("d.csv", HEADER + GOOD, age=0)

    assert inbox.stream.load(10) == (0, 0, 0)
    assert [row[:2] for row in inbox.problems()] == [("a.csv", "waits"), ("b.parquet", "waits"), ("c.csv", "waits")]
    assert inbox.stream.has_unsettled_files
    assert inbox.stream.load(10) == (1, 1, 0), "it has not changed since the last look"

    inbox.write("a.csv", HEADER + GOOD + "2,100,fav,2026-01-01 12:00:00\n")
    assert inbox.stream.load(10) == (1, 2, 0)
    inbox.write("a.csv", HEADER + GOOD + "2,100,fav,2026-01-01 12:00:00\n3,100,fav,2026-01-01 12:00:00\n", age=30)
    assert inbox.stream.load(10) == (1, 3, 0), "a file that grows is read again; events that were taken in change nothing"
    assert [row[0] for row in inbox.problems()] == ["b.parquet", "c.csv"]


def test_a_file_of_any_name_is_read_once_and_its_neighbours_too(inbox, tmp_path, monkeypatch):
    """Names that are no UTF-8, that mean a pattern or a quote, or end in capitals. Links to them lie in a folder called größe."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "größe"))
    (tmp_path / "größe").mkdir()
    names = [b"a.csv", b"\xff.csv", b"*.csv", b"[a]?.csv", b"it's.csv", b"a b.CSV", b"z.csv"]
    for number, name in enumerate(names):
        inbox.write(name, f"{HEADER}{number},100,fav,{NOON}\n")

    assert inbox.stream.load(10) == (7, 7, 0)
    assert [row[0] for row in inbox.events()] == list(range(7))
    assert inbox.stream.load(10) == (0, 0, 0)


def test_ctrl_c_ends_the_stream_at_once(tmp_path):
    """It is sent while a statement runs in a thread, as those of dbt do."""
    code = """
import sys, threading, types, duckdb
class Stream:
    has_unsettled_files = False
    def __init__(self, *_): pass
    def one_pass(self, _):
        statement = threading.Thread(target=lambda: duckdb.sql("select sum(hash(range)) from range(100000000000)").fetchall())
        statement.start()
        print("started", flush=True)
        statement.join()
# Without importing dbt, which takes seconds.
sys.modules["simclusters.streaming"] = types.SimpleNamespace(Stream=Stream, SETTLED_SECONDS=1)
from simclusters.commands import stream
sys.exit(stream.main(["--input", sys.argv[1]]))
"""
    database = tmp_path / "x.duckdb"
    duckdb.connect(str(database)).close()
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], env={**os.environ, "SIMCLUSTERS_DATABASE": str(database)}, stdout=subprocess.PIPE
    )
    deadline = threading.Timer(60, process.kill)
    deadline.start()
    process.stdout.readline()
    time.sleep(0.5)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    deadline.cancel()
    # The statement would take hours.
    assert time.monotonic() - started < 20


def test_an_event_of_the_future_waits_for_its_time(built_warehouse, tmp_path):
    """One of the year 9999, and one ten days ahead; then others reach that time. No order of events makes a difference."""
    warehouse = built_warehouse.copy(tmp_path)
    as_of = warehouse.query("select as_of from int_stream_clock")[0][0]
    users = [row[0] for row in warehouse.query("select distinct consumer_id from interested_in order by 1 limit 40")]
    tweet = warehouse.query("select max(tweet_id) from stg_tweets")[0][0]
    far = as_of + datetime.timedelta(days=10)

    def stream(rows):
        values = ", ".join(f"({user}, {tweet}, 'fav', timestamp '{moment}')" for user, moment in rows)
        warehouse.execute(f"insert into int_stream_inbox values {values}")
        warehouse.build("run", "--select", PAIRS, PARTIALS)

    live_before = warehouse.query("select count(*) from live_tweet_embeddings")[0][0]
    stream([(users[0], far), (users[0], as_of + datetime.timedelta(minutes=2)), (users[1], "9999-01-01 00:00:00")])
    assert warehouse.query("select as_of from int_stream_clock") == [(as_of + datetime.timedelta(minutes=2),)]
    # The window has moved by two minutes, and not more.
    assert warehouse.query("select count(*) from live_tweet_embeddings")[0][0] > 0.99 * live_before > 1000
    assert warehouse.query("select source_name, reason, row_count from stream_problems order by reason") == [
        ("int_stream_inbox", "engaged_at is ahead of the stream; the event waits for its time", 1),
        ("int_stream_inbox", "engaged_at is before 1970 or after 2099", 1),
    ]

    stream([(user, far - datetime.timedelta(hours=3)) for user in users])
    assert warehouse.query("select as_of from int_stream_clock") == [(far,)]
    assert warehouse.query("select reason from stream_problems") == [("engaged_at is before 1970 or after 2099",)]


def test_a_full_refresh_reads_the_files_again(built_warehouse, tmp_path, monkeypatch):
    """It repairs a poisoned stream, and loses no streamed event."""
    warehouse = built_warehouse.copy(tmp_path / "warehouse")
    as_of = warehouse.query("select as_of from int_stream_clock")[0][0]
    user = warehouse.query("select min(consumer_id) from interested_in")[0][0]
    tweet = warehouse.query("select max(tweet_id) from stg_tweets")[0][0]
    folder = tmp_path / "events"
    folder.mkdir()
    (folder / "a.csv").write_text(f"{HEADER}{user},{tweet},fav,{as_of + datetime.timedelta(minutes=2)}\n")
    os.utime(folder / "a.csv", (1, 1))
    monkeypatch.chdir(PROJECT)
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(warehouse.database))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    stream = Stream(folder, warehouse.database)
    stream.manifest = part_of(warehouse.manifest, [PAIRS, PARTIALS])
    # Sums in another order may differ in the last digits.
    live_scores = "select tweet_id, cluster_id, fav_count, round(tweet_score, 9) from live_tweet_embeddings order by all"
    warehouse.execute("update table_limits set items_per_group = 10000, minimum_score = -1 where table_name = 'live_tweet_embeddings'")

    assert stream.one_pass() == 1
    good = warehouse.query(live_scores)
    # What an earlier version did.
    warehouse.execute("insert into int_stream_pairs values (1, 1, 0, 4102444800000 * 2, null)")
    assert stream.dbt("run", "--select", PARTIALS).success
    assert warehouse.query(live_scores) == []

    stream.dbt("run", "--full-refresh", "--select", PAIRS, PARTIALS)
    assert stream.one_pass() == 1
    assert warehouse.query(live_scores) == good


def test_a_file_that_is_replaced_by_one_of_the_same_size_is_read_again(inbox):
    inbox.write("a.csv", HEADER + GOOD)
    assert inbox.stream.load(10) == (1, 1, 0)
    inbox.write("a.csv", HEADER + "2" + GOOD[1:], age=30)
    assert inbox.stream.load(10) == (1, 1, 0)
    assert [row[0] for row in inbox.events()] == [1, 2]


@pytest.mark.parametrize("words", ["IO Error: disk", "Out of Memory Error: failed to allocate", "INTERRUPT Error: Interrupted!"])
def test_what_says_nothing_about_the_file_is_tried_again(inbox, monkeypatch, words):
    insert = Stream._insert

    def fails(*_):
        raise duckdb.Error(words)

    inbox.write("a.csv", HEADER + GOOD)
    monkeypatch.setattr(Stream, "_insert", fails)
    assert inbox.stream.load(10) == (0, 0, 0)
    monkeypatch.setattr(Stream, "_insert", insert)
    assert inbox.stream.load(10) == (1, 1, 0)


def test_of_a_file_all_events_are_taken_in_or_none(inbox, monkeypatch):
    """The disk is full when its rows are written and before it is remembered."""
    remember = Stream._remember

    def fails(*_):
        raise duckdb.IOException("IO Error: Could not write file: No space left on device")

    inbox.write("a.csv", HEADER + GOOD)
    monkeypatch.setattr(Stream, "_remember", staticmethod(fails))
    assert inbox.stream.load(10) == (0, 0, 0)
    assert inbox.events() == []
    monkeypatch.setattr(Stream, "_remember", staticmethod(remember))
    assert inbox.stream.load(10) == (1, 1, 0)
    assert len(inbox.events()) == 1


def test_a_kind_of_file_that_cannot_be_read_now_may_be_read_later(inbox, monkeypatch):
    queries_for = Stream._queries_for
    monkeypatch.setattr(Stream, "_queries_for", lambda *_: {"problem": "[Errno 28] No space left on device"})
    inbox.write("a.csv", HEADER + GOOD)
    assert inbox.stream.load(10) == (0, 0, 0)
    monkeypatch.setattr(Stream, "_queries_for", queries_for)
    assert inbox.stream.load(10) == (1, 1, 0)


def test_each_pass_with_new_events_folds_them(inbox, monkeypatch):
    folds = []
    monkeypatch.setattr(Stream, "dbt", lambda *_: folds.append(len(inbox.events())))
    for number, name in enumerate(("a.csv", "b.csv"), start=1):
        inbox.write(name, HEADER + GOOD)
        assert inbox.stream.one_pass() == 1
        assert folds == list(range(1, number + 1))


def test_a_parquet_file_that_has_just_been_begun_waits(inbox):
    """Its first four letters are those of its end."""
    inbox.write("a.parquet", b"PAR1")
    assert inbox.stream.load(10) == (0, 0, 0)
    assert [row[:2] for row in inbox.problems()] == [("a.parquet", "waits")]


def test_who_came_in_between_is_named(inbox, monkeypatch):
    """So that the command waits, as for a build; any other failure of dbt ends it."""
    lock = 'IO Error: Could not set lock on file "x": Conflicting lock is held in /usr/bin/python3 (PID 4711).'

    class LockedOut:
        def __init__(self, **_):
            pass

        def invoke(self, _):
            return type("Outcome", (), {"success": False, "exception": lock})

    monkeypatch.setattr("simclusters.streaming.stream.dbtRunner", LockedOut)
    with pytest.raises(DatabaseInUseError, match=r"process 4711 \(/usr/bin/python3\) came in between"):
        inbox.stream.fold()
