"""The plan for full size: its page is what its formulas give, its laws hold where they were run, its settings are the project's."""

import csv
import sys

import pytest
import yaml
from dbt_command import PROJECT

sys.path.insert(0, str(PROJECT / "benchmarks" / "full_size"))

import plan  # noqa: E402  the folder of a benchmark is no package

LARGE = 1e8
"""Rows at B from which a table's law must be close."""


@pytest.fixture(scope="module")
def measured():
    return {follows: plan.measured_size(follows, rows) for follows, rows in plan.growth().items()}


@pytest.fixture(scope="module")
def planned(measured):
    return {scale: plan.planned_size(scale, measured[max(measured)]) for scale in plan.SCALES}


def seed_sum(seed, column):
    with (PROJECT / "seeds" / f"{seed}.csv").open(newline="") as file:
        # What is there for comparison is made for few.
        return sum(int(row[column]) for row in csv.DictReader(file) if row.get("is_for_comparison") != "true")


def items_per_group(table):
    with (PROJECT / "seeds" / "table_limits.csv").open(newline="") as file:
        [limit] = (int(row["items_per_group"]) for row in csv.DictReader(file) if row["table_name"] == table)
    return limit


def test_the_page_is_what_the_formulas_give():
    page = (PROJECT / "docs" / "full_size.md").read_text()
    assert page == plan.rendered(), "run python benchmarks/full_size/plan.py"


def test_every_table_has_a_law_or_is_small(measured):
    models = {path.stem for path in (PROJECT / "models").rglob("*.*")}
    assert plan.TABLES.keys() <= models
    assert plan.small_share(measured[max(measured)]) < 0.05


def test_every_table_that_is_clustered_has_a_law():
    assert {name for name, law in plan.TABLES.items() if law["is_clustered"] == "1"} <= set(plan.GROWING)


@pytest.mark.parametrize("table", plan.GROWING)
def test_a_table_grows_as_its_law_says(table, measured, planned):
    """The rows per unit of the driver are the same at 10^5 and at 10^6 follows, up to a factor."""
    small, large = (plan.rate(table, measured[follows]) for follows in (100_000, 1_000_000))
    factor = 2 if planned["B"].values[table] >= LARGE else 4
    assert 1 / factor <= large / small <= factor


def test_no_table_outgrows_its_cap(planned):
    for size in planned.values():
        for table, law in plan.TABLES.items():
            assert not law["cap"] or size.values[table] <= size.evaluate(law["cap"])


def test_sampling_leaves_fewer_pairs_and_the_more_the_heavier_the_hubs(planned):
    shares = [size.values["sampled_pairs"] / size.values["pairs"] for size in planned.values()]
    assert 0 < shares[1] < shares[0] < 1


def test_the_settings_are_those_of_the_project(planned):
    values = planned["B"].values
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    variables |= yaml.safe_load((PROJECT / "production_vars.yml").read_text())
    assert values["neighbors"] == variables["neighbors_per_producer"]
    assert values["least_followers"] == variables["minimum_active_followers"]
    assert values["communities"] == variables["communities_k"]
    for name in ("clusters_per_consumer", "clusters_per_producer"):
        assert values[name] == variables[name]
    assert values["producers_per_cluster"] == items_per_group("cluster_top_producers")
    assert values["topics_per_producer"] == items_per_group("producer_top_topics")
    assert values["clusters_compared"] == variables["similar_producers_clusters"]
    assert values["live_days"] * 24 == variables["stream_window_hours"]
    assert values["memberships"] == seed_sum("interest_recipes", "clusters_per_producer")
    assert values["listed_per_producer"] == items_per_group("co_followed_producers")
    assert values["trial_rows"] == seed_sum("similarity_limits", "trial_rows")
    assert values["producers_kept"] == seed_sum("producer_candidate_recipes", "producers_per_consumer")
    assert values["tweets_kept"] == seed_sum("candidate_recipes", "tweets_per_consumer")
    assert values["favs_per_user"] == items_per_group("int_recent_favs")
    assert values["listed_per_tweet"] == items_per_group("int_co_faved_tweets")
