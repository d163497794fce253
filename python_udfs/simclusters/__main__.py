"""The command line: `simclusters COMMAND [options]`, or `python -m simclusters COMMAND [options]`."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from importlib.metadata import version

from simclusters.project import own_project, use_project
from simclusters.rights import keep_from_others

COMMANDS = {
    "run": "build all tables, from your files or from the sample, and show the first results",
    "report": "show the results of the last run, for one consumer if you name it",
    "explore": "write explorer.html, to look at communities, people and why; or serve the same pages",
    "stream": "keep the live tables fresh while event files arrive",
    "estimate": "say what a build would read, and on BigQuery what it would cost, before it is paid for",
    "export": "publish the public tables for readers, as Parquet files and a DuckDB file that stay as they are",
    "forget": "erase people from all tables and later builds",
    "dbt": "any command of dbt on this project: simclusters dbt show -s tweet_candidates",
}

HELP = """usage: simclusters COMMAND [options]

SimClusters finds communities in a follow graph, and recommends tweets and producers, as tables of a DuckDB file.

{commands}

First steps:
  simclusters run                       builds the sample that comes with it
  simclusters run --input my_folder     builds from my_folder/follows.csv (consumer_id, producer_id) and up to nine more tables
  simclusters report                    shows the results again

Tables are in simclusters.duckdb in the current folder, pages in explorer.html; target/ and logs/ are dbt's.
`export` writes into published/. Nothing else is written.
`simclusters COMMAND --help` lists the options of a command. Pages for people: {pages}

From the environment:
  SIMCLUSTERS_DATABASE       the DuckDB file (simclusters.duckdb)
  SIMCLUSTERS_SCHEMA         the schema of the tables (main)
  SIMCLUSTERS_MEMORY_LIMIT   memory of DuckDB (4GB)
  SIMCLUSTERS_THREADS        threads of DuckDB (2)
  SIMCLUSTERS_MODELS_AT_ONCE tables that are built at once (4)
  SIMCLUSTERS_HIDE_VALUES    1 keeps rows of the inputs out of messages and reports
  SIMCLUSTERS_TARGET         the warehouse: duckdb, or bigquery (docs/bigquery.md)
"""


def main() -> int:
    """Hand the other arguments to the command that the first one names; returns its exit code, 2 for no command."""
    commands = "\n".join(f"  {name:<10} {purpose}" for name, purpose in COMMANDS.items())
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    if first in ("--help", "-h", "help"):
        print(HELP.format(commands=commands, pages=own_project() / "docs"))
        return 0
    if first == "--version":
        print(f"simclusters {version('simclusters')}")
        return 0
    if first not in COMMANDS:
        problem = f"there is no command {first}" if first else "a command is missing"
        print(f"simclusters: {problem}; these are:\n{commands}\n`simclusters --help` says more.", file=sys.stderr)
        return 2
    try:
        use_project()
    except ValueError as problem:
        print(f"simclusters: {problem}", file=sys.stderr)
        return 1
    keep_from_others()
    # By default the collector visits the million objects of a parsed project again and again, up to a third of the time.
    gc.set_threshold(50_000, 20, 100)
    return import_module(f"simclusters.commands.{first}").main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
