"""The input tables as files."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from simclusters.sample.parameters import SampleParameters
from simclusters.sample.tables import SCHEMAS, generate_tables

FILE_FORMATS = ("seeds", "csv", "parquet")


def write_parquet(pieces: Iterable[pa.Table], schema: pa.Schema, path: Path) -> int:
    """Writes the pieces of a table as one Parquet file and returns its rows."""
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for piece in pieces:
            if piece.num_rows:
                writer.write_table(piece)
                rows += piece.num_rows
    return rows


def write_csv(pieces: Iterable[pa.Table], schema: pa.Schema, path: Path) -> int:
    """Writes the pieces of a table as one CSV file and returns its rows."""
    # Whole seconds stay short; only creation times carry milliseconds.
    unit = pa.timestamp("ms" if "created_at" in schema.names else "s")
    rows = 0
    with path.open("wb") as file:
        file.write((",".join(schema.names) + "\n").encode())
        for piece in pieces:
            columns = [
                pc.strftime(column.cast(unit), "%Y-%m-%d %H:%M:%S") if pa.types.is_timestamp(column.type) else column
                for column in piece.columns
            ]
            csv.write_csv(pa.table(columns, schema.names), file, csv.WriteOptions(include_header=False, quoting_style="none"))
            rows += piece.num_rows
    return rows


def write_sample(
    parameters: SampleParameters, output: Path, file_format: str = "seeds", planted: Path | None = None
) -> dict[str, int]:
    """Writes every input table into ``output`` and returns the rows of each file by table name.

    ``file_format`` is ``seeds`` (raw_follows.csv, ...), ``csv`` (follows.csv, ...) or ``parquet`` (follows.parquet,
    ...). ``planted`` is the CSV or Parquet file for the planted communities, or None to leave it out. Files get their
    names when all are complete, so a failure leaves earlier ones as they were.

    Raises ValueError for an unknown format, and when the parameters leave no room for the asked rows.
    """
    if file_format not in FILE_FORMATS:
        raise ValueError(f"format must be one of {', '.join(FILE_FORMATS)}, got {file_format}")
    prefix, suffix = ("raw_", "csv") if file_format == "seeds" else ("", file_format)
    row_counts: dict[str, int] = {}
    partial_files: dict[Path, Path] = {}
    try:
        for name, named_pieces in groupby(generate_tables(parameters), key=itemgetter(0)):
            path = output / f"{prefix}{name}.{suffix}" if name != "planted_communities" else planted
            if path is None:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            partial_files[path] = path.with_name(path.name + ".partial")
            write = write_parquet if path.suffix == ".parquet" else write_csv
            row_counts[name] = write((piece for _, piece in named_pieces), SCHEMAS[name], partial_files[path])
        for path, partial in partial_files.items():
            partial.replace(path)
    finally:
        for partial in partial_files.values():
            partial.unlink(missing_ok=True)
    return row_counts
