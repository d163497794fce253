"""Two model versions side by side."""

from __future__ import annotations

import pytest

VERSION = {"model_version": "another"}
BROAD, NARROW = {"model_version": "broad"}, {"model_version": "narrow", "clusters_per_consumer": 1}


def test_two_versions_are_compared_metric_by_metric(built_warehouse, tmp_path):
    """The other version has communities of half of the producers, so it is in every metric of quality what its own tables say."""
    warehouse = built_warehouse.copy(tmp_path)
    warehouse.execute("delete from known_for where producer_id % 2 = 0; alter table embedding_versions drop column consumer_country")
    made_again = ("cluster_quality", "cluster_quality_summary", "cluster_metric_distributions", "run_report")
    warehouse.build("run", "--select", *made_again, "file:embeddings.sql", "embedding_versions", variables=VERSION)
    warehouse.build("run", "--select", "model_version_comparison", "model_version_agreement")
    # Rows from before there were countries count everybody.
    assert warehouse.query("select distinct model_version, consumer_country from embedding_versions order by 1") == [
        ("another", "all"),
        ("first", "all"),
    ]

    rows = warehouse.query(
        """
        select metric_name, metric_value, other_metric_value, metric_difference
        from model_version_comparison where model_version = 'first' and other_model_version = 'another'
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
        from model_version_agreement where model_version = 'first'
        """
    )
    assert common == values["known_producers"][1]
    assert left == values["known_producers"][0] - common
    assert (joined, agreement) == (0, 1.0)


@pytest.mark.nightly
def test_versions_built_on_one_holdout_are_compared_by_recall(sample_holdout, tmp_path):
    """Whoever is interested in one community alone is served worse: in both reports as `candidate_recall` said after each build."""
    warehouse = sample_holdout.copy(tmp_path)
    recall = "select item_kind, candidate_type, cutoff, recall from candidate_recall"
    recalls = {}
    kept = ("file:embeddings.sql", "embedding_versions", "run_report")
    warehouse.build("run", "--select", *kept, variables=BROAD)
    recalls["broad"] = dict_of(warehouse.query(recall))
    warehouse.build(
        *("run", "--select", "int_interests_before_opt_outs+,+candidate_recall", *kept, "model_version_agreement"), variables=NARROW
    )
    recalls["narrow"] = dict_of(warehouse.query(recall))

    rows = warehouse.query(
        """
        select model_version, metric_name, metric_value, other_metric_value, metric_difference
        from model_version_comparison
        where metric_kind = 'recall' and model_version in ('broad', 'narrow') and other_model_version in ('broad', 'narrow')
        """
    )
    assert len(rows) == 2 * len(recalls["broad"]) == 2 * len(recalls["narrow"])
    other = {"broad": "narrow", "narrow": "broad"}
    for version, metric, value, other_value, difference in rows:
        assert value == recalls[version][metric]
        assert other_value == recalls[other[version]][metric]
        assert difference == pytest.approx(other_value - value)
    for yardstick in ("popularity", "item_cosine"):
        name = f"{yardstick}_producers_recall_at_20"
        assert recalls["broad"][name] == pytest.approx(recalls["narrow"][name], rel=1e-12)
    for name in ("plain_producers_recall_at_20", "log_fav_8h_tweets_recall_at_20"):
        assert recalls["narrow"][name] < recalls["broad"][name]

    [(common, left, joined, agreement)] = warehouse.query(
        """
        select common_producer_count, left_producer_count, joined_producer_count, pair_agreement
        from model_version_agreement where model_version = 'broad' and other_model_version = 'narrow'
        """
    )
    assert (left, joined, agreement) == (0, 0, 1.0), "the communities are the same"
    assert common == len(warehouse.query("select producer_id from known_for"))


def dict_of(rows) -> dict[str, float]:
    """Recalls under the names that they have in `run_report`."""
    return {f"{method}_{kind}_recall_at_{cutoff}": recall for kind, method, cutoff, recall in rows}
