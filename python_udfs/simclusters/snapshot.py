"""A snapshot of the public tables for readers: Parquet files and a DuckDB file that stay as they are, whatever the next run does.

published/
  current -> 20260131T235959Z-1a2b3c4d     one rename moves it from the last snapshot to the next
  20260131T235959Z-1a2b3c4d/
    simclusters.duckdb                     public tables and functions, for DuckDB from 1.0 on
    tables/clusters.parquet ...            public tables
    warnings.json                          what tests warned of in the run, when that is known
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from simclusters.database import attach_database, quoted, quoted_text
from simclusters.rights import for_readers
from simclusters.runs import last_run, warnings_of_run, what_is_mixed

# The oldest format that DuckDB 2.0 writes: every client from 1.0 on opens it.
STORAGE_VERSION = "v1.0.0"
CURRENT, UNFINISHED = "current", ".unfinished"
WARNINGS = "warnings.json"
# The name that `_write` gives, and `_free_name`. A folder of another name belongs to somebody else.
SNAPSHOT_NAME = re.compile(r"\d{8}T\d{6}Z-\w{1,8}(-\d+)?")
NEW = '"new snapshot"'


class NotPublishableError(RuntimeError):
    """The tables are not those of one good run."""


def publish(database: Path, manifest: dict[str, Any], folder: Path, target: Path | None = None, keeps_previous: bool = True) -> Path:
    """Publish the public tables of a database; returns the folder of the snapshot, which `current` then points to.

    manifest : dbt's, which says what is public and what functions read
    target : dbt's folder with the results of the run, which hold its warnings
    keeps_previous : whether the snapshot that was current stays for those who read it, until the next is published

    Raises NotPublishableError, with the reason, when the last run is not done or tables of two runs stand side by side; nothing is
    changed then.
    """
    with for_readers(), _alone(folder):
        shutil.rmtree(folder / UNFINISHED, ignore_errors=True)
        unfinished = folder / UNFINISHED
        (unfinished / "tables").mkdir(parents=True)
        try:
            name = _write(database, manifest, unfinished, target)
            shutil.rmtree(unfinished / "spill", ignore_errors=True)
            snapshot = _free_name(folder, name)
            unfinished.rename(snapshot)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        before = os.readlink(folder / CURRENT) if keeps_previous and (folder / CURRENT).is_symlink() else None
        _point_to(folder / CURRENT, snapshot.name)
        for old in folder.iterdir():
            is_ours = SNAPSHOT_NAME.fullmatch(old.name) and (old / "tables").is_dir()
            if is_ours and not old.is_symlink() and old.name not in (snapshot.name, before):
                shutil.rmtree(old)
        return snapshot


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two that publish into one folder take turns; the lock goes with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _free_name(folder: Path, name: str) -> Path:
    """A run is published again when the stream has moved on."""
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}"
    return path


def _point_to(link: Path, name: str) -> None:
    beside = link.with_name(f"{link.name}.new")
    beside.unlink(missing_ok=True)
    beside.symlink_to(name)
    os.replace(beside, link)


def _write(database: Path, manifest: dict[str, Any], folder: Path, target: Path | None) -> str:
    """Write the files of a snapshot; returns the name of the run."""
    with attach_database(database) as source:
        run = last_run(source)
        if run is None:
            raise NotPublishableError("no run is recorded in the database: build it once with this version")
        problems = what_is_mixed(source)
        if run.state != "done":
            problems.insert(0, f"Run {run.run_id[:8]} is {run.state}.")
        if problems:
            raise NotPublishableError("the tables are not those of one good run, so nothing was published. " + " ".join(problems))
        warnings = warnings_of_run(source, target) if target else None
        if warnings is not None:
            (folder / WARNINGS).write_text(json.dumps(warnings))
        relations, views = _relations(source, database, manifest)
        source.execute(f"set temp_directory = {quoted_text(folder / 'spill')}")
        source.execute(f"attach {quoted_text(folder / 'simclusters.duckdb')} as {NEW} (storage_version '{STORAGE_VERSION}')")
        # Tables in the order in which they are stored, views as the rows that they have now; but some are published as views.
        for name, (place, _) in relations.items():
            source.execute(f"create table {NEW}.main.{quoted(name)} as select * from {place}")
        source.execute(f"use {NEW}.main")
        for statement in _views(source, database, views, relations):
            source.execute(statement)
        for statement in _functions(source, database, relations):
            source.execute(statement)
        for name, (_, is_public) in relations.items():
            if is_public:
                file = folder / "tables" / f"{name}.parquet"
                source.execute(f"copy {NEW}.main.{quoted(name)} to {quoted_text(file)} (format parquet)")
    return f"{run.started_at}-{run.run_id[:8]}"


def _relations(
    source: duckdb.DuckDBPyConnection, database: Path, manifest: dict[str, Any]
) -> tuple[dict[str, tuple[str, bool]], list[str]]:
    """Tables and views to copy, by name: where they are, and whether they are public or only read by what is. And views to keep."""
    stored = set(
        source.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = $name"
            " union all select schema_name, view_name from duckdb_views() where database_name = $name",
            {"name": database.stem},
        ).fetchall()
    )
    found: dict[str, tuple[str, bool]] = {}
    views: list[str] = []

    def add(node: dict[str, Any], is_public: bool) -> None:
        name = node.get("alias") or node["name"]
        if (node["schema"], name) in stored and not found.get(name, (None, False))[1]:
            found[name] = (f"{quoted(database.stem)}.{quoted(node['schema'])}.{quoted(name)}", is_public)

    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["config"].get("access") == "public":
            is_kept = node["config"].get("meta", {}).get("published_as") == "view"
            if is_kept and (node["schema"], node["alias"]) in stored:
                views.append(node["alias"])
            if is_kept or "table_function" in node["config"]["materialized"]:
                for parent in node["depends_on"]["nodes"]:
                    add(manifest["nodes"][parent], False)
            else:
                add(node, True)
    return found, views


def _views(
    source: duckdb.DuckDBPyConnection, database: Path, views: list[str], relations: dict[str, tuple[str, bool]]
) -> Iterator[str]:
    """Statements that make the views again: explanations, of which there are twenty for each row that they explain."""
    stored = source.execute(
        "select view_name, sql from duckdb_views() where database_name = $name and list_contains($views, view_name) order by 1",
        {"name": database.stem, "views": views},
    ).fetchall()
    for name, sql in stored:
        yield f"create view {quoted(name)} as {_here(sql.split(' AS ', 1)[1], relations)}"


def _here(sql: str, relations: dict[str, tuple[str, bool]]) -> str:
    """SQL with no database before the names of tables, and with a type that every client knows."""
    names = "|".join(map(re.escape, relations))
    sql = re.sub(rf'(?:(?:"(?:[^"]|"")+"|\b\w+)\.)+"?({names})"?(?![\w.])', r"main.\1", sql)
    return re.sub(r"\bas (?:main\.)?float64\b", "as double", sql, flags=re.IGNORECASE)


def _functions(source: duckdb.DuckDBPyConnection, database: Path, relations: dict[str, tuple[str, bool]]) -> Iterator[str]:
    """Statements that make the table functions again, with no database before the names of tables, so that the file may have any name.

    The schema stays: without it older clients take a table for the common table expression of its name. Arguments have no types,
    because the storage version knows none, and so of two functions of one name only the one that takes numbers.
    """
    functions = source.execute(
        "select function_name, parameters, macro_definition from duckdb_functions()"
        " where function_type = 'table_macro' and not internal and database_name = $name"
        " qualify row_number() over (partition by function_name"
        " order by len(list_filter(parameter_types, lambda one: one = 'VARCHAR'))) = 1"
        " order by 1",
        {"name": database.stem},
    ).fetchall()
    for name, parameters, body in functions:
        yield f"create macro {quoted(name)}({', '.join(parameters)}) as table {_here(body, relations)}"
