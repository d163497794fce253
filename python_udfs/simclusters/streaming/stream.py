"""New events into the live tables, pass by pass. What a pass does is plain dbt, in this process; it can be killed at any time."""

from __future__ import annotations

import contextlib
import copy
import gc
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from simclusters.database import DatabaseInUseError, lock_holder, open_database, wait_for_database
from simclusters.inputs import visible
from simclusters.streaming.files import EventFile, Folder, kind_of, plain_path

INBOX, FILES, PAIRS, PARTIALS = "int_stream_inbox", "int_stream_files", "int_stream_pairs", "int_tweet_cluster_partials"
COLUMNS = "user_id, tweet_id, engagement_type, engaged_at"
FILE_COLUMNS = "file_name varchar, file_version varchar, outcome varchar, reason varchar, row_count bigint, example_row varchar"
# Stands in queries for the path of the file.
PATH = "path of the event file"
# DuckDB's first words of errors that say nothing about the file itself.
PASSING = ("IO Error", "Out of Memory Error", "INTERRUPT Error", "TransactionContext Error", "Connection Error", "[Errno")

# What became of some rows of a file: outcome, reason, number, example.
Outcome = tuple[str, str | None, int, str | None]


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
        self.database = database
        self.variables = yaml.safe_dump(variables, default_flow_style=True, width=10**6)
        self.manifest: Any = None
        # Time of the newest event taken in, in seconds since 1970, and events that an earlier pass has left in the inbox.
        self.newest = float("nan")
        self.left_over = 0
        self.is_new = True
        # Whether the events in the inbox have been offered to the pairs. An earlier process, or a pass, may have ended before.
        self.is_folded = False
        self.files = Folder(folder) if folder else None
        # By kind of file, how it is read; by name of file, why it waits.
        self.queries: dict[tuple[str, ...], dict[str, Any]] = {}
        self.waiting: dict[str, str] = {}

    @property
    def has_unsettled_files(self) -> bool:
        """Whether the last look found a file that may still be written."""
        return self.files is not None and self.files.is_unsettled

    def load(self, files_at_once: int) -> tuple[int, int, int]:
        """Insert the events of files that are new or have changed, in the order of their names, of each file all or none.

        Returns the files that were read, the events taken in and the rows rejected. What is wrong with a file is printed once, and
        stands in stream_problems.
        """
        with open_database(self.database) as connection:
            connection.execute(f"create table if not exists {FILES} ({FILE_COLUMNS})")
            known = connection.execute(f"select file_name, file_version from {FILES} where outcome in ('taken', 'failed')").fetchall()
            files, waiting = self.files.look(dict(known))
            if not files:
                self._say_what_is_left(connection)
            if self.is_new:
                connection.execute(f"delete from {FILES} where outcome = 'waits'")
                self.is_new = False
            # No file stops another: those that could not be read come last.
            files.sort(key=lambda file: file.name in self.waiting)
            still_waiting = {file.name: self.waiting[file.name] for file in files if file.name in self.waiting}
            self._say_what_waits(connection, waiting | still_waiting)
            kinds = {file: self._kind_of(connection, file) for file in files[:files_at_once]}
            unknown = {kind: file for file, kind in kinds.items() if kind not in self.queries}
            if not unknown:
                return self._take(connection, kinds)
        # Without the connection, because dbt wants the database for itself.
        for kind, file in unknown.items():
            self.queries[kind] = self._queries_for(file)
        with open_database(self.database) as connection:
            return self._take(connection, kinds)

    def _take(self, connection: duckdb.DuckDBPyConnection, kinds: dict[EventFile, tuple[str, ...]]) -> tuple[int, int, int]:
        files = events = rejected = 0
        for file, kind in kinds.items():
            try:
                connection.execute("begin")
                outcomes = self._insert(connection, file, self.queries[kind])
                connection.execute("commit")
                self.is_folded = False
            except (duckdb.Error, OSError) as error:
                self._undo(connection)
                problem = first_lines(error, file.name)
                if is_passing(problem):
                    self._say_what_waits(connection, self.waiting | {file.name: problem})
                    continue
                print(visible(f"not read: {file.name}: {problem}"), file=sys.stderr, flush=True)
                outcomes = [("failed", problem, 0, None)]
                self._remember(connection, file, outcomes)
            self.waiting.pop(file.name, None)
            files += 1
            events += sum(row_count for outcome, _, row_count, _ in outcomes if outcome == "taken")
            rejected += sum(row_count for outcome, _, row_count, _ in outcomes if outcome == "rejected")
        # A kind that cannot be read now may be read later.
        self.queries = {kind: queries for kind, queries in self.queries.items() if "problem" not in queries}
        # Events ahead of this machine's clock say nothing about what is current.
        newest = connection.execute(f"select epoch(max(engaged_at) filter (epoch(engaged_at) <= ?)) from {INBOX}", [time.time()])
        # In this order an unknown time loses.
        self.newest = max(newest.fetchone()[0] or self.newest, self.newest)
        return files, events, rejected

    def _insert(self, connection: duckdb.DuckDBPyConnection, file: EventFile, queries: dict[str, Any]) -> list[Outcome]:
        """Put the good rows of a file into the inbox; returns what became of all. Raises duckdb.Error when it cannot be read."""
        if "problem" in queries:
            raise duckdb.InvalidInputException(queries["problem"])
        with plain_path(file.path) as path:
            for statement in queries["new_ids"]:
                connection.execute(statement.replace(PATH, path))
            connection.execute("create or replace temp table arrived_events as " + queries["rows"].replace(PATH, path))
            counts = "select count(*) filter (rejection_reason is null), count(rejection_reason) from arrived_events"
            events, rejected = connection.execute(counts).fetchone()
            connection.execute(f"insert into {INBOX} by name select {COLUMNS} from arrived_events where rejection_reason is null")
            outcomes: list[Outcome] = [("taken", None, events, None)]
            if rejected:
                rows = connection.execute(queries["rejected"].replace(PATH, path)).fetchall()
                outcomes += [("rejected", *row) for row in rows]
        self._remember(connection, file, outcomes)
        return outcomes

    @staticmethod
    def _remember(connection: duckdb.DuckDBPyConnection, file: EventFile, outcomes: list[Outcome]) -> None:
        connection.execute(f"delete from {FILES} where file_name = ?", [file.name])
        for outcome in outcomes:
            connection.execute(f"insert into {FILES} values (?, ?, ?, ?, ?, ?)", [file.name, file.version, *outcome])

    @staticmethod
    def _undo(connection: duckdb.DuckDBPyConnection) -> None:
        # An error in the commit has ended the transaction already.
        with contextlib.suppress(duckdb.TransactionException):
            connection.execute("rollback")

    def _say_what_waits(self, connection: duckdb.DuckDBPyConnection, waiting: dict[str, str]) -> None:
        """Print what is new of the files that wait, by name, and keep it for stream_problems."""
        if waiting == self.waiting:
            return
        for name, reason in waiting.items():
            if self.waiting.get(name) != reason:
                print(visible(f"not read yet: {name}: {reason}"), file=sys.stderr, flush=True)
        self.waiting = waiting
        # A full disk may be what they wait for.
        with contextlib.suppress(duckdb.IOException):
            connection.execute(f"delete from {FILES} where outcome = 'waits'")
            for name, reason in waiting.items():
                connection.execute(f"insert into {FILES} values (?, null, 'waits', ?, 0, null)", [name, reason])

    def _kind_of(self, connection: duckdb.DuckDBPyConnection, file: EventFile) -> tuple[str, ...]:
        try:
            return kind_of(file, connection)
        except (duckdb.Error, OSError) as error:
            kind = ("unreadable", file.name)
            self.queries[kind] = {"problem": first_lines(error, file.name)}
            return kind

    def _say_what_is_left(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Print how many events the passes have left in the inbox, once for each number."""
        left = connection.execute(f"select count(*) from {INBOX}").fetchone()[0]
        if left and left != self.left_over and self.is_folded:
            print(f"{left:,} events are not taken in yet; stream_problems says why", file=sys.stderr, flush=True)
        self.left_over = left

    def _queries_for(self, file: EventFile) -> dict[str, Any]:
        """What event_file_queries says of files of this kind, with PATH in place of the path; `problem` when it cannot read them."""
        try:
            with plain_path(file.path) as path:
                outcome = self._invoke("compile", "--inline", "{{ event_file_queries('" + path + "') }}", "--log-level", "none")
        except OSError as error:
            return {"problem": first_lines(error, file.name)}
        if not outcome.success:
            return {"problem": first_lines(outcome.exception, file.name)}
        # JSON writes letters beyond ASCII in its own way.
        return json.loads(outcome.result.results[0].node.compiled_code.replace(json.dumps(path)[1:-1], PATH))

    def _parsed(self) -> Any:
        """The models of the stream as they were parsed the first time."""
        if self.manifest is None:
            parsed = dbtRunner().invoke(["parse", "--quiet", "--vars", self.variables])
            if not parsed.success:
                raise RuntimeError(f"the project cannot be parsed: {parsed.exception}")
            self.manifest = part_of(parsed.result, [PAIRS, PARTIALS])
        return self.manifest

    def dbt(self, *arguments: str) -> Any:
        """Run a dbt command in this process, on the models of the stream; returns its outcome. Raises RuntimeError when it fails."""
        outcome = self._invoke(*arguments, "--quiet")
        if not outcome.success:
            raise RuntimeError(f"dbt {' '.join(arguments)} failed: {outcome.exception or 'see the messages above'}")
        return outcome

    def _invoke(self, *arguments: str) -> Any:
        manifest = self._parsed()
        wait_for_database(self.database)
        options = ("--no-write-json", "--log-level-file", "none", "--vars", self.variables)
        outcome = dbtRunner(manifest=manifest).invoke([*arguments, *options])
        # Else the connection stays open, and neither the next files nor anybody's queries get in.
        DuckDBConnectionManager.close_all_connections()
        if not outcome.success:
            # The traceback of an error holds a connection.
            gc.collect()
            if isinstance(outcome.exception, KeyboardInterrupt):
                raise outcome.exception
            if holder := lock_holder(outcome.exception):
                raise DatabaseInUseError(f"{holder} came in between and has {self.database} open")
        return outcome

    def _dictionaries(self) -> list[str]:
        """The dictionaries of text ids in use: new ids in the table get their numbers first."""
        with open_database(self.database, read_only=True) as connection:
            made = {name for (name,) in connection.execute("show tables").fetchall()}
            return [
                name for name in ("user_ids", "tweet_ids") if name in made and connection.execute(f"from {name} limit 1").fetchone()
            ]

    def fold(self) -> None:
        """Take in what is new, and bring the partial sums up to date."""
        self.dbt("run", "--select", PAIRS, PARTIALS)
        self.is_folded = True

    def one_pass(self, files_at_once: int = 100) -> int:
        """Take in what is new and fold it; prints a line.

        Returns the number of files (without a folder, of pairs that changed), 0 when nothing was new.
        """
        started = time.perf_counter()
        is_said = not self.is_folded  # The first pass says that it is at work.
        if self.files is not None:
            news, events, rejected = self.load(files_at_once)
            taken = f"{news:5} files  {events:9,} events" + (f"  {rejected:,} rejected" if rejected else "")
            if not self.is_folded:
                self.fold()
        else:
            # Whether the table has grown is seen by taking it in.
            self.dbt("run", "--select", *self._dictionaries(), PAIRS)
            with open_database(self.database, read_only=True) as connection:
                news, newest = connection.execute(
                    f"select count(*) filter (folded_event is distinct from last_event), max(last_event) / 2000.0 from {PAIRS}"
                ).fetchone()
            events, self.newest = news, newest or self.newest
            taken = f"{news:9,} changed pairs"
            if news:
                self.dbt("run", "--select", PARTIALS)
            self.is_folded = True
        if news or is_said:
            seconds = time.perf_counter() - started
            lag = time.time() - self.newest
            print(f"{taken}  {seconds:6.2f} s  {events / seconds:9,.0f}/s  newest event {lag:,.0f} s ago", flush=True)
        return news


def first_lines(error: object, name: str) -> str:
    """What an error says first of the file, without the query and the advice that DuckDB adds, and without dbt's frame."""
    text = re.sub(r"[^\s'\"]*/simclusters-[^/]+/events(?:\.\w+)+", lambda _: name, str(error))
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("Runtime Error")] or [type(error).__name__]
    # The second line of an error in a CSV file is the line of the file.
    shows_line = "CSV Error" in lines[0] and os.environ.get("SIMCLUSTERS_HIDE_VALUES", "") in ("", "0")
    return " ".join(lines[: 2 if shows_line else 1])


def is_passing(problem: str) -> bool:
    """Whether a file can be read later although nobody changes it."""
    return problem.startswith(PASSING)


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
