with

producers as (select producer_id, producer_position from {{ ref('int_similarity_producers') }}),
neighbors as (select producer_id, cosine_similarity from {{ ref('int_producer_neighbors') }}),
squared_cosines as (
    select producer_id, sum(cosine_similarity * cosine_similarity) as squares
    from neighbors group by producer_id
),

{# The cosine of a producer to itself is 1. #}
crowdings as (
    select
        producers.producer_position,
        cast(sqrt(1 + coalesce(squared_cosines.squares, 0)) as float64) as crowding

    from producers

    left join squared_cosines on producers.producer_id = squared_cosines.producer_id
)

select * from crowdings
