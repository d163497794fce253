"""What each page shows: a query per section, for any number of pages at once.

A query says `in (wanted)` of the ids that are asked for. Its first column is the id of the page; the others are the columns
of the section. A column called user, tweet, topic or community holds an id, which the page shows by name and as a link. `reasons` is a
list of such ids, each with its share: communities, followed producers (user) and authors, and faved tweets.
"""

from __future__ import annotations

from typing import NamedTuple

TWEET_RECIPE = "default"
TWEET_EMBEDDING = "log_fav_8h"
PRODUCER_RECIPE = "default"
LIVE_INDEX = "live"
ROWS_OF_A_LIST = 8
ROWS_OF_A_BOX = 5


class Section(NamedTuple):
    """A part of a page: the tables that it reads (the first names it for people) and its query."""

    tables: tuple[str, ...]
    sql: str


def found_tweets(source_kind: str) -> Section:
    """The tweets that a search finds from a source."""
    return Section(
        ("ann_candidates",),
        f"""
        select source_id, tweet_id as tweet, candidate_rank, ann_score
        from ann_candidates
        where source_kind = '{source_kind}' and config_name = 'default' and candidate_rank <= {ROWS_OF_A_LIST}
            and source_id in (wanted)
        order by source_id, candidate_rank, tweet_id
        """,
    )


REASONS_OF_CLUSTERS = "list({'kind': 'community', 'id': cluster_id, 'share': share} order by share desc, cluster_id)[1:4]"

COMMUNITY = {
    "facts": Section(
        ("clusters",),
        """
        select
            cluster_id, producer_count, follower_count, interested_consumer_count, main_language, main_language_share,
            main_country, main_country_share, weighted_recall, relative_precision, weight_score_correlation,
            median_weighted_recall, median_relative_precision, median_weight_score_correlation
        from clusters, (
            select
                median(weighted_recall) as median_weighted_recall, median(relative_precision) as median_relative_precision,
                median(weight_score_correlation) as median_weight_score_correlation
            from clusters
        )
        where cluster_id in (wanted)
        """,
    ),
    "topics": Section(
        ("cluster_topics",),
        """
        select cluster_id, topic_id as topic, topic_name, cluster_topic_score
        from cluster_topics where cluster_id in (wanted) and topic_rank <= 10
        order by cluster_id, topic_rank, topic_id
        """,
    ),
    "producers": Section(
        ("known_for", "producers"),
        f"""
        select cluster_id, known_for.producer_id as user, producer_rank, known_for_score, follower_count
        from known_for left join producers on known_for.producer_id = producers.producer_id
        where cluster_id in (wanted) and producer_rank <= {ROWS_OF_A_LIST + 4}
        order by cluster_id, producer_rank, known_for.producer_id
        """,
    ),
    "tweets": Section(
        ("cluster_top_tweets",),
        f"""
        select cluster_id, index_name, tweet_id as tweet, tweet_rank, tweet_score, engagement_count
        from cluster_top_tweets
        where cluster_id in (wanted) and tweet_rank <= {ROWS_OF_A_BOX}
        qualify row_number()
            over (partition by index_name, cluster_id order by tweet_rank, list_day desc nulls last, tweet_id) <= {ROWS_OF_A_BOX}
        order by cluster_id, index_name, tweet_rank, tweet_id
        """,
    ),
    "live_tweets": Section(
        ("live_cluster_top_tweets",),
        f"""
        select cluster_id, tweet_id as tweet, tweet_rank, tweet_score, fav_count
        from live_cluster_top_tweets
        where index_name = '{LIVE_INDEX}' and cluster_id in (wanted) and tweet_rank <= {ROWS_OF_A_BOX}
        order by cluster_id, tweet_rank, tweet_id
        """,
    ),
    "members": Section(
        ("cluster_member_shares",),
        f"""
        select cluster_id, attribute_name, attribute_value, producer_count, producer_share
        from cluster_member_shares where cluster_id in (wanted)
        qualify row_number()
            over (partition by cluster_id, attribute_name order by producer_count desc, attribute_value) <= {ROWS_OF_A_BOX}
        order by cluster_id, attribute_name, producer_count desc, attribute_value
        """,
    ),
    "neighbors": Section(
        ("cluster_neighbors",),
        f"""
        select
            cluster_id, neighbor_cluster_id as community, common_consumer_count, follow_cosine_similarity, log_fav_cosine_similarity
        from cluster_neighbors where cluster_id in (wanted) and neighbor_rank <= {ROWS_OF_A_LIST}
        order by cluster_id, neighbor_rank, neighbor_cluster_id
        """,
    ),
    "history": Section(
        ("cluster_history",),
        """
        select cluster_id, as_of, producer_count, follower_count, interested_consumer_count
        from cluster_history where cluster_id in (wanted)
        qualify row_number() over (partition by cluster_id order by as_of desc) <= 60
        order by cluster_id, as_of
        """,
    ),
    "stability": Section(
        ("known_for_stability",),
        """
        select cluster_id, as_of, previous_as_of, producer_count, previous_producer_count, common_producer_count
        from known_for_stability where cluster_id in (wanted)
        qualify row_number() over (partition by cluster_id order by as_of desc) = 1
        """,
    ),
    "moves": Section(
        ("known_for_history",),
        f"""
        with runs as (select distinct as_of from known_for_history order by as_of desc limit 2),
        last_run as (select producer_id, cluster_id from known_for_history where as_of = (select max(as_of) from runs)),
        run_before as (
            select producer_id, cluster_id from known_for_history
            where as_of = (select min(as_of) from runs) and (select count(*) from runs) = 2
        ),
        moves as (
            select last_run.cluster_id, 'came' as direction, last_run.producer_id, run_before.cluster_id as community
            from last_run left join run_before on last_run.producer_id = run_before.producer_id
            where last_run.cluster_id is distinct from run_before.cluster_id and (select count(*) from runs) = 2
            union all
            select run_before.cluster_id, 'left', run_before.producer_id, last_run.cluster_id
            from run_before left join last_run on last_run.producer_id = run_before.producer_id
            where last_run.cluster_id is distinct from run_before.cluster_id
        )
        select cluster_id, direction, producer_id as user, community
        from moves where cluster_id in (wanted)
        qualify row_number() over (partition by cluster_id, direction order by producer_id) <= {ROWS_OF_A_LIST}
        order by cluster_id, direction, producer_id
        """,
    ),
}

