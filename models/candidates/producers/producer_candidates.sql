{{ config(
    materialized = 'kernel_table' if runs_kernel('products') else 'bucketed_table',
    cluster_by = ['consumer_id', 'candidate_type', 'candidate_rank']
) }}

{# Each list that is looked up for a consumer meets its producers. #}
{{ buckets_by_join(
    ref('int_producer_candidate_lookups'), 'consumer_id', ref('int_producer_candidate_lists'), on=['list_group', 'list_id']
) }}

with

recipes as (
    select candidate_type, recipe_number, producers_per_consumer
    from {{ ref('int_producer_candidate_recipes') }}
),
lookups as (
    select
        cast(floor(list_group / 3) as int64) as recipe_number, mod(list_group, 3) as kind_number, consumer_id, list_group, list_id,
        lookup_weight
    from {{ ref('int_producer_candidate_lookups') }} where {{ bucket_filter('consumer_id') }}
),
lists as (select list_group, list_id, producer_id, producer_rank, producer_weight from {{ ref('int_producer_candidate_lists') }}),
hidden_producers as (select consumer_id, producer_id from {{ ref('int_hidden_producers') }} where {{ bucket_filter('consumer_id') }}),

found_producers as (
    select
        lookups.recipe_number,
        lookups.consumer_id,
        lists.producer_id,
        count(case when lookups.kind_number = 0 then 1 end) as cluster_count,
        count(case when lookups.kind_number > 0 then 1 end) as neighbor_count,
        cast(sum(lookups.lookup_weight * lists.producer_weight) as float64) as candidate_score

    from lookups

    inner join lists
        on lookups.list_group = lists.list_group
            and lookups.list_id = lists.list_id

    where lookups.consumer_id <> lists.producer_id

    group by lookups.recipe_number, lookups.consumer_id, lists.producer_id
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
        lookups.recipe_number,
        lookups.consumer_id,
        max(lookups.lookup_weight * lists.producer_weight) as certain_score

    from lookups

    inner join recipes on lookups.recipe_number = recipes.recipe_number
    left join hidden_counts on lookups.consumer_id = hidden_counts.consumer_id

    inner join lists
        on lookups.list_group = lists.list_group
            and lookups.list_id = lists.list_id
            and recipes.producers_per_consumer + 1 + coalesce(hidden_counts.hidden_count, 0) = lists.producer_rank

    group by lookups.recipe_number, lookups.consumer_id
),

kept_producers as (
    select
        recipes.candidate_type,
        found_producers.consumer_id,
        found_producers.producer_id,
        {{ rank_per(
            ['found_producers.recipe_number', 'found_producers.consumer_id'],
            'found_producers.candidate_score', 'found_producers.producer_id'
        ) }} as candidate_rank,
        found_producers.cluster_count,
        found_producers.neighbor_count,
        {{ rounded_score('found_producers.candidate_score') }} as candidate_score

    from found_producers

    inner join recipes on found_producers.recipe_number = recipes.recipe_number

    left join certain_scores
        on found_producers.recipe_number = certain_scores.recipe_number
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
