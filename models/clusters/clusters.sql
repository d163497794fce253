with

known_for as (select cluster_id, producer_id from {{ ref('known_for') }}),
producers as (select producer_id, screen_name, follower_count from {{ ref('producers') }}),
users as (select user_id, language, country from {{ ref('stg_users') }}),
cluster_quality as (select cluster_id, weighted_recall, relative_precision, weight_score_correlation from {{ ref('cluster_quality') }}),
name_limit as (select items_per_group from {{ ref('table_limits') }} where table_name = 'clusters' and item_name = 'producers'),
topic_limit as (select items_per_group from {{ ref('table_limits') }} where table_name = 'clusters' and item_name = 'topics'),
sensitive_tweets as (
    select
        known_for.cluster_id, count(case when tweets.is_sensitive then 1 end) / count(*) as sensitive_tweet_share
    from known_for inner join {{ ref('stg_tweets') }} as tweets on known_for.producer_id = tweets.author_id
    where tweets.is_sensitive is not null
    group by known_for.cluster_id
),
topic_names as (
    select
        cluster_id, max(case when topic_rank = 1 then topic_name end) as main_topic,
        string_agg(topic_name, ', ' order by topic_rank) as top_topics
    from {{ ref('cluster_topics') }} where topic_rank <= (select topic_limit.items_per_group from topic_limit)
    group by cluster_id
),
consumer_counts as (
    select
        cluster_id, max(interested_consumer_count) as interested_consumer_count,
        count(case when follow_score > 0 then 1 end) as follow_consumer_count,
        count(case when fav_score > 0 then 1 end) as fav_consumer_count
    from {{ ref('interested_in') }} group by cluster_id
),

{# The best known members are the most followed. #}
ranked_members as (
    select
        known_for.cluster_id,
        coalesce(producers.screen_name, cast(known_for.producer_id as string)) as producer_name,
        producers.follower_count,
        {{ rank_per('known_for.cluster_id', 'producers.follower_count', 'known_for.producer_id') }} as name_rank,
        name_limit.items_per_group as names_listed

    from known_for

    cross join name_limit
    inner join producers on known_for.producer_id = producers.producer_id
),

member_summaries as (
    select
        cluster_id,
        count(*) as producer_count,
        sum(follower_count) as follower_count,
        max(case when name_rank = 1 then producer_name end) as best_known_producer,
        string_agg(case when name_rank <= names_listed then producer_name end, ', ' order by name_rank) as top_producers

    from ranked_members

    group by cluster_id
),

{% for attribute in ['language', 'country'] %}
    main_{{ attribute }}_values as (
        select
            known_for.cluster_id,
            users.{{ attribute }} as main_{{ attribute }},
            count(*) as member_count

        from known_for

        inner join users on known_for.producer_id = users.user_id

        where users.{{ attribute }} is not null

        group by known_for.cluster_id, users.{{ attribute }}

        qualify {{ top_k_per('known_for.cluster_id', 'count(*)', 'users.' ~ attribute, 1) }}
    ),
{% endfor %}

clusters as (
    select
        member_summaries.cluster_id,
        coalesce(topic_names.main_topic, concat('around ', member_summaries.best_known_producer)) as cluster_name,
        member_summaries.producer_count,
        cast(member_summaries.follower_count as int64) as follower_count,
        coalesce(consumer_counts.interested_consumer_count, 0) as interested_consumer_count,
        coalesce(consumer_counts.follow_consumer_count, 0) as follow_consumer_count,
        coalesce(consumer_counts.fav_consumer_count, 0) as fav_consumer_count,
        member_summaries.top_producers,
        topic_names.top_topics,
        main_language_values.main_language,
        main_language_values.member_count / member_summaries.producer_count as main_language_share,
        main_country_values.main_country,
        main_country_values.member_count / member_summaries.producer_count as main_country_share,
        sensitive_tweets.sensitive_tweet_share,
        cluster_quality.weighted_recall,
        cluster_quality.relative_precision,
        cluster_quality.weight_score_correlation

    from member_summaries

    left join topic_names on member_summaries.cluster_id = topic_names.cluster_id
    left join main_language_values on member_summaries.cluster_id = main_language_values.cluster_id
    left join main_country_values on member_summaries.cluster_id = main_country_values.cluster_id
    left join sensitive_tweets on member_summaries.cluster_id = sensitive_tweets.cluster_id
    left join cluster_quality on member_summaries.cluster_id = cluster_quality.cluster_id
    left join consumer_counts on member_summaries.cluster_id = consumer_counts.cluster_id
)

select * from clusters
