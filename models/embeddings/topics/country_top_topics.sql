with

as_of as (select as_of from {{ ref('stg_as_of') }}),
impressions as (select user_id, tweet_id, engaged_at from {{ ref('stg_engagements') }} where engagement_type = 'impression'),
countries as (select user_id, country from {{ ref('stg_users') }} where country is not null),
tweet_topics as (select tweet_id, topic_id from {{ ref('stg_tweet_topics') }}),
limits as (select items_per_group, window_days from {{ ref('table_limits') }} where table_name = 'country_top_topics'),

impression_counts as (
    select
        countries.country,
        tweet_topics.topic_id,
        count(*) as impression_count

    from impressions

    cross join limits
    inner join as_of on {{ unix_millis('impressions.engaged_at') }} > {{ unix_millis('as_of.as_of') }} - limits.window_days * 86400000
    inner join countries on impressions.user_id = countries.user_id
    inner join tweet_topics on impressions.tweet_id = tweet_topics.tweet_id

    group by countries.country, tweet_topics.topic_id
),

kept_topics as (
    select
        country,
        topic_id,
        {{ rank_per('country', 'impression_count', 'topic_id') }} as topic_rank,
        impression_count

    from impression_counts

    qualify topic_rank <= (select limits.items_per_group from limits)
)

select * from kept_topics
