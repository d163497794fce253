"""A database that another process has open: commands wait, say for whom, and can be stopped."""

import signal
import subprocess
import sys
import time

import duckdb
import pytest

from simclusters import database
from simclusters.commands import export, forget, run, stream
from simclusters.database import DatabaseInUseError, in_short, open_database, wait_for_database


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "used.duckdb"
    duckdb.connect(str(path)).close()
    return path


@pytest.fixture
def hold(file):
    """Starts processes that have the file open for some seconds."""
    processes = []

    def start(seconds, read_only=True):
        opened = f"import duckdb, time; connection = duckdb.connect({str(file)!r}, read_only={read_only})"
        script = f"{opened}; print('open', flush=True); time.sleep({seconds})"
        processes.append(subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True))
        processes[-1].stdout.readline()
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_a_writer_waits_for_a_reader_says_once_for_whom_and_goes_on(file, hold, capsys):
    reader = hold(4)
    with open_database(file) as connection:
        connection.execute("create table got_in as select 1 as one")
    said = capsys.readouterr().err
    assert said.count("waiting for") == 1
    assert f"process {reader.pid} (" in said
    # Once in, nobody is waited for.
    wait_for_database(file)
    assert capsys.readouterr().err == ""


def test_a_holder_that_stays_is_named(file, hold):
    writer = hold(60, read_only=False)
    for wait in (wait_for_database, open_database):
        with pytest.raises(DatabaseInUseError, match=f"process {writer.pid} .*used.duckdb"):
            wait(file, patience=0.5)


def test_readers_do_not_wait_for_readers(file, hold, capsys):
    hold(60)
    open_database(file, read_only=True).close()
    assert capsys.readouterr().err == ""


def test_other_problems_are_not_waited_for(tmp_path):
    (tmp_path / "text.duckdb").write_text("no database " * 1000)
    started = time.monotonic()
    with pytest.raises(duckdb.Error):
        open_database(tmp_path / "text.duckdb")
    assert time.monotonic() - started < 5
    wait_for_database(tmp_path / "none.duckdb")


@pytest.mark.parametrize("command", [run, stream, export, forget])
@pytest.mark.parametrize("damage", ["cut", "overwritten", "another file"])
def test_a_damaged_database_is_named_with_what_comes_back_and_what_does_not(command, damage, tmp_path, monkeypatch, capsys):
    path = tmp_path / "damaged.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table numbers as select range from range(100000)")
    whole = path.read_bytes()
    changed = {"cut": whole[:5000], "overwritten": whole[:4096] + bytes(8192) + whole[12288:], "another file": b"no database " * 1000}
    path.write_bytes(changed[damage])
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(path))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    (tmp_path / "manifest.json").write_text('{"nodes": {}}')
    monkeypatch.setattr(stream, "stop_at_once", lambda: None)
    arguments = {stream: ["--input", str(tmp_path)], forget: ["17"], export: ["--output", str(tmp_path / "published")]}
    assert command.main(arguments.get(command, [])) == 1
    said = capsys.readouterr().err
    assert "damaged.duckdb is damaged. Put a copy in its place." in said
    assert "the list of erased people do not come back" in said
    assert len(said.splitlines()) == 1
    assert path.read_bytes() == changed[damage]


def test_an_error_of_the_disk_or_of_memory_comes_with_what_to_do():
    full = "IO Error: Could not write file: No space left on device\n  File a line 1\n  File b line 2"
    assert "The disk of " in in_short(duckdb.IOException(full))
    assert "line 2" not in in_short(duckdb.IOException(full))
    assert "Raise SIMCLUSTERS_MEMORY_LIMIT" in in_short("Out of Memory Error: failed to allocate data")
    assert in_short(duckdb.BinderException("Binder Error: no such column")) == "Binder Error: no such column"


def test_who_waits_can_be_stopped(file, hold):
    hold(60, read_only=False)
    # A shell that runs this in the background has its children ignore Ctrl-C.
    script = "import pathlib, signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    script += f"from simclusters.database import open_database; open_database(pathlib.Path({str(file)!r}))"
    waiting = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
    assert "waiting for" in waiting.stderr.readline()
    waiting.send_signal(signal.SIGINT)
    started = time.monotonic()
    waiting.wait(timeout=30)
    # It would wait for a minute.
    assert time.monotonic() - started < 20


