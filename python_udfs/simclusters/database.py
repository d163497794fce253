"""The DuckDB database of the profile, for the commands that read or fill it beside dbt."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb


def database_path() -> Path:
    """The file that dbt builds, from SIMCLUSTERS_DATABASE."""
    return Path(os.environ.get("SIMCLUSTERS_DATABASE", "simclusters.duckdb"))


def open_database(path: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection in which names without a schema are those of SIMCLUSTERS_SCHEMA, as in dbt's profile."""
    connection = duckdb.connect(str(path), read_only=read_only)
    schema = os.environ.get("SIMCLUSTERS_SCHEMA", "main")
    # No parameter can stand here, so quotes are doubled.
    connection.execute("set schema = '" + schema.replace("'", "''") + "'")
    return connection
