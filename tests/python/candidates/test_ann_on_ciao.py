"""On Ciao, for some consumers: lists that are cut nowhere equal brute force, row by row; lists cut as published lose little."""

import pytest

from .brute_force import (
    Vectors,
    as_lists,
    best_lists,
    differences,
    full_dot_product,
    full_log_cosine,
    recall,
    service_scores,
)

EVERYTHING = 1_000_000
TOLERANCE = 1e-9
CONSUMERS = 12
PAIRS = ("int_engagement_states", "int_pair_recipe_events", "int_engagement_pairs")
LISTS = (
    "int_tweet_candidate_interests",
    "int_tweet_candidate_lists",
    "int_tweet_candidates_sql",
    "tweet_candidates",
    "int_ann_source_vectors",
    "recommend_tweets",
)
ALGORITHMS = ("dot_product", "cosine", "cosine_without_source_norm", "log_cosine")


@pytest.fixture(scope="module")
def few_consumers(ciao_warehouse, tmp_path_factory):
    """Indexes of everything, then the interests of a few consumers alone; one recipe and the default config, as published."""
    warehouse = ciao_warehouse.copy(tmp_path_factory.mktemp("ciao_retrieval"))
    warehouse.execute(
        """
        delete from candidate_recipes where candidate_type <> 'log_fav_8h';
        update ann_configs set source_embedding_type = 'follow' where source_kind = 'consumer' and config_name = 'default';
        """
    )
    warehouse.build("run", "--select", *PAIRS, "path:models/indexes", variables=ciao_warehouse.variables)
    warehouse.execute(
        f"""
        create table kept as select consumer_id from (select distinct consumer_id from interested_in)
        order by hash(consumer_id) limit {CONSUMERS};
        delete from interested_in where consumer_id not in (select consumer_id from kept);
        """
    )
    warehouse.build("run", "--select", *LISTS, variables=ciao_warehouse.variables)
    return warehouse


@pytest.fixture(scope="module")
def uncut_warehouse(few_consumers, ciao_warehouse, tmp_path_factory):
    """The same with recipes and configs that cut nothing, and each algorithm."""
    warehouse = few_consumers.copy(tmp_path_factory.mktemp("ciao_uncut"))
    warehouse.execute(
        f"""
        update candidate_recipes
        set clusters_per_consumer = {EVERYTHING}, tweets_per_cluster = {EVERYTHING}, tweets_per_consumer = {EVERYTHING};
        update ann_configs set clusters_scanned = {EVERYTHING}, tweets_per_cluster = {EVERYTHING}, maximum_results = {EVERYTHING},
            maximum_age_hours = 175200;
        update ann_limits set tweets_per_cluster = {EVERYTHING}, maximum_results = {EVERYTHING};
        """
    )
    for algorithm in ALGORITHMS:
        warehouse.execute(
            f"""
            insert into ann_configs select * replace ('{algorithm}' as config_name, '{algorithm}' as algorithm)
            from ann_configs where source_kind = 'consumer' and config_name = 'default'
            """
        )
    warehouse.build("run", "--select", *LISTS, variables=ciao_warehouse.variables)
    return warehouse


@pytest.fixture(scope="module")
def cluster_count(few_consumers):
    tables = ("interested_in", "tweet_embeddings", "cluster_top_tweets")
    return max(few_consumers.query(f"select max(cluster_id) from {table}")[0][0] for table in tables)


@pytest.fixture(scope="module")
def consumers(few_consumers, cluster_count):
    rows = few_consumers.query(
        "select consumer_id, cluster_id, interested_in_score from consumer_scores where consumer_score = 'follow'"
    )
    return Vectors.of(rows, cluster_count)


@pytest.fixture(scope="module")
def tweets(few_consumers, cluster_count):
    rows = few_consumers.query(
        "select tweet_id, cluster_id, tweet_score from tweet_embeddings where embedding_type = 'log_fav_8h'"
    )
    return Vectors.of(rows, cluster_count)


def candidate_lists(warehouse, score):
    return as_lists(
        warehouse.query(
            f"""
            select
                consumer_id, tweet_id, row_number() over (partition by consumer_id order by round({score}, 10) desc, tweet_id), {score}
            from tweet_candidates
            where candidate_type = 'log_fav_8h' and consumer_id in (select consumer_id from kept)
            """
        )
    )


def in_offline_order(lists):
    """The offline lists break ties by the tweet id alone."""
    return {
        source: sorted(entries, key=lambda entry: (-round(entry[1], 10), entry[0])) for source, entries in lists.items()
    }


def test_uncut_lists_equal_brute_force(uncut_warehouse, consumers, tweets):
    exact = in_offline_order(best_lists(consumers, tweets, full_log_cosine(consumers.matrix, tweets.matrix)))
    assert sum(map(len, exact.values())) > 10_000
    assert not differences(candidate_lists(uncut_warehouse, "log_cosine_score"), exact, TOLERANCE)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_uncut_service_equals_brute_force(uncut_warehouse, consumers, cluster_count, algorithm):
    rows = uncut_warehouse.query(
        "select tweet_id, cluster_id, tweet_score from cluster_top_tweets where index_name = 'fav' and tweet_score > 0"
    )
    indexed = Vectors.of(rows, cluster_count)
    exact = best_lists(consumers, indexed, service_scores(consumers.matrix, indexed.matrix)[algorithm])
    assert sum(map(len, exact.values())) > 1000
    for source in consumers.ids:
        answer = uncut_warehouse.query(
            f"select {source}, tweet_id, candidate_rank, ann_score from recommend_tweets({source}, '{algorithm}')"
        )
        expected = {source: exact[source]} if source in exact else {}
        assert not differences(as_lists(answer), expected, TOLERANCE)


def test_published_cuts_keep_the_best_dot_products(few_consumers, consumers, tweets):
    exact = in_offline_order(best_lists(consumers, tweets, full_dot_product(consumers.matrix, tweets.matrix)))
    assert recall(candidate_lists(few_consumers, "dot_product"), exact, 10) >= 0.95
