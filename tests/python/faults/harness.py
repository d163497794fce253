"""dbt and the stream in processes that end in the middle, and what is left of the tables then."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import yaml

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from dbt.cli.main import dbtRunner  # noqa: E402
from dbt_command import DATABASE_FILE, PROJECT, WITHOUT_FILES, read_manifest, run_dbt  # noqa: E402  (a module of the tests)

from simclusters.database import advice, wait_for_database  # noqa: E402
from simclusters.inputs import damaged_files  # noqa: E402
from simclusters.runs import what_is_mixed  # noqa: E402
from simclusters.streaming import Stream  # noqa: E402
from simclusters.streaming import stream as stream_module  # noqa: E402

from .world import world, write_csv  # noqa: E402

# The spine of the batch, with what keeps rows from run to run; and the stream with the interests that it needs.
RUNS = ["runs", "table_runs", "erased_ids"]
SPINE = ["known_for_history", *RUNS]
STREAM_MODELS = [stream_module.PAIRS, stream_module.PARTIALS]
# Say of a run what differs from run to run, or count what a fault adds on purpose.
NOT_COMPARED = {"runs", "table_runs", "erased_ids", "input_report", "int_stream_files", "int_stream_inbox"}
LIVE = "select * from int_tweet_cluster_partials where fav_count > 0"
SECONDS_AT_MOST = 120


class Ended(NamedTuple):
    """How a process ended: its exit code, the signal that ended it (0 when none did), and all that it printed."""

    code: int
    signal: int
    output: str

    @property
    def is_killed(self) -> bool:
        return self.signal == signal.SIGKILL


def in_child(work: Callable[[], int], environment: dict[str, str] | None = None, file_size: int | None = None) -> Ended:
    """Run ``work`` in a forked process, which has all modules loaded and may end at any moment.

    file_size : bytes that a file may have there, which is how a disk is full without root
    """
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        code = 70
        try:
            os.close(reading)
            os.dup2(writing, 1)
            os.dup2(writing, 2)
            os.environ.update(environment or {})
            time.tzset()
            if file_size is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, resource.RLIM_INFINITY))
            code = work()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)
    os.close(writing)
    deadline = threading.Timer(SECONDS_AT_MOST, os.kill, (process, signal.SIGALRM))
    deadline.start()
    with open(reading, "rb") as output:
        text = output.read().decode(errors="replace")
    _, status = os.waitpid(process, 0)
    deadline.cancel()
    deadline.join()
    return Ended(os.waitstatus_to_exitcode(status), os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, text)


class Ground:
    """Databases of the first day and of the second, built without a fault, and a folder in which faults happen."""

    def __init__(self, folder: Path, parsed: Path) -> None:
        self.folder = folder
        whole = read_manifest(parsed)
        # The hooks are nodes, too.
        hooks = {name: node for name, node in whole.nodes.items() if node.resource_type == "operation"}
        with_stream = stream_module.part_of(whole, [*SPINE, *STREAM_MODELS])
        self.manifest = stream_module.part_of(whole, SPINE)
        for manifest in (with_stream, self.manifest):
            manifest.nodes |= hooks
        self.stream_manifest = stream_module.part_of(whole, STREAM_MODELS)
        self.model_count = sum(node.resource_type == "model" for node in self.manifest.nodes.values())
        self.first, self.second, self.events = world()
        self.inputs, self.arrivals = folder / "inputs", folder / "events"
        self.database = folder / DATABASE_FILE
        for name, value in self.environment().items():
            os.environ[name] = value
        self.write_inputs(self.first)
        # In this process: all others fork from it, and find templates and kernels compiled. They take three quarters of a run.
        first = run_dbt(self.arguments(), PROJECT, self.environment(), with_stream)
        assert first.success, first.output + first.error
        self.old = self.keep("old")
        self.write_events([self.events])
        self.must(self.stream())
        self.streamed = self.rows(LIVE)
        assert self.streamed
        self.start_from("old")
        self.write_inputs(self.second)
        started = time.monotonic()
        self.must(self.build())
        self.seconds = time.monotonic() - started
        self.new, self.mixed = self.tables(), self.what_is_mixed()
        assert self.old["known_for_history"] != self.new["known_for_history"]

    def environment(self) -> dict[str, str]:
        return {
            **WITHOUT_FILES,
            "SIMCLUSTERS_DATABASE": str(self.database),
            "SIMCLUSTERS_MODELS_AT_ONCE": "1",
            "SIMCLUSTERS_THREADS": "1",
            "SIMCLUSTERS_MEMORY_LIMIT": "1GB",
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "TZ": "UTC",
        }

    def must(self, ended: Ended) -> None:
        assert ended.code == 0, ended.output

    # ---- files ----------------------------------------------------------------------------------------------------
    def write_inputs(self, tables: dict[str, list[tuple]]) -> None:
        """The input files of a day, in the folder that all runs share: another one would be other inputs."""
        shutil.rmtree(self.inputs, ignore_errors=True)
        self.inputs.mkdir()
        for table, rows in tables.items():
            write_csv(self.inputs / f"{table}.csv", table, rows)

    def write_events(self, batches: list[list[tuple]]) -> None:
        shutil.rmtree(self.arrivals, ignore_errors=True)
        self.arrivals.mkdir()
        for number, rows in enumerate(batches):
            path = self.arrivals / f"{number:03}.csv"
            write_csv(path, "engagements", rows)
            os.utime(path, (1, 1))

    def keep(self, name: str) -> dict[str, Counter]:
        """Keep the database under a name, to start from; returns its rows. A process that just ends leaves a part in the log."""
        duckdb.connect(str(self.database)).close()
        shutil.copy(self.database, self.folder / f"{name}.kept")
        return self.tables()

    def start_from(self, name: str) -> None:
        """The database as it was kept."""
        for leftover in self.folder.glob(f"{DATABASE_FILE}*"):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        shutil.copy(self.folder / f"{name}.kept", self.database)

    # ---- runs -----------------------------------------------------------------------------------------------------
    def arguments(self, variables: dict[str, Any] | None = None) -> list[str]:
        given = yaml.safe_dump({"input_dir": str(self.inputs), **(variables or {})})
        return ["run", "--vars", given, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]

    def build(
        self,
        at_event: Callable[[str], None] | None = None,
        before: Callable[[], None] | None = None,
        variables: dict[str, Any] | None = None,
        **limits: Any,
    ) -> Ended:
        """`dbt run` on the folder of inputs. ``at_event`` is called with the name of each event of dbt, in the process."""

        def work() -> int:
            os.chdir(PROJECT)
            if before:
                before()
            callbacks = [lambda event: at_event(event.info.name)] if at_event else []
            outcome = dbtRunner(manifest=self.manifest, callbacks=callbacks).invoke(self.arguments(variables))
            # What `simclusters run` prints.
            print(outcome.exception or "", advice(outcome.exception))
            if outcome.exception:
                print(*damaged_files(self.inputs, outcome.exception), sep="\n")
            return 0 if outcome.success else 1

        return in_child(work, **limits)

    def stream(self, files_at_once: int = 100, before: Callable[[], None] | None = None, **limits: Any) -> Ended:
        """Passes of the stream until no file is new."""

        def work() -> int:
            os.chdir(PROJECT)
            if before:
                before()
            stream = Stream(self.arrivals, self.database)
            stream.manifest = self.stream_manifest
            while stream.one_pass(files_at_once) > 0:
                pass
            return 0

        return in_child(work, **limits)

    def wait_and_build(self) -> Ended:
        """As `simclusters run` does: it waits for a database that somebody has open."""
        return self.build(before=lambda: wait_for_database(self.database))

    # ---- what is left ---------------------------------------------------------------------------------------------
    def rows(self, query: str) -> Counter:
        """Rows of a query, each with its number; of floats the digits that do not depend on the order of a sum."""
        return self._read(lambda rows_of: rows_of(query))

    def tables(self) -> dict[str, Counter]:
        """Rows of every table that a run of these models makes."""
        made = {node.alias for node in self.manifest.nodes.values() if node.resource_type == "model"} - NOT_COMPARED

        def read(rows_of: Callable[[str], Counter]) -> dict[str, Counter]:
            names = {name for (name,) in rows_of("select table_name from duckdb_tables()")}
            return {name: rows_of(f"from {name}") for name in names & made}

        return self._read(read)

    def _read(self, read: Callable[[Callable[[str], Counter]], Any]) -> Any:
        with duckdb.connect(str(self.database), read_only=True) as connection:

            def rows_of(query: str) -> Counter:
                rows = connection.execute(query).fetchall()
                return Counter(tuple(f"{value:.8g}" if isinstance(value, float) else value for value in row) for row in rows)

            return read(rows_of)

    def check_whole(self) -> None:
        """Every table is as it was before the run, or as the run makes it."""
        for name, rows in self.tables().items():
            assert rows in (self.old.get(name), self.new.get(name)), f"{name} is neither old nor new"

    def check_old(self) -> None:
        self._check_equal(self.old)

    def check_new(self) -> None:
        """The tables are those of an undisturbed run of the second day, and say as much of their runs."""
        self._check_equal(self.new)
        mixed = self.what_is_mixed()
        assert mixed == self.mixed, f"{mixed}, and after an undisturbed run {self.mixed}"

    def what_is_mixed(self) -> list[str]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return what_is_mixed(connection)

    def _check_equal(self, expected: dict[str, Counter]) -> None:
        found = self.tables()
        different = [name for name in expected if found.get(name) != expected[name]]
        first = different[:1]
        rows = [
            f"{few(found.get(name, Counter()) - expected[name])} for {few(expected[name] - found.get(name, Counter()))}"
            for name in first
        ]
        assert different == [], f"{different} differ from an undisturbed run, such as {rows}"

    def check_streamed(self) -> None:
        found = self.rows(LIVE)
        assert found == self.streamed, (
            f"the live sums differ from those of one batch: {few(found - self.streamed)} for {few(self.streamed - found)}"
        )


def few(rows: Counter) -> str:
    """The number of rows, and three of them."""
    return f"{rows.total()} rows {sorted(rows, key=str)[:3]}"


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def says(ended: Ended, *patterns: str) -> bool:
    return any(re.search(pattern, ended.output) for pattern in patterns)
