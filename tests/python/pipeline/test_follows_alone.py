"""With nothing but follows the pipeline still gives communities, interests and producer embeddings."""

import pytest

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
