"""Build the project on BigQuery's stand-in and prove it: parity with DuckDB, Google's analyser, no deprecation.

Runs in the environment of ``requirements.txt``, which ``test.sh`` makes. Writes nothing but a temporary folder (and the compiled
analyser, once, into its environment), ends what it starts, and exits with 1 when a check fails. One line per check.
"""

import argparse
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator

import analysis
import parity
import slips
from google.api_core.exceptions import GoogleAPIError
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from googlesql import Analyzer

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
SECONDS_TO_START = 60
LINES_SHOWN = 60

SQL_COMMUNITIES = ("--vars", "{community_engine: sql}")
"""The engine that BigQuery uses, asked of DuckDB too, so that both run the same project."""

WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
AS_JSON = ("--log-format", "json")


class Report:
    """Prints one line per check and remembers whether all passed."""

    def __init__(self) -> None:
        self.failed_count = 0
        self._start = time.monotonic()

    def progress(self, text: str) -> None:
        print(f"{time.monotonic() - self._start:4.0f} s  {text}", flush=True)

    def check(self, law: str, problems: list[str]) -> None:
        self.failed_count += bool(problems)
        self.progress(f"{'FAIL' if problems else 'ok  '}  {law}")
        for problem in problems:
            print("              " + problem.replace("\n", "\n              "), flush=True)


class Command:
    """A process with its output in a file, ended with this program at the latest."""

    def __init__(
        self, arguments: list[str], log: pathlib.Path, processes: contextlib.ExitStack, **settings: str
    ) -> None:
        self.log = log
        with open(log, "w") as log_file:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=subprocess.STDOUT,
                cwd=PROJECT,
                env=environment(**settings),
            )
        processes.callback(end, self._process)

    def problems(self) -> list[str]:
        """Wait. The end of the output when the command failed, otherwise nothing."""
        if self._process.wait() == 0:
            return []
        lines = self.log.read_text().splitlines()
        return lines[-LINES_SHOWN:] or [f"exit code {self._process.returncode}, without a word"]


def end(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without the settings that would choose another warehouse, other inputs or an account."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("SIMCLUSTERS_", "DBT_", "GOOGLE_"))
    }
    return kept | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "PYTHONDONTWRITEBYTECODE": "1"} | settings


@contextlib.contextmanager
def emulator(folder: pathlib.Path) -> Iterator[str]:
    """The address of a running emulator. Its home is the folder, because DuckDB copies extensions into the home folder."""
    log = folder / "emulator.log"
    with open(log, "w") as log_file:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "emulator.py"), "--end-with-input", "--data-dir", str(folder / "emulator")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log_file,
            cwd=folder,
            env=environment(HOME=str(folder)),
        )
    try:
        deadline = threading.Timer(SECONDS_TO_START, process.kill)
        deadline.start()
        address = process.stdout.readline().decode().strip()
        deadline.cancel()
        if not address:
            sys.exit(f"The emulator did not start:\n{log.read_text()}")
        yield address
    finally:
        end(process)


class Builds:
    """The project built on both warehouses, each with its own artefacts in the temporary folder."""

    def __init__(
        self, folder: pathlib.Path, duckdb_python: pathlib.Path, address: str, processes: contextlib.ExitStack
    ) -> None:
        self._folder = folder
        self._python = {"duckdb": str(duckdb_python), "bigquery_local": sys.executable, "bigquery": sys.executable}
        self._settings = {
            "SIMCLUSTERS_DATABASE": str(folder / "simclusters.duckdb"),
            "SIMCLUSTERS_BIGQUERY_ENDPOINT": address,
        }
        self._processes = processes

    def dbt(self, target: str, name: str, *arguments: str) -> Command:
        """Start dbt for one target. Its output is ``NAME.log``."""
        artefacts = self._folder / target
        dbt = [self._python[target], "-m", "dbt.cli.main", "--no-use-colors", "--log-path", str(artefacts), *arguments]
        options = ["--target", target, "--target-path", str(artefacts)]
        return Command(dbt + options, self._folder / f"{name}.log", self._processes, **self._settings)

    def export(self, tables: dict[str, parity.PublicTable]) -> Command:
        """Start writing the tables of the DuckDB build as Parquet files."""
        named = [f"{table.name}={table.relation}" for table in tables.values()]
        script = [self._python["duckdb"], str(HERE / "export_tables.py")]
        paths = [self._settings["SIMCLUSTERS_DATABASE"], str(self._folder)]
        return Command(script + paths + named, self._folder / "export.log", self._processes)

    def manifest(self, target: str) -> dict:
        return json.loads((self._folder / target / "manifest.json").read_text())


