"""Builds generated networks of growing size with nothing set but the inputs, as `simclusters run` does, and writes NOTHING_SET.md.

    python benchmarks/pipeline/nothing_set.py --work FOLDER [--follows 100000 1000000 10000000 30000000] [--memory-limit 8GB]
        [--models-at-once 4]

Each size has as many engagements as follows and a user for twelve follows. Models run side by side, without tests. The figures of a
size take the place of its older ones in nothing_set.csv, and its database is removed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from measure import FOLLOWS_PER_USER, Process, exponent, machine, process, rows_of_tables  # noqa: E402  scripts in the folder above
from pages import read_rows, table, write_page, write_rows  # noqa: E402

from simclusters.sample.parameters import SampleParameters  # noqa: E402
from simclusters.sample.writing import write_sample  # noqa: E402

FIGURES = HERE / "nothing_set.csv"
COLUMNS = ["follows", "kind", "name", "value"]
WHOLE = {
    "memory_limit_gb": "limit of DuckDB's memory, GB",
    "models_at_once": "models side by side",
    "load": "load average at the end",
    "generated_seconds": "generating the data, s",
    "wall_seconds": "`dbt run`, wall s",
    "cpu_seconds": "`dbt run`, processor s",
    "peak_gb": "peak memory, GB",
    "database_gb": "database, GB",
    "disk_gb": "most disk, inputs and spill included, GB",
}
# They grow with the size; the others are given or read off the machine.
GROWING = {"generated_seconds", "wall_seconds", "cpu_seconds", "peak_gb", "database_gb", "disk_gb"}
SHOWN = 20


@contextmanager
def largest_folder(folder: Path) -> Iterator[list[int]]:
    """The bytes of a folder when it held the most, as the one item of a list, looked up every five seconds."""
    most, done = [0], Event()

    def watch() -> None:
        while not done.wait(5):
            held = 0
            for path in folder.rglob("*"):
                try:
                    held += path.stat().st_size
                except FileNotFoundError:
                    continue
            most[0] = max(most[0], held)

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def simclusters_dbt(command: str, folder: Path, memory_limit: str, models_at_once: int) -> Process:
    environment = {
        "SIMCLUSTERS_DATABASE": str(folder / "simclusters.duckdb"),
        "SIMCLUSTERS_MEMORY_LIMIT": memory_limit,
        "SIMCLUSTERS_MODELS_AT_ONCE": str(models_at_once),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_LOG_LEVEL_FILE": "none",
    }
    variables = json.dumps({"input_dir": str(folder / "inputs")})
    arguments = [sys.executable, "-m", "simclusters", "dbt", command, "--quiet", "--vars", variables]
    measured = process(arguments, folder / "dbt.log", environment)
    if measured.exit_code != 0:
        raise RuntimeError(measured.output)
    return measured


def measure(follows: int, folder: Path, memory_limit: str, models_at_once: int) -> Iterator[dict[str, object]]:
    """Rows of nothing_set.csv for one size."""
    shutil.rmtree(folder, ignore_errors=True)
    start = time.monotonic()
    write_sample(
        SampleParameters(users=follows // FOLLOWS_PER_USER, follows=follows, engagements=follows), folder / "inputs", "parquet"
    )
    generated_seconds = time.monotonic() - start
    with largest_folder(folder) as most:
        simclusters_dbt("seed", folder, memory_limit, models_at_once)
        build = simclusters_dbt("run", folder, memory_limit, models_at_once)
    whole = {
        "memory_limit_gb": float(memory_limit.removesuffix("GB")),
        "models_at_once": models_at_once,
        "load": os.getloadavg()[1],
        "generated_seconds": generated_seconds,
        "wall_seconds": build.wall_seconds,
        "cpu_seconds": build.cpu_seconds,
        "peak_gb": build.peak_bytes / 1e9,
        "database_gb": (folder / "simclusters.duckdb").stat().st_size / 1e9,
        "disk_gb": most[0] / 1e9,
    }
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    figures = {
        "whole": whole,
        "seconds": {result["unique_id"].rsplit(".", 1)[1]: result["execution_time"] for result in results},
        "rows": rows_of_tables(folder),
    }
    for kind, values in figures.items():
        for name, value in sorted(values.items()):
            yield {"follows": follows, "kind": kind, "name": name, "value": f"{value:.3f}" if isinstance(value, float) else value}
    shutil.rmtree(folder)


def page() -> list[str]:
    """The lines of NOTHING_SET.md."""
    values: dict[str, dict[str, dict[int, float]]] = {}
    for row in read_rows(FIGURES):
        values.setdefault(row["kind"], {}).setdefault(row["name"], {})[int(row["follows"])] = float(row["value"])
    sizes = sorted({size for by_size in values["whole"].values() for size in by_size})

    def line(title: str, by_size: dict[int, float], digits: int, grows: bool = True) -> list[str]:
        numbers = [by_size.get(size, math.nan) for size in sizes]
        shown = ["" if math.isnan(number) else f"{number:,.{digits}f}" for number in numbers]
        slope = exponent(sizes, numbers) if grows else math.nan
        return [title, *shown, "" if math.isnan(slope) else f"{slope:.2f}"]

    def largest(kind: str) -> list[str]:
        return sorted(values[kind], key=lambda name: (-values[kind][name].get(sizes[-1], 0), name))[:SHOWN]

    columns = [*(f"{size:,}" for size in sizes), "exponent"]
    return [
        "# The pipeline with nothing set",
        "",
        f"`benchmarks/pipeline/nothing_set.py` wrote this page on {machine()}. Each size is a generated network with as many",
        "engagements as follows. Nothing is set but the folder of the inputs, the limit of DuckDB's memory and how many models run at",
        "once. A kernel holds its arrays beside that limit. A size stays as it was measured until it is measured again, so columns",
        "can be of different versions of the project. An exponent of a model that changed between them means nothing.",
        "",
        *table(["follows", *columns], [line(text, values["whole"].get(name, {}), 1, name in GROWING) for name, text in WHOLE.items()]),
        "Seconds of the slowest models. Some run side by side, so seconds add up to more than the whole.",
        "",
        *table(["model", *columns], [line(name, values["seconds"][name], 1) for name in largest("seconds")]),
        "Rows of the largest tables:",
        "",
        *table(["table", *columns], [line(name, values["rows"][name], 0) for name in largest("rows")]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--follows", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000, 30_000_000], help="none writes the page"
    )
    parser.add_argument("--memory-limit", default="8GB", help="of DuckDB")
    parser.add_argument("--models-at-once", type=int, default=4)
    parser.add_argument("--work", type=Path, required=True, help="folder for inputs and databases, each removed when measured")
    options = parser.parse_args()
    for follows in options.follows:
        measured = list(measure(follows, options.work / str(follows), options.memory_limit, options.models_at_once))
        others = [row for row in read_rows(FIGURES) if int(row["follows"]) != follows]
        write_rows(FIGURES, COLUMNS, [*others, *measured])
    write_page(HERE / "NOTHING_SET.md", page())


if __name__ == "__main__":
    main()
