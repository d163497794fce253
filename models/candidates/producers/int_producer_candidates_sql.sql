{{ config(
    enabled = engine_of('products') == 'sql',
    materialized = 'bucketed_table',
    cluster_by = ['consumer_id', 'candidate_type', 'candidate_rank'],
    meta = {'rows_per_bucket': var('rows_per_bucket')}
) }}

{# Each community of a consumer meets its list of producers. #}
{{ buckets_by_join(
    ref('int_producer_candidate_interests'), 'consumer_id', ref('int_producer_candidate_weights'), on=['candidate_type', 'cluster_id']
) }}

with

recipes as (select candidate_type, producers_per_consumer from {{ ref('producer_candidate_recipes') }}),
interests as (
    select candidate_type, consumer_id, cluster_id, interest_weight
    from {{ ref('int_producer_candidate_interests') }} where {{ bucket_filter('consumer_id') }}
),
producer_weights as (
    select candidate_type, cluster_id, producer_id, producer_rank, producer_weight
    from {{ ref('int_producer_candidate_weights') }}
),
follows as (select consumer_id, producer_id from {{ ref('stg_follows') }} where {{ bucket_filter('consumer_id') }}),

found_producers as (
    select
        interests.candidate_type,
        interests.consumer_id,
        producer_weights.producer_id,
        count(*) as cluster_count,
        cast(sum(interests.interest_weight * producer_weights.producer_weight) as float64) as candidate_score

    from interests

    inner join producer_weights
        on interests.candidate_type = producer_weights.candidate_type
            and interests.cluster_id = producer_weights.cluster_id

    where interests.consumer_id <> producer_weights.producer_id

    group by interests.candidate_type, interests.consumer_id, producer_weights.producer_id
),

follow_counts as (
    select consumer_id, count(*) as follow_count
    from follows
    group by consumer_id
),

{#
    The least score that is kept. One list alone has enough producers down to this rank, even without followed ones and the consumer. Other
    communities only add to a score. It spares the ranking nearly all that was found.
#}
certain_scores as (
    select
        interests.candidate_type,
        interests.consumer_id,
        max(interests.interest_weight * producer_weights.producer_weight) as certain_score

    from interests

    inner join recipes on interests.candidate_type = recipes.candidate_type
    left join follow_counts on interests.consumer_id = follow_counts.consumer_id

    inner join producer_weights
        on interests.candidate_type = producer_weights.candidate_type
            and interests.cluster_id = producer_weights.cluster_id
            and recipes.producers_per_consumer + 1 + coalesce(follow_counts.follow_count, 0) = producer_weights.producer_rank

    group by interests.candidate_type, interests.consumer_id
),

kept_producers as (
    select
        found_producers.candidate_type,
        found_producers.consumer_id,
        found_producers.producer_id,
        {{ rank_per(
            ['found_producers.candidate_type', 'found_producers.consumer_id'],
            'found_producers.candidate_score', 'found_producers.producer_id'
        ) }} as candidate_rank,
        found_producers.cluster_count,
        found_producers.candidate_score

    from found_producers

    inner join recipes on found_producers.candidate_type = recipes.candidate_type

    left join certain_scores
        on found_producers.candidate_type = certain_scores.candidate_type
            and found_producers.consumer_id = certain_scores.consumer_id

    left join follows
        on found_producers.consumer_id = follows.consumer_id
            and found_producers.producer_id = follows.producer_id

    where follows.producer_id is null
        and (
            certain_scores.certain_score is null
            or {{ rounded_score('found_producers.candidate_score') }} >= {{ rounded_score('certain_scores.certain_score') }}
        )

    qualify candidate_rank <= recipes.producers_per_consumer
)

select * from kept_producers

{{ stored_in_order(['consumer_id', 'candidate_type', 'candidate_rank']) }}
