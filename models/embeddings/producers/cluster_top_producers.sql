{{ config(cluster_by = ['embedding_type', 'cluster_id', 'producer_rank']) }}

with

all_scores as (select embedding_type, cluster_id, producer_id, producer_score from {{ ref('int_producer_scores') }}),
inactive_users as (select user_id from {{ ref('stg_users') }} where not is_active),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'cluster_top_producers'),

{# People are shown these lists, and similar producers are found in them. #}
active_scores as (
    select all_scores.embedding_type, all_scores.cluster_id, all_scores.producer_id, all_scores.producer_score

    from all_scores

    left join inactive_users on all_scores.producer_id = inactive_users.user_id

    where inactive_users.user_id is null
),

kept_scores as (
    select
        embedding_type,
        cluster_id,
        producer_id,
        {{ rank_per(['embedding_type', 'cluster_id'], 'producer_score', 'producer_id') }} as producer_rank,
        producer_score

    from active_scores

    qualify producer_rank <= (select limits.items_per_group from limits)
)

select * from kept_scores

{{ stored_in_order(['embedding_type', 'cluster_id', 'producer_rank']) }}
