"""What dbt sent to BigQuery, read by Google's analyser: does each statement mean something there, and what it says it means?

The statements come from the list of jobs that BigQuery (here the emulator) keeps; dbt names the node in each. So whatever sends
SQL is covered without being named: models, tests, unit tests, table functions, materializations, hooks.
"""

import csv
import datetime
import json
import pathlib
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from google.cloud import bigquery
from googlesql import Analyzer, Catalog, Columns, Name, SqlError, Statement

KINDS = ("model", "test", "unit_test")
MODELS_PER_MACRO = 2
"""Models whose unit tests ask a macro that differs."""
SECONDS_BETWEEN_LISTS = 20
LATE_IN_THE_LIST = datetime.timedelta(seconds=5)
"""A list holds each statement since then in full, which takes the emulator and its reader as long as running some."""


@dataclass
class SentStatement:
    """One statement as it was sent; ``node_id`` is empty for those of no node, such as the adapter's own."""

    node_id: str
    sql: str


@dataclass
class Analysis:
    """Problems by node, in words, and which nodes were analysed without one."""

    problems: list[str] = field(default_factory=list)
    analyzed_nodes: set[str] = field(default_factory=set)
    statement_count: int = 0

    def nodes_of(self, kind: str) -> list[str]:
        return [node_id for node_id in self.analyzed_nodes if node_id.startswith(f"{kind}.")]


def sent_statements(client: bigquery.Client, is_over: threading.Event) -> Iterator[SentStatement]:
    """Every statement that BigQuery gets, in order, as they come, until ``is_over``."""
    seen = set()
    since = None
    while True:
        # Asked before the list, so that a statement sent just before the end is in it.
        was_over = is_over.wait(SECONDS_BETWEEN_LISTS)
        jobs = [job for job in client.list_jobs(all_users=True, min_creation_time=since) if job.job_id not in seen]
        for job in sorted(jobs, key=lambda job: job.created):
            seen.add(job.job_id)
            # A job can enter the list after one that was created later.
            since = job.created - LATE_IN_THE_LIST
            if job.job_type == "query":
                yield SentStatement(query_comment(job.query).get("node_id", ""), job.query)
        if was_over:
            return


def query_comment(sql: str) -> dict:
    """What dbt wrote in the comment at the head of the statement."""
    if not sql.startswith("/* {"):
        return {}
    return json.loads(sql[len("/* ") : sql.index(" */")])


def analyze(manifest: dict, statements: Iterable[SentStatement], analyzer: Analyzer, project: pathlib.Path) -> Analysis:
    """Analyse the statements in order, each against the relations that the seeds and the statements before it made.

    Parameters
    ----------
    manifest : dbt's manifest of the run that sent the statements
    project : the project's folder, where the seeds lie
    """
    analysis = Analysis()
    catalog = Catalog(relations=seed_relations(manifest, project, analysis.problems))
    models = {relation_name(node): node for node in models_of(manifest)}
    models_by_id = {node["unique_id"]: node for node in models.values()}
    failed_nodes = set()

    for sent in statements:
        if "INFORMATION_SCHEMA" in sent.sql:
            continue  # the adapter's own questions to the warehouse
        analysis.statement_count += 1
        label = sent.node_id or "a statement of no node"
        try:
            outcomes = analyzer.analyze_script(sent.sql, catalog)
        except SqlError as error:
            failed_nodes.add(sent.node_id)
            analysis.problems.append(f"{label}: {error}")
            outcomes = []
            if sent.node_id in models_by_id:
                # What reads the model is judged by its contract, so that one slip is one problem.
                model = models_by_id[sent.node_id]
                catalog.relations.setdefault(relation_name(model), declared_columns(model))
        for outcome in outcomes:
            if outcome.name in models:
                model = models[outcome.name]
                analysis.problems.extend(f"{label}: {problem}" for problem in contract_problems(model, outcome))
                if outcome.kind != "CreateTableFunction":
                    catalog.relations[outcome.name] = outcome.columns | declared_columns(model)
        analysis.analyzed_nodes.add(sent.node_id)

    analysis.problems.extend(f"{node_id}: never sent to BigQuery" for node_id in expected_nodes(manifest) - analysis.analyzed_nodes)
    analysis.analyzed_nodes -= failed_nodes | {""}
    return analysis


def contract_problems(model: dict, outcome: Statement) -> Iterator[str]:
    """Where the types of a model's query differ from the types in its YAML."""
    declared = declared_columns(model)
    for name, declared_type in declared.items():
        if name not in outcome.columns:
            yield f"column {name} is declared and not selected"
        elif outcome.columns[name] != declared_type:
            yield f"column {name} is {outcome.columns[name]} and declared as {declared_type}"
    if model["contract"]["enforced"]:
        for name in outcome.columns.keys() - declared.keys():
            yield f"column {name} is selected and not in the contract"


def declared_columns(node: dict) -> Columns:
    """The columns with a data type in the node's YAML."""
    return {name.lower(): column["data_type"].lower() for name, column in node["columns"].items() if column["data_type"]}


def models_of(manifest: dict) -> Iterator[dict]:
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["config"]["materialized"] != "ephemeral":
            yield node


def expected_nodes(manifest: dict) -> set[str]:
    """Every node that must have sent a statement."""
    tests = {node_id for node_id, node in manifest["nodes"].items() if node["resource_type"] == "test" and node["config"]["enabled"]}
    return tests | {model["unique_id"] for model in models_of(manifest)} | unit_tests_of_macros(manifest)


def unit_tests_of_macros(manifest: dict) -> set[str]:
    """The unit tests of some models for each macro that differs by warehouse: what the same test on DuckDB cannot see.

    It is the macro that differs, and parity compares the rows of all models that ask it. The unit tests of the others run each night.
    """
    macros = manifest["macros"]
    names = [name.split(".")[-1] for name in macros]
    differing = {name.split("__", 1)[1] for name in names if name.startswith(("bigquery__", "duckdb__"))} - {"stored_in_order"}

    def asked(model: dict) -> set[str]:
        reached, waiting = set(), list(model["depends_on"]["macros"])
        while waiting:
            macro = waiting.pop()
            if macro in macros and macro not in reached:
                reached.add(macro)
                waiting.extend(macros[macro]["depends_on"]["macros"])
        return differing & {macro.split(".")[-1] for macro in reached}

    tested = {test["model"] for test in manifest["unit_tests"].values()}
    asked_by_model = {model["name"]: asked(model) for model in models_of(manifest) if model["name"] in tested}
    chosen = set()
    for macro in differing:
        chosen.update(sorted(name for name, asked_here in asked_by_model.items() if macro in asked_here)[:MODELS_PER_MACRO])
    return {node_id for node_id, test in manifest["unit_tests"].items() if test["model"] in chosen}


def relation_name(node: dict) -> Name:
    return node["database"], node["schema"], node["alias"]


def seed_relations(manifest: dict, project: pathlib.Path, problems: list[str]) -> dict[Name, Columns]:
    """The seeds' columns with the types that their YAML gives. A column without a type is guessed by each warehouse: a problem."""
    relations = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] != "seed":
            continue
        types = {name.lower(): column_type.lower() for name, column_type in node["config"]["column_types"].items()}
        with open(project / node["original_file_path"], newline="") as file:
            header = [name.lower() for name in next(csv.reader(file))]
        problems.extend(f"{node['unique_id']}: column {name} has no type in column_types" for name in header if name not in types)
        relations[relation_name(node)] = {name: types.get(name, "string") for name in header}
    return relations
