{{ config(cluster_by = ['author_id']) }}

with

fresh_favs as (select tweet_id, fresh_weight from {{ ref('int_recent_favs') }} where fresh_weight > 0),
tweets as (select tweet_id, author_id from {{ ref('stg_tweets') }} where author_id is not null),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'int_author_tweets'),

author_tweets as (
    select
        tweets.author_id,
        fresh_favs.tweet_id,
        cast(sum(fresh_favs.fresh_weight) as float64) as tweet_score

    from fresh_favs

    inner join tweets on fresh_favs.tweet_id = tweets.tweet_id

    group by tweets.author_id, fresh_favs.tweet_id

    qualify {{ top_k_per(
        'tweets.author_id', 'sum(fresh_favs.fresh_weight)', 'fresh_favs.tweet_id', '(select limits.items_per_group from limits)'
    ) }}
)

select * from author_tweets

{{ stored_in_order(['author_id']) }}
