"""The built databases that the embeddings are computed again from: the sample, and Ciao where it is present."""

from __future__ import annotations

import pytest
import yaml
from dbt_command import PROJECT

from .brute_force import Tables


def project_variables() -> dict:
    """The vars of dbt_project.yml."""
    return yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]


@pytest.fixture(scope="session")
def sample_tables(built_warehouse) -> Tables:
    """The pipeline on the sample."""
    return Tables(str(built_warehouse.database), project_variables())


@pytest.fixture(scope="session")
def ciao_tables(ciao_warehouse) -> Tables:
    """The pipeline up to the embeddings on Ciao."""
    return Tables(str(ciao_warehouse.database), project_variables() | ciao_warehouse.variables)


@pytest.fixture(params=["sample", pytest.param("ciao", marks=pytest.mark.data)])
def tables(request: pytest.FixtureRequest) -> Tables:
    """Each of the databases."""
    return request.getfixturevalue(f"{request.param}_tables")
