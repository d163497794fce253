"""The plan for data that no machine here holds: the formulas of laws.yml at two sizes, and docs/full_size.md written from them.

    python benchmarks/full_size/plan.py                                     # writes docs/full_size.md
    dbt parse --vars '{engine: sql}'
    python benchmarks/full_size/plan.py --manifest target/manifest.json     # reads the models again first
    python benchmarks/full_size/plan.py --measure                           # counts the rows of generated networks first

tables.csv has a row for each stored table: what it grows with, its rows in generated networks, and what the plan needs of
dbt's manifest. The words are in full_size.template.md. A formula is a Python expression over the names above it: quantities, rows of
tables (by the table's name), settings and prices.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))

from measure import FOLLOWS_PER_USER, dbt, rows_of_tables, write_network  # noqa: E402  a script in the folder above
from measure import table as table_lines  # noqa: E402

LAWS = yaml.safe_load((HERE / "laws.yml").read_text())
GIVEN, SETTINGS, DERIVED, JOINS, CHANGES, QUERIES = (
    LAWS[name] for name in ("given", "settings", "derived", "joins", "changes", "queries")
)
with (HERE / "tables.csv").open(newline="") as rows_of_file:
    # In the order of the pipeline. Rows are `rate * driver`, the rate measured at 10^6 follows, but not more than the cap. A table
    # without a driver is small: it grows with topics, communities or runs, BigQuery does not cluster it, and it counts as nothing.
    TABLES = {row["name"]: row for row in csv.DictReader(rows_of_file)}
GROWING = [name for name, law in TABLES.items() if law["driver"]]

SCALES = ("A", "B")
NOT_STORED = ("view", "typed_table_function", "ephemeral")
# Bytes of a value as BigQuery counts them: 8, and 2 plus the characters of a text, which are taken as 13.
BYTES_OF_TYPE = {"bool": 1, "string": 15}
# Dictionaries, which stay empty where ids are integers, as they are in the plan.
EMPTY = {"user_ids", "tweet_ids", "topic_ids"}
MEASURED_FOLLOWS = (10_000, 100_000, 1_000_000)
# Days of the generated networks.
MEASURED_HISTORY_DAYS = 5
# What a kernel does without, and the plan needs.
SQL_ALONE = (
    *("int_producer_pairs", "int_multi_embedding_neighbors", "int_multi_embedding_components", "int_topic_producer_followers"),
)
# Hours in which a run of a cadence should end.
HOURS = {"weekly": "12", "daily": "4", "hourly": "1 / 2", "minute": "1 / 60", "report": "4"}


@dataclass
class Size:
    """One size of data: the value of every name of the laws."""

    name: str
    values: dict[str, float] = field(default_factory=dict)

    def evaluate(self, formula: str) -> float:
        return float(eval(formula, {"__builtins__": {"min": min}}, self.values))


def growth() -> dict[int, dict[str, int]]:
    """Rows by table, by follows, as they were counted."""
    return {
        follows: {name: int(law[str(follows)]) for name, law in TABLES.items() if law[str(follows)]}
        | {"communities": LAWS["measured_communities"][follows]}
        for follows in MEASURED_FOLLOWS
    }


def measured_size(follows: int, rows: dict[str, int]) -> Size:
    """A generated network: its tables have the rows that were counted."""
    size = Size(f"{follows:,}")
    size.values |= {name: size.evaluate(setting["formula"]) for name, setting in SETTINGS.items()}
    size.values |= rows
    size.values |= {
        "follows": follows,
        "engagements": follows,
        "users": follows / FOLLOWS_PER_USER,
        "eligible": rows["int_similarity_producers"],
        "topics": rows["base_topics"],
        "mean_follows": FOLLOWS_PER_USER,
        "history_days": MEASURED_HISTORY_DAYS,
        "runs_kept": 1,
    }
    return size


def rate(table: str, size: Size) -> float:
    """Rows of a table per unit of its driver, at a measured size."""
    return size.values[table] / size.evaluate(TABLES[table]["driver"])


def planned_size(scale: str, measured: Size) -> Size:
    """The values of all names at a planned size. The rates are those of the largest measured one."""
    size = Size(scale)
    for name, given in GIVEN.items():
        size.values[name] = size.evaluate(given[scale])
    for name, entry in (SETTINGS | DERIVED).items():
        size.values[name] = size.evaluate(entry["formula"])
    for table in TABLES:
        size.values[table] = 0.0
    for table in GROWING:
        rows = rate(table, measured) * size.evaluate(TABLES[table]["driver"])
        cap = TABLES[table]["cap"]
        size.values[table] = min(rows, size.evaluate(cap)) if cap else rows
    return size


def cadences() -> list[str]:
    """Names of the selectors, in their order; each is the tag of its models. Audits are tests alone, so they are no cadence."""
    selectors = yaml.safe_load((PROJECT / "selectors.yml").read_text())["selectors"]
    return [selector["name"] for selector in selectors if selector["name"] != "audit"]


def write_tables() -> None:
    with (HERE / "tables.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(next(iter(TABLES.values()))), lineterminator="\n")
        writer.writeheader()
        writer.writerows(TABLES.values())


def read_manifest(manifest: dict) -> None:
    """Puts into TABLES what the models of a manifest store and read. The manifest is one with the SQL engines."""
    models = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    stored = {name for name, node in models.items() if node["config"]["materialized"] not in NOT_STORED}
    if stored != TABLES.keys():
        raise SystemExit(f"without a row in tables.csv: {stored - TABLES.keys()}; without a table: {TABLES.keys() - stored}")

    def tables_read(name: str) -> set[str]:
        """Stored tables that a model reads; a view reads what is below it."""
        parents = [parent.rsplit(".", 1)[1] for parent in models[name]["depends_on"]["nodes"] if parent.startswith("model.")]
        return {table for parent in parents for table in ({parent} if parent in stored else tables_read(parent))}

    for name in stored:
        node = models[name]
        types = [(column["data_type"] or "int64").lower() for column in node["columns"].values()]
        TABLES[name] |= {
            "row_bytes": str(sum(BYTES_OF_TYPE.get(kind, 8) for kind in types)),
            "is_clustered": str(int(bool(node["config"].get("cluster_by")) and name not in EMPTY)),
            "cadences": " ".join(cadence for cadence in cadences() if cadence in node["tags"]),
            "reads": " ".join(sorted(tables_read(name))),
        }
    write_tables()


def measure_rows() -> None:
    """Builds the generated networks, without recipes for comparison, and counts the rows. Nothing is timed."""
    from simclusters.sample.parameters import SampleParameters

    for follows in MEASURED_FOLLOWS:
        parameters = SampleParameters(users=follows // FOLLOWS_PER_USER, follows=follows, engagements=follows)
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work)
            # Recipes for comparison are made for as many consumers at any size.
            variables = {"communities_k": parameters.community_count, "evaluation_maximum_consumers": 0}
            variables |= write_network(follows, folder / "inputs")
            dbt("seed", folder=folder, variables=variables)
            dbt("run", folder=folder, variables=variables)
            dbt("run", "--select", *SQL_ALONE, folder=folder, variables=variables | {"engine": "sql"})
            # The plan is for SQL, and the kernels find the same rows sooner.
            rows = rows_of_tables(folder)
        for name, law in TABLES.items():
            law[str(follows)] = str(rows.get(name, ""))
        print(f"{follows:,} follows, {parameters.community_count} communities (laws.yml has them)", flush=True)
    write_tables()


@dataclass
class Cost:
    """What one build of a table takes at one size. Bytes, joined rows, slot-hours."""

    rows: float
    stored: float
    read: float
    joined: float
    shuffled: float
    slot_hours: float


def row_bytes(name: str) -> int:
    return int(TABLES[name]["row_bytes"])


def cost(name: str, size: Size, joined: float | None = None) -> Cost:
    """Formulas: stored = rows * row bytes; read = stored bytes of the tables it names, all columns; slot-hours as `slot_hours`."""
    rows = size.values[name]
    stored = rows * row_bytes(name)
    join = JOINS.get(name, {"joined_rows": "0", "joined_bytes": "0"})
    joined = size.evaluate(join["joined_rows"]) if joined is None else joined
    shuffled = joined * size.evaluate(join["joined_bytes"])
    read = sum(size.values.get(table, 0) * row_bytes(table) for table in TABLES[name]["reads"].split())
    if name == "int_communities":
        read += shuffled  # each statement reads the edges again
    return Cost(rows, stored, read, joined, shuffled, slot_hours(joined, read + stored, size))


def slot_hours(joined: float, moved_bytes: float, size: Size) -> float:
    """(joined rows / rows that a slot joins + bytes read and written / bytes that a slot moves) / 3600."""
    seconds = joined / size.values["joined_per_slot_second"] + moved_bytes / size.values["bytes_per_slot_second"]
    return seconds / 3600


def number(value: float, unit: str = "") -> str:
    """Three digits and a prefix: 1.23 G."""
    value = float(f"{value:.3g}")
    for factor, prefix in ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= factor:
            return f"{value / factor:.3g} {prefix}{unit}"
    return f"{value:.3g} {unit}".strip()


def dollars(value: float) -> str:
    return f"${value:,.0f}" if value >= 10 else f"${value:.2f}"


def table(header: list[str], rows: list[list[str]], numbers_from: int) -> str:
    return "\n".join(table_lines(header, rows, numbers_from))


def code(formula: str) -> str:
    return f"`{formula}`"


def both(values: Iterable[float], unit: str = "") -> list[str]:
    return [number(value, unit) for value in values]


def rendered() -> str:
    """docs/full_size.md."""
    measured = {follows: measured_size(follows, rows) for follows, rows in growth().items()}
    sizes = [planned_size(scale, measured[max(measured)]) for scale in SCALES]
    costs = {name: [cost(name, size) for size in sizes] for name in TABLES}
    given = [
        [code(name), law["meaning"], *(f"{code(law[size.name])} = {number(size.values[name])}" for size in sizes)]
        for name, law in GIVEN.items()
    ]
    settings = [
        [code(name), law["meaning"], code(law["formula"]), number(sizes[0].values[name]), law["source"]]
        for name, law in SETTINGS.items()
    ]
    derived = [
        [code(name), law["meaning"], code(law["formula"]), *both(size.values[name] for size in sizes)] for name, law in DERIVED.items()
    ]
    sections = {
        "given": table(["name", "meaning", "A", "B"], given, 2),
        "settings": table(["name", "meaning", "formula", "value", "from"], settings, 5),
        "derived": table(["name", "meaning", "formula", "A", "B"], derived, 3),
        "rows": rows_table(measured, costs),
        "small": ", ".join(code(name) for name in TABLES if name not in GROWING),
        "small_share": f"{small_share(measured[max(measured)]):.1%}",
        "joins": joins_table(costs),
        "changes": changes_table(sizes, costs),
        "bill": bill_table(sizes, costs),
        "queries": queries_table(sizes),
        "slots": slots_text(sizes, costs),
        "memory": memory_table(sizes),
    }
    text = (HERE / "full_size.template.md").read_text()
    for name, section in sections.items():
        text = text.replace("{" + name + "}", section)
    return re.sub(r"\[(A|B): ([^\]]+)\]", lambda found: in_prose(sizes[SCALES.index(found[1])], found[2]), text)


def in_prose(size: Size, formula: str) -> str:
    """A number of a sentence with its formula."""
    return f"{number(size.evaluate(formula))} (`{formula}`)"


def rows_table(measured: dict[int, Size], costs: dict[str, list[Cost]]) -> str:
    lines = []
    for name in GROWING:
        driver, cap = TABLES[name]["driver"], TABLES[name]["cap"]
        rates = " / ".join(f"{rate(name, size):.3g}" for _, size in sorted(measured.items()))
        law = f"`min(rate * ({driver}), {cap})`" if cap else f"`rate * ({driver})`"
        cells = [text for one in costs[name] for text in (number(one.rows), number(one.stored, "B"))]
        lines.append([code(name), law, rates, *cells])
    total = [text for one in zip(*costs.values(), strict=True) for text in ("", number(stored(one), "B"))]
    lines.append(["all", "sum", "", *total])
    header = ["table", "rows", "rate at 10^4 / 10^5 / 10^6 follows", "A rows", "A bytes", "B rows", "B bytes"]
    return table(header, lines, 2)


def small_share(measured: Size) -> float:
    """Rows of the small tables at a measured size, as a share of those of all tables."""
    rows = {name: measured.values.get(name, 0) for name in TABLES}
    return 1 - sum(rows[name] for name in GROWING) / sum(rows.values())


def stored(costs: Iterable[Cost]) -> float:
    return sum(one.stored for one in costs)


def joins_table(costs: dict[str, list[Cost]]) -> str:
    lines = []
    for name, join in JOINS.items():
        cells = [text for one in costs[name] for text in (number(one.joined), number(one.shuffled, "B"), number(one.slot_hours))]
        lines.append([code(name), code(join["joined_rows"]), code(join["joined_bytes"]), *cells])
    header = ["statement", "joined rows", "bytes of one", *("A joined", "A shuffle", "A slot-hours")]
    return table([*header, *("B joined", "B shuffle", "B slot-hours")], lines, 3)


def changes_table(sizes: list[Size], costs: dict[str, list[Cost]]) -> str:
    lines = []
    for name, change in CHANGES.items():
        cells = []
        for before, size in zip(costs[name], sizes, strict=True):
            after = cost(name, size, size.evaluate(change["joined_rows"]))
            cells.append(f"{number(before.slot_hours)} to {number(after.slot_hours)}")
            cells.append(f"{before.joined / after.joined:.3g}")
        lines.append([code(name), change["change"], code(change["joined_rows"]), change["price"], *cells])
    header = ["statement", "change", "joined rows then", "what it costs", "A slot-hours", "A fewer rows, times"]
    return table([*header, "B slot-hours", "B fewer rows, times"], lines, 4)


def bill(costs: dict[str, list[Cost]]) -> dict[str, list[tuple[float, float]]]:
    """Per cadence: for each size, (bytes read, slot-hours) of a run. Some tables belong to several cadences."""
    lines = {}
    for cadence in cadences():
        chosen = [costs[name] for name in TABLES if cadence in TABLES[name]["cadences"].split()]
        lines[cadence] = [
            (sum(one.read for one in per_size), sum(one.slot_hours for one in per_size)) for per_size in zip(*chosen, strict=True)
        ]
    return lines


def bill_table(sizes: list[Size], costs: dict[str, list[Cost]]) -> str:
    lines, totals = [], [[0.0, 0.0], [0.0, 0.0]]
    for cadence, per_size in bill(costs).items():
        cells = []
        for (read, hours), size, total in zip(per_size, sizes, totals, strict=True):
            runs = size.values[f"runs_{cadence}"]
            on_demand = read / 2**40 * size.values["per_tib"] * runs
            slots = hours * size.values["per_slot_hour"] * runs
            total[0] += on_demand
            total[1] += slots
            cells += [number(read, "B"), number(hours), dollars(on_demand), dollars(slots)]
        lines.append([cadence, f"{sizes[0].values[f'runs_{cadence}']:.4g}", *cells])
    lines.append(["all", "", *(text for total in totals for text in ("", "", *map(dollars, total)))])
    storage = []
    for size, one in zip(sizes, zip(*costs.values(), strict=True), strict=True):
        month = dollars(stored(one) / 2**30 * size.values["per_gib_month"])
        storage += [number(stored(one), "B"), "", month, month]
    lines.append(["storage", "", *storage])
    columns = ["read a run", "slot-hours a run", "on demand a month", "slots a month"]
    header = ["cadence", "runs a month", *(f"{name} {column}" for name in SCALES for column in columns)]
    return table(header, lines, 1)


def queries_table(sizes: list[Size]) -> str:
    lines = []
    for name, query in QUERIES.items():
        asked_bytes = round(sizes[0].evaluate(query["row_bytes"])) if "row_bytes" in query else row_bytes(query["table"])
        cells = []
        for size in sizes:
            before = size.values[query["table"]] * asked_bytes
            after = min(before, max(size.values["block_bytes"], size.evaluate(query["asked"]) * asked_bytes))
            cells += both((before, after), "B")
        lines.append([name, code(query["table"]), f"{asked_bytes} B * {code(query['asked'])}", query["served_by"], *cells])
    header = ["query", "table", "bytes asked for", "served by", "A before", "A after", "B before", "B after"]
    return table(header, lines, 4)


def slots_text(sizes: list[Size], costs: dict[str, list[Cost]]) -> str:
    lines = []
    for cadence, per_size in bill(costs).items():
        slots = (used / size.evaluate(HOURS[cadence]) for size, (_, used) in zip(sizes, per_size, strict=True))
        lines.append([cadence, code(f"slot-hours of a run / ({HOURS[cadence]} h)"), *both(slots)])
    return table(["cadence", "slots, so that a run ends in time", "A", "B"], lines, 2)


def memory_table(sizes: list[Size]) -> str:
    formula = "int_community_edges * kernel_bytes_per_edge"
    cells = both((size.evaluate(formula) for size in sizes), "B")
    return table(["what", "formula", "A", "B"], [["memory of the kernel", code(formula), *cells]], 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifest", type=Path, help="dbt's manifest.json, to read the models from")
    parser.add_argument("--measure", action="store_true", help="build the generated networks and count their rows")
    options = parser.parse_args()
    if options.manifest:
        read_manifest(json.loads(options.manifest.read_text()))
    if options.measure:
        measure_rows()
    (PROJECT / "docs" / "full_size.md").write_text(rendered())


if __name__ == "__main__":
    main()
