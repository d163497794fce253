"""Publish the public tables for readers: Parquet files, and a DuckDB file that clients from 1.0 on open. What `make export` calls.

    simclusters export [--output published]

Readers open `published/current/simclusters.duckdb` or `published/current/tables/*.parquet`. They wait for no build, and no build waits
for them. What is published is always one good run. When the last run failed, this stops and says why, and what is published stays.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import duckdb

from simclusters.commands import check_is_built, read_artifact
from simclusters.database import database_path, in_short
from simclusters.snapshot import CURRENT, publish


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns 0, or 1 with a message when there is nothing to publish."""
    parser = argparse.ArgumentParser(prog="simclusters export", description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("published"), help="folder of the snapshots (default: published)")
    output = parser.parse_args(arguments).output
    target = Path(os.environ.get("DBT_TARGET_PATH", "target"))
    manifest = target / "manifest.json"
    try:
        check_is_built(database_path(), manifest)
        snapshot = publish(database_path(), read_artifact(manifest), output, target)
    except (RuntimeError, OSError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except duckdb.Error as problem:
        print(f"error: {in_short(problem)}", file=sys.stderr)
        return 1
    print(f"Published {len(list((snapshot / 'tables').iterdir()))} tables as {snapshot}. Readers open")
    print(f"  {output / CURRENT / 'simclusters.duckdb'}\n  {output / CURRENT / 'tables'}/*.parquet")
    return 0
