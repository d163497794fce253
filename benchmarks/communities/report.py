"""RESULTS.md and results.png from the rows of the benchmark."""

from __future__ import annotations

import math
from pathlib import Path

import matplotlib
from pages import table, write_page

matplotlib.use("Agg")
import matplotlib.pyplot as plt

PLANTED_COLUMNS = [
    *("nodes", "mixing", "tool", "k", "found", "nmi", "ari", "f1", "objective", "seconds", "cpu_seconds", "build_seconds"),
    "peak_mib",
]
REAL_COLUMNS = ["graph", "weights", "w", "k", "tool", "found", "largest_share", "unassigned", "objective", "seconds"]
HEADINGS = {
    "mixing": "mu",
    "nmi": "NMI",
    "ari": "ARI",
    "f1": "F1",
    "largest_share": "largest",
    "unassigned": "alone",
    "seconds": "s",
    "cpu_seconds": "cpu s",
    "build_seconds": "build s",
    "peak_mib": "MiB",
}

INTRODUCTION = """# Community detection: results

`python benchmarks/communities/run.py report` writes this page from `planted.csv` and `real.csv`. README.md beside it says how
it measured them.
"""

PLANTED_NOTE = """
## Planted communities

The graphs are LFR-like, with mean degree 20 and communities of 20 to 100. `w given` optimises at w = 20 (resolution 1/21), as
the two Leiden CPM do. `k asked` finds the resolution for the planted number of communities. `objective` is at w = 20 for all,
per edge. `s` leaves out building the tool's own graph (`build s`). NetworKit gets the resolution that finds the planted number, and
`s` is one run there; `k asked` counts its search. Peak memory is of the process, input included.
"""

REAL_NOTE = """
## Similarity graphs of real follows

Edges are cosines as the pipeline computes them, or ten times their squares. Tools at one w have one objective. `largest` is
the share of the producers in the largest community. With k asked, the original sampler loses communities and gathers its
producers in a few.
"""


def write_report(planted: list[dict[str, str]], real: list[dict[str, str]], folder: Path) -> None:
    """Write both files; rows as in the CSV files."""
    lines = INTRODUCTION.splitlines()
    if planted:
        planted = sorted(planted, key=lambda row: (int(row["nodes"]), float(row["mixing"])))
        lines += [*PLANTED_NOTE.splitlines(), "", *rows_table(planted, PLANTED_COLUMNS), *growth(planted)]
        lines += ["![Quality and time by number of edges](results.png)"]
        draw(planted, folder / "results.png")
    if real:
        lines += [*REAL_NOTE.splitlines(), "", *rows_table(real, REAL_COLUMNS)]
    write_page(folder / "RESULTS.md", lines)


def rows_table(rows: list[dict[str, str]], columns: list[str]) -> list[str]:
    """A table of CSV rows; numbers with four significant digits."""

    def shown(value: str) -> object:
        try:
            number = float(value)
        except ValueError:
            return value
        return value if number.is_integer() and "e" not in value else number

    headings = [HEADINGS.get(name, name) for name in columns]
    return table(headings, [[shown(row[name]) for name in columns] for row in rows], numbers_from=len(columns))


def growth(rows: list[dict[str, str]]) -> list[str]:
    """With what power of the edges the time grows, building included, from one size to the next at mixing 0.3."""
    powers = []
    for tool in ("simclusters, w given", "igraph Leiden CPM"):
        of_tool = [row for row in rows if row["tool"] == tool and float(row["mixing"]) == 0.3]
        for small, large in zip(of_tool[:-1], of_tool[1:], strict=True):
            seconds = [float(row["seconds"]) + float(row["build_seconds"]) for row in (small, large)]
            edges = [int(row["edges"]) for row in (small, large)]
            power = math.log(seconds[1] / seconds[0]) / math.log(edges[1] / edges[0])
            powers.append([tool, f"{edges[0]:,} to {edges[1]:,}", f"{power:.2f}"])
    return [
        "The whole time, building included, grows with this power of the edges at mixing 0.3. Below a million edges the kernel starts",
        "several times, so its time stands nearly still.",
        "",
        *table(["tool", "edges", "power"], powers, numbers_from=2),
    ]


def draw(rows: list[dict[str, str]], path: Path) -> None:
    """Time against edges, and NMI against mixing at the largest graph that every mixing has."""
    figure, (time_axis, quality_axis) = plt.subplots(1, 2, figsize=(12, 4.5), layout="constrained")
    tools = list(dict.fromkeys(row["tool"] for row in rows))
    nodes = max((row["nodes"] for row in rows), key=lambda n: (len({r["mixing"] for r in rows if r["nodes"] == n}), int(n)))
    for tool in tools:
        of_tool = [row for row in rows if row["tool"] == tool]
        at_mixing = [row for row in of_tool if float(row["mixing"]) == 0.3]
        time_axis.loglog([int(row["edges"]) for row in at_mixing], [float(row["seconds"]) for row in at_mixing], "o-", label=tool)
        of_size = [row for row in of_tool if row["nodes"] == nodes]
        quality_axis.plot([float(row["mixing"]) for row in of_size], [float(row["nmi"]) for row in of_size], "o-")
    time_axis.set(xlabel="edges (mixing 0.3)", ylabel="seconds, without building the graph")
    quality_axis.set(xlabel=f"mixing ({int(nodes):,} nodes)", ylabel="NMI with the planted communities", ylim=(0.6, 1.01))
    time_axis.legend(fontsize=7)
    figure.savefig(path, dpi=110)
    plt.close(figure)
