{#
    SimClusters-ANN as CTEs, for a model that has CTEs `configs` (rows of ann_configs), `source_vectors` (source_kind,
    source_embedding_type, source_id, cluster_id, source_score), `as_of` (as_of) and `top_tweets` (index_name, cluster_id, tweet_id,
    tweet_rank, created_at, tweet_score). The last one is `ranked_tweets`.

    The norm of the source is over its full vector, the dot product and the norm of the tweet only over the communities scanned, and
    of those only where the tweet stands in the first places of the list; ages are asked after that cut. So a tweet found in one
    community has the same cosine whatever its score: ties go to the larger dot product, then to the smaller tweet id.
#}
{% macro ann_search(time_factor) %}
limits as (select tweets_per_cluster, maximum_results from {{ ref('ann_limits') }}),

queries as (

    select
        configs.source_kind,
        configs.config_name,
        source_vectors.source_id,
        source_vectors.cluster_id,
        source_vectors.source_score,
        configs.index_name,
        configs.algorithm,
        configs.clusters_scanned,
        least(configs.tweets_per_cluster, limits.tweets_per_cluster) as tweets_per_cluster,
        least(configs.maximum_results, limits.maximum_results) as maximum_results,
        configs.minimum_score,
        {{ unix_millis('as_of.as_of') }} - cast(configs.maximum_age_hours * {{ time_factor }} * 3600000 as int64) as created_from_millis,
        {{ unix_millis('as_of.as_of') }} - cast(configs.minimum_age_hours * {{ time_factor }} * 3600000 as int64) as created_to_millis,
        sum(source_vectors.source_score * source_vectors.source_score)
            over (partition by configs.source_kind, configs.config_name, source_vectors.source_id) as source_squared_norm,
        {{ rank_per(
            ['configs.source_kind', 'configs.config_name', 'source_vectors.source_id'],
            'source_vectors.source_score', 'source_vectors.cluster_id'
        ) }} as cluster_rank

    from configs

    cross join as_of

    cross join limits

    inner join source_vectors
        on configs.source_kind = source_vectors.source_kind
            and configs.source_embedding_type = source_vectors.source_embedding_type

),

found_tweets as (

    select
        queries.source_kind,
        queries.config_name,
        queries.source_id,
        top_tweets.tweet_id,
        queries.algorithm,
        queries.maximum_results,
        queries.minimum_score,
        queries.source_squared_norm,
        count(*) as cluster_count,
        sum(queries.source_score * top_tweets.tweet_score) as dot_product,
        sum(top_tweets.tweet_score * top_tweets.tweet_score) as tweet_squared_norm

    from queries

    inner join top_tweets
        on queries.index_name = top_tweets.index_name
            and queries.cluster_id = top_tweets.cluster_id
            and queries.tweets_per_cluster >= top_tweets.tweet_rank

    where queries.cluster_rank <= queries.clusters_scanned
        and (queries.source_kind <> 'tweet' or queries.source_id <> top_tweets.tweet_id)
        and (
            top_tweets.created_at is null
            or {{ unix_millis('top_tweets.created_at') }} between queries.created_from_millis and queries.created_to_millis
        )

    group by
        queries.source_kind,
        queries.config_name,
        queries.source_id,
        top_tweets.tweet_id,
        queries.algorithm,
        queries.maximum_results,
        queries.minimum_score,
        queries.source_squared_norm

),

scored_tweets as (

    select
        source_kind,
        config_name,
        source_id,
        tweet_id,
        maximum_results,
        minimum_score,
        cluster_count,
        dot_product,
        {{ ann_score('algorithm', 'dot_product', 'source_squared_norm', 'tweet_squared_norm') }} as ann_score

    from found_tweets

),

ranked_tweets as (

    select
        source_kind,
        config_name,
        source_id,
        tweet_id,
        {{ rank_per(['source_kind', 'config_name', 'source_id'], ['ann_score', 'dot_product'], 'tweet_id') }} as candidate_rank,
        maximum_results,
        cluster_count,
        cast(dot_product as float64) as dot_product,
        cast(ann_score as float64) as ann_score

    from scored_tweets

    where {{ rounded_score('ann_score') }} >= minimum_score

),
{% endmacro %}
