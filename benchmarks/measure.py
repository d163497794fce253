"""Runs dbt, or any command, in a process of its own and measures what it took: wall seconds, seconds of each step, peak memory."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import yaml

PROJECT = Path(__file__).resolve().parents[1]

# Of the generated networks that grow.
FOLLOWS_PER_USER = 12

# For `dbt build`: what a benchmark does not time.
WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


class BuildFailed(Exception):
    """A dbt command ended with an error; the message is the end of its log."""


@dataclass(frozen=True)
class Build:
    """What a dbt command took. ``model_seconds`` has the model's name as key."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    model_seconds: dict[str, float]
    passed_tests: int


@dataclass(frozen=True)
class Process:
    """What a process took, and how it ended: its exit code and the end of what it printed."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    exit_code: int
    output: str


def process(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Process:
    """Runs a command in the project's folder, its output in the file ``log``, and measures that process alone."""
    start = time.monotonic()
    with log.open("w") as output:
        started = subprocess.Popen(command, cwd=PROJECT, env=os.environ | (environment or {}), stdout=output, stderr=subprocess.STDOUT)
        # Of this process alone, whatever ran before it.
        _, status, usage = os.wait4(started.pid, 0)
    wall_seconds = time.monotonic() - start
    started.returncode = os.waitstatus_to_exitcode(status)
    return Process(
        wall_seconds=wall_seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * 1024,
        exit_code=started.returncode,
        output="\n".join(log.read_text().splitlines()[-40:]),
    )


def query(folder: Path, sql: str) -> list[tuple]:
    """Rows of a query on the database that `dbt` below built in a folder."""
    with duckdb.connect(str(folder / "simclusters.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def rows_of_tables(folder: Path) -> dict[str, int]:
    """Rows by name of table, in the order of the names."""
    names = query(folder, "select table_name from duckdb_tables() where schema_name = 'main' order by table_name")
    return {name: query(folder, f'select count(*) from "{name}"')[0][0] for (name,) in names}


def machine() -> str:
    """Cores and memory of this machine, in words."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return f"{os.cpu_count()} cores, {pages * page_bytes / 2**30:.0f} GB, {platform.system()} {platform.machine()}"


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Slope of the least-squares line through the logarithms of what was measured: 1 is linear growth. NaN for one size."""
    measured = np.isfinite(seconds)
    if measured.sum() < 2:
        return math.nan
    values = np.maximum(np.asarray(seconds)[measured], 1e-3)
    return float(np.polyfit(np.log(np.asarray(sizes)[measured]), np.log(values), 1)[0])


def dbt(
    *arguments: str, folder: Path, variables: dict[str, Any], memory_limit: str = "4GB", threads: int = 2, at_once: int = 1
) -> Build:
    """Runs a dbt command on the database ``folder/simclusters.duckdb`` and measures it.

    ``at_once`` models run together; with 1 the seconds of the models add up to the whole. Raises BuildFailed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = {
        "SIMCLUSTERS_DATABASE": str(folder / "simclusters.duckdb"),
        "SIMCLUSTERS_MEMORY_LIMIT": memory_limit,
        "SIMCLUSTERS_THREADS": str(threads),
        "SIMCLUSTERS_MODELS_AT_ONCE": str(at_once),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    command = [*(sys.executable, "-m", "simclusters", "dbt"), *arguments, *("--vars", yaml.safe_dump(variables))]
    measured = process(command, folder / "dbt.log", environment)
    if measured.exit_code != 0:
        raise BuildFailed(measured.output)

    manifest = json.loads((folder / "target" / "manifest.json").read_text())
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    nodes = manifest["nodes"]
    models = [result for result in results if result["unique_id"].startswith("model.")]
    models.sort(key=lambda result: result["timing"][0]["started_at"] if result["timing"] else "")
    return Build(
        wall_seconds=measured.wall_seconds,
        cpu_seconds=measured.cpu_seconds,
        peak_bytes=measured.peak_bytes,
        model_seconds={nodes[result["unique_id"]]["name"]: result["execution_time"] for result in models},
        passed_tests=sum(result["status"] == "pass" for result in results),
    )
