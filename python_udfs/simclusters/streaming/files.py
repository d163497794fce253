"""Which event files of a folder are complete, and what tells one version of a file from the next."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

# What the batch reads (macro described_file), but for .txt: a folder of events may hold notes.
TABLES, OBJECTS = (".csv", ".tsv"), (".json", ".jsonl", ".ndjson")
PACKED = {".gz": "gzip", ".zst": "zstd"}
SUFFIXES = (".parquet", *(suffix + packed for suffix in TABLES + OBJECTS for packed in ("", *PACKED)))
# Only a Parquet file says that it is whole. Another counts as whole when it has not changed so long, and ends as a line or list does.
SETTLED_SECONDS = 1.0


@dataclass(frozen=True)
class EventFile:
    """A file that can be read. ``name`` is text for people and tables, whatever bytes the real name has."""

    path: Path
    name: str
    version: str


class Folder:
    """A folder that grows by event files. It remembers between looks what it has seen of a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.versions: dict[str, str] = {}
        # Whether the last look found a file that may still be written.
        self.is_unsettled = False

    def look(self, seen: dict[str, str]) -> tuple[list[EventFile], dict[str, str]]:
        """The complete files whose version is not that of ``seen``, by name, and why other files have to wait."""
        complete, waiting, versions = [], {}, {}
        self.is_unsettled = False
        for entry in os.scandir(self.path):
            if not suffix_of(entry.name):
                continue
            name = os.fsencode(entry.name).decode("utf-8", "backslashreplace")
            try:
                state = entry.stat()
                version = versions[name] = f"{state.st_size} bytes, {state.st_mtime_ns}"
                if seen.get(name) == version:
                    continue
                is_settled = self.versions.get(name) == version or time.time() - state.st_mtime > SETTLED_SECONDS
                missing = missing_end(Path(entry.path), state.st_size)
            except OSError as error:
                waiting[name] = error.strerror
                continue
            if not missing and (is_settled or suffix_of(entry.name) == ".parquet"):
                complete.append(EventFile(Path(entry.path), name, version))
            elif is_settled:
                waiting[name] = missing
            else:
                self.is_unsettled = True
        self.versions = versions
        return sorted(complete, key=lambda file: file.name), waiting


def suffix_of(name: str) -> str:
    """The end of the name that says what the file is, in lower case; empty when it is nothing that is read."""
    return next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), "")


def missing_end(path: Path, size: int) -> str:
    """What a file lacks to be complete; empty when nothing. A packed file that is cut fails when it is read."""
    if size == 0:
        return "it is empty"
    with open(path, "rb") as file:
        file.seek(-min(size, 4), os.SEEK_END)
        end = file.read()
    suffix = suffix_of(path.name)
    if suffix == ".parquet":
        return "" if end == b"PAR1" and size > 8 else "it does not end as a Parquet file does"
    if suffix.endswith(tuple(PACKED)) or (suffix == ".json" and end.rstrip().endswith((b"]", b"}"))):
        return ""
    # In UTF-16 zeros follow; then it is read, and the error says what it is.
    return "" if end.rstrip(b"\0").endswith((b"\n", b"\r")) else "its last line has no end"


def kind_of(file: EventFile, connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """What the reading of a file depends on: two files of one kind are read by the same query.

    Of a CSV file that is the header with the blank lines before it, of a Parquet file the names and types of its columns, of a JSON
    file the names.
    """
    suffix = suffix_of(file.path.name)
    packing = next((name for end, name in PACKED.items() if suffix.endswith(end)), "none")
    with plain_path(file.path) as path:
        if suffix == ".parquet":
            asked = "describe select * from read_parquet(?)"
        elif suffix.startswith(OBJECTS):
            asked = f"select distinct unnest(json_keys(json)) from read_json_objects(?, compression = '{packing}') order by 1"
        else:
            asked = (
                "from read_csv(?, auto_detect = false, header = false, delim = chr(1), quote = '', escape = '',"
                f" compression = '{packing}', ignore_errors = true, strict_mode = false, parallel = false,"
                " columns = {'line': 'varchar'}) limit 20"
            )
        rows = connection.execute(asked, [path]).fetchall()
    if suffix.startswith(TABLES):
        header = next((number for number, (line,) in enumerate(rows, start=1) if line and line.strip()), 0)
        rows = rows[:header]
    return (suffix, *map(str, rows))


@contextlib.contextmanager
def plain_path(path: Path) -> Iterator[str]:
    """A path to the file that DuckDB takes as it is: names can be no UTF-8, or hold characters that mean a pattern."""
    with tempfile.TemporaryDirectory(prefix="simclusters-") as folder:
        link = Path(folder) / f"events{suffix_of(path.name)}"
        link.symlink_to(path.absolute())
        yield str(link)
