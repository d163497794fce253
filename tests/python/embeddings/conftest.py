"""The built databases that the embeddings are computed again from: the sample, and Ciao where it is present."""

from __future__ import annotations

import pytest
from frames import Tables


@pytest.fixture(scope="session")
def sample_tables(built_warehouse) -> Tables:
    """The pipeline on the sample."""
    return Tables(built_warehouse)


@pytest.fixture(scope="session")
def ciao_tables(ciao_warehouse) -> Tables:
    """The pipeline up to the embeddings on Ciao."""
    return Tables(ciao_warehouse)


@pytest.fixture(params=["sample", pytest.param("ciao", marks=pytest.mark.data)])
def tables(request: pytest.FixtureRequest) -> Tables:
    """Each of the databases."""
    return request.getfixturevalue(f"{request.param}_tables")
