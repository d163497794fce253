"""A full refresh by `simclusters run`: in a copy, which takes the place of the database when all is done."""

import os
import subprocess
import sys
from types import SimpleNamespace

import duckdb
import pytest

from simclusters import beside
from simclusters.beside import build_beside
from simclusters.commands import run
from simclusters.database import database_path

WRITE = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('update numbers set number = 99')"
READ = "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).execute('select number from numbers').fetchall())"


@pytest.fixture
def database(tmp_path, monkeypatch):
    path = tmp_path / "mine.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table numbers as select 1 as number")
        connection.execute("create view mine.main.shown as select number from mine.main.numbers")
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(path))
    return path


def from_outside(script, path):
    return subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True)


def numbers(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("select number from shown").fetchall()


def replace_numbers():
    with duckdb.connect(str(database_path())) as connection:
        connection.execute("create or replace table numbers as select 2 as number")


def test_all_tables_change_at_once_and_until_then_people_read_the_old_ones(database):
    def build():
        replace_numbers()
        assert from_outside(READ, database).stdout.strip() == "[(1,)]"
        # What a stream wrote now would be lost, so it has to wait.
        assert "Could not set lock on file" in from_outside(WRITE, database).stderr
        return True

    assert build_beside(build)
    assert numbers(database) == [(2,)]
    assert os.environ["SIMCLUSTERS_DATABASE"] == str(database)
    assert from_outside(WRITE, database).returncode == 0
    assert os.listdir(database.parent) == [database.name]


@pytest.mark.parametrize("end", ["fails", "stopped", "killed before"])
def test_a_full_refresh_that_does_not_end_changes_nothing(database, monkeypatch, capsys, end):
    before = database.read_bytes()

    def build(_):
        replace_numbers()
        if end == "stopped":
            raise KeyboardInterrupt
        return False

    if end == "killed before":
        left = database.parent / "mine.building"
        left.mkdir()
        (left / "mine.duckdb.wal").write_text("of a process that was killed")
    monkeypatch.setattr(run, "build", build)
    assert run.main(["--full-refresh"]) == 1
    assert "Every table is as it was." in capsys.readouterr().err
    assert database.read_bytes() == before
    assert os.listdir(database.parent) == [database.name]


def test_a_second_full_refresh_leaves_the_first_alone(database):
    """Which builds in the copy for hours, perhaps."""
    second = (
        "import os, sys; from simclusters import beside, database; os.environ['SIMCLUSTERS_DATABASE'] = sys.argv[1];"
        "beside.wait_for_database = lambda path: database.wait_for_database(path, 0); beside.build_beside(lambda: True)"
    )

    def build():
        replace_numbers()
        assert "DatabaseInUseError" in from_outside(second, database).stderr
        return True

    assert build_beside(build)
    assert numbers(database) == [(2,)]


def test_behind_a_link_the_file_is_replaced_and_the_link_stays(database, tmp_path, monkeypatch):
    (tmp_path / "large disk").mkdir()
    file = database.rename(tmp_path / "large disk" / "stored.duckdb")
    database.symlink_to(file)

    def build():
        replace_numbers()
        assert database_path().parent.parent == file.parent
        return True

    assert build_beside(build)
    assert database.is_symlink()
    assert numbers(database) == [(2,)]
    assert os.listdir(file.parent) == [file.name]


def test_without_room_for_the_copy_nothing_is_begun(database, monkeypatch, capsys):
    monkeypatch.setattr(beside.shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
    monkeypatch.setattr(run, "build", lambda _: pytest.fail("it was begun"))
    assert run.main(["--full-refresh"]) == 1
    assert "4,096 are free" in capsys.readouterr().err


def test_without_a_database_the_build_makes_it(tmp_path, monkeypatch):
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(tmp_path / "new.duckdb"))
    assert build_beside(lambda: duckdb.connect(str(database_path())).close() is None)
    assert os.listdir(tmp_path) == ["new.duckdb"]


def test_room_for_the_copy_as_it_is_and_not_for_what_is_built_in_it_is_too_little(database, monkeypatch, capsys):
    monkeypatch.setattr(beside.shutil, "disk_usage", lambda _: SimpleNamespace(free=int(1.5 * database.stat().st_size)))
    monkeypatch.setattr(run, "build", lambda _: pytest.fail("it was begun"))
    assert run.main(["--full-refresh"]) == 1
    assert "A full refresh builds a copy" in capsys.readouterr().err
