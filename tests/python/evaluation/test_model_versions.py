"""Two model versions side by side."""

from __future__ import annotations

import pytest

VERSION = {"model_version": "another"}


def test_two_versions_are_compared_metric_by_metric(built_warehouse, tmp_path):
    """The other version has communities of half of the producers, so it is in every metric of quality what its own tables say."""
    warehouse = built_warehouse.copy(tmp_path)
    warehouse.execute("delete from known_for where producer_id % 2 = 0")
    made_again = ("cluster_quality", "cluster_quality_summary", "cluster_metric_distributions", "run_report")
    warehouse.build("run", "--select", *made_again, "file:embeddings.sql", "embedding_versions", variables=VERSION)
    warehouse.build("run", "--select", "model_version_comparison", "model_version_agreement")

    rows = warehouse.query(
        """
        select metric_name, metric_value, other_metric_value, metric_difference
        from model_version_comparison where model_version = 'sample' and other_model_version = 'another'
        """
    )
    values = {name: (ours, others) for name, ours, others, _ in rows}
    assert all(difference == pytest.approx(others - ours) for _, ours, others, difference in rows)
    [(recall, modularity)] = warehouse.query("select weighted_recall, modularity from cluster_quality_summary")
    assert values["overall_weighted_recall"][1] == recall < values["overall_weighted_recall"][0]
    assert values["overall_modularity"][1] == modularity < values["overall_modularity"][0]
    assert values["known_producers"][1] < values["known_producers"][0]
    assert values["follows"][0] == values["follows"][1]

    [(common, left, joined, agreement)] = warehouse.query(
        """
        select common_producer_count, left_producer_count, joined_producer_count, pair_agreement
        from model_version_agreement where model_version = 'sample'
        """
    )
    assert common == values["known_producers"][1]
    assert left == values["known_producers"][0] - common
    assert (joined, agreement) == (0, 1.0)
