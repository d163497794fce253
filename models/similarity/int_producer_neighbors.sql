{{ config(
    materialized = 'kernel_table' if runs_kernel('similarity') else 'table',
    meta = {'similarity_floor': var('similarity_floor'), 'neighbors_per_producer': var('neighbors_per_producer')}
) }}
{{ read_by_kernel('similarity', ['int_similarity_follows', 'int_similarity_producers']) }}

{% set neighbors_per_producer = var('neighbors_per_producer') %}
{% set cosine_bin %}floor({{ rounded_score('cosine_similarity') }} * 400){% endset %}

with

producer_pairs as (
    select producer_id, neighbor_producer_id, common_follower_count, cosine_similarity
    from {{ sql_alone('similarity', 'int_producer_pairs') }}
),

both_directions as (
    select producer_id, neighbor_producer_id, common_follower_count, cosine_similarity from producer_pairs
    union all
    select neighbor_producer_id as producer_id, producer_id as neighbor_producer_id, common_follower_count, cosine_similarity
    from producer_pairs
),

{# Most pairs are far from anyone's nearest. A count by coarse cosine spares the ranking a sort of them all. #}
pairs_per_bin as (
    select
        producer_id,
        {{ cosine_bin }} as cosine_bin,
        count(*) as pair_count

    from both_directions

    group by producer_id, {{ cosine_bin }}
),

pairs_from_bin_up as (
    select
        producer_id,
        cosine_bin,
        sum(pair_count) over (
            partition by producer_id order by cosine_bin desc
            rows between unbounded preceding and current row
        ) as pair_count

    from pairs_per_bin
),

last_bins as (
    select
        producer_id,
        max(cosine_bin) as last_bin

    from pairs_from_bin_up

    where pair_count >= {{ neighbors_per_producer }}

    group by producer_id
),

near_neighbors as (
    select
        both_directions.producer_id, both_directions.neighbor_producer_id, both_directions.common_follower_count,
        both_directions.cosine_similarity

    from both_directions

    left join last_bins on both_directions.producer_id = last_bins.producer_id

    where last_bins.last_bin is null
        or {{ cosine_bin }} >= last_bins.last_bin
),

nearest_neighbors as (
    select producer_id, neighbor_producer_id, common_follower_count, cosine_similarity

    from near_neighbors

    qualify {{ top_k_per('producer_id', 'cosine_similarity', 'neighbor_producer_id', neighbors_per_producer) }}
)

select * from nearest_neighbors
