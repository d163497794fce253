"""The kinds of faults. Each takes the ground and a source of chance, checks what is left, and returns a word for what happened."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import os
import random
import signal
import threading
import time
from collections.abc import Iterator

import duckdb

from .harness import Ended, Ground, kill_self, says
from .world import COLUMNS, write_csv

FULL = (r"disk is full", r"No space left", r"File too large", r"Disk quota")
ENDS_OF_A_NODE = ("NodeStart", "NodeFinished")


def mend(ground: Ground) -> None:
    """Whatever happened, the next run with good inputs gives what an undisturbed one gives."""
    ground.write_inputs(ground.second)
    ground.must(ground.build())
    ground.check_new()


def judge(ground: Ground, ended: Ended, *patterns: str) -> str:
    """A run that ended well has the new tables. Of another each table is whole, and it was killed or says why."""
    if ended.code == 0:
        ground.check_new()
        return "ended well"
    if not ended.is_killed:
        assert says(ended, *patterns), ended.output
    ground.check_whole()
    mend(ground)
    return "killed" if ended.is_killed else "stopped with a message"


# ---- the batch --------------------------------------------------------------------------------------------------------
def kill_at_a_model(ground: Ground, chance: random.Random) -> str:
    place, seen = chance.randrange(2 * ground.model_count), [0]

    def at_event(name: str) -> None:
        seen[0] += name in ENDS_OF_A_NODE
        if seen[0] > place:
            kill_self()

    return judge(ground, ground.build(at_event))


def kill_at_a_moment(ground: Ground, chance: random.Random) -> str:
    seconds = chance.random() * ground.seconds
    return judge(ground, ground.build(before=lambda: threading.Timer(seconds, kill_self).start()))


def interrupt(ground: Ground, chance: random.Random) -> str:
    seconds, number = chance.random() * ground.seconds, chance.choice([signal.SIGINT, signal.SIGTERM])

    def before() -> None:
        threading.Timer(seconds, os.kill, (os.getpid(), number)).start()

    ended = ground.build(before=before)
    if ended.signal == number:
        ended = Ended(ended.code, signal.SIGKILL, ended.output)
    # Who stops it needs no reason.
    return judge(ground, ended, "")


def disk_of(ground: Ground, chance: random.Random) -> tuple[int, bool]:
    """Bytes that a file may have, and whether they are too few for what a run writes: DuckDB's log is all that must be written."""
    if chance.random() < 0.5:
        return chance.randrange(1_000, 4_000), True
    return chance.randrange(4_000, ground.database.stat().st_size), False


def full_disk(ground: Ground, chance: random.Random) -> str:
    size, is_too_small = disk_of(ground, chance)
    ended = ground.build(file_size=size)
    assert ended.code != 0 or not is_too_small, ended.output
    return judge(ground, ended, *FULL)


def little_memory(ground: Ground, chance: random.Random) -> str:
    limit = f"{chance.choice([5, 10, 20, 40])}MB"
    return judge(ground, ground.build(environment={"SIMCLUSTERS_MEMORY_LIMIT": limit}), "SIMCLUSTERS_MEMORY_LIMIT")


@contextlib.contextmanager
def held(ground: Ground, seconds: float) -> Iterator[None]:
    """Somebody reads the database for some seconds."""
    opened, ready = os.pipe()
    holder = os.fork()
    if holder == 0:
        connection = duckdb.connect(str(ground.database), read_only=True)
        os.write(ready, b"1")
        time.sleep(seconds)
        del connection
        os._exit(0)
    os.read(opened, 1)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(holder, signal.SIGKILL)
        os.waitpid(holder, 0)
        os.close(opened)
        os.close(ready)


def lock(ground: Ground, chance: random.Random) -> str:
    if chance.random() < 0.5:
        with held(ground, chance.random()):
            ended = ground.wait_and_build()
        return judge(ground, ended)
    with held(ground, 60):
        ended = ground.build()
    assert ended.code == 1
    assert says(ended, "lock is held in"), ended.output
    ground.check_old()
    return "stopped with a message"


