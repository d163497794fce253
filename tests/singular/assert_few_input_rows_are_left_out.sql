{{ config(severity = 'warn', group = 'staging') }}

with

thresholds as (select left_out_share from {{ ref('warning_thresholds') }}),

input_rows as (
    {% for table_name in input_tables() %}
        select
            '{{ table_name }}' as table_name,
            sum(row_count) as row_count,
            sum(case when rejection_reason is not null then row_count else 0 end) as left_out_count

        from {{ ref('base_' ~ table_name) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

many_left_out as (
    select table_name, row_count, left_out_count

    from input_rows

    where left_out_count > row_count * (select thresholds.left_out_share from thresholds)
)

select * from many_left_out
