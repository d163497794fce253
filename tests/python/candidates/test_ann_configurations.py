"""Each configuration whose source exists answers on the sample, as no other does; asking for another one is an error."""

import duckdb
import pytest

SOURCES = 40
# Published twice, by the service and by the in-process search, with the same source, index, cuts and score.
PUBLISHED_TWICE = {
    ("consumer", "aggregatable_default", "aggregatable_in_process"),
    ("producer", "default", "in_process"),
    ("tweet", "default", "in_process"),
}
LIVE = "index_name in (select index_name from live_index_recipes)"
# Weights of languages make no difference where all languages count.
SAME_IN_ALL_LANGUAGES = {("topic", "default", "read_languages")}
FUNCTIONS = {
    "consumer": "recommend_tweets({}, '{}')",
    "producer": "tweets_for_producer({}, '{}')",
    "tweet": "similar_tweets({}, '{}')",
    "topic": "tweets_for_topic({}, '{}', 'all', 'all')",
}


@pytest.fixture(scope="module")
def every_configuration(built_warehouse, tmp_path_factory):
    """The sample with some sources of each kind, whose every configuration is in the batch."""
    warehouse = built_warehouse.copy(tmp_path_factory.mktemp("configurations"))
    for table, column in (
        ("interested_in", "consumer_id"),
        ("int_interest_variant_scores", "consumer_id"),
        ("producer_embeddings", "producer_id"),
        ("persistent_tweet_embeddings", "tweet_id"),
    ):
        kept = f"select distinct {column} from {table} order by hash({column}) limit {SOURCES}"
        warehouse.execute(f"delete from {table} where {column} not in ({kept})")
    warehouse.execute(f"update ann_configs set maximum_results = 20, is_in_batch = source_embedding_type is not null and not ({LIVE})")
    warehouse.build("run", "--select", "int_ann_configs", "int_ann_lookups", "ann_candidates")
    return warehouse


def test_every_configuration_with_a_source_answers(every_configuration):
    silent = every_configuration.query("""
        select source_kind, config_name from ann_configs where is_in_batch
        except
        select source_kind, config_name from ann_candidates
    """)
    assert every_configuration.query("select count(*) > 50 from ann_configs where is_in_batch") == [(True,)]
    assert silent == []


def test_no_two_configurations_are_the_same_by_accident(every_configuration):
    same = every_configuration.query("""
        with answers as (
            select source_kind, config_name, list((source_id, candidate_rank, tweet_id) order by source_id, candidate_rank) as answer
            from ann_candidates group by all
        )
        select a.source_kind, a.config_name, b.config_name
        from answers as a join answers as b using (source_kind, answer) where a.config_name < b.config_name
    """)
    assert set(same) == PUBLISHED_TWICE | SAME_IN_ALL_LANGUAGES


def test_every_live_configuration_answers(built_warehouse):
    for kind, config, index in built_warehouse.query(f"select source_kind, config_name, index_name from ann_configs where {LIVE}"):
        [(source,)] = built_warehouse.query(f"""
            select source_id
            from ann_configs join int_ann_source_vectors using (source_kind, source_embedding_type)
            join live_cluster_top_tweets as live using (index_name, cluster_id)
            where source_kind = '{kind}' and config_name = '{config}' and source_id <> live.tweet_id and source_language = 'all'
            order by source_score desc, source_id limit 1
        """)
        assert built_warehouse.query(f"select * from recommend_live_tweets('{kind}', {source}, '{config}', 'all', 'all')"), (
            kind,
            config,
            index,
        )


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_a_search_reads_the_index_once(built_warehouse, kind):
    """Most of a query is its planning, so a second read of the index would double its time."""
    [(source,)] = built_warehouse.query(f"select min(source_id) from int_ann_source_vectors where source_kind = '{kind}'")
    [(_, plan)] = built_warehouse.query(f"explain (format json) select * from {FUNCTIONS[kind].format(source, 'cosine')}")
    assert plan.count("cluster_top_tweets") == plan.count("int_direction_list_tweets") == plan.count("int_index_lists") == 1


def test_a_topic_answers_in_a_language_and_a_country(built_warehouse):
    """By the weights of languages, and in all; where too few follow it, nothing."""
    [(topic, language, country)] = built_warehouse.query(
        "select topic_id, consumer_language, consumer_country from topic_embeddings where consumer_country <> 'all'"
        " order by topic_score desc, topic_id limit 1"
    )
    answers = {
        locale: built_warehouse.query(
            f"select tweet_id, round(ann_score, 9) from tweets_for_topic({topic}, 'read_languages', '{locale[0]}', '{locale[1]}')"
        )
        for locale in ((language, country), (language, "all"), ("all", "all"), ("nobody", "all"), ("all", country))
    }
    assert [bool(answer) for answer in answers.values()] == [True, True, True, False, False]
    assert answers[language, country] != answers["all", "all"] != answers[language, "all"]
    assert built_warehouse.query(f"from tweets_for_topic({topic}, 'default', '{language}', '{country}')") == []


@pytest.mark.parametrize("kind", FUNCTIONS)
@pytest.mark.parametrize("config", ["no such", "live", "seed_account_default", "next_default"])
def test_asking_for_what_cannot_answer_is_an_error_that_lists_what_can(built_warehouse, kind, config):
    """Whether the name is unknown, of the live index, or one without a source; and whether anybody knows the source or not."""
    known = built_warehouse.query(f"""
        select string_agg(config_name, ', ' order by config_name)
        from ann_configs where source_kind = '{kind}' and source_embedding_type is not null and not ({LIVE})
    """)[0][0]
    some_source = built_warehouse.query(f"select min(source_id) from int_ann_source_vectors where source_kind = '{kind}'")[0][0]
    for source in (some_source, -1):
        with pytest.raises(duckdb.Error, match=f"no configuration '{config}' for a {kind} can answer here; there are: {known}$"):
            built_warehouse.query(f"select * from {FUNCTIONS[kind].format(source, config)}")


def test_the_live_function_lists_live_configurations_only(built_warehouse):
    with pytest.raises(duckdb.Error, match="no configuration 'default' for a topic can answer here; there are: live, live_light$"):
        built_warehouse.query("select * from recommend_live_tweets('topic', 1, 'default', 'all', 'all')")


@pytest.mark.parametrize(("index_name", "live_name"), [("stream", "live"), ("stream_light", "live_light")])
def test_the_index_of_the_streaming_job_is_the_live_index_at_the_end_of_the_batch(built_warehouse, index_name, live_name):
    columns = "cluster_id, tweet_id, tweet_rank, created_at, round(tweet_score, 10)"
    batch = built_warehouse.query(f"select {columns} from cluster_top_tweets where index_name = '{index_name}' order by all")
    assert len(batch) > 10
    assert batch == built_warehouse.query(
        f"select {columns} from live_cluster_top_tweets where index_name = '{live_name}' order by all"
    )
