{#
    One row per producer in a community, with the final cluster id, as "After the sweeps" of docs/community_detection.md says.

    The id of the n-th opened community is the n-th id that no kept community holds: n, plus the kept ids below it. A kept id
    has `cluster id - rank` free ids below it, so both kinds can be counted along one axis, in one pass.
#}
{% macro numbered_communities_sql(state, producers) %}
with

communities as (

    select
        label,
        count(*) as member_count,
        min(group_position) as first_position

    from {{ state }}

    group by label

    having count(*) > 1

),

first_private_labels as (

    select min(private_label) as first_private_label from {{ state }}

),

kept_communities as (

    select
        communities.label,
        1 as is_kept,
        communities.label - row_number() over (order by communities.label) as free_id_count

    from communities

    cross join first_private_labels

    where communities.label < first_private_labels.first_private_label

),

opened_communities as (

    select
        communities.label,
        0 as is_kept,
        row_number() over (order by communities.member_count desc, communities.first_position) as free_id_count

    from communities

    cross join first_private_labels

    where communities.label >= first_private_labels.first_private_label

),

all_communities as (

    select label, is_kept, free_id_count from kept_communities

    union all

    select label, is_kept, free_id_count from opened_communities

),

counted_communities as (

    select
        label,
        is_kept,
        free_id_count,
        sum(is_kept) over (
            order by free_id_count, is_kept, label
            rows between unbounded preceding and current row
        ) as kept_below

    from all_communities

),

cluster_ids as (

    select
        label,
        case when is_kept = 1 then label else cast(free_id_count + kept_below as int64) end as cluster_id

    from counted_communities

),

assigned_producers as (

    select
        producers.producer_id,
        cluster_ids.cluster_id

    from {{ state }} as state

    inner join cluster_ids
        on state.label = cluster_ids.label

    inner join {{ producers }} as producers
        on state.group_position = producers.group_position

)

select * from assigned_producers
{% endmacro %}