def in_another_form(ground: Ground, chance: random.Random, forms: tuple[str, ...]) -> tuple[str, bytes]:
    """One of the input files in another form; returns its name and bytes."""
    table = chance.choice(sorted(COLUMNS))
    path, form = ground.inputs / f"{table}.csv", chance.choice(forms)
    data = path.read_bytes()
    if form == "csv":
        return path.name, data
    path.unlink()
    if form == "csv.gz":
        data = gzip.compress(data, mtime=0)
    else:
        with duckdb.connect() as connection:
            path.write_bytes(data)
            connection.execute(f"copy (from '{path}') to '{path.with_suffix('.parquet')}'")
        path.unlink()
        data = path.with_suffix(".parquet").read_bytes()
    (ground.inputs / f"{table}.{form}").write_bytes(data)
    return f"{table}.{form}", data


def truncated_input(ground: Ground, chance: random.Random) -> str:
    """A packed or Parquet file that is cut says so; only its first bytes may be lost."""
    name, data = in_another_form(ground, chance, ("csv.gz", "parquet"))
    (ground.inputs / name).write_bytes(data[: chance.randrange(1, len(data))])
    ended = ground.build()
    assert ended.code == 1, f"{name} was cut, and read"
    assert says(ended, name), ended.output
    ground.check_old()
    return "stopped with a message"


def flipped_input(ground: Ground, chance: random.Random) -> str:
    """Some bytes are others: a run stops and says so, or takes what still is a good row. The next one with good inputs mends all."""
    name, data = in_another_form(ground, chance, ("csv", "csv.gz", "parquet"))
    flipped = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    (ground.inputs / name).write_bytes(bytes(flipped))
    end = str(max(row[3] for row in ground.second["engagements"]))
    ended = ground.build(variables={"as_of": end})
    assert ended.signal == 0, ended.output
    if ended.code != 0:
        assert says(ended, name, name.split(".")[0]), ended.output
        ground.check_whole()
    mend(ground)
    return "ended well" if ended.code == 0 else "stopped with a message"


def reordered_input(ground: Ground, chance: random.Random) -> str:
    """Rows and columns in another order, in several files."""
    for table, rows in ground.second.items():
        rows, columns = chance.sample(rows, len(rows)), chance.sample(range(len(COLUMNS[table])), len(COLUMNS[table]))
        (ground.inputs / f"{table}.csv").unlink()
        parts = chance.randrange(1, 4)
        for part in range(parts):
            path = ground.inputs / f"{table}-{part}.csv"
            write_csv(path, table, [tuple(row[column] for column in columns) for row in rows[part::parts]])
            lines = path.read_text().split("\n", 1)
            path.write_text(",".join(COLUMNS[table][column] for column in columns) + "\n" + lines[1])
    return judge(ground, ground.build())


def repeated_input(ground: Ground, chance: random.Random) -> str:
    for table, rows in ground.second.items():
        write_csv(ground.inputs / f"{table}.csv", table, rows + chance.choices(rows, k=len(rows)))
    # They count the repeats.
    ground.new = {table: rows for table, rows in ground.new.items() if not table.startswith("base_")}
    return judge(ground, ground.build())


