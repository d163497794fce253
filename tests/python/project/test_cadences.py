"""The selectors are a schedule: each can run with only those before it, and together they build everything."""

import json

import pytest
import yaml
from dbt.cli.main import dbtRunner
from dbt_command import PROJECT

AUDIT = "audit"
SELECTORS = [selector["name"] for selector in yaml.safe_load((PROJECT / "selectors.yml").read_text())["selectors"]]
CADENCES = [name for name in SELECTORS if name != AUDIT]


@pytest.fixture(scope="module")
def nodes(parsed_warehouse):
    """Models and seeds by id, with what each reads."""
    all_nodes = parsed_warehouse.manifest.nodes.values()
    return {node.unique_id: node for node in all_nodes if node.resource_type in ("model", "seed")}


@pytest.fixture(scope="module")
def listed(parsed_warehouse):
    """Ids of what each selector names."""
    chosen = {}
    for selector in SELECTORS:
        arguments = parsed_warehouse.arguments(
            "ls", "--quiet", "--selector", selector, "--output", "json", "--output-keys", "unique_id"
        )
        result = dbtRunner(manifest=parsed_warehouse.manifest).invoke(arguments)
        chosen[selector] = {json.loads(line)["unique_id"] for line in result.result}
    return chosen


@pytest.fixture(scope="module")
def selected(listed, nodes):
    """Ids of the models and seeds of each cadence."""
    return {cadence: listed[cadence] & nodes.keys() for cadence in CADENCES}


def test_audits_are_nightly_and_of_no_cadence(listed, parsed_warehouse):
    tests = [node for node in parsed_warehouse.manifest.nodes.values() if node.resource_type == "test"]
    audits = {node.unique_id for node in tests if AUDIT in node.tags}
    assert listed[AUDIT] == audits
    assert len(audits) > 5
    for cadence in CADENCES:
        assert listed[cadence] & audits == set()
        assert any(name.startswith("test.") for name in listed[cadence]), f"{cadence} runs no test"


def test_every_model_and_seed_has_its_place(nodes, selected):
    assert set(nodes) - set.union(*selected.values()) == set()


def test_only_staging_and_engagements_are_built_by_more_than_one_cadence(nodes, selected):
    for node_id, node in nodes.items():
        if node.fqn[1] not in ("staging", "engagements"):
            assert sum(node_id in chosen for chosen in selected.values()) == 1, node.name


def test_each_cadence_reads_only_what_it_or_a_slower_one_has_built(nodes, selected):
    built = set()
    for cadence in CADENCES:
        built |= selected[cadence]
        for node_id in selected[cadence]:
            read = {parent for parent in nodes[node_id].depends_on_nodes if parent in nodes}
            assert read - built == set(), f"{nodes[node_id].name} of {cadence} reads what comes later"


def test_tests_read_only_what_is_built_and_each_runs_in_a_cadence(listed, selected, nodes, parsed_warehouse):
    """So `dbt build --selector weekly` passes on a fresh database."""
    manifest = parsed_warehouse.manifest
    tests = {
        node.unique_id: node
        for node in manifest.nodes.values()
        if node.resource_type == "test" and node.config.enabled and AUDIT not in node.tags
    }
    built = set()
    for cadence in CADENCES:
        built |= selected[cadence]
        for test_id in listed[cadence] & tests.keys():
            read = {parent for parent in tests[test_id].depends_on_nodes if parent in nodes}
            assert read - built == set(), f"{test_id} of {cadence} reads what comes later"
    assert set(tests) - set.union(*(listed[cadence] for cadence in CADENCES)) == set()
