"""Each metric computed again by brute force: the same rows, numbers to 1e-9."""

from __future__ import annotations

import math
import re

import polars as pl

from . import brute_force

TOLERANCE = 1e-9


def assert_same(report, table: str, keys: list[str], expected: dict) -> None:
    """A row for each key, and in every column that was computed again the same number."""
    rows = report[table]
    assert expected, f"nothing to compare {table} with"
    assert rows.height == len(expected)
    for row in rows.iter_rows(named=True):
        key = tuple(row[name] for name in keys)
        values = expected[key[0] if len(keys) == 1 else key]
        for column, value in values.items():
            found = row[column]
            same = found == value or (
                isinstance(value, float) and found is not None and math.isclose(found, value, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
            )
            assert same, f"{table}.{column} of {key}: {found!r}, by brute force {value!r}"
        assert set(values) | set(keys) | {"as_of"} >= set(row), f"{set(row) - set(values)} of {table} are not checked"


def test_cluster_quality(report):
    edges, known_for = report["producer_similarity_edges"], report["known_for"]
    assert_same(report, "cluster_quality", ["cluster_id"], brute_force.cluster_quality(edges, known_for))


def test_cluster_quality_summary(report):
    expected = brute_force.cluster_quality_summary(report["producer_similarity_edges"], report["known_for"])
    as_of = report["stg_as_of"]["as_of"][0]
    assert_same(report, "cluster_quality_summary", ["as_of"], {as_of: expected})


def test_bipartite_cluster_quality(report):
    inputs = (report[name] for name in ("user_user_graph", "int_user_producer_edges", "interested_in", "known_for"))
    expected = brute_force.bipartite_cluster_quality(*inputs)
    assert_same(report, "bipartite_cluster_quality", ["cluster_id"], expected)


def test_cluster_neighbors(report):
    [floor] = report["table_limits"].filter(pl.col("table_name") == "cluster_neighbors")["minimum_score"]
    expected = brute_force.cluster_neighbors(report["interested_in"], floor)
    assert_same(report, "cluster_neighbors", ["cluster_id", "neighbor_cluster_id"], expected)


def test_cluster_score_distributions(report):
    expected = brute_force.cluster_score_distributions(report["interested_in"])
    assert_same(report, "cluster_score_distributions", ["consumer_score", "cluster_id"], expected)


def test_cluster_member_shares(sample_report):
    """Ciao says nothing about its users."""
    expected = brute_force.cluster_member_shares(sample_report["known_for"], sample_report["stg_users"])
    keys = ["cluster_id", "attribute_name", "attribute_value"]
    assert_same(sample_report, "cluster_member_shares", keys, expected)


def test_clusters_repeat_the_reports(sample_report):
    """The columns that describe members, consumers and quality are those of the tables that compute them."""
    quality = brute_force.cluster_quality(sample_report["producer_similarity_edges"], sample_report["known_for"])
    interested_in = sample_report["interested_in"]
    shares = brute_force.cluster_member_shares(sample_report["known_for"], sample_report["stg_users"])
    for row in sample_report["clusters"].iter_rows(named=True):
        cluster = row["cluster_id"]
        for column in ("producer_count", "weighted_recall", "relative_precision", "weight_score_correlation"):
            assert math.isclose(row[column], quality[cluster][column], rel_tol=TOLERANCE, abs_tol=TOLERANCE)
        for kind in ("follow", "fav"):
            mine = interested_in.filter(pl.col("cluster_id") == cluster, pl.col(f"{kind}_score") > 0)
            assert row[f"{kind}_consumer_count"] == mine.height
        for attribute in ("language", "country"):
            counts = {key[2]: n["producer_count"] for key, n in shares.items() if key[:2] == (cluster, attribute)}
            counts.pop("", None)
            assert row[f"main_{attribute}"] == min(counts, key=lambda value: (-counts[value], value))
            assert row[f"main_{attribute}_share"] == max(counts.values()) / row["producer_count"]


def test_score_report(report):
    """Of this run; another version and earlier runs stand beside it."""
    assert_same(report, "score_report", ["embedding_type"], add_version(report))


def add_version(report) -> dict:
    expected = brute_force.score_report(report["embeddings"])
    return {kind: values | {"model_version": report.variables["model_version"]} for kind, values in expected.items()}


def test_known_for_stability(report):
    expected = brute_force.known_for_stability(report["known_for_history"])
    kept = [values["score_cosine_similarity"] for values in expected.values()]
    assert None in kept
    assert any(score is not None and 0 < score < 1 for score in kept)
    assert_same(report, "known_for_stability", ["as_of", "cluster_id"], expected)


def test_known_for_changes(report):
    expected = brute_force.known_for_changes(report["known_for_history"])
    assert {kind for _, kind in expected} == {"stayed", "moved", "joined", "left"}
    assert_same(report, "known_for_changes", ["as_of", "change_kind"], expected)


def test_cluster_metric_distributions(report):
    """Over communities, of the metrics as brute force finds them; cosines of this run and of communities of some size."""
    as_of, smallest = report["stg_as_of"]["as_of"][0], report["warning_thresholds"]["minimum_producers"][0]
    edges, known_for = report["producer_similarity_edges"], report["known_for"]
    inputs = (report[name] for name in ("user_user_graph", "int_user_producer_edges", "interested_in"))
    bipartite = brute_force.bipartite_cluster_quality(*inputs, known_for).values()
    stability = [
        values
        for (moment, _), values in brute_force.known_for_stability(report["known_for_history"]).items()
        if moment == as_of and max(values["producer_count"], values["previous_producer_count"]) >= smallest
    ]
    columns = {
        **columns_of(brute_force.cluster_quality(edges, known_for).values()),
        **{
            "bipartite_relative_precision" if name == "relative_precision" else name: values
            for name, values in columns_of(bipartite).items()
            if name != "producer_count"
        },
        **{
            name: values
            for name, values in columns_of(stability).items()
            if name in ("member_cosine_similarity", "score_cosine_similarity")
        },
    }
    expected = {}
    for name in report["cluster_metric_distributions"]["metric_name"]:
        values = columns[name]
        summary = brute_force.distribution(values, (1, 10, 50, 90, 99))
        expected[name] = {"cluster_count": len(values), "zero_cluster_count": sum(value == 0 for value in values)} | {
            ("value_deviation" if key == "deviation" else f"{key}_value"): value for key, value in summary.items()
        }
    assert {"score_cosine_similarity", "weighted_recall", "fav_correlation"} <= set(expected)
    assert_same(report, "cluster_metric_distributions", ["metric_name"], expected)


def columns_of(rows) -> dict[str, list[float]]:
    """Column -> its values; rows without a value are left out."""
    rows = list(rows)
    return {name: [row[name] for row in rows if row[name] is not None] for name in rows[0]}


def test_model_version_agreement(report):
    newest = report.query("select model_version, entity_id, cluster_id from embedding_versions where embedding_type = 'known_for'")
    members: dict = {}
    for version, producer, cluster in newest.rows():
        members.setdefault(version, {})[producer] = cluster
    assert len(members) == 2
    expected = brute_force.model_version_agreement(members)
    assert_same(report, "model_version_agreement", ["model_version", "other_model_version"], expected)


def test_candidate_recall(holdout_report):
    """From the input tables: what is held out, what is known, the yardsticks. Only the lists that are judged are ours."""
    shares = (str(holdout_report.variables[f"holdout_{name}_share"]) for name in ("follow", "engagement"))
    maximum = holdout_report.variables["evaluation_maximum_consumers"]
    inputs = (holdout_report.input(table) for table in ("follows", "engagements"))
    whose = (holdout_report[table] for table in ("stg_tweets", "stg_blocks", "stg_users"))
    [(consumer_count,)] = holdout_report.query(
        "select cast(measured as int64) from int_graph_settings where setting_name = 'evaluation_maximum_consumers'"
    ).rows()
    holdout = brute_force.Holdout(*inputs, *whose, *shares, maximum, consumer_count)
    lists = {
        "tweets": brute_force.recipe_lists(
            holdout_report["tweet_candidates"]["candidate_type", "consumer_id", "tweet_id", "candidate_rank"], holdout.hidden
        ),
        "producers": brute_force.recipe_lists(
            holdout_report["producer_candidates"]["candidate_type", "consumer_id", "producer_id", "candidate_rank"],
            holdout.known["producers"],
        ),
    }
    expected = brute_force.candidate_recall(holdout, lists, holdout_report.limit("int_item_neighbors"))
    # Few engage in the last hours.
    for kind, least in (("tweets", maximum // 4), ("producers", maximum)):
        assert least <= expected[kind, "popularity", 20]["consumer_count"] <= maximum
        found = {method for other, method, _ in expected if other == kind and expected[kind, method, 20]["recall"] > 0}
        assert found - {"timeline"} > {"popularity", "item_cosine"}, f"no recipe finds {kind}, so their recall says nothing"
    assert_same(holdout_report, "candidate_recall", ["item_kind", "candidate_type", "cutoff"], expected)


def test_run_report_counts_what_is_there(sample_report):
    """Counts against the tables themselves."""
    counts = dict(sample_report["run_report"].filter(pl.col("metric_kind") == "count")["metric_name", "metric_value"].rows())
    for name, table in (("follows", "stg_follows"), ("interests", "interested_in"), ("communities", "clusters")):
        assert counts[name] == sample_report[table].height
    events = dict(sample_report["stg_engagements"].group_by("engagement_type").len().rows())
    assert {name.removesuffix("_engagements"): n for name, n in counts.items() if name.endswith("_engagements") and n} == events
    assert counts["interested_consumers"] == sample_report["interested_in"]["consumer_id"].n_unique()
    assert counts["rejected_rows"] == sample_report["input_report"]["row_count"].sum()


def test_the_page_of_tables_says_what_changed(sample_report, project_folder):
    """The query of docs/tables.md, with an earlier run to compare with."""
    page = (project_folder / "docs" / "tables.md").read_text()
    [query] = re.findall(r"-- What changed since the run before\?\n(.*?);", page, re.DOTALL)
    kinds = sample_report.query(query)["change_kind"].to_list()
    assert {"stayed", "moved", "joined", "left"} <= set(kinds)


def test_a_random_partition_is_worse(sample_report):
    """Producers dealt out anew: as dense as the graph, nothing above chance, and less than ours by every measure."""
    edges, known_for = sample_report["producer_similarity_edges"], sample_report["known_for"]
    ours = brute_force.cluster_quality_summary(edges, known_for)
    dealt_out = known_for.with_columns(pl.col("cluster_id").shuffle(seed=7))
    random = brute_force.cluster_quality_summary(edges, dealt_out)
    assert random["cluster_count"] == ours["cluster_count"]
    for metric in ("unweighted_recall", "weighted_recall", "modularity", "relative_precision"):
        assert random[metric] < ours[metric] / 2
    assert abs(random["modularity"]) < 0.02
    assert abs(random["relative_precision"] - 1) < 0.2
