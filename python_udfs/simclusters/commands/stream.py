"""Keep the live tables fresh: take new events in, fold them into the partial sums, again and again. What `make stream` calls.

    simclusters stream [--input folder] [--every 60] [--once] [--files-at-once 100] [--vars '{input_schema: events}']

With a folder, new events are the Parquet or CSV files with the columns of the engagements table that are moved into it, in any order
of time. A file is read when it is complete, and again when it has changed. A pass takes all files that wait. Without a folder, new
events are rows of the engagements table that `input_schema` names. What a pass does is plain dbt, `dbt run --select int_stream_pairs
int_tweet_cluster_partials`, in this process. It can be killed at any time: the next pass goes on.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

from simclusters.commands import variables_of
from simclusters.database import DatabaseInUseError, database_path, in_short, open_database
from simclusters.runs import other_inputs
from simclusters.streaming import SETTLED_SECONDS, Stream


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns 0 when stopped, 1 with a message when it cannot go on."""
    parser = argparse.ArgumentParser(prog="simclusters stream", description=__doc__.splitlines()[0])
    parser.add_argument("--input", type=lambda text: Path(text) if text else None, help="folder that grows by event files")
    parser.add_argument("--every", type=float, default=60.0, help="seconds between looks at what is new")
    parser.add_argument("--once", action="store_true", help="end when nothing is new, for cron and orchestrators")
    parser.add_argument("--files-at-once", type=int, default=100, help="files per pass at most")
    parser.add_argument("--vars", default="{}", help="values for the vars of dbt_project.yml, as YAML")
    options = parser.parse_args(arguments)
    if options.files_at_once < 1 or not options.every >= 0:
        parser.error("--files-at-once must be at least 1, and --every at least 0")
    try:
        variables = variables_of(options.vars)
        stop_at_once()
        stream, is_compared = Stream(options.input, database_path(), variables), False
        while True:
            try:
                if not is_compared:
                    compare_inputs(options.input is not None, variables)
                    is_compared = True
                while stream.one_pass(options.files_at_once) > 0:
                    pass
            except (DatabaseInUseError, OSError) as problem:
                if options.once:
                    raise
                # Somebody builds or reads for long, or the folder is away. Nothing is lost: the events wait, too.
                print(f"still waiting: {problem}", file=sys.stderr, flush=True)
                if isinstance(problem, OSError):
                    time.sleep(options.every)
                continue
            if options.once and not stream.has_unsettled_files:
                return 0
            time.sleep(SETTLED_SECONDS if stream.has_unsettled_files else options.every)
    except (ValueError, RuntimeError, OSError) as problem:
        print(f"error: {problem}", file=sys.stderr)
    except duckdb.Error as problem:
        print(f"error: {in_short(problem)}", file=sys.stderr)
    return 1


def compare_inputs(reads_files: bool, variables: dict[str, Any]) -> None:
    """Print a note when the batch had other inputs than the stream has. Raises ValueError when they do not go together."""
    with open_database(database_path(), read_only=True) as connection:
        if warning := other_inputs(connection, reads_files, variables):
            print(f"note: {warning}", file=sys.stderr)


def stop_at_once() -> None:
    """Let Ctrl-C and SIGTERM end the process, as a kill may at any time. Else a statement, or a thread of dbt, would be waited for."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
