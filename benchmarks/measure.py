"""What all benchmarks share: a process is run and measured, a network is generated, and a table is printed or kept in a page."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import duckdb
import numpy as np
import yaml

PROJECT = Path(__file__).resolve().parents[1]

# Of the generated networks that grow.
FOLLOWS_PER_USER = 12

# For `dbt build`: what a benchmark does not time.
WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


class Failed(Exception):
    """A command ended with an error; the message is the end of its log."""


@dataclass(frozen=True)
class Taken:
    """What a process took. ``model_seconds`` has the model's name as key, where dbt ran."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str
    model_seconds: dict[str, float] = field(default_factory=dict)


def command_line(description: str, name: str) -> argparse.ArgumentParser:
    """A parser with what every benchmark asks for; ``name`` is that of its work folder."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=PROJECT / "data" / "benchmarks" / name, help="folder of inputs and databases")
    parser.add_argument("--keep", action="store_true", help="put the rows into the page, in place of those of the same name")
    datasets = Path(os.environ.get("SIMCLUSTERS_DATASETS", "datasets"))
    parser.add_argument("--datasets", type=Path, default=datasets, help="folder of the real data; SIMCLUSTERS_DATASETS names it too")
    return parser


def process(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Taken:
    """Runs a command in the project's folder, its output in the file ``log``, and measures that process alone. Raises Failed."""
    start = time.monotonic()
    with log.open("w") as output:
        started = subprocess.Popen(command, cwd=PROJECT, env=os.environ | (environment or {}), stdout=output, stderr=subprocess.STDOUT)
        # Of this process alone, whatever ran before it.
        _, status, usage = os.wait4(started.pid, 0)
    wall_seconds = time.monotonic() - start
    started.returncode = os.waitstatus_to_exitcode(status)
    said = "\n".join(log.read_text().splitlines()[-40:])
    if started.returncode != 0:
        raise Failed(said)
    return Taken(wall_seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, said)


def dbt(
    *arguments: str, folder: Path, variables: dict[str, Any], memory_limit: str = "4GB", threads: int = 2, at_once: int = 1
) -> Taken:
    """Runs a dbt command on the database ``folder/simclusters.duckdb`` and measures it.

    ``at_once`` models run together; with 1 the seconds of the models add up to the whole. Raises Failed.
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
    taken = process(command, folder / "dbt.log", environment)
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    seconds = {result["unique_id"].rsplit(".", 1)[1]: result["execution_time"] for result in results}
    return Taken(taken.wall_seconds, taken.cpu_seconds, taken.peak_bytes, taken.output, seconds)


def query(folder: Path, sql: str) -> list[tuple]:
    """Rows of a query on the database that `dbt` above built in a folder."""
    with duckdb.connect(str(folder / "simclusters.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def rows_of_tables(folder: Path) -> dict[str, int]:
    """Rows by name of table, in the order of the names."""
    names = query(folder, "select table_name from duckdb_tables() where schema_name = 'main' order by table_name")
    return {name: query(folder, f'select count(*) from "{name}"')[0][0] for (name,) in names}


def write_network(follows: int, folder: Path, follows_per_user: int = FOLLOWS_PER_USER) -> dict[str, Any]:
    """Inputs of a generated network with as many engagements as follows; returns the vars that read them."""
    from simclusters.sample.parameters import SampleParameters
    from simclusters.sample.writing import write_sample

    write_sample(SampleParameters(users=follows // follows_per_user, follows=follows, engagements=follows), folder, "parquet")
    return {"input_dir": str(folder)}


def machine() -> str:
    """Cores and memory of this machine, and its load, in words."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    size = f"{os.cpu_count()} cores, {pages * page_bytes / 2**30:.0f} GB, {platform.system()} {platform.machine()}"
    return f"{size}, load {os.getloadavg()[1]:.1f}"


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Slope of the least-squares line through the logarithms of what was measured: 1 is linear growth. NaN for one size."""
    if len(sizes) < 2:
        return math.nan
    return float(np.polyfit(np.log(np.asarray(sizes)), np.log(np.maximum(seconds, 1e-3)), 1)[0])


def with_spread(numbers: Sequence[float]) -> str:
    """The mean, and the standard deviation where there are several."""
    return f"{mean(numbers):.4f}" + (f" ± {stdev(numbers):.4f}" if len(numbers) > 1 else "")


def cell(value: object) -> str:
    """A value as the text of a Markdown table; floats with four digits, whole numbers with commas."""
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], numbers_from: int = 1) -> list[str]:
    """Lines of a Markdown table; columns from `numbers_from` on are aligned to the right."""
    rule = "".join("---|" if position < numbers_from else "---:|" for position in range(len(columns)))
    return [f"| {' | '.join(columns)} |", f"|{rule}", *(f"| {' | '.join(map(cell, row))} |" for row in rows)]


def report(page: Path, heading: str, columns: Sequence[str], rows: Iterable[Sequence[object]], keys: int, is_kept: bool) -> None:
    """Prints a table. If it is kept, its rows go into the first table of the page below the line `heading`.

    A row takes the place of the one whose first ``keys`` cells are the same. A table with other columns is replaced.
    """
    lines = table(columns, rows, keys)
    print("\n".join(["", heading, "", *lines]), flush=True)
    if not is_kept:
        return
    text = page.read_text().splitlines()
    start = next(place for place in range(text.index(heading), len(text)) if text[place].startswith("|"))
    end = next((place for place in range(start, len(text)) if not text[place].startswith("|")), len(text))
    found = {tuple(line.split(" | ")[:keys]): line for line in text[start + 2 : end] if text[start] == lines[0]}
    found |= {tuple(line.split(" | ")[:keys]): line for line in lines[2:]}
    text[start:end] = [*lines[:2], *found.values()]
    page.write_text("\n".join(text) + "\n")
