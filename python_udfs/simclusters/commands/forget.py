"""Erase people: they leave every table, and inputs that name them are left out of later builds.

    simclusters forget USER [USER ...] [--output published]

A user is an id as the inputs write it. It is `dbt run-operation forget`, which would leave the ids in dbt's log; this leaves none. It
publishes the snapshot in the folder again, without the one before, and removes explorer.html. The next `simclusters run` makes sums
and counts again.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

import duckdb
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from simclusters.commands import read_artifact
from simclusters.commands.explore import DEFAULT_FILE
from simclusters.database import DatabaseInUseError, database_path, in_short, wait_for_database
from simclusters.snapshot import CURRENT, publish

IN_SILENCE = ("--quiet", "--log-level-file", "none", "--no-write-json")


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns 0, or 1 with a message when somebody is still in a table or a snapshot."""
    parser = argparse.ArgumentParser(prog="simclusters forget", description=__doc__.splitlines()[0])
    parser.add_argument("users", nargs="+", metavar="USER", help="id of a user, as the inputs write it")
    parser.add_argument("--output", type=Path, default=Path("published"), help="folder of the snapshots (default: published)")
    options = parser.parse_args(arguments)
    on_duckdb = os.environ.get("SIMCLUSTERS_TARGET", "duckdb") == "duckdb"
    if on_duckdb and not database_path().exists():
        print(f"error: there is no {database_path()}", file=sys.stderr)
        return 1
    try:
        wait_for_database(database_path())
    except DatabaseInUseError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except duckdb.Error as problem:
        print(f"error: {in_short(problem)}", file=sys.stderr)
        return 1
    outcome = dbtRunner().invoke(["run-operation", "forget", "--args", yaml.safe_dump({"user_id": options.users}), *IN_SILENCE])
    DuckDBConnectionManager.close_all_connections()
    if not outcome.success:
        print(f"error: {outcome.exception or 'see the messages above'}. It can be called again", file=sys.stderr)
        return 1
    for log in logs_that_name(options.users, Path(os.environ.get("DBT_LOG_PATH", "logs"))):
        print(f"{log} names one of them; it is dbt's log of earlier commands, and can be deleted")
    if Path(DEFAULT_FILE).exists():
        Path(DEFAULT_FILE).unlink()
        print(f"{DEFAULT_FILE} showed people, and is gone; the next run writes it again.")
    return publish_again(options.output) if on_duckdb and (options.output / CURRENT).exists() else 0


def publish_again(folder: Path) -> int:
    """Replace all snapshots of a folder by one of the tables as they are now; returns the exit code."""
    target = Path(os.environ.get("DBT_TARGET_PATH", "target"))
    try:
        manifest = read_artifact(target / "manifest.json")
        snapshot = publish(database_path(), manifest, folder, target, keeps_previous=False)
    except (RuntimeError, OSError, duckdb.Error) as problem:
        print(f"error: {folder} still names them, because it could not be published again: {problem}", file=sys.stderr)
        return 1
    print(f"Published {snapshot} in place of the snapshots before.")
    return 0


def logs_that_name(users: list[str], folder: Path) -> list[Path]:
    """The logs of a folder that hold one of the ids, as a word of its own."""
    words = re.compile(rb"(?<![\w.])(?:" + b"|".join(re.escape(user.encode()) for user in users) + rb")(?![\w.])")
    return [path for path in sorted(folder.glob("*.log*")) if words.search(path.read_bytes())]