def check_parity(report: Report, builds: Builds, client: bigquery.Client, folder: pathlib.Path) -> None:
    """Compare every public table of the two builds."""
    here, there = (parity.public_tables(builds.manifest(target)) for target in ("duckdb", "bigquery_local"))
    report.check(
        f"parity: both warehouses have the same {len(there)} public tables",
        [f"{name} is on one side only" for name in sorted(here.keys() ^ there.keys())]
        + ([] if there else ["there are none"]),
    )
    if problems := builds.export(here).problems():
        report.check("parity: the tables of the DuckDB build can be read", problems)
        return
    for name in sorted(here.keys() & there.keys()):
        rows = parity.read_exported(folder, here[name])
        try:
            problems = parity.differences(here[name], rows, parity.read_bigquery(client, there[name]))
        except GoogleAPIError as error:
            problems = [str(error)]
        report.check(f"parity: {name}, {rows.num_rows:,} rows", problems)


def check_analysis(report: Report, builds: Builds, client: bigquery.Client, analyzer: Analyzer) -> None:
    """Analyse everything that dbt sent."""
    manifest = builds.manifest("bigquery_local")
    found = analysis.analyze(manifest, analysis.sent_statements(client), analyzer, PROJECT)
    counts = ", ".join(f"{len(found.nodes_of(kind))} {kind}s" for kind in analysis.KINDS)
    report.check(
        f"analysis: {found.statement_count:,} statements of {counts} mean the same to Google's analyser", found.problems
    )


def check_deprecations(report: Report, parse: Command) -> None:
    """dbt prints deprecations of YAML keys only when it parses for BigQuery."""
    events = [json.loads(line)["info"] for line in parse.log.read_text().splitlines() if line.startswith("{")]
    warnings = [event["msg"] for event in events if event["level"] in ("warn", "error")]
    report.check("deprecations: dbt parses for BigQuery without a warning", warnings or parse.problems())


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--duckdb-python",
        type=pathlib.Path,
        default=PROJECT / ".venv" / "bin" / "python",
        help="Python of the main environment, which builds the project on DuckDB (default: .venv/bin/python)",
    )
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended."))
    report = Report()

    with (
        tempfile.TemporaryDirectory(prefix="simclusters-bigquery-") as folder_name,
        contextlib.ExitStack() as processes,
    ):
        folder = pathlib.Path(folder_name)
        address = processes.enter_context(emulator(folder))
        report.progress(f"the emulator listens on {address}")
        client = bigquery.Client(
            project="simclusters-local", credentials=AnonymousCredentials(), client_options={"api_endpoint": address}
        )

        builds = Builds(folder, arguments.duckdb_python, address, processes)
        on_bigquery = builds.dbt("bigquery_local", "bigquery build", "build")
        on_duckdb = builds.dbt("duckdb", "duckdb build", "build", *SQL_COMMUNITIES, *WITHOUT_TESTS)
        report.check("build: the sample on DuckDB", on_duckdb.problems())
        parse = builds.dbt("bigquery", "parse", *AS_JSON, "parse", "--no-partial-parse", "--show-all-deprecations")
        analyzer = Analyzer(pathlib.Path(sys.prefix))
        report.check("build: the sample on BigQuery, with its tests", on_bigquery.problems())
        check_deprecations(report, parse)
        check_parity(report, builds, client, folder)
        check_analysis(report, builds, client, analyzer)
        for slip, problems in slips.uncaught(analyzer):
            report.check(f"a slip is caught: {slip}", problems)

    report.progress(f"{report.failed_count} checks failed" if report.failed_count else "all checks passed")
    sys.exit(1 if report.failed_count else 0)


if __name__ == "__main__":
    main()
