with

as_of as (select as_of from {{ ref('stg_as_of') }}),
top_tweets as (
    select index_name, cluster_id, tweet_id, tweet_rank, created_at, tweet_squared_norm, tweet_score
    from {{ ref('cluster_top_tweets') }} where tweet_score > 0
),

{{ ann_queries(
    which_configs = 'config_name = ' ~ table_argument('with_config'),
    which_sources = "source_kind = 'consumer' and source_id = " ~ table_argument('of_consumer_id')
) }},

{{ ann_search(users='user_id = ' ~ table_argument('of_consumer_id')) }},

{{ ann_answer("'consumer'", table_argument('with_config'), indexes='batch') }}

select * from answer
