"""Build the project on BigQuery's stand-in and prove it: parity with DuckDB, Google's analyser, no deprecation.

Runs in the environment of ``requirements.txt``, which ``run_in_own_environment.py`` makes. Writes nothing but a temporary folder (and,
once, the compiled analyser into that environment), ends what it starts, and exits with 1 when a check fails. One line per check.
"""

import argparse
import contextlib
import gc
import itertools
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future

import analysis
import design
import parity
import slips
from google.api_core.exceptions import GoogleAPIError
from googlesql import Analyzer
from processes import COLLECT_RARELY, DBT, HERE, PROJECT, Command, emulator, environment
from warehouse import TEXT_INPUTS, Warehouse

WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
GENERIC_TESTS = "test_type:generic"
"""The analyser reads them. They are not run: parity holds the tables against those on which DuckDB ran them.
Unit tests are run where a macro differs, of a few models for each. The rest DuckDB has run, and the emulator is DuckDB."""
AS_JSON = ("--log-format", "json")
SOURCES_PER_FUNCTION = 10
# With numbers, text, nulls and commas in quotes; and what is one row of each.
DROPPED_SEEDS = {"table_limits": ["table_name", "item_name"], "departures": ["system", "rule"], "raw_users": ["user_id"]}
ERASED_ON = {"duckdb": "duckdb", "bigquery_local": "bigquery"}
"""Targets, each with the run that parsed its project."""
USERS, COMMUNITIES = 1200, 21
"""Less than the sample: what is compared here are two warehouses. The search for so many communities ends at its first probe."""


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


def smaller_project(folder: pathlib.Path, python: pathlib.Path) -> pathlib.Path:
    """The project in a folder of its own, by links, with a smaller sample among its seeds."""
    (folder / "seeds").mkdir(parents=True)
    for path in PROJECT.iterdir():
        if path.name in ("models", "macros", "tests", "python_udfs") or path.suffix == ".yml":
            (folder / path.name).symlink_to(path)
    for path in (PROJECT / "seeds").iterdir():
        if not path.name.startswith("raw_"):
            (folder / "seeds" / path.name).symlink_to(path)
    size = ("--users", str(USERS), "--planted", str(folder / "planted.csv"))
    command = [python, "-m", "simclusters.sample", "--output", str(folder / "seeds"), *size]
    subprocess.run(command, env=environment(PYTHONPATH=str(PROJECT / "python_udfs")), check=True, capture_output=True)
    return folder


class Runs:
    """Runs of dbt on both warehouses, each with its own log and artefacts in the temporary folder."""

    def __init__(self, folder: pathlib.Path, duckdb_python: pathlib.Path, address: str, processes: contextlib.ExitStack) -> None:
        self.project = smaller_project(folder / "project", duckdb_python)
        self._folder = folder
        self._duckdb_python = str(duckdb_python)
        self._processes = processes
        self._database = str(folder / "simclusters.duckdb")
        self._settings = {"SIMCLUSTERS_DATABASE": self._database, "SIMCLUSTERS_BIGQUERY_ENDPOINT": address}

    def dbt(self, name: str, target: str, *arguments: str, like: str = "", **variables: str) -> Command:
        """Start dbt. ``name`` names the artefacts; ``like`` those of a run with the same vars, which has parsed the project."""
        variables["communities_k"] = COMMUNITIES
        if target == "duckdb":
            # The engine that BigQuery uses, so that both run the same project.
            variables["engine"] = "sql"
        dbt = [self._duckdb_python if target == "duckdb" else sys.executable, *DBT]
        artefacts = str(self._folder / name)
        options = ["--target", target, "--vars", json.dumps(variables)]
        paths = ["--target-path", artefacts, "--log-path", artefacts]
        command = [*dbt, "--no-use-colors", *arguments, *options, *paths]
        return self._start(command, f"{name}.log", like)

    def _start(self, command: list[str], log: str, like: str, **settings: str) -> Command:
        if like:
            settings["DBT_PARTIAL_PARSE_FILE_PATH"] = str(self._folder / like / "partial_parse.msgpack")
        return Command(command, self._folder / log, self._processes, self.project, **self._settings, **settings)

    def estimate(self, *choice: str) -> Command:
        """Start `python -m simclusters estimate` for the chosen models, by dry runs."""
        artefacts = str(self._folder / "estimate")
        variables = json.dumps({"communities_k": COMMUNITIES})
        command = [sys.executable, "-m", "simclusters", "estimate", "--target", "bigquery_local", "--vars", variables, *choice]
        settings = {"DBT_TARGET_PATH": artefacts, "DBT_LOG_PATH": artefacts, "PYTHONPATH": str(PROJECT / "python_udfs")}
        return self._start(command, "estimate.log", "bigquery", **settings)

    def export(self, tables: list[parity.Table]) -> Command:
        """Start writing tables of the DuckDB build as Parquet files."""
        named = [f"{table.name}={table.relation} {table.filter}" for table in tables]
        command = [self._duckdb_python, str(HERE / "export_tables.py"), self._database, str(self._folder), *named]
        return Command(command, self._folder / "export.log", self._processes)

    def manifest(self, name: str) -> dict:
        return json.loads((self._folder / name / "manifest.json").read_text())


