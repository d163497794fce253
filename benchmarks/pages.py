"""What the benchmarks write: pages of Markdown, and CSV files whose rows are replaced by key."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean, stdev


def with_spread(numbers: Sequence[float]) -> str:
    """The mean, and the standard deviation where there are several."""
    return f"{mean(numbers):.4f}" + (f" ± {stdev(numbers):.4f}" if len(numbers) > 1 else "")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], numbers_from: int = 1) -> list[str]:
    """Lines of a Markdown table; columns from `numbers_from` on are aligned to the right. Without rows it says so."""
    lines = [f"| {' | '.join(map(cell, row))} |" for row in rows]
    if not lines:
        return ["No rows.", ""]
    rule = "".join("---|" if position < numbers_from else "---:|" for position in range(len(columns)))
    return [f"| {' | '.join(columns)} |", f"|{rule}", *lines, ""]


def cell(value: object) -> str:
    """A value as the text of a Markdown table; floats with four digits."""
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def write_page(path: Path, lines: Iterable[str]) -> None:
    """Writes the page, with one line break at its end."""
    path.write_text("\n".join(lines).rstrip() + "\n")


def filled(template: Path, sections: dict[str, str]) -> str:
    """A page whose `{name}` become the sections."""
    text = template.read_text()
    for name, section in sections.items():
        text = text.replace("{" + name + "}", section)
    return text


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file; none when it does not exist."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[dict[str, object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def keep_row(path: Path, columns: Sequence[str], row: dict[str, object], key: Sequence[str]) -> None:
    """Adds a row to a CSV file, in place of the one with the same key."""
    text = {name: f"{row[name]:.6g}" if isinstance(row.get(name), float) else str(row.get(name, "")) for name in columns}
    print(" ".join(f"{name}={value}" for name, value in text.items()), flush=True)
    rows = read_rows(path)
    place = next((number for number, other in enumerate(rows) if all(other[name] == text[name] for name in key)), len(rows))
    rows[place : place + 1] = [text]
    write_rows(path, columns, rows)
