"""With nothing but follows the pipeline still gives communities, interests and producer embeddings."""

import pytest

from simclusters.commands import report
from simclusters.sample.parameters import SampleParameters
from simclusters.sample.writing import write_sample

ABOUT_FOLLOWS = ["producers", "user_user_graph", "producer_similarity_edges", "known_for", "clusters", "interested_in"]
ABOUT_ENGAGEMENTS = ["tweet_embeddings", "topic_embeddings", "cluster_top_tweets", "tweet_candidates"]


@pytest.fixture(scope="module")
def follows_alone(new_warehouse, tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    write_sample(SampleParameters(users=600, follows=7_800, engagements=0), folder, "parquet")
    for path in folder.iterdir():
        if path.stem != "follows":
            path.unlink()
    warehouse = new_warehouse()
    warehouse.build("run", variables={"input_dir": str(folder), "communities_k": 8})
    return warehouse


@pytest.mark.parametrize("table", ABOUT_FOLLOWS)
def test_tables_about_follows_have_rows(follows_alone, table):
    assert follows_alone.query(f"select count(*) from {table}")[0][0] > 0


@pytest.mark.parametrize("table", ABOUT_ENGAGEMENTS)
def test_tables_about_engagements_are_empty(follows_alone, table):
    assert follows_alone.query(f"select count(*) from {table}")[0][0] == 0


def test_producers_with_enough_followers_are_eligible(follows_alone):
    """An absent users table makes nobody inactive."""
    rows = follows_alone.query("select follower_count, active_follower_count, is_eligible from producers")
    assert all(active == followers for followers, active, _ in rows)
    assert all(is_eligible == (followers >= 5) for followers, _, is_eligible in rows)


def test_producer_embeddings_are_follow_based(follows_alone):
    types = follows_alone.query("select distinct embedding_type from producer_embeddings where producer_score > 0")
    assert ("follow_based_producer",) in types
    assert not [name for (name,) in types if name.startswith("fav")]


@pytest.fixture(scope="module")
def public_tables(manifest):
    """Public tables that ought to have rows: no input_report, no dictionaries, not empty_tables itself, none of hooks."""
    names = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["config"].get("access") == "public"
        and node["config"]["materialized"] not in ("typed_table_function", "hook_table")
    }
    return names - {"empty_tables", "input_report", "stream_problems", "user_ids", "tweet_ids", "topic_ids", "entity_names"}


def test_each_empty_table_says_why(follows_alone, public_tables):
    empty = {name for name in public_tables if not follows_alone.query(f"from {name} limit 1")}
    reasons = dict(follows_alone.query("from empty_tables"))
    assert set(reasons) == empty
    assert reasons["tweet_candidates"] == "the input engagements has no rows that can be used"
    assert reasons["cluster_member_shares"] == "the input users has no rows that can be used"
    assert reasons["known_for_changes"] == "there is no run before this one"
    assert "no row passes the limits that its description names" not in reasons.values()


def test_the_report_says_that_nothing_dates_the_run(follows_alone, monkeypatch, capsys):
    monkeypatch.setenv("SIMCLUSTERS_DATABASE", str(follows_alone.database))
    monkeypatch.setattr(report, "public_tables", lambda target: [])
    assert report.main([]) == 0
    assert "Nothing dates this run, so its as_of is 1970-01-01 00:00:00." in capsys.readouterr().out


def test_each_public_table_can_be_listed_as_empty(manifest, public_tables):
    model = "model.simclusters.int_empty_tables"
    listed = {parent.split(".")[-1] for parent in manifest["parent_map"][model]}
    # Another table is asked instead of these views: so each is named as a table, and in the mapping.
    views = {"producer_candidate_explanations", "tweet_candidate_explanations", "embeddings", "user_producer_favs"}
    listed |= {name for name in views if manifest["nodes"][model]["raw_code"].count(f"'{name}'") >= 2}
    listed -= {"int_user_producer_edges"}
    assert listed == public_tables
