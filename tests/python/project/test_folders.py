"""The folders of models/ are in the order of the data: dbt_project.yml lists them, and no model reads one of a later folder.

No model is long.
"""

from pathlib import Path, PurePath

import yaml
from dbt_command import PROJECT


def folders_in_order() -> list[str]:
    """Folders below models/ as dbt_project.yml lists them; those inside a folder come before what the folder itself holds."""

    def inside(settings: dict, above: str) -> list[str]:
        found = []
        for name, below in settings.items():
            if not name.startswith("+"):
                found += [*inside(below, f"{above}{name}/"), f"{above}{name}"]
        return found

    return inside(yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["models"]["simclusters"], "")


def test_each_folder_has_a_colour_in_the_lineage(manifest):
    folders = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["models"]["simclusters"]
    colours = {name: settings["+docs"]["node_color"] for name, settings in folders.items() if not name.startswith("+")}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model":
            assert node["config"]["docs"]["node_color"] == colours[PurePath(node["path"]).parts[0]], node["name"]


def refs_that_run_backwards(nodes: dict[str, tuple[str, list[str]]], order: list[str]) -> list[str]:
    """Of nodes {name: (folder, names that it reads)}: each read of a folder that comes later in `order`."""
    return [
        f"{name} of {folder} reads {parent} of {nodes[parent][0]}"
        for name, (folder, parents) in nodes.items()
        for parent in parents
        if order.index(nodes[parent][0]) > order.index(folder)
    ]


def test_no_folder_reads_a_later_one(parsed_warehouse):
    models = {
        node.unique_id: (str(PurePath(node.path).parent), node.depends_on_nodes)
        for node in parsed_warehouse.manifest.nodes.values()
        if node.resource_type == "model"
    }
    models = {name: (folder, [parent for parent in parents if parent in models]) for name, (folder, parents) in models.items()}

    assert len(models) > 100
    assert refs_that_run_backwards(models, folders_in_order()) == []


def test_a_ref_that_runs_backwards_is_named():
    nodes = {"follows": ("staging", ["report"]), "report": ("reports", [])}

    assert refs_that_run_backwards(nodes, ["staging", "reports"]) == ["follows of staging reads report of reports"]
    assert refs_that_run_backwards(nodes, ["reports", "staging"]) == []


def test_no_model_asks_for_the_adapter():
    """Words of the warehouses stand in macros, and engine_of says which engine runs."""
    asking = {path.name for path in (PROJECT / "models").rglob("*.yml") if "target.type" in path.read_text()}
    assert asking == {"_sources.yml"}


def long_models(folder: Path, most: int = 120) -> list[str]:
    """The SQL files in `folder` that have more lines than `most`, and how many."""
    counts = {path: len(path.read_text().splitlines()) for path in sorted(folder.rglob("*.sql"))}
    assert counts
    return [f"{path.relative_to(folder)}: {count} lines" for path, count in counts.items() if count > most]


def test_no_model_is_long():
    assert long_models(PROJECT / "models") == []


def test_a_long_model_is_named(tmp_path):
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "edges.sql").write_text("select 1\n" * 121)
    (tmp_path / "nodes.sql").write_text("select 1\n" * 120)

    assert long_models(tmp_path) == ["graph/edges.sql: 121 lines"]
