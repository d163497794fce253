"""Fixtures for all test folders: dbt on throw-away databases, and what all processes of a run share."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from dbt_command import PROJECT, Warehouse, read_manifest
from hypothesis import settings

WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
# Examples of a law that Hypothesis tries, the same at every run. SIMCLUSTERS_EXAMPLES=10000: more, and others each time.
EXAMPLES = int(os.environ.get("SIMCLUSTERS_EXAMPLES", "50"))
settings.register_profile(
    "suite", max_examples=EXAMPLES, derandomize="SIMCLUSTERS_EXAMPLES" not in os.environ, deadline=None, database=None
)
settings.load_profile("suite")
# Folders in the order of the steps. The longest file stands early, and short ones last, so that two processes end together.
STEPS = [
    *("sample", "staging", "materializations", "similarity", "communities", "embeddings", "live", "candidates"),
    *("reports", "explorer", "pipeline", "faults", "project"),
]
# Fixtures that build; who asks for one, directly or through others, needs a build.
BUILDERS = {
    *("seeded_warehouse", "built_warehouse", "warehouses", "builds", "tables", "report", "holdout_report", "analytics"),
    *("company", "sample_file", "hostile_warehouse"),
}
# Folders whose tests build projects of their own, small but many.
SMALL_PROJECTS = {"materializations", "communities/sql", "faults"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort by step, mark what needs a build or data, and leave out what needs the emulator unless it is asked for."""
    items.sort(key=lambda item: STEPS.index(item.path.relative_to(PROJECT / "tests" / "python").parts[0]))
    for item in items:
        folder = item.path.parent.relative_to(PROJECT / "tests" / "python").as_posix()
        if BUILDERS & set(item.fixturenames) or folder in SMALL_PROJECTS:
            item.add_marker("build")
        if "ciao_warehouse" in item.fixturenames:
            item.add_marker("data")
    for marker in {"emulator", "nightly"} - set(config.option.markexpr.split()):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker(marker)])
        items[:] = [item for item in items if not item.get_closest_marker(marker)]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """A function that returns a folder which one process of the run has made; the others wait for it. Read it, or copy from it."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent

    def make_once(name: str, make: Callable[[Path], None]) -> Path:
        folder, unfinished = shared / name, shared / f"{name}.unfinished"
        with open(shared / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                shutil.rmtree(unfinished, ignore_errors=True)
                make(unfinished)
                unfinished.rename(folder)
        return folder

    return make_once


@pytest.fixture(scope="session")
def project_folder() -> Path:
    """The root of the project."""
    return PROJECT


@pytest.fixture(scope="session")
def parsed(once) -> Path:
    """Target folder of the parsed project, from the build that SIMCLUSTERS_TEST_BUILD names or else parsed here."""
    built_folder = os.environ.get("SIMCLUSTERS_TEST_BUILD")
    if built_folder:
        return Path(built_folder)
    return once("parsed", lambda folder: Warehouse(folder).build("parse")) / "target"


@pytest.fixture(scope="session")
def manifest(parsed: Path) -> dict:
    """dbt's manifest of the project."""
    return json.loads((parsed / "manifest.json").read_text())


@pytest.fixture(scope="session")
def parsed_warehouse(parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """No database yet, only the parsed project, which all other warehouses share."""
    return Warehouse(tmp_path_factory.mktemp("parsed_warehouse"), read_manifest(parsed))


@pytest.fixture(scope="session")
def seeded_warehouse(once, parsed_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The seeds and nothing else. Shared: copy it before changing it, or ask for ``new_warehouse``."""
    made = once("seeded", lambda folder: Warehouse(folder, parsed_warehouse.manifest).build("seed"))
    return Warehouse(made, parsed_warehouse.manifest).copy(tmp_path_factory.mktemp("seeded_warehouse"))


@pytest.fixture(scope="session")
def built_warehouse(once, parsed_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The whole pipeline on the sample, from the folder SIMCLUSTERS_TEST_BUILD or else built here. Shared: copy it."""
    target = made = Path(os.environ.get("SIMCLUSTERS_TEST_BUILD", ""))
    if not os.environ.get("SIMCLUSTERS_TEST_BUILD"):
        made = once("built", lambda folder: Warehouse(folder, parsed_warehouse.manifest).build("build", *WITHOUT_TESTS))
        target = made / "target"
    warehouse = Warehouse(made, parsed_warehouse.manifest).copy(tmp_path_factory.mktemp("built_warehouse"))
    (warehouse.folder / "target").mkdir()
    for artefact in ("manifest.json", "run_results.json"):
        shutil.copy(target / artefact, warehouse.folder / "target")
    return warehouse


@pytest.fixture(scope="session")
def load() -> ModuleType:
    """The loaders of public data sets: benchmarks/datasets/load.py, a script and not part of the package."""
    specification = importlib.util.spec_from_file_location("load", PROJECT / "benchmarks" / "datasets" / "load.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def ciao_warehouse(seeded_warehouse: Warehouse, load, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The pipeline up to the embeddings on Ciao, from the folder that SIMCLUSTERS_DATASETS names. Shared: copy it."""
    datasets = os.environ.get("SIMCLUSTERS_DATASETS")
    if not datasets or not (Path(datasets) / "ciao").is_dir():
        pytest.skip("SIMCLUSTERS_DATASETS names no folder with the data set ciao")
    inputs = tmp_path_factory.mktemp("ciao")
    load.write_tables(load.ciao_tables(Path(datasets) / "ciao"), inputs)

    warehouse = seeded_warehouse.copy(tmp_path_factory.mktemp("ciao_warehouse"))
    warehouse.variables = yaml.safe_load((PROJECT / "benchmarks" / "datasets" / "ciao.yml").read_text())
    warehouse.variables["input_dir"] = str(inputs)
    warehouse.build("run", "--select", "path:models/staging", "+path:models/embeddings", variables=warehouse.variables)
    return warehouse


@pytest.fixture(scope="module")
def new_warehouse(seeded_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Warehouse]]:
    """A function that returns a fresh warehouse with the seeds loaded; its files go when the module ends."""
    folders: list[Path] = []

    def make() -> Warehouse:
        folders.append(tmp_path_factory.mktemp("warehouse"))
        return seeded_warehouse.copy(folders[-1])

    yield make
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
