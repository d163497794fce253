{#
    From labels to cluster ids: "After the sweeps" and "Cluster ids after community moves" of docs/community_detection.md.
#}
{% macro keep_community_ids(tables) %}
    {%- do create_scratch_table_as(tables.overlaps, community_overlaps(tables.state, tables.producers)) -%}
    {%- for matching_pass in range(1000) -%}
        {%- set open_sql -%}
    select count(*) as open_count from {{ tables.overlaps }} where not is_matched
        {%- endset -%}
        {%- if run_query(open_sql).rows[0]['open_count'] | int == 0 -%}
            {%- break -%}
        {%- endif -%}
        {%- do create_scratch_table_as(tables.overlaps, community_matched_overlaps(tables.overlaps)) -%}
    {%- endfor -%}
    {%- do create_scratch_table_as(tables.state, community_kept_labels(tables.state, tables.overlaps)) -%}
{% endmacro %}


{% macro community_overlaps(state, producers) %}
with

communities as (select label, min(group_position) as first_position from {{ state }} group by label having count(*) > 1),

shared_producers as (
    select
        communities.label,
        communities.first_position,
        producers.previous_cluster_id,
        count(*) as shared_count,
        false as is_matched

    from {{ state }} as state

    inner join communities on state.label = communities.label
    inner join {{ producers }} as producers on state.group_position = producers.group_position

    where producers.previous_cluster_id is not null

    group by communities.label, communities.first_position, producers.previous_cluster_id
)

select * from shared_producers
{% endmacro %}


{#
    The greedy matching by falling overlap, one pass at a time. A pair that is first for both its community and its previous id is matched.
    The other pairs of the two are out.
#}
{% macro community_matched_overlaps(overlaps) %}
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

matches as (select label, previous_cluster_id from ranked_overlaps where community_rank = 1 and previous_rank = 1),

remaining_overlaps as (
    select
        ranked_overlaps.label,
        ranked_overlaps.first_position,
        ranked_overlaps.previous_cluster_id,
        ranked_overlaps.shared_count,
        community_matches.label is not null as is_matched

    from ranked_overlaps

    left join matches as community_matches on ranked_overlaps.label = community_matches.label
    left join matches as previous_matches on ranked_overlaps.previous_cluster_id = previous_matches.previous_cluster_id

    where
        (community_matches.label is null and previous_matches.label is null)
        or (
            community_matches.previous_cluster_id = ranked_overlaps.previous_cluster_id
            and previous_matches.label = ranked_overlaps.label
        )
)

select * from remaining_overlaps
{% endmacro %}


{% macro community_kept_labels(state, overlaps) %}
with

community_labels as (
    select
        state.label,
        coalesce(min(kept_ids.previous_cluster_id), min(state.private_label)) as new_label

    from {{ state }} as state

    left join {{ overlaps }} as kept_ids on state.label = kept_ids.label

    group by state.label
),

relabelled_state as (
    select state.group_position, state.private_label, community_labels.new_label as label, state.epoch_start_label, state.producer_count

    from {{ state }} as state

    inner join community_labels on state.label = community_labels.label
)

select * from relabelled_state
{% endmacro %}


{% macro numbered_communities(state, producers) %}
with

first_private_labels as (select min(private_label) as first_private_label from {{ state }}),

communities as (
    select
        label,
        count(*) as member_count,
        min(group_position) as first_position

    from {{ state }}

    group by label

    having count(*) > 1
),

kept_communities as (
    select communities.label

    from communities

    cross join first_private_labels

    where communities.label < first_private_labels.first_private_label
),

opened_communities as (
    select
        communities.label,
        row_number() over (order by communities.member_count desc, communities.first_position) as opened_number

    from communities

    cross join first_private_labels

    where communities.label >= first_private_labels.first_private_label
),

{# As many ids as communities are enough for all that are opened, whichever of them are kept. -#}
smallest_ids as (
    select row_number() over (order by label) as cluster_id from communities
),

free_ids as (
    select
        smallest_ids.cluster_id,
        row_number() over (order by smallest_ids.cluster_id) as free_number

    from smallest_ids

    left join kept_communities on smallest_ids.cluster_id = kept_communities.label

    where kept_communities.label is null
),

cluster_ids as (
    select label, label as cluster_id

    from kept_communities

    union all

    select opened_communities.label, free_ids.cluster_id

    from opened_communities

    inner join free_ids on opened_communities.opened_number = free_ids.free_number
),

numbered_producers as (
    select producers.producer_id, cluster_ids.cluster_id

    from {{ state }} as state

    inner join cluster_ids on state.label = cluster_ids.label
    inner join {{ producers }} as producers on state.group_position = producers.group_position
)

select * from numbered_producers
{% endmacro %}
