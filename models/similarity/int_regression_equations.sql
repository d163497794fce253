{{ config(enabled = engine_of('similarity') == 'sql') }}

with

pairs as (select fold_number, producer_position, other_position, follower_weight from {{ ref('int_regression_pairs') }}),
producers as (select producer_id, producer_position from {{ ref('int_similarity_producers') }}),
limits as (select regression_producers from {{ ref('similarity_limits') }}),

follower_weights as (select fold_number, producer_position, follower_weight from pairs where producer_position = other_position),

cosines as (
    select
        pairs.fold_number,
        pairs.producer_position,
        pairs.other_position as known_position,
        producers.producer_id as known_producer_id,
        pairs.follower_weight / sqrt(own_weights.follower_weight * known_weights.follower_weight) as cosine_similarity

    from pairs

    inner join follower_weights as own_weights
        on pairs.fold_number = own_weights.fold_number
            and pairs.producer_position = own_weights.producer_position

    inner join follower_weights as known_weights
        on pairs.fold_number = known_weights.fold_number
            and pairs.other_position = known_weights.producer_position

    inner join producers on pairs.other_position = producers.producer_position

    where pairs.producer_position <> pairs.other_position
),

nearest_producers as (
    select
        cosines.fold_number,
        cosines.producer_position,
        cosines.known_position,
        {{ rank_per(['cosines.fold_number', 'cosines.producer_position'], 'cosines.cosine_similarity', 'cosines.known_producer_id') }}
            as known_rank

    from cosines

    cross join limits

    qualify known_rank <= limits.regression_producers
),

{# What the nearest share with each other, and with the producer itself. #}
terms as (
    select fold_number, producer_position, known_position as other_position from nearest_producers
    union all
    select distinct fold_number, producer_position, producer_position as other_position from nearest_producers
),

equations as (
    select
        nearest_producers.fold_number,
        nearest_producers.producer_position,
        nearest_producers.known_position,
        terms.other_position,
        pairs.follower_weight

    from nearest_producers

    inner join terms
        on nearest_producers.fold_number = terms.fold_number
            and nearest_producers.producer_position = terms.producer_position

    inner join pairs
        on nearest_producers.fold_number = pairs.fold_number
            and nearest_producers.known_position = pairs.producer_position
            and terms.other_position = pairs.other_position
)

select * from equations
