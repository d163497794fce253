{% set names_per_cluster = 5 %}

with

known_for as (

    select
        cluster_id,
        producer_id,
        producer_rank

    from {{ ref('known_for') }}

),

producers as (

    select
        producer_id,
        screen_name,
        follower_count

    from {{ ref('producers') }}

),

languages as (

    select
        user_id,
        language

    from {{ ref('stg_users') }}

    where language is not null

),

cluster_topics as (

    select
        cluster_id,
        topic_name,
        topic_rank

    from {{ ref('cluster_topics') }}

),

consumer_counts as (

    select
        cluster_id,
        max(interested_consumer_count) as interested_consumer_count

    from {{ ref('interested_in') }}

    group by cluster_id

),

producer_summaries as (

    select
        known_for.cluster_id,
        count(*) as producer_count,
        sum(producers.follower_count) as follower_count

    from known_for

    inner join producers
        on known_for.producer_id = producers.producer_id

    group by known_for.cluster_id

),

{# The best known: the most followed members. #}
top_producers as (

    select
        known_for.cluster_id,
        coalesce(producers.screen_name, cast(known_for.producer_id as string)) as producer_name,
        {{ rank_per('known_for.cluster_id', 'producers.follower_count', 'known_for.producer_id') }} as name_rank

    from known_for

    inner join producers
        on known_for.producer_id = producers.producer_id

    qualify {{ top_k_per('known_for.cluster_id', 'producers.follower_count', 'known_for.producer_id', names_per_cluster) }}

),

producer_names as (

    select
        cluster_id,
        max(case when name_rank = 1 then producer_name end) as best_known_producer,
        string_agg(producer_name, ', ' order by name_rank) as top_producers

    from top_producers

    group by cluster_id

),

topic_names as (

    select
        cluster_id,
        max(case when topic_rank = 1 then topic_name end) as main_topic,
        string_agg(topic_name, ', ' order by topic_rank) as top_topics

    from cluster_topics

    where topic_rank <= 3

    group by cluster_id

),

language_counts as (

    select
        known_for.cluster_id,
        languages.language,
        count(*) as speaker_count

    from known_for

    inner join languages
        on known_for.producer_id = languages.user_id

    group by
        known_for.cluster_id,
        languages.language

),

main_languages as (

    select
        cluster_id,
        language as main_language,
        speaker_count

    from language_counts

    qualify {{ top_k_per('cluster_id', 'speaker_count', 'language', 1) }}

),

clusters as (

    select
        producer_summaries.cluster_id,
        coalesce(topic_names.main_topic, concat('around ', producer_names.best_known_producer)) as cluster_name,
        producer_summaries.producer_count,
        cast(producer_summaries.follower_count as int64) as follower_count,
        coalesce(consumer_counts.interested_consumer_count, 0) as interested_consumer_count,
        producer_names.top_producers,
        topic_names.top_topics,
        main_languages.main_language,
        main_languages.speaker_count / producer_summaries.producer_count as main_language_share

    from producer_summaries

    inner join producer_names
        on producer_summaries.cluster_id = producer_names.cluster_id

    left join topic_names
        on producer_summaries.cluster_id = topic_names.cluster_id

    left join main_languages
        on producer_summaries.cluster_id = main_languages.cluster_id

    left join consumer_counts
        on producer_summaries.cluster_id = consumer_counts.cluster_id

)

select * from clusters