def analysis_beside(runs: Runs, warehouse: Warehouse, is_over: threading.Event) -> Future:
    """Load the analyser and read what dbt sends while it runs; the result is the analyser and what it found."""
    result: Future = Future()

    def read() -> None:
        try:
            analyzer = Analyzer(pathlib.Path(sys.prefix))
            sent = itertools.chain(analysis.sent_statements(warehouse.client, is_over), generic_tests(runs))
            # By the time that a node sends something, dbt has written its manifest.
            first = list(itertools.islice((statement for statement in sent if statement.node_id), 1))
            manifest = runs.manifest("bigquery") if first else {"nodes": {}, "unit_tests": {}, "macros": {}}
            found = analysis.analyze(manifest, itertools.chain(first, sent), analyzer, runs.project)
            result.set_result((analyzer, found))
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=read, daemon=True).start()
    return result


def nightly_unit_tests(runs: Runs) -> list[str]:
    """Selects the unit tests that are not run of each change."""
    manifest = runs.manifest("bigquery")
    chosen = analysis.unit_tests_of_macros(manifest)
    return [f"unit_test:{test['name']}" for node_id, test in manifest["unit_tests"].items() if node_id not in chosen]


def generic_tests(runs: Runs) -> Iterator[analysis.SentStatement]:
    """The generic tests as dbt would send them, compiled in a run of their own."""
    command = runs.dbt("generic tests", "bigquery_local", "compile", "--quiet", "--select", GENERIC_TESTS, like="bigquery")
    if problems := command.problems():
        raise RuntimeError("\n".join(problems))
    for node_id, node in runs.manifest("generic tests")["nodes"].items():
        if node.get("test_metadata") and node["config"]["enabled"]:
            yield analysis.SentStatement(node_id, f"select count(*) as failures from (\n{node['compiled_code']}\n)")


def check_rerun(report: Report, runs: Runs, warehouse: Warehouse) -> None:
    """Run again what depends on a run before it, and the staging of BigQuery from source tables instead of the sample."""
    manifest = runs.manifest("bigquery")
    warehouse.make_text_inputs(manifest)
    # Else the run stops: it would mix the rows of two origins.
    runs_table = manifest["nodes"]["model.simclusters.runs"]["relation_name"]
    warehouse.client.query_and_wait(f"update {runs_table} set input_kind = 'schema', input_name = '{TEXT_INPUTS}' where true")
    # As in a fresh dataset: the run loads what is missing.
    seeds = {
        name: parity.Table(name, manifest["nodes"][f"seed.simclusters.{name}"]["relation_name"], key)
        for name, key in DROPPED_SEEDS.items()
    }
    before = {name: warehouse.read(seed.relation) for name, seed in seeds.items()}
    for seed in seeds.values():
        warehouse.client.query_and_wait(f"drop table {seed.relation}")
    selected = ["--select", *rerun_models(manifest)]
    on_bigquery = runs.dbt("bigquery again", "bigquery_local", "run", *selected, input_schema=TEXT_INPUTS)
    on_duckdb = runs.dbt("duckdb again", "duckdb", "run", *selected, like="duckdb")
    report.check("build: staging and what keeps earlier rows, again on DuckDB", on_duckdb.problems())
    rerun_problems = on_bigquery.problems()
    report.check("build: the same on BigQuery, from source tables with every column as text", rerun_problems)
    if not rerun_problems:
        for name, seed in seeds.items():
            report.check(
                f"seeds: a run loads the missing {name}", parity.differences(seed, before[name], warehouse.read(seed.relation))
            )