PERSON = {
    "producer": Section(("producers",), "select producer_id, follower_count from producers where producer_id in (wanted)"),
    "interests": Section(
        ("interested_in",),
        """
        select consumer_id, cluster_id as community, log_fav_score, follow_score, followed_producer_count, faved_producer_count
        from interested_in where consumer_id in (wanted) and cluster_rank <= 10
        order by consumer_id, cluster_rank, cluster_id
        """,
    ),
    "tweets": Section(
        ("tweet_candidates", "tweet_candidate_explanations"),
        f"""
        with best as (
            select consumer_id, tweet_id, candidate_rank, candidate_score
            from tweet_candidates
            where candidate_type = '{TWEET_RECIPE}' and candidate_rank <= {ROWS_OF_A_LIST} and consumer_id in (wanted)
        ),
        shares as (
            select consumer_id, tweet_id, list_kind, list_id, contribution_share as share
            from tweet_candidate_explanations
            where candidate_type = '{TWEET_RECIPE}' and candidate_rank <= {ROWS_OF_A_LIST} and consumer_id in (wanted)
        ),
        explained as (
            select
                consumer_id,
                tweet_id,
                list(
                    {{'kind': if(list_kind = 'cluster', 'community', list_kind), 'id': list_id, 'share': share}}
                    order by share desc, list_kind, list_id
                )[1:4] as reasons
            from shares inner join best using (consumer_id, tweet_id) group by consumer_id, tweet_id
        )
        select consumer_id, tweet_id as tweet, candidate_rank, candidate_score, reasons
        from best left join explained using (consumer_id, tweet_id)
        order by consumer_id, candidate_rank
        """,
    ),
    # What the live lists hold for the interests: their dot product, over the first places of each list.
    "live_tweets": Section(
        ("live_cluster_top_tweets", "interested_in"),
        f"""
        with interests as (
            select consumer_id, cluster_id, log_fav_score
            from interested_in where consumer_id in (wanted) and log_fav_score > 0
        ),
        lists as (
            select cluster_id, tweet_id, tweet_score
            from live_cluster_top_tweets where index_name = '{LIVE_INDEX}' and tweet_rank <= 50
        ),
        parts as (
            select consumer_id, tweet_id, cluster_id, log_fav_score * tweet_score as part
            from interests inner join lists using (cluster_id)
        ),
        best as (
            select consumer_id, tweet_id, sum(part) as dot_product
            from parts group by consumer_id, tweet_id
            qualify row_number() over (partition by consumer_id order by round(sum(part), 9) desc, tweet_id) <= {ROWS_OF_A_LIST}
        ),
        shares as (
            select consumer_id, tweet_id, cluster_id, part / nullif(dot_product, 0) as share, dot_product
            from parts inner join best using (consumer_id, tweet_id)
        )
        select consumer_id, tweet_id as tweet, any_value(dot_product) as dot_product, {REASONS_OF_CLUSTERS} as reasons
        from shares group by consumer_id, tweet_id order by consumer_id, round(any_value(dot_product), 9) desc, tweet_id
        """,
    ),
    "producers": Section(
        ("producer_candidates", "producer_candidate_explanations"),
        f"""
        with best as (
            select consumer_id, producer_id, candidate_rank, candidate_score
            from producer_candidates
            where candidate_type = '{PRODUCER_RECIPE}' and candidate_rank <= {ROWS_OF_A_LIST}
                and consumer_id in (wanted)
        ),
        shares as (
            select consumer_id, producer_id, list_kind, list_id, contribution_share as share
            from producer_candidate_explanations
            where candidate_type = '{PRODUCER_RECIPE}' and candidate_rank <= {ROWS_OF_A_LIST}
                and consumer_id in (wanted)
        ),
        explained as (
            select
                consumer_id,
                producer_id,
                list(
                    {{'kind': if(list_kind = 'cluster', 'community', 'user'), 'id': list_id, 'share': share}}
                    order by share desc, list_kind, list_id
                )[1:4] as reasons
            from shares inner join best using (consumer_id, producer_id) group by consumer_id, producer_id
        )
        select consumer_id, producer_id as user, candidate_rank, candidate_score, reasons
        from best left join explained using (consumer_id, producer_id)
        order by consumer_id, candidate_rank
        """,
    ),
}

