{{ config(
    enabled = engine_of('products') == 'sql',
    materialized = 'bucketed_table',
    cluster_by = ['consumer_id', 'candidate_type', 'candidate_rank'],
    meta = {'rows_per_bucket': var('rows_per_bucket')}
) }}

{# Each list that is looked up for a consumer meets its producers. #}
{{ buckets_by_join(
    ref('int_producer_candidate_lookups'), 'consumer_id', ref('int_producer_candidate_lists'),
    on=['candidate_type', 'list_kind', 'list_id']
) }}

with

recipes as (select candidate_type, producers_per_consumer from {{ ref('producer_candidate_recipes') }}),
lookups as (
    select candidate_type, consumer_id, list_kind, list_id, lookup_weight
    from {{ ref('int_producer_candidate_lookups') }} where {{ bucket_filter('consumer_id') }}
),
lists as (
    select candidate_type, list_kind, list_id, producer_id, producer_rank, producer_weight
    from {{ ref('int_producer_candidate_lists') }}
),
hidden_producers as (select consumer_id, producer_id from {{ ref('int_hidden_producers') }} where {{ bucket_filter('consumer_id') }}),

found_producers as (
    select
        lookups.candidate_type,
        lookups.consumer_id,
        lists.producer_id,
        count(case when lookups.list_kind = 'cluster' then 1 end) as cluster_count,
        count(case when lookups.list_kind = 'producer' then 1 end) as neighbor_count,
        cast(sum(lookups.lookup_weight * lists.producer_weight) as float64) as candidate_score

    from lookups

    inner join lists
        on lookups.candidate_type = lists.candidate_type
            and lookups.list_kind = lists.list_kind
            and lookups.list_id = lists.list_id

    where lookups.consumer_id <> lists.producer_id

    group by lookups.candidate_type, lookups.consumer_id, lists.producer_id
),

hidden_counts as (
    select consumer_id, count(*) as hidden_count
    from hidden_producers
    group by consumer_id
),

{#
    The least score that is kept. One list alone has enough producers down to this rank, even without hidden ones and the consumer. Other
    lists only add to a score. It spares the ranking nearly all that was found.
#}
certain_scores as (
    select
        lookups.candidate_type,
        lookups.consumer_id,
        max(lookups.lookup_weight * lists.producer_weight) as certain_score

    from lookups

    inner join recipes on lookups.candidate_type = recipes.candidate_type
    left join hidden_counts on lookups.consumer_id = hidden_counts.consumer_id

    inner join lists
        on lookups.candidate_type = lists.candidate_type
            and lookups.list_kind = lists.list_kind
            and lookups.list_id = lists.list_id
            and recipes.producers_per_consumer + 1 + coalesce(hidden_counts.hidden_count, 0) = lists.producer_rank

    group by lookups.candidate_type, lookups.consumer_id
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
        found_producers.neighbor_count,
        found_producers.candidate_score

    from found_producers

    inner join recipes on found_producers.candidate_type = recipes.candidate_type

    left join certain_scores
        on found_producers.candidate_type = certain_scores.candidate_type
            and found_producers.consumer_id = certain_scores.consumer_id

    left join hidden_producers
        on found_producers.consumer_id = hidden_producers.consumer_id
            and found_producers.producer_id = hidden_producers.producer_id

    where hidden_producers.producer_id is null
        and (
            certain_scores.certain_score is null
            or {{ rounded_score('found_producers.candidate_score') }} >= {{ rounded_score('certain_scores.certain_score') }}
        )

    qualify candidate_rank <= recipes.producers_per_consumer
)

select * from kept_producers

{{ stored_in_order(['consumer_id', 'candidate_type', 'candidate_rank']) }}
