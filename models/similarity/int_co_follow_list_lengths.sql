{{ config(materialized = 'view') }}

{# Too many rows shorten the longest lists to this share of what is asked for, not further. #}
{% set least_share = 0.4 %}

with

producers as (select producer_position, follower_count from {{ ref('int_similarity_producers') }}),
limits as (select items_per_group from {{ ref('table_limits') }} where table_name = 'co_followed_producers'),
similarity_limits as (select listed_per_follower, listed_rows from {{ ref('similarity_limits') }}),

{#
    What few followers follow is mostly theirs alone, and lists of the many producers that few follow would be most of the table. So a list
    grows with the followers, up to a length that is the same for all.
#}
wanted_lengths as (
    select
        producers.producer_position,
        similarity_limits.listed_per_follower * greatest(producers.follower_count, 1) as wanted_length,
        limits.items_per_group,
        similarity_limits.listed_rows

    from producers

    cross join similarity_limits
    cross join limits
),

row_counts as (select sum(least(wanted_length, items_per_group)) as row_count from wanted_lengths),

list_lengths as (
    select
        wanted_lengths.producer_position,
        cast(
            least(
                wanted_lengths.wanted_length,
                floor(
                    wanted_lengths.items_per_group
                    * greatest({{ least_share }}, least(1.0, wanted_lengths.listed_rows / nullif(row_counts.row_count, 0)))
                )
            ) as int64
        ) as list_length

    from wanted_lengths

    cross join row_counts
)

select * from list_lengths
