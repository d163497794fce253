"""A build in a copy of the database, which takes the place of the database when the build is done."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from simclusters.database import database_path, open_database, wait_for_database


def close_connections() -> None:
    """Close what dbt keeps open; a second connection may not have other settings, and the traceback of an error holds one, too."""
    DuckDBConnectionManager.close_all_connections()
    gc.collect()


def build_beside(build: Callable[[], bool]) -> bool:
    """Run a build in a copy of the database; True when it succeeded, and then the copy is the database.

    Until then readers ask the database as it was, and nobody writes to it, because this process has it open to read. A build that
    fails or is stopped leaves it as it was. Without a database there is nothing to copy.

    Raises DatabaseInUseError when another process has the database open, and OSError when the disk has no room for the copy.
    """
    path = database_path()
    if not path.exists():
        return build()
    # The path may be a link: the copy lies beside the file, and takes the place of the file.
    file = path.resolve()
    folder = file.parent / f"{path.stem}.building"
    wait_for_database(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("checkpoint")
        # Nobody has the database open, so nobody builds there: a process left it that was killed.
        shutil.rmtree(folder, ignore_errors=True)
    needed, free = 2 * file.stat().st_size, shutil.disk_usage(file.parent).free
    if free < needed:
        raise OSError(
            f"A full refresh builds a copy of {path}, which takes up to {needed:,} bytes; {free:,} are free. "
            "Free space, or run `dbt build --full-refresh`, which replaces the tables one by one."
        )

    folder.mkdir(mode=0o770)
    # Views name their database, which is the stem of the path, so the copy has the same name.
    copy = folder / path.name
    given = os.environ.get("SIMCLUSTERS_DATABASE")
    try:
        with open_database(path, read_only=True):
            # In a process of its own: a lock on a file ends when this process closes any handle of it.
            copying = [sys.executable, "-c", "import shutil, sys; shutil.copy2(*sys.argv[1:])", path, copy]
            if subprocess.run(copying, check=False).returncode != 0:
                raise OSError(f"{path} could not be copied to {copy}; the message is above")
            os.environ["SIMCLUSTERS_DATABASE"] = str(copy)
            is_built = build()
            close_connections()
            if is_built:
                with duckdb.connect(str(copy)) as connection:
                    connection.execute("checkpoint")
                os.replace(copy, file)
    finally:
        os.environ.pop("SIMCLUSTERS_DATABASE", None)
        if given is not None:
            os.environ["SIMCLUSTERS_DATABASE"] = given
        close_connections()
        shutil.rmtree(folder, ignore_errors=True)
    return is_built
