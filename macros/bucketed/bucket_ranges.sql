{#
    Ranges of a model's key that hold about `rows_per_bucket` rows each, as its bucket_sizes block estimates them.
    Returns a list of {'after': key or none, 'to': key or none, 'rows': int}, in the order of the key; none is no limit, so the ranges
    cover every key, also those that the estimate leaves out. One range without limits when there is nothing to cut.

    At most about 256 ranges: every statement reads the tables that it joins to whole, so with more of them reading would cost more
    than grouping. Beyond, buckets grow, but never past `rows_in_memory`, because spilling costs more than reading.
#}
{% macro bucket_ranges(model_sql, rows_per_bucket, rows_in_memory) %}
    {%- set sizes_sql = modules.re.search('/[*] bucket sizes:(.*?)end of bucket sizes [*]/', model_sql, modules.re.DOTALL) -%}
    {%- if sizes_sql is none -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': a bucketed_table needs a bucket_sizes block above its select') }}
    {%- endif -%}
    {%- if '/* bucket of ' not in model_sql -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': a bucketed_table needs a bucket_filter in its select') }}
    {%- endif -%}

    {%- set ranges_sql -%}
with

key_sizes as (

    {{ sizes_sql.group(1) }}

),

bucket_totals as (

    select
        least(
            greatest({{ rows_per_bucket }}, coalesce(sum(row_count), 0) / 256.0),
            {{ rows_in_memory }}
        ) as rows_per_bucket

    from key_sizes

),

numbered_keys as (

    select
        key_sizes.bucket_key,
        key_sizes.row_count,
        floor(
            (sum(key_sizes.row_count) over (order by key_sizes.bucket_key rows unbounded preceding) - key_sizes.row_count)
            / bucket_totals.rows_per_bucket
        ) as bucket_number

    from key_sizes

    cross join bucket_totals

    where key_sizes.bucket_key is not null

)

select
    max(bucket_key) as last_key,
    cast(sum(row_count) as int64) as row_count

from numbered_keys

group by bucket_number

order by last_key
    {%- endset -%}

    {%- set ranges = [] -%}
    {%- for row in run_query(ranges_sql).rows -%}
        {%- do ranges.append({
            'after': ranges[-1].to if ranges else none,
            'to': none if loop.last else row['last_key'] | int,
            'rows': row['row_count'] | int,
        }) -%}
    {%- endfor -%}
    {{ return(ranges or [{'after': none, 'to': none, 'rows': 0}]) }}
{% endmacro %}
