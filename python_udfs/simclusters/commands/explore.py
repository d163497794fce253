"""Something to look at: communities, people and why, as one file that opens with a double click, or served on this machine.

    simclusters explore [--output explorer.html]
    simclusters explore --live [--from published] [--port 8020]

The file reads the DuckDB database of the last run, or with --from what is published, or Parquet files as BigQuery exports them.
--live reads what is published (`make export`), and shows the next run as soon as that is published, too.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import duckdb

from simclusters.commands import check_is_built
from simclusters.database import database_path, open_database
from simclusters.runs import warnings_of_run

DEFAULT_FILE = "explorer.html"


def write_file(output: Path, source: Path | None = None) -> str:
    """Write the file, from the database or from what is published in a folder; returns a line that says so."""
    from simclusters.explorer.file import write_explorer
    from simclusters.explorer.pages import Explorer, open_snapshot, published_warnings

    if source is None:
        connection = open_database(database_path(), read_only=True)
        warnings = warnings_of_run(connection, Path(os.environ.get("DBT_TARGET_PATH", "target")))
    else:
        connection, place = open_snapshot(source)
        warnings = published_warnings(place)
    with connection:
        size = write_explorer(Explorer(connection), output, warnings)
    return f"{output} shows communities, people and why ({size / 1e6:.1f} MB). Open it with a browser; it needs nothing else."


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns 0, or 1 with a message when there is nothing to show."""
    parser = argparse.ArgumentParser(prog="simclusters explore", description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(DEFAULT_FILE), help=f"the file to write (default: {DEFAULT_FILE})")
    parser.add_argument(
        "--from", dest="source", type=Path, help="folder of a published snapshot, or of Parquet files; default: the database"
    )
    parser.add_argument("--live", action="store_true", help="serve the pages of all people, from what is published, until stopped")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to serve on; any but 127.0.0.1 lets others in, without a password"
    )
    parser.add_argument("--port", type=int, default=8020, help="port to serve on (default: 8020; 0: any that is free)")
    options = parser.parse_args(arguments)
    try:
        if options.live:
            from simclusters.explorer.server import serve

            serve(
                options.source or Path("published"),
                options.host,
                options.port,
                lambda url: print(f"Serving {url} until Ctrl-C", flush=True),
            )
        elif options.source is None and os.environ.get("SIMCLUSTERS_TARGET", "duckdb") != "duckdb":
            raise RuntimeError(
                "these pages read files: export the public tables, and name their folder with --from (docs/bigquery.md)"
            )
        else:
            if options.source is None:
                check_is_built(database_path())
            print(write_file(options.output, options.source))
    except (RuntimeError, OSError, duckdb.Error) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0