PRODUCER = {
    "facts": Section(
        ("producers", "known_for"),
        """
        select
            producers.producer_id, follower_count, faver_count, popularity_rank,
            cluster_id as community, producer_rank, known_for_score
        from producers left join known_for on producers.producer_id = known_for.producer_id
        where producers.producer_id in (wanted)
        """,
    ),
    "vector": Section(
        ("producer_embeddings",),
        f"""
        select producer_id, embedding_type, cluster_id as community, producer_score
        from producer_embeddings
        where producer_id in (wanted) and embedding_type in ('follow_based_producer', 'fav_based_producer')
            and cluster_rank <= {ROWS_OF_A_LIST}
        order by producer_id, embedding_type desc, cluster_rank, cluster_id
        """,
    ),
    "similar": Section(
        ("similar_producers",),
        f"""
        select producer_id, similar_producer_id as user, producer_rank, producer_similarity
        from similar_producers
        where producer_id in (wanted) and embedding_type = 'follow_based_producer' and producer_rank <= {ROWS_OF_A_LIST}
        order by producer_id, producer_rank, similar_producer_id
        """,
    ),
    # Each follower counts for the community that interests it most; those whom none does have no community.
    "audience": Section(
        ("user_user_graph", "interested_in"),
        f"""
        with followers as (
            select producer_id, consumer_id from user_user_graph where is_followed and producer_id in (wanted)
        ),
        first_interests as (select consumer_id, cluster_id from interested_in where cluster_rank = 1),
        counted as (
            select producer_id, cluster_id, count(*) as consumer_count
            from followers left join first_interests using (consumer_id) group by producer_id, cluster_id
        )
        select
            producer_id, cluster_id as community, consumer_count,
            consumer_count / sum(consumer_count) over (partition by producer_id) as consumer_share
        from counted
        qualify row_number() over (partition by producer_id order by consumer_count desc, cluster_id) <= {ROWS_OF_A_LIST}
        order by producer_id, consumer_count desc, cluster_id
        """,
    ),
    "topics": Section(
        ("producer_top_topics",),
        f"""
        select producer_id, topic_id as topic, producer_topic_share
        from producer_top_topics
        where consumer_language = 'all' and consumer_country = 'all' and producer_id in (wanted) and topic_rank <= {ROWS_OF_A_BOX}
        order by producer_id, topic_rank, topic_id
        """,
    ),
}

