"""New events into the live tables, pass by pass. What a pass does is plain dbt, in this process; it can be killed at any time."""

from __future__ import annotations

import copy
import gc
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from simclusters.database import DatabaseInUseError, lock_holder, open_database, wait_for_database

COLUMNS = {"user_id": "bigint", "tweet_id": "bigint", "engagement_type": "varchar", "engaged_at": "timestamp"}
INBOX, PAIRS, PARTIALS = "int_stream_inbox", "int_stream_pairs", "int_tweet_cluster_partials"


class Stream:
    """One process that keeps one database fresh. Run a batch build first: the interests come from there.

    ``folder`` is where event files arrive; None: events arrive in the engagements table of ``variables["input_schema"]``. Raises
    ValueError when neither is named, or the folder or the database does not exist.
    """

    def __init__(self, folder: Path | None, database: Path, variables: dict[str, Any] | None = None) -> None:
        variables = variables or {}
        if folder is None and not variables.get("input_schema"):
            raise ValueError(
                "no input: name a folder of event files, or in the var input_schema the schema of the engagements table that grows"
            )
        if folder is not None and not folder.is_dir():
            raise ValueError(f"the input folder {folder} does not exist")
        if not database.exists():
            raise ValueError(f"the database {database} does not exist; build it first with `make run`")
        self.folder, self.database = folder, database
        self.variables = yaml.safe_dump(variables, default_flow_style=True, width=10**6)
        self.manifest: Any = None
        # Time of the newest event taken in, in seconds since 1970.
        self.newest = float("nan")

    def load(self, files_at_once: int) -> tuple[int, int, list[str]]:
        """Insert the rows of files not seen yet, oldest name first, of each file all or none.

        Returns the files and events taken in, and a line for each file that cannot be read; those are remembered and not tried again.
        """
        with open_database(self.database) as connection:
            connection.execute(
                "create table if not exists stream_files (file_name varchar primary key, event_count bigint, problem varchar)"
            )
            seen = {row[0] for row in connection.execute("select file_name from stream_files").fetchall()}
            new_files = sorted(
                path for path in self.folder.iterdir() if path.suffix in (".parquet", ".csv") and path.name not in seen
            )[:files_at_once]
            if not new_files:
                return 0, 0, []
            events, problems = 0, []
            for path in new_files:
                connection.execute("begin")
                try:
                    count = connection.execute(
                        f"insert into {INBOX} by name {self._typed_rows(path)}", {"path": str(path)}
                    ).fetchone()[0]
                    problem = None
                except duckdb.Error as error:
                    connection.execute("rollback")
                    connection.execute("begin")
                    count, problem = 0, f"{path.name}: {str(error).splitlines()[0]}"
                    problems.append(problem)
                connection.execute("insert into stream_files values (?, ?, ?)", [path.name, count, problem])
                connection.execute("commit")
                events += count
            newest = connection.execute(f"select epoch(max(engaged_at)) from {INBOX}").fetchone()[0]
            # In this order an unknown time loses.
            self.newest = max(newest or self.newest, self.newest)
            return len(new_files), events, problems

    @staticmethod
    def _typed_rows(path: Path) -> str:
        reader = "read_parquet($path)" if path.suffix == ".parquet" else "read_csv($path, header = true)"
        columns = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in COLUMNS.items())
        required = " and ".join(f"{name} is not null" for name in COLUMNS)
        return f"select {columns} from {reader} where {required} and user_id >= 0 and tweet_id >= 0"

    def dbt(self, *arguments: str) -> Any:
        """Run a dbt command in this process, on the models of the stream as they were parsed the first time."""
        if self.manifest is None:
            parsed = dbtRunner().invoke(["parse", "--quiet", "--vars", self.variables])
            if not parsed.success:
                raise RuntimeError(f"the project cannot be parsed: {parsed.exception}")
            self.manifest = part_of(parsed.result, [PAIRS, PARTIALS])
        wait_for_database(self.database)
        outcome = dbtRunner(manifest=self.manifest).invoke(
            [*arguments, "--quiet", "--no-write-json", "--log-level-file", "none", "--vars", self.variables]
        )
        # Else the connection stays open, and neither the next files nor anybody's queries get in.
        DuckDBConnectionManager.close_all_connections()
        if not outcome.success:
            # The traceback of an error holds a connection.
            gc.collect()
            if isinstance(outcome.exception, KeyboardInterrupt):
                raise outcome.exception
            if holder := lock_holder(outcome.exception):
                raise DatabaseInUseError(f"{holder} came in between and has {self.database} open")
            raise RuntimeError(f"dbt {' '.join(arguments)} failed: {outcome.exception or 'see the messages above'}")
        return outcome

    def fold(self) -> None:
        """Take in what is new, and bring the partial sums up to date."""
        self.dbt("run", "--select", PAIRS, PARTIALS)

    def one_pass(self, files_at_once: int = 100) -> int:
        """Take in what is new and fold it; prints a line.

        Returns the number of files (without a folder, of pairs that changed), 0 when nothing was new.
        """
        started = time.perf_counter()
        is_first = self.manifest is None
        if self.folder is not None:
            news, events, problems = self.load(files_at_once)
            for problem in problems:
                print(f"not read: {problem}", file=sys.stderr, flush=True)
            taken = f"{news:5} files  {events:9,} events"
            if news or is_first:
                self.fold()
        else:
            # Whether the table has grown is seen by taking it in.
            self.dbt("run", "--select", PAIRS)
            with open_database(self.database, read_only=True) as connection:
                news, newest = connection.execute(
                    f"select count(*) filter (folded_event is distinct from last_event), max(last_event) / 2000.0 from {PAIRS}"
                ).fetchone()
            events, self.newest = news, newest or self.newest
            taken = f"{news:9,} changed pairs"
            if news:
                self.dbt("run", "--select", PARTIALS)
        if news or is_first:
            seconds = time.perf_counter() - started
            lag = time.time() - self.newest
            print(f"{taken}  {seconds:6.2f} s  {events / seconds:9,.0f}/s  newest event {lag:,.0f} s ago", flush=True)
        return news


def part_of(manifest: Any, models: list[str]) -> Any:
    """The parsed project with nothing but these models and what they are made of.

    dbt looks for cycles among all nodes and tests at every command, and the checks at the start of a run read all inputs; a batch
    build has done both.
    """
    names = {node.name: node_id for node_id, node in manifest.nodes.items() if node.resource_type == "model"}
    kept: set[str] = set()
    waiting = [names[model] for model in models]
    while waiting:
        node_id = waiting.pop()
        if node_id in manifest.nodes and node_id not in kept:
            kept.add(node_id)
            waiting.extend(manifest.nodes[node_id].depends_on_nodes)
    part = copy.copy(manifest)
    part.nodes = {node_id: node for node_id, node in manifest.nodes.items() if node_id in kept}
    part.unit_tests, part.exposures = {}, {}
    return part
