with

recipes as (select interest_type, membership_type, is_log_normalized, clusters_per_producer from {{ ref('interest_recipes') }}),

known_for as (
    select
        producer_id,
        cluster_id,
        case when known_for_score > 0 then known_for_score else 0.0 end as known_for_score

    from {{ ref('known_for') }}
),

producer_embeddings as (
    select embedding_type, producer_id, cluster_id, cluster_rank, producer_score
    from {{ ref('producer_embeddings') }}
),

{# A producer is known for one community at most. #}
memberships as (
    select
        'known_for' as membership_type,
        producer_id,
        cluster_id,
        1 as cluster_rank,
        known_for_score as membership_score

    from known_for

    union all

    select
        embedding_type as membership_type,
        producer_id,
        cluster_id,
        cluster_rank,
        producer_score as membership_score

    from producer_embeddings
),

{# Over all communities of the producer, before the cut to the best. #}
log_norms as (
    select
        memberships.membership_type,
        memberships.producer_id,
        sqrt(sum(ln(1 + memberships.membership_score) * ln(1 + memberships.membership_score))) as log_norm

    from (select distinct membership_type from recipes where is_log_normalized) as normalized_types

    inner join memberships on normalized_types.membership_type = memberships.membership_type

    group by memberships.membership_type, memberships.producer_id
),

{# ln(1 + x) keeps the order, so the ranks that the embedding has serve all. #}
kept_memberships as (
    select
        recipes.interest_type,
        memberships.producer_id,
        memberships.cluster_id,
        case
            when recipes.is_log_normalized then ln(1 + memberships.membership_score) / nullif(log_norms.log_norm, 0)
            else memberships.membership_score
        end as membership_score

    from recipes

    inner join memberships
        on recipes.membership_type = memberships.membership_type
            and recipes.clusters_per_producer >= memberships.cluster_rank

    left join log_norms
        on memberships.membership_type = log_norms.membership_type
            and memberships.producer_id = log_norms.producer_id
)

select * from kept_memberships
