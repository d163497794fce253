{# One pass of the matching in keep_community_ids. #}
{% macro community_matched_overlaps_sql(overlaps) %}
with

ranked_overlaps as (

    select
        label,
        first_position,
        previous_cluster_id,
        shared_count,
        row_number() over (
            partition by label
            order by shared_count desc, previous_cluster_id
        ) as community_rank,
        row_number() over (
            partition by previous_cluster_id
            order by shared_count desc, first_position
        ) as previous_rank

    from {{ overlaps }}

),

matches as (

    select
        label,
        previous_cluster_id

    from ranked_overlaps

    where
        community_rank = 1
        and previous_rank = 1

),

remaining_overlaps as (

    select
        ranked_overlaps.label,
        ranked_overlaps.first_position,
        ranked_overlaps.previous_cluster_id,
        ranked_overlaps.shared_count,
        community_matches.label is not null as is_matched

    from ranked_overlaps

    left join matches as community_matches
        on ranked_overlaps.label = community_matches.label

    left join matches as previous_matches
        on ranked_overlaps.previous_cluster_id = previous_matches.previous_cluster_id

    where
        (community_matches.label is null and previous_matches.label is null)
        or (
            community_matches.previous_cluster_id = ranked_overlaps.previous_cluster_id
            and previous_matches.label = ranked_overlaps.label
        )

)

select * from remaining_overlaps
{% endmacro %}
