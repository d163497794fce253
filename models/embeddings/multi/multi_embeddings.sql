{{ config(materialized = 'view') }}

with

recipes as (
    select multi_embedding_type, grouping_method, representative_score, groups_per_consumer
    from {{ ref('multi_embedding_recipes') }}
),
members as (
    select grouping_method, consumer_id, producer_id, group_rank, producer_count, fav_score, medoid_score
    from {{ ref('multi_embedding_members') }}
),

scored_members as (
    select
        recipes.multi_embedding_type,
        members.consumer_id,
        members.group_rank,
        members.producer_id,
        members.producer_count,
        case when recipes.representative_score = 'fav' then members.fav_score else members.medoid_score end as member_score

    from recipes

    inner join members
        on recipes.grouping_method = members.grouping_method
            and recipes.groups_per_consumer >= members.group_rank
),

representatives as (
    select
        multi_embedding_type,
        consumer_id,
        group_rank,
        {{ first_of('producer_id', 'member_score', 'producer_id') }} as producer_id,
        max(producer_count) as producer_count

    from scored_members

    group by multi_embedding_type, consumer_id, group_rank
)

select * from representatives
