"""Keep the live tables fresh: take new event files in, fold them into the partial sums, again and again. What `make stream` calls.

    python -m simclusters.stream --input folder [--every 60] [--once] [--files-at-once 100]

The folder grows by Parquet or CSV files with the columns of the engagements table, in any order of time; a file is read once, when it
is first seen, so write it elsewhere and move it in. Each pass is one transaction for the files and one plain dbt command,
`dbt run --select int_tweet_cluster_partials`, in this process. It can be killed at any time: the next pass goes on.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

COLUMNS = {"user_id": "bigint", "tweet_id": "bigint", "engagement_type": "varchar", "engaged_at": "timestamp"}
MODEL = "int_tweet_cluster_partials"


class Stream:
    """One process that follows one folder into one database. Run a batch build first: the interests come from there."""

    def __init__(self, folder: Path, database: Path, variables: dict[str, Any] | None = None) -> None:
        if not folder.is_dir():
            raise ValueError(f"the input folder {folder} does not exist")
        if not database.exists():
            raise ValueError(f"the database {database} does not exist; build it first with `make run`")
        self.folder, self.database = folder, database
        self.variables = yaml.safe_dump(variables or {}, default_flow_style=True, width=10**6)
        self.manifest: Any = None

    def load(self, files_at_once: int) -> tuple[int, int, list[str]]:
        """Insert the rows of files not seen yet, oldest name first, all or none of them.

        Returns the files and events taken in, and a line for each file that cannot be read; those are remembered and not tried again.
        """
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(
                "create table if not exists stream_files (file_name varchar primary key, event_count bigint, problem varchar)"
            )
            seen = {row[0] for row in connection.execute("select file_name from stream_files").fetchall()}
            new_files = sorted(
                path for path in self.folder.iterdir() if path.suffix in (".parquet", ".csv") and path.name not in seen
            )[:files_at_once]
            events, problems = 0, []
            for path in new_files:
                connection.execute("begin")
                try:
                    count = connection.execute(
                        f"insert into int_stream_inbox by name {self._typed_rows(path)}", {"path": str(path)}
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
            return len(new_files), events, problems

    @staticmethod
    def _typed_rows(path: Path) -> str:
        reader = "read_parquet($path)" if path.suffix == ".parquet" else "read_csv($path, header = true)"
        columns = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in COLUMNS.items())
        required = " and ".join(f"{name} is not null" for name in COLUMNS)
        return f"select {columns} from {reader} where {required} and user_id >= 0 and tweet_id >= 0"

    def dbt(self, *arguments: str) -> Any:
        """Run a dbt command in this process, on the project as it was parsed the first time."""
        if self.manifest is None:
            parsed = dbtRunner().invoke(["parse", "--quiet", "--vars", self.variables])
            if not parsed.success:
                raise RuntimeError(f"the project cannot be parsed: {parsed.exception}")
            self.manifest = parsed.result
        outcome = dbtRunner(manifest=self.manifest).invoke(
            [*arguments, "--quiet", "--no-write-json", "--vars", self.variables]
        )
        # Else the connection stays open, and neither the next files nor anybody's queries get in.
        DuckDBConnectionManager.close_all_connections()
        if not outcome.success:
            # The traceback of an error holds a connection.
            gc.collect()
            raise RuntimeError(f"dbt {' '.join(arguments)} failed: {outcome.exception or 'see the messages above'}")
        return outcome

    def fold(self) -> None:
        """Bring the partial sums up to date with the events, then drop events that are no longer live."""
        self.dbt("run", "--select", MODEL)
        with duckdb.connect(str(self.database)) as connection:
            # The oldest bucket that is kept tells what is live.
            connection.execute(
                f"delete from int_stream_inbox where engaged_at < (select min(bucket_at) - interval 1 day from {MODEL})"
            )

    def lag(self) -> float:
        """Seconds between the newest event of the inbox and this machine's clock."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            newest = connection.execute("select epoch(max(engaged_at)) from int_stream_inbox").fetchone()[0]
        return float("nan") if newest is None else time.time() - newest

    def one_pass(self, files_at_once: int = 100) -> int:
        """Take in new files and fold them; prints a line. Returns the number of files, 0 when nothing was new."""
        started = time.perf_counter()
        files, events, problems = self.load(files_at_once)
        for problem in problems:
            print(f"not read: {problem}", file=sys.stderr, flush=True)
        if files == 0 and self.manifest is not None:
            return 0
        self.fold()
        seconds = time.perf_counter() - started
        print(
            f"{files:5} files  {events:9,} events  {seconds:6.2f} s  {events / seconds:9,.0f} events/s  "
            f"newest event {self.lag():,.0f} s ago",
            flush=True,
        )
        return files


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns 0 when stopped, 1 with a message when it cannot go on."""
    parser = argparse.ArgumentParser(prog="python -m simclusters.stream", description=__doc__.splitlines()[0])
    parser.add_argument("--input", type=Path, required=True, help="folder that grows by event files")
    parser.add_argument("--every", type=float, default=60.0, help="seconds between looks at the folder")
    parser.add_argument("--once", action="store_true", help="end when nothing is new, for cron and orchestrators")
    parser.add_argument("--files-at-once", type=int, default=100, help="files per pass at most")
    parser.add_argument("--vars", default="{}", help="values for the vars of dbt_project.yml, as YAML")
    options = parser.parse_args(arguments)
    database = Path(os.environ.get("SIMCLUSTERS_DATABASE", "simclusters.duckdb"))
    try:
        stream = Stream(options.input, database, yaml.safe_load(options.vars))
        while True:
            while stream.one_pass(options.files_at_once) > 0:
                pass
            if options.once:
                return 0
            time.sleep(options.every)
    except KeyboardInterrupt:
        return 0
    except (ValueError, RuntimeError, duckdb.Error) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
