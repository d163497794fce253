"""The DuckDB database of the profile, for the commands that read or fill it beside dbt."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

# How long a command waits for a database that another process has open.
PATIENCE_SECONDS = 60.0
SECONDS_BETWEEN_LOOKS = 0.25


# DuckDB's first words of what is wrong with a file that it wrote once, and that something else has changed or cut.
DAMAGED = ("Corrupt", "Could not read enough bytes", "not a valid DuckDB database", "Serialization Error", "checksum")
FULL = ("No space left on device", "File too large", "Disk quota exceeded")


class DatabaseInUseError(RuntimeError):
    """Another process has the database open and did not close it in time."""


def advice(problem: object) -> str:
    """What to do about an error of DuckDB: a sentence or two for people, empty when there is nothing to say."""
    text = str(problem)
    if any(sign in text for sign in DAMAGED):
        return (
            f"The database {database_path()} is damaged. Put a copy in its place. Without one, move it away and run again: all tables "
            "come back from the inputs, and a stream reads its files again. Histories, numbers of text ids and the list of erased "
            "people do not come back (docs/runs.md)."
        )
    if any(sign in text for sign in FULL):
        return (
            f"The disk of {database_path()} is full. Free space, or put the database on a larger disk (SIMCLUSTERS_DATABASE), and run "
            "again. Every table is whole: each is as it was, or as this run made it."
        )
    if "Out of Memory Error" in text:
        return (
            f"Memory is not enough: DuckDB has {os.environ.get('SIMCLUSTERS_MEMORY_LIMIT', '4GB')}. Raise SIMCLUSTERS_MEMORY_LIMIT, "
            "or let it do less at a time: SIMCLUSTERS_MODELS_AT_ONCE=1, SIMCLUSTERS_THREADS=1."
        )
    if "CSV Parser state machine reached an invalid state" in text:
        return "Lines of this file end in two ways, some in CR LF and some in LF alone. Write it with one of them."
    return ""


def in_short(problem: object) -> str:
    """The first line of an error, and what to do about it."""
    first = str(problem).strip().splitlines()[:1] or [type(problem).__name__]
    return " ".join(filter(None, [first[0], advice(problem)]))


def database_path() -> Path:
    """The file that dbt builds, from SIMCLUSTERS_DATABASE."""
    return Path(os.environ.get("SIMCLUSTERS_DATABASE", "simclusters.duckdb"))


def lock_holder(problem: object) -> str | None:
    """Who holds the lock that DuckDB complains of, such as "process 4711 (/usr/bin/python3)"; None for any other problem."""
    if "Could not set lock on file" not in str(problem):
        return None
    found = re.search(r"Conflicting lock is held in (.*?) \(PID (\d+)\)", str(problem))
    return f"process {found[2]} ({found[1]})" if found else "another process"


def open_database(path: Path, read_only: bool = False, patience: float = PATIENCE_SECONDS) -> duckdb.DuckDBPyConnection:
    """A connection in which names without a schema are those of SIMCLUSTERS_SCHEMA, and times are UTC, as in dbt's profile.

    patience : seconds to wait while another process has the file open; says once whom it waits for

    Raises DatabaseInUseError, with the holder, when the file is still not free.
    """
    connection = _patiently(lambda: duckdb.connect(str(path), read_only=read_only), path, patience)
    connection.execute("set TimeZone = 'UTC'")
    for name, value in limits().items():
        connection.execute(f"set {name} = {quoted_text(value)}")
    # DuckDB reads the text as a path: in quotes, a name with a dot is one name.
    connection.execute(f"set schema = {quoted_text(quoted(schema_name()))}")
    return connection


def attach_database(path: Path, patience: float = PATIENCE_SECONDS) -> duckdb.DuckDBPyConnection:
    """A database in memory to which the file is attached, to be read, under its own name and as the first to look in."""
    connection = duckdb.connect(config=limits())
    name = quoted(path.stem)
    attach = f"attach {quoted_text(path)} as {name} (read_only)"
    _patiently(lambda: connection.execute(attach), path, patience)
    connection.execute(f"use {name}.{quoted(schema_name())}")
    return connection


def wait_for_database(path: Path, patience: float = PATIENCE_SECONDS) -> None:
    """Return when a process may open the file to write, at once when there is none, or when the target is not DuckDB.

    Raises DatabaseInUseError as open_database.
    """
    if path.exists() and os.environ.get("SIMCLUSTERS_TARGET", "duckdb") == "duckdb":
        _patiently(lambda: duckdb.connect(str(path)), path, patience).close()


def limits() -> dict[str, str]:
    """DuckDB's settings of memory and threads, as in dbt's profile."""
    return {"memory_limit": os.environ.get("SIMCLUSTERS_MEMORY_LIMIT", "4GB"), "threads": os.environ.get("SIMCLUSTERS_THREADS", "2")}


def schema_name() -> str:
    """The schema that holds the tables, from SIMCLUSTERS_SCHEMA."""
    return os.environ.get("SIMCLUSTERS_SCHEMA", "main")


def quoted(name: str) -> str:
    """A name as SQL writes it; where a name stands, no parameter can."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(value: object) -> str:
    """A text as SQL writes it, for statements that take no parameter."""
    return "'" + str(value).replace("'", "''") + "'"


def _patiently(open_it: Callable[[], duckdb.DuckDBPyConnection], path: Path, patience: float) -> duckdb.DuckDBPyConnection:
    started = time.monotonic()
    is_said = False
    while True:
        try:
            return open_it()
        except duckdb.IOException as problem:
            holder = lock_holder(problem)
            if holder is None:
                raise
            if time.monotonic() - started >= patience:
                raise DatabaseInUseError(
                    f"{holder} has {path} open, and DuckDB lets one process in that writes, or several that only read. "
                    "End it or close its connection. Readers of a published snapshot are in nobody's way: docs/readers.md"
                ) from None
            if not is_said:
                print(f"waiting for {path}, {patience:.0f} s at most: {holder} has it open", file=sys.stderr, flush=True)
                is_said = True
            time.sleep(SECONDS_BETWEEN_LOOKS)