TWEET = {
    "vector": Section(
        ("tweet_embeddings", "persistent_tweet_embeddings", "live_tweet_embeddings"),
        f"""
        with vectors as (
            select tweet_id, 'live' as embedding_type, cluster_id, cluster_rank, tweet_score from live_tweet_embeddings
            where tweet_id in (wanted)
            union all
            select tweet_id, snapshot_name, cluster_id, cluster_rank, tweet_score from persistent_tweet_embeddings
            where tweet_id in (wanted) and snapshot_name = 'longest_l2'
            union all
            select tweet_id, embedding_type, cluster_id, cluster_rank, tweet_score from tweet_embeddings
            where tweet_id in (wanted) and embedding_type = '{TWEET_EMBEDDING}'
        )
        select
            tweet_id, embedding_type, cluster_id as community, tweet_score,
            tweet_score / sum(tweet_score) over (partition by tweet_id, embedding_type) as tweet_score_share
        from vectors
        qualify cluster_rank <= {ROWS_OF_A_LIST}
        order by tweet_id, embedding_type, cluster_rank, cluster_id
        """,
    ),
    "places": Section(
        ("cluster_top_tweets",),
        f"""
        select tweet_id, index_name, cluster_id as community, tweet_rank, engagement_count
        from cluster_top_tweets where tweet_id in (wanted)
        qualify row_number() over (partition by tweet_id order by tweet_rank, index_name, cluster_id) <= {ROWS_OF_A_LIST}
        order by tweet_id, tweet_rank, index_name, cluster_id
        """,
    ),
    "similar": found_tweets("tweet"),
}

TOPIC = {
    "vector": Section(
        ("topic_embeddings",),
        f"""
        select topic_id, embedding_type, cluster_id as community, topic_score
        from topic_embeddings
        where consumer_language = 'all' and consumer_country = 'all' and embedding_type in ('log_fav_topic', 'fav_tfg_topic')
            and topic_id in (wanted) and cluster_rank <= {ROWS_OF_A_LIST}
        order by topic_id, embedding_type desc, cluster_rank, cluster_id
        """,
    ),
    "communities": Section(
        ("cluster_topics",),
        f"""
        select topic_id, cluster_id as community, topic_rank, cluster_topic_score
        from cluster_topics where topic_id in (wanted)
        qualify row_number() over (partition by topic_id order by cluster_topic_score desc, cluster_id) <= {ROWS_OF_A_LIST}
        order by topic_id, cluster_topic_score desc, cluster_id
        """,
    ),
    "producers": Section(
        ("topic_top_producers",),
        f"""
        select topic_id, producer_id as user, producer_rank, topic_producer_similarity
        from topic_top_producers
        where consumer_language = 'all' and consumer_country = 'all' and topic_id in (wanted) and producer_rank <= {ROWS_OF_A_LIST}
        order by topic_id, producer_rank, producer_id
        """,
    ),
    "similar": Section(
        ("similar_topics",),
        f"""
        select topic_id, similar_topic_id as topic, topic_rank, topic_similarity
        from similar_topics where topic_id in (wanted) and topic_rank <= {ROWS_OF_A_LIST}
        order by topic_id, topic_rank, similar_topic_id
        """,
    ),
    "tweets": found_tweets("topic"),
}

PAGES = {"community": COMMUNITY, "person": PERSON, "producer": PRODUCER, "tweet": TWEET, "topic": TOPIC}

MAP = {
    "bubbles": Section(
        ("cluster_map", "clusters"),
        """
        select map_x, map_y, cluster_id as community, producer_count, interested_consumer_count, top_topics
        from cluster_map inner join clusters using (cluster_id)
        order by producer_count desc, cluster_id
        """,
    ),
    "links": Section(
        ("cluster_neighbors",),
        """
        select cluster_id, neighbor_cluster_id, follow_cosine_similarity + log_fav_cosine_similarity
        from cluster_neighbors where neighbor_rank <= 3 order by cluster_id, neighbor_rank, neighbor_cluster_id
        """,
    ),
    "producers": Section(
        ("known_for",),
        """
        select cluster_id, producer_id as user from known_for where producer_rank <= 12
        order by cluster_id, producer_rank, producer_id
        """,
    ),
}