def check_design(report: Report, runs: Runs, warehouse: Warehouse) -> None:
    """Partitions, clusters and expirations: as BigQuery allows, and as the warehouse has them."""
    manifest = runs.manifest("bigquery")
    designed = [model for model in analysis.models_of(manifest) if design.clustered_by(model)]
    report.check(f"design: {len(designed)} tables in clusters or partitions", design.problems(manifest, design.large_tables()))
    report.check("design: the warehouse stores them so", design.stored_otherwise(manifest, warehouse.client))


def check_costs(report: Report, runs: Runs, folder: pathlib.Path, nightly: bool) -> None:
    """What watches inputs and bill: freshness of every source, and dry runs; each night of every model, and the Python engine too."""
    estimate = runs.estimate(*([] if nightly else ["--selector", "weekly"]))
    question = ("source", "freshness")
    freshness = runs.dbt("freshness", "bigquery_local", *question, like="bigquery again", input_schema=TEXT_INPUTS)

    # The sample is old, so dbt ends with an error; but it must have found out how old.
    unanswered = freshness.problems()
    file = folder / "freshness" / "sources.json"
    if file.exists():
        results = json.loads(file.read_text())["results"]
        unanswered = [f"{one['unique_id']}: {one.get('error')}" for one in results if one["status"] == "runtime error"]
    report.check("freshness: of every input", unanswered)
    problems = estimate.problems() or [line for line in estimate.log.read_text().splitlines() if line.lstrip().startswith("?")]
    report.check(f"estimate: a dry run of every {'' if nightly else 'weekly '}model", problems)
    if nightly:
        python = ("compile", "--select", "int_communities")
        compiled = runs.dbt("python engine", "bigquery_local", *python, engine="kernel")
        report.check("python engine: the model compiles", compiled.problems())


def check_erasure(report: Report, runs: Runs, warehouse: Warehouse) -> None:
    """Erase an author on both warehouses. The analyser reads the statements, and parity compares what is left."""
    authors = runs.manifest("bigquery")["nodes"]["model.simclusters.stg_tweets"]["relation_name"]
    [[author]] = warehouse.client.query_and_wait(f"select min(author_id) from {authors}")
    operation = ("run-operation", "forget", "--args", json.dumps({"user_id": author}))
    commands = {target: runs.dbt(f"erasure on {target}", target, *operation, like=like) for target, like in ERASED_ON.items()}
    for target, command in commands.items():
        problems = command.problems()
        found = re.search(r"Erased: 1 user, in (\d+) rows of (\d+) tables", command.log.read_text())
        report.check(f"erasure: {found[0] if found else 'an author'}, {target}", problems or ([] if found else ["it found no row"]))


def rerun_models(manifest: dict) -> list[str]:
    """Names of the staging models, and of those whose materialization may read their own past."""
    replaced_whole = ("table", "view", "typed_table_function", "bucketed_table", "connected_components", "hook_table")
    return [
        model["name"]
        for model in analysis.models_of(manifest)
        if model["group"] == "staging" or model["config"]["materialized"] not in replaced_whole
    ]


def check_parity(report: Report, runs: Runs, warehouse: Warehouse, folder: pathlib.Path) -> None:
    """Compare every public table and every staging table of the two builds."""
    here, there = (parity.compared_tables(runs.manifest(name)) for name in ("duckdb", "bigquery"))
    one_sided = [f"{name} is on one side only" for name in sorted(here.keys() ^ there.keys())]
    report.check(f"parity: both warehouses have the same {len(there)} tables", one_sided)
    compare(report, runs, warehouse, folder, here, there)

    def some_ids(table: str, column: str) -> list[int]:
        return sorted(set(parity.read_exported(folder, here[table]).column(column).to_pylist()))[:SOURCES_PER_FUNCTION]

    report.check("parity: every table function is called", parity.uncalled_functions(runs.manifest("bigquery")))
    answers = [parity.called_functions(runs.manifest(name), some_ids) for name in ("duckdb", "bigquery")]
    compare(report, runs, warehouse, folder, *answers)


