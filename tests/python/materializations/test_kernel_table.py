"""A table that a kernel finds has the contract of its model, and a failure changes no row."""

import pyarrow as pa
import pytest

from simclusters.steps import user_topic_embeddings

NAME = "user_topic_embeddings"
GOOD = {"consumer_id": [1], "cluster_id": [2], "cluster_rank": [1], "user_topic_score": [0.5]}


@pytest.fixture(scope="module")
def warehouse(built_warehouse, tmp_path_factory):
    return built_warehouse.copy(tmp_path_factory.mktemp("kernel_table"))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (GOOD | {"user_topic_score": pa.array([None], pa.float64())}, "user_topic_score is null"),
        (GOOD | {"cluster_id": ["2"]}, "data type mismatch"),
        ({name: GOOD[name] for name in list(GOOD)[1:]}, "missing in definition"),
    ],
)
def test_what_breaks_the_contract_leaves_the_old_table(warehouse, monkeypatch, found, message):
    before = warehouse.query(f"from {NAME} order by all")
    assert before
    monkeypatch.setattr(user_topic_embeddings, "model", lambda dbt, session: pa.table(found))

    outcome = warehouse.dbt("run", "--select", NAME)

    assert outcome.status == {NAME: "error"}
    assert message in outcome.output
    assert warehouse.query(f"from {NAME} order by all") == before


def test_a_kernel_replaces_a_view(warehouse, monkeypatch):
    """Before, these tables were views of what an engine had found."""
    rows = [tuple(values[0] for values in GOOD.values())]
    warehouse.execute(f"drop table {NAME}; create view {NAME} as select 1 as one")
    monkeypatch.setattr(user_topic_embeddings, "model", lambda dbt, session: pa.table(GOOD))

    warehouse.build("run", "--select", NAME)

    assert warehouse.query(f"from {NAME}") == rows
