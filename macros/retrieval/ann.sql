{# For a model that has a CTE `as_of` (as_of). Norms and ranks are over the full vector of the source. #}
{% macro ann_queries(which_configs, which_sources, time_factor) %}
limits as (select tweets_per_cluster, maximum_results from {{ ref('ann_limits') }}),
configs as (
    select
        source_kind, config_name, source_embedding_type, index_name, algorithm, clusters_scanned, tweets_per_cluster, maximum_results,
        minimum_score, minimum_age_hours, maximum_age_hours
    from {{ ref('ann_configs') }} where {{ which_configs }}
),
source_vectors as (
    select source_kind, source_embedding_type, source_id, cluster_id, source_score
    from {{ ref('int_ann_source_vectors') }} where {{ which_sources }}
),

queries as (
    select
        configs.source_kind,
        configs.config_name,
        source_vectors.source_id,
        source_vectors.cluster_id,
        source_vectors.source_score,
        configs.index_name,
        configs.algorithm,
        least(configs.tweets_per_cluster, limits.tweets_per_cluster) as tweets_per_cluster,
        least(configs.maximum_results, limits.maximum_results) as maximum_results,
        configs.minimum_score,
        {{ unix_millis('as_of.as_of') }} - cast(configs.maximum_age_hours * {{ time_factor }} * 3600000 as int64) as created_from_millis,
        {{ unix_millis('as_of.as_of') }} - cast(configs.minimum_age_hours * {{ time_factor }} * 3600000 as int64) as created_to_millis,
        sum(source_vectors.source_score * source_vectors.source_score)
            over (partition by configs.source_kind, configs.config_name, source_vectors.source_id) as source_squared_norm

    from configs

    cross join as_of
    cross join limits

    inner join source_vectors
        on configs.source_kind = source_vectors.source_kind
            and configs.source_embedding_type = source_vectors.source_embedding_type

    qualify {{ top_k_per(
        ['configs.source_kind', 'configs.config_name', 'source_vectors.source_id'],
        'source_vectors.source_score', 'source_vectors.cluster_id', 'configs.clusters_scanned'
    ) }}
)
{%- endmacro %}


{#
    For a model that has CTEs `queries` (see ann_queries) and `top_tweets` (index_name, cluster_id, tweet_id, tweet_rank, created_at,
    tweet_score).

    The dot product and the norm of a tweet are over the communities scanned. Only those count in which the tweet stands in the first places
    of the list. Ages count after that cut. So a tweet found in one community has the same cosine whatever its score. A larger dot product
    wins the tie, then a smaller tweet id.
#}
{% macro ann_search() %}
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

    where (queries.source_kind <> 'tweet' or queries.source_id <> top_tweets.tweet_id)
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
        cast(dot_product as float64) as dot_product,
        cast({{ ann_score('algorithm', 'dot_product', 'source_squared_norm', 'tweet_squared_norm') }} as float64) as ann_score

    from found_tweets
),

candidates as (
    select
        source_kind,
        config_name,
        source_id,
        tweet_id,
        {{ rank_per(['source_kind', 'config_name', 'source_id'], ['ann_score', 'dot_product'], 'tweet_id') }} as candidate_rank,
        cluster_count,
        dot_product,
        ann_score

    from scored_tweets

    where {{ rounded_score('ann_score') }} >= minimum_score

    qualify candidate_rank <= maximum_results
)
{%- endmacro %}
