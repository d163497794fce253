"""The built databases that the embeddings are computed again from: the sample, and Ciao where it is present."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
import yaml

from .brute_force import Tables

PROJECT = Path(__file__).resolve().parents[3]


def project_variables() -> dict:
    """The vars of dbt_project.yml."""
    return yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]


@pytest.fixture(scope="session")
def sample_tables(built_warehouse) -> Tables:
    """The pipeline on the sample."""
    return Tables(str(built_warehouse.database), project_variables())


@pytest.fixture(scope="session")
def ciao_tables(seeded_warehouse, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The pipeline up to the embeddings on Ciao, from the folder that SIMCLUSTERS_DATASETS names."""
    datasets = os.environ.get("SIMCLUSTERS_DATASETS")
    if not datasets or not (Path(datasets) / "ciao").is_dir():
        pytest.skip("SIMCLUSTERS_DATASETS names no folder with the data set ciao")
    loader = PROJECT / "benchmarks" / "datasets" / "load.py"
    specification = importlib.util.spec_from_file_location("load", loader)
    load = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(load)
    inputs = tmp_path_factory.mktemp("ciao")
    load.write_tables(load.ciao_tables(Path(datasets) / "ciao"), inputs)

    variables = yaml.safe_load((PROJECT / "benchmarks" / "datasets" / "ciao.yml").read_text())
    variables["input_dir"] = str(inputs)
    warehouse = seeded_warehouse.copy(tmp_path_factory.mktemp("ciao_warehouse"))
    warehouse.build("run", "--select", "+path:models/embeddings", variables=variables)
    return Tables(str(warehouse.database), project_variables() | variables)


@pytest.fixture(params=["sample", "ciao"])
def tables(request: pytest.FixtureRequest) -> Tables:
    """Each of the databases."""
    return request.getfixturevalue(f"{request.param}_tables")
