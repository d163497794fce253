"""The selectors are a schedule: each can run with only those before it, and together they build everything."""

import pytest
import yaml
from dbt.cli.main import dbtRunner
from dbt_command import PROJECT

CADENCES = [selector["name"] for selector in yaml.safe_load((PROJECT / "selectors.yml").read_text())["selectors"]]


@pytest.fixture(scope="module")
def nodes(parsed_warehouse):
    """Models and seeds by id, with what each reads."""
    all_nodes = parsed_warehouse.manifest.nodes.values()
    return {node.unique_id: node for node in all_nodes if node.resource_type in ("model", "seed")}


@pytest.fixture(scope="module")
def selected(parsed_warehouse, nodes):
    """Ids of the models and seeds of each cadence."""
    folder = parsed_warehouse.folder
    chosen = {}
    for cadence in CADENCES:
        result = dbtRunner(manifest=parsed_warehouse.manifest).invoke(
            [
                *("ls", "--quiet", "--selector", cadence, "--output", "name"),
                *("--resource-type", "model", "--resource-type", "seed"),
                *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
                *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
            ]
        )
        names = set(result.result)
        chosen[cadence] = {node_id for node_id, node in nodes.items() if node.name in names}
    return chosen


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
