{# A table, because it reports on the run that made the other tables. #}
{{ config(materialized = 'table') }}

{% set text_kinds = text_id_kinds() %}

with

{# Rows that are left out, and rows that only repeat another one. #}
left_out as (
    {% for table_name in input_tables() %}
        select
            '{{ table_name }}' as table_name,
            coalesce(base_rows.rejection_reason, 'repeats another row') as reason,
            case when base_rows.rejection_reason is null then base_rows.row_count - 1 else base_rows.row_count end as row_count,
            {{ row_text(table_name, 'base_rows', text_kinds) }} as row_text

        from {{ ref('base_' ~ table_name) }} as base_rows
        {{ joined_id_keys(table_name, 'base_rows', text_kinds) }}
        where base_rows.rejection_reason is not null
            or base_rows.row_count > 1

        union all

    {% endfor %}
    select
        'topics' as table_name,
        'topic_id has no name' as reason,
        1 as row_count,
        concat('topic_id=', cast(topic_id as string)) as row_text

    from {{ ref('stg_topics') }}

    where not is_named
),

counted_reasons as (
    select
        table_name,
        reason,
        cast(sum(row_count) as int64) as row_count,
        min(row_text) as example_row

    from left_out

    group by table_name, reason
)

select * from counted_reasons