HEALTH = {
    "runs": Section(
        ("runs",),
        """
        select
            run_state, command, started_at, ended_at, input_kind, regexp_extract(input_name, '[^/]*$') as input_name, as_of,
            model_version, built_count, failed_nodes
        from runs order by started_at desc, run_id limit 8
        """,
    ),
    "counts": Section(
        ("run_report",),
        """
        select metric_name, metric_value, previous_value
        from (
            select
                metric_name, metric_value, as_of,
                lag(metric_value) over (partition by model_version, metric_name order by as_of) as previous_value,
                max(as_of) over () as last_as_of
            from run_report where metric_kind = 'count'
        )
        where as_of = last_as_of order by metric_name
        """,
    ),
    "rejects": Section(
        ("input_report",),
        "select table_name, reason, row_count, example_row from input_report order by row_count desc, table_name, reason limit 30",
    ),
    "stream_problems": Section(
        ("stream_problems",),
        "select source_name, reason, row_count from stream_problems order by row_count desc, source_name, reason limit 30",
    ),
    "settings": Section(("settings",), "select setting_name, asked, used, reason from settings order by setting_name"),
    "empty": Section(("empty_tables",), "select table_name, reason from empty_tables order by reason, table_name"),
    "quality": Section(
        ("cluster_quality_summary", "clusters"),
        """
        with sizes as (select cast(producer_count as double) as size from clusters)
        select
            cluster_count, assigned_producer_count, largest_cluster_share, weighted_recall, modularity, relative_precision,
            (select sum(size * (size - 1)) / nullif(sum(size) * (sum(size) - 1), 0) from sizes) as random_recall
        from cluster_quality_summary order by as_of desc limit 1
        """,
    ),
    "changes": Section(
        ("known_for_changes",),
        """
        select as_of, previous_as_of, change_kind, producer_count, producer_share
        from known_for_changes qualify as_of = max(as_of) over () order by producer_count desc, change_kind
        """,
    ),
    "flows": Section(
        ("known_for_history",),
        """
        with runs as (select distinct as_of from known_for_history order by as_of desc limit 2),
        last_run as (select producer_id, cluster_id from known_for_history where as_of = (select max(as_of) from runs)),
        run_before as (
            select producer_id, cluster_id from known_for_history
            where as_of = (select min(as_of) from runs) and (select count(*) from runs) = 2
        )
        select run_before.cluster_id as community, last_run.cluster_id as to_community, count(*) as producer_count
        from run_before inner join last_run using (producer_id)
        where run_before.cluster_id <> last_run.cluster_id
        group by all order by producer_count desc, 1, 2 limit 20
        """,
    ),
    "moved": Section(
        ("known_for_history", "producers"),
        """
        with runs as (select distinct as_of from known_for_history order by as_of desc limit 2),
        last_run as (select producer_id, cluster_id from known_for_history where as_of = (select max(as_of) from runs)),
        run_before as (
            select producer_id, cluster_id from known_for_history
            where as_of = (select min(as_of) from runs) and (select count(*) from runs) = 2
        )
        select producer_id as user, run_before.cluster_id as community, last_run.cluster_id as to_community
        from run_before inner join last_run using (producer_id) left join producers using (producer_id)
        where run_before.cluster_id <> last_run.cluster_id
        order by follower_count desc nulls last, producer_id limit 20
        """,
    ),
    "sizes": Section(
        ("run_report",),
        """
        select as_of, metric_name, metric_value from run_report
        where metric_name in ('communities', 'known_producers', 'interested_consumers')
        order by metric_name, as_of
        """,
    ),
    "recall": Section(
        ("candidate_recall",),
        """
        select item_kind, candidate_type, cutoff, consumer_count, recall, ndcg, hit_rate
        from candidate_recall order by item_kind, cutoff, recall desc, candidate_type
        """,
    ),
    "stream": Section(
        ("live_cluster_top_tweets",),
        "select max(created_at) as newest_tweet_at, count(distinct tweet_id) as tweet_count from live_cluster_top_tweets",
    ),
}

SEARCH = """
    with words as (select lower($text) as word),
    found as (
        select
            'community' as kind, cluster_id as id, cluster_name as name,
            interested_consumer_count as weight, contains(lower(coalesce(top_topics, '')), word) as is_elsewhere
        from clusters, words
        where contains(lower(cluster_name), word) or contains(lower(coalesce(top_topics, '')), word)
            or cast(cluster_id as varchar) = word
        union all
        select
            if(entity_kind = 'user', if(producers.producer_id is null, 'person', 'producer'), entity_kind), entity_id,
            coalesce(entity_name, entity_key), coalesce(follower_count, 0), false
        from words, entity_names
        left join producers on entity_kind = 'user' and entity_id = producers.producer_id
        where contains(lower(coalesce(entity_name, '')), word) or contains(lower(coalesce(entity_key, '')), word)
            or cast(entity_id as varchar) = word
    )
    select kind, id from found, words
    order by lower(coalesce(name, '')) = word desc, starts_with(lower(coalesce(name, '')), word) desc,
        list_position(['community', 'topic', 'producer', 'person', 'tweet'], kind), weight desc, id
    limit 12
"""
