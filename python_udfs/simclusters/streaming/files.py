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

SUFFIXES = (".parquet", ".csv")
# A CSV file does not say that it is whole. One that has not changed for this long, and ends in a line's end, counts as whole.
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
            if not entry.name.lower().endswith(SUFFIXES):
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
            if not missing and (is_settled or entry.name.lower().endswith(".parquet")):
                complete.append(EventFile(Path(entry.path), name, version))
            elif is_settled:
                waiting[name] = missing
            else:
                self.is_unsettled = True
        self.versions = versions
        return sorted(complete, key=lambda file: file.name), waiting


def missing_end(path: Path, size: int) -> str:
    """What a file lacks to be complete; empty when nothing."""
    if size == 0:
        return "it is empty"
    with open(path, "rb") as file:
        file.seek(-min(size, 4), os.SEEK_END)
        end = file.read()
    if path.suffix.lower() == ".parquet":
        return "" if end == b"PAR1" and size > 8 else "it does not end as a Parquet file does"
    # In UTF-16 zeros follow; then it is read, and the error says what it is.
    return "" if end.rstrip(b"\0").endswith((b"\n", b"\r")) else "its last line has no end"


def kind_of(file: EventFile, connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """What the reading of a file depends on: two files of one kind are read by the same query.

    Of a CSV file that is the header with the blank lines before it, and of a Parquet file the names and types of its columns.
    """
    if file.path.suffix.lower() == ".csv":
        with open(file.path, "rb") as opened:
            skipped, header = next(((skipped, line) for skipped, line in enumerate(opened) if line.strip()), (0, b""))
        return ("csv", str(skipped), header.decode("utf-8", "backslashreplace"))
    with plain_path(file.path) as path:
        return ("parquet", *map(str, connection.execute("describe select * from read_parquet(?)", [path]).fetchall()))


@contextlib.contextmanager
def plain_path(path: Path) -> Iterator[str]:
    """A path to the file that DuckDB takes as it is: names can be no UTF-8, or hold characters that mean a pattern."""
    with tempfile.TemporaryDirectory(prefix="simclusters-") as folder:
        link = Path(folder) / f"events{path.suffix.lower()}"
        link.symlink_to(path.absolute())
        yield str(link)