def test_a_run_that_does_not_get_in_says_who_is_in(file, hold, capsys, monkeypatch):
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(file))
    monkeypatch.setattr(database.wait_for_database, "__defaults__", (0.5,))
    reader = hold(60)
    assert run.main([]) == 1
    assert f"error: process {reader.pid} " in capsys.readouterr().err


class StoppedError(Exception):
    """Stands for Ctrl-C, which would end this process."""


class FakeStream:
    """Finds the database in use once, then takes one file, then is stopped."""

    def __init__(self, *_):
        self.passes = 0

    def one_pass(self, _):
        self.passes += 1
        if self.passes == 1:
            raise DatabaseInUseError("process 1 has it open")
        if self.passes == 2:
            return 1
        raise StoppedError


def stop(*_):
    raise StoppedError


@pytest.fixture
def fake_stream(file, monkeypatch):
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(file))
    monkeypatch.setattr(stream, "Stream", FakeStream)
    monkeypatch.setattr(stream, "stop_at_once", lambda: None)


def stream_until_stopped(*arguments):
    with pytest.raises(StoppedError):
        stream.main([*arguments])


@pytest.mark.parametrize("problem", [DatabaseInUseError("process 1 has it open"), FileNotFoundError(2, "No such file", "events")])
def test_a_stream_waits_for_what_is_away_when_it_starts(fake_stream, monkeypatch, capsys, tmp_path, problem):
    """A build that takes long, or a folder that is mounted later."""
    problems = [problem]

    def compare_inputs(*_):
        if problems:
            raise problems.pop()

    monkeypatch.setattr(stream, "compare_inputs", compare_inputs)
    monkeypatch.setattr(FakeStream, "one_pass", stop)
    stream_until_stopped("--input", str(tmp_path), "--every", "0")
    assert capsys.readouterr().err == f"still waiting: {problem}\n"
    problems.append(problem)
    assert stream.main(["--input", str(tmp_path), "--once"]) == 1
    assert capsys.readouterr().err == f"error: {problem}\n"


def test_a_stream_goes_on_when_the_reader_is_gone(fake_stream, capsys, tmp_path):
    stream_until_stopped("--input", str(tmp_path))
    assert "still waiting: process 1 has it open" in capsys.readouterr().err
    assert stream.main(["--input", str(tmp_path), "--once"]) == 1


RUN = """
create or replace table runs as select 'one' as run_id, '{kind}' as input_kind, '{name}' as input_name;
create or replace table table_runs as select 'int_stream_pairs' as table_name, 'one' as run_id;
"""


def test_a_stream_of_another_schema_than_the_batch_is_refused(file, fake_stream, capsys):
    with duckdb.connect(str(file)) as connection:
        connection.execute(RUN.format(kind="folder", name="/data"))
    assert stream.main(["--vars", "{input_schema: raw}"]) == 1
    assert "the events come from the schema raw, and the tables here were made from the folder /data" in capsys.readouterr().err
    with duckdb.connect(str(file)) as connection:
        connection.execute(RUN.format(kind="schema", name="raw"))
    stream_until_stopped("--vars", "{input_schema: raw}")


def test_real_events_beside_the_sample_are_warned_of(file, fake_stream, capsys, tmp_path):
    for kind, is_warned in (("sample", True), ("folder", False)):
        with duckdb.connect(str(file)) as connection:
            connection.execute(RUN.format(kind=kind, name=""))
        stream_until_stopped("--input", str(tmp_path))
        assert ("made from the sample" in capsys.readouterr().err) == is_warned


def test_once_ends_when_no_file_may_still_be_written(fake_stream, monkeypatch, tmp_path):
    """What was moved in a moment ago is for this call: the next may be a day away."""
    passes = []
    monkeypatch.setattr(FakeStream, "one_pass", lambda *_: passes.append("nothing new") or 0)
    monkeypatch.setattr(FakeStream, "has_unsettled_files", property(lambda _: len(passes) < 2), raising=False)
    monkeypatch.setattr(stream, "SETTLED_SECONDS", 0)
    assert stream.main(["--input", str(tmp_path), "--once"]) == 0
    assert len(passes) == 2