def compare(
    report: Report,
    runs: Runs,
    warehouse: Warehouse,
    folder: pathlib.Path,
    here: dict[str, parity.Table],
    there: dict[str, parity.Table],
) -> None:
    """Compare what both sides have; what must have rows and has none is a problem."""
    if problems := runs.export(list(here.values())).problems():
        report.check("parity: the tables of the DuckDB build can be read", problems)
        return
    for name in sorted(here.keys() & there.keys()):
        rows = parity.read_exported(folder, here[name])
        try:
            problems = parity.differences(here[name], rows, warehouse.read(there[name].relation, there[name].filter))
        except GoogleAPIError as error:
            problems = [str(error)]
        if name in parity.CALLS and not rows.num_rows:
            problems.append("no call has an answer")
        report.check(f"parity: {name}, {rows.num_rows:,} rows", problems)


def check_deprecations(report: Report, runs: Runs) -> None:
    """dbt prints deprecations of YAML keys only when it parses for BigQuery. The build after it finds the project parsed."""
    options = ("--no-partial-parse", "--show-all-deprecations")
    parse = runs.dbt("bigquery", "bigquery_local", *AS_JSON, "parse", *options)
    problems = parse.problems()
    events = [json.loads(line)["info"] for line in parse.log.read_text().splitlines() if line.startswith("{")]
    warnings = [event["msg"] for event in events if event["level"] in ("warn", "error")]
    report.check("deprecations: dbt parses for BigQuery without a warning", warnings or problems)


def check_everything(report: Report, folder: pathlib.Path, duckdb_python: pathlib.Path, nightly: bool) -> None:
    with contextlib.ExitStack() as processes:
        addresses = processes.enter_context(emulator(folder))
        report.progress(f"the emulator listens on {addresses[0]}")
        warehouse = Warehouse(*addresses)
        runs = Runs(folder, duckdb_python, addresses[0], processes)

        on_duckdb = runs.dbt("duckdb", "duckdb", "build", *WITHOUT_TESTS)
        check_deprecations(report, runs)
        on_bigquery = runs.dbt(
            "bigquery", "bigquery_local", "build", "--exclude", GENERIC_TESTS, *([] if nightly else nightly_unit_tests(runs))
        )
        is_over = threading.Event()
        analyzing = analysis_beside(runs, warehouse, is_over)
        report.check("build: the sample on DuckDB", on_duckdb.problems())
        build_problems = on_bigquery.problems()
        report.check("build: the sample on BigQuery, with laws, and unit tests of the macros that differ", build_problems)
        if not build_problems:
            check_design(report, runs, warehouse)
            check_rerun(report, runs, warehouse)
            check_costs(report, runs, folder, nightly)
            if nightly:
                check_erasure(report, runs, warehouse)
        is_over.set()
        check_parity(report, runs, warehouse, folder)

        analyzer, found = analyzing.result()
        counts = ", ".join(f"{len(found.nodes_of(kind))} {kind}s" for kind in analysis.KINDS)
        nothing_read = [] if found.statement_count else ["dbt sent no statement, or none was found in the list of jobs"]
        report.check(f"analysis: {found.statement_count:,} statements of {counts}", found.problems or nothing_read)
        for slip, problems in slips.uncaught(analyzer):
            report.check(f"a slip is caught: {slip}", problems)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--duckdb-python",
        type=pathlib.Path,
        default=PROJECT / ".venv" / "bin" / "python",
        help="Python of the main environment, which builds the project on DuckDB (default: .venv/bin/python)",
    )
    parser.add_argument("--nightly", action="store_true", help="also erase somebody, all dry runs, and all unit tests")
    return parser.parse_args()


def main() -> None:
    gc.set_threshold(*COLLECT_RARELY)
    arguments = parse_arguments()
    # Ends the run through its `finally` clauses, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended."))
    report = Report()
    with tempfile.TemporaryDirectory(prefix="simclusters-bigquery-") as folder:
        check_everything(report, pathlib.Path(folder), arguments.duckdb_python.absolute(), arguments.nightly)
    report.progress(f"{report.failed_count} checks failed" if report.failed_count else "all checks passed")
    sys.exit(1 if report.failed_count else 0)


if __name__ == "__main__":
    main()