def move_clock(days: float) -> None:
    """For this process, as far as dbt and the stream look at the clock."""
    import dbt.tracking

    class Moved(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return datetime.datetime.now(tz) + datetime.timedelta(days=days)

    dbt.tracking.datetime = Moved
    clock = time.time
    time.time = lambda: clock() + days * 86400


def clock_and_zone(ground: Ground, chance: random.Random) -> str:
    days, zone = chance.choice([-4000, -1, 0.02, 400]), chance.choice(["America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"])
    return judge(ground, ground.build(before=lambda: move_clock(days), environment={"TZ": zone}))


# ---- the stream -------------------------------------------------------------------------------------------------------
def batches(ground: Ground, chance: random.Random) -> list[list[tuple]]:
    """The events in any order, in up to six files, some of them twice."""
    events = chance.sample(ground.events, len(ground.events))
    parts = chance.randrange(2, 7)
    return [events[part::parts] + chance.choices(events, k=chance.randrange(20)) for part in range(parts)]


def finish(ground: Ground) -> None:
    ground.must(ground.stream())
    ground.check_streamed()


def stream_in_any_order(ground: Ground, chance: random.Random) -> str:
    ground.write_events(batches(ground, chance))
    ground.must(ground.stream(files_at_once=chance.randrange(1, 4)))
    ground.check_streamed()
    return "ended well"


def stream_killed(ground: Ground, chance: random.Random) -> str:
    ground.write_events(batches(ground, chance))
    outcome = "ended well"
    for _ in range(chance.randrange(1, 4)):
        seconds = chance.random() * ground.seconds
        ended = ground.stream(1, before=lambda seconds=seconds: threading.Timer(seconds, kill_self).start())
        assert ended.is_killed or ended.code == 0, ended.output
        outcome = "killed" if ended.is_killed else outcome
    finish(ground)
    return outcome


def stream_on_full_disk(ground: Ground, chance: random.Random) -> str:
    ground.write_events(batches(ground, chance))
    size, is_too_small = disk_of(ground, chance)
    ended = ground.stream(1, file_size=size)
    assert says(ended, *FULL) or (ended.code == 0 and not is_too_small), ended.output
    finish(ground)
    return "ended well" if ended.code == 0 and not says(ended, *FULL) else "stopped with a message"


def stream_half_written(ground: Ground, chance: random.Random) -> str:
    """A file is cut anywhere, and complete later."""
    ground.write_events(batches(ground, chance))
    path = ground.arrivals / "001.csv"
    whole = path.read_bytes()
    path.write_bytes(whole[: chance.randrange(len(whole))])
    os.utime(path, (2, 2))
    ended = ground.stream()
    ground.must(ended)
    path.write_bytes(whole)
    os.utime(path, (3, 3))
    finish(ground)
    return "waited" if says(ended, "not read yet") else "ended well"


def stream_beside_a_reader(ground: Ground, chance: random.Random) -> str:
    ground.write_events(batches(ground, chance))
    with held(ground, chance.random() * 2):
        ended = ground.stream(2)
    ground.must(ended)
    ground.check_streamed()
    return "waited" if says(ended, "waiting for") else "ended well"


def stream_with_wrong_clocks(ground: Ground, chance: random.Random) -> str:
    """The machine's clock and zone are wrong, and so is the time of an event of one user."""
    user, tweet, kind, _ = chance.choice(ground.events)
    far = ground.events[-1][3] + datetime.timedelta(days=chance.choice([1, 20, 20000]))
    ground.write_events([*batches(ground, chance), [(user, tweet, kind, far)]])
    days, zone = chance.choice([-4000, 400]), chance.choice(["America/New_York", "Asia/Kathmandu"])
    ground.must(ground.stream(chance.randrange(1, 4), before=lambda: move_clock(days), environment={"TZ": zone}))
    ground.check_streamed()
    return "ended well"


BATCH = [
    *(kill_at_a_model, truncated_input, kill_at_a_moment, flipped_input, full_disk, little_memory, lock, interrupt, reordered_input),
    *(repeated_input, clock_and_zone),
]
STREAM = [
    *(stream_killed, stream_on_full_disk, stream_half_written, stream_in_any_order, stream_beside_a_reader),
    stream_with_wrong_clocks,
]
# In turn, so that neighbouring seeds are of different kinds.
KINDS = [kind for pair in zip(BATCH, STREAM, strict=False) for kind in pair] + BATCH[len(STREAM) :]
