"""Fixtures for all test folders: dbt, run in this process on throw-away databases."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from dbt_command import Outcome, run_dbt

PROJECT = Path(__file__).resolve().parents[2]
# dbt writes the name of the database, which is the stem of the file, into the parsed project and into views, so all share one.
DATABASE_FILE = "simclusters.duckdb"


class Warehouse:
    """A DuckDB file in a folder of its own, and dbt on it. Two warehouses may not run dbt at the same time."""

    def __init__(self, folder: Path, manifest: Any = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.database = folder / DATABASE_FILE
        self.manifest = manifest
        self.variables: dict[str, Any] = {}

    def dbt(self, *arguments: str, variables: dict[str, Any] | None = None) -> Outcome:
        """Run a dbt command, with ``variables`` beside those of the warehouse.

        The project is parsed once a session; vars that change its shape need a command ``parse`` first.
        """
        options = [
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")),
            *("--vars", yaml.safe_dump(self.variables | (variables or {})), "--no-partial-parse"),
        ]
        environment = {
            "SIMCLUSTERS_DATABASE": str(self.database),
            "SIMCLUSTERS_MODELS_AT_ONCE": "2",
            "SIMCLUSTERS_THREADS": "2",
            "SIMCLUSTERS_MEMORY_LIMIT": "2GB",
        }
        manifest = None if arguments[0] == "parse" else self.manifest
        # Python models are imported from a folder relative to the working directory.
        outcome = run_dbt([*arguments, *options], PROJECT, environment, manifest)
        self.manifest = outcome.manifest or self.manifest
        return outcome

    def build(self, *arguments: str, **options: Any) -> None:
        """Run a dbt command that must succeed."""
        outcome = self.dbt(*arguments, **options)
        assert outcome.success, outcome.output + outcome.error

    def execute(self, sql: str) -> None:
        """Run a statement on the database."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(sql)

    def query(self, sql: str) -> list[tuple]:
        """Rows of a query on the database."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def copy(self, folder: Path) -> Warehouse:
        """The same database in another folder."""
        copied = Warehouse(folder, self.manifest)
        copied.variables = dict(self.variables)
        shutil.copy(self.database, copied.database)
        return copied


@pytest.fixture(scope="session")
def project_folder() -> Path:
    """The root of the project."""
    return PROJECT


@pytest.fixture(scope="session")
def parsed_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """No database yet, only the parsed project, which all other warehouses share."""
    warehouse = Warehouse(tmp_path_factory.mktemp("parsed_warehouse"))
    warehouse.build("parse")
    return warehouse


@pytest.fixture(scope="session")
def seeded_warehouse(parsed_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The seeds and nothing else. Shared: copy it before changing it, or ask for ``new_warehouse``."""
    warehouse = Warehouse(tmp_path_factory.mktemp("seeded_warehouse"), parsed_warehouse.manifest)
    warehouse.build("seed")
    return warehouse


@pytest.fixture(scope="session")
def built_warehouse(parsed_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The whole pipeline on the sample, from the folder SIMCLUSTERS_TEST_BUILD or else built here. Shared: copy it."""
    warehouse = Warehouse(tmp_path_factory.mktemp("built_warehouse"), parsed_warehouse.manifest)
    built_folder = os.environ.get("SIMCLUSTERS_TEST_BUILD")
    if built_folder:
        shutil.copy(Path(built_folder) / DATABASE_FILE, warehouse.database)
        (warehouse.folder / "target").mkdir()
        shutil.copy(Path(built_folder) / "manifest.json", warehouse.folder / "target" / "manifest.json")
    else:
        warehouse.build("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    return warehouse


@pytest.fixture(scope="session")
def ciao_warehouse(seeded_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The pipeline up to the embeddings on Ciao, from the folder that SIMCLUSTERS_DATASETS names. Shared: copy it."""
    datasets = os.environ.get("SIMCLUSTERS_DATASETS")
    if not datasets or not (Path(datasets) / "ciao").is_dir():
        pytest.skip("SIMCLUSTERS_DATASETS names no folder with the data set ciao")
    loader = PROJECT / "benchmarks" / "datasets" / "load.py"
    specification = importlib.util.spec_from_file_location("load", loader)
    load = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(load)
    inputs = tmp_path_factory.mktemp("ciao")
    load.write_tables(load.ciao_tables(Path(datasets) / "ciao"), inputs)

    warehouse = seeded_warehouse.copy(tmp_path_factory.mktemp("ciao_warehouse"))
    warehouse.variables = yaml.safe_load((PROJECT / "benchmarks" / "datasets" / "ciao.yml").read_text())
    warehouse.variables["input_dir"] = str(inputs)
    warehouse.build("run", "--select", "+path:models/embeddings", variables=warehouse.variables)
    return warehouse


@pytest.fixture(scope="module")
def new_warehouse(
    seeded_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Warehouse]]:
    """A function that returns a fresh warehouse with the seeds loaded; its files go when the module ends."""
    folders: list[Path] = []

    def make() -> Warehouse:
        folders.append(tmp_path_factory.mktemp("warehouse"))
        return seeded_warehouse.copy(folders[-1])

    yield make
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
