{# The first statement is the adapter's own CREATE TABLE AS, so it checks a contract and declares columns as for any table. #}
{% macro create_table_in_buckets(relation, model_sql, key_ranges) %}
    {%- set clock = modules.datetime.datetime -%}
    {%- set started_at = clock.now() -%}
    {%- set total = namespace(estimated=0, grouped=0, stored=0, columns='') -%}
    {%- for key_range in key_ranges -%}
        {%- set total.estimated = total.estimated + key_range.rows -%}
    {%- endfor -%}

    {%- for key_range in key_ranges -%}
        {%- set bucket_started_at = clock.now() -%}
        {%- set select_sql = bucket_sql(model_sql, key_range) -%}

        {%- if loop.first -%}
            {%- call statement('main', fetch_result=True) -%}
                {{ get_create_table_as_sql(False, relation, select_sql) }}
            {%- endcall -%}
            {%- set result = load_result('main') -%}
            {%- set total.columns = adapter.get_columns_in_relation(relation) | map(attribute='quoted') | join(', ') -%}
        {%- else -%}
            {%- call statement('bucket', fetch_result=True) -%}
                insert into {{ relation }} ({{ total.columns }})
                select {{ total.columns }}
                from (
                    {{ select_sql }}
                ) as bucket_rows
            {%- endcall -%}
            {%- set result = load_result('bucket') -%}
        {%- endif -%}

        {%- set stored = result.data[0][0] | int -%}
        {%- set total.stored = total.stored + stored -%}
        {%- set total.grouped = total.grouped + key_range.rows -%}
        {%- set seconds = (clock.now() - started_at).total_seconds() -%}
        {{ log(
            model.name ~ ': bucket ' ~ loop.index ~ ' of ' ~ key_ranges | length ~ ': ' ~ stored ~ ' rows of about ' ~ key_range.rows
            ~ ' in ' ~ '%.1f' % (clock.now() - bucket_started_at).total_seconds() ~ ' s, '
            ~ '%.0f' % (seconds * (total.estimated - total.grouped) / [total.grouped, 1] | max) ~ ' s left',
            info=loop.length > 1
        ) }}
    {%- endfor -%}

    {{ log(
        model.name ~ ': ' ~ total.stored ~ ' rows in ' ~ key_ranges | length ~ ' buckets, '
        ~ '%.1f' % (clock.now() - started_at).total_seconds() ~ ' s'
    ) }}
{% endmacro %}


{#
    None is no limit, so the ranges cover every key, also those that the estimate leaves out. Every statement reads the tables that it joins
    whole, so about 256 ranges are the most: more of them would cost more than grouping. Beyond, buckets grow, but never past
    `rows_in_memory`, because spilling costs more than reading.
#}
{% macro bucket_ranges(model_sql, rows_per_bucket, rows_in_memory) %}
    {%- set sizes_sql = modules.re.search('/[*] bucket sizes:(.*?)end of bucket sizes [*]/', model_sql, modules.re.DOTALL) -%}
    {%- if sizes_sql is none -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': a bucketed_table needs buckets_by_rows or buckets_by_join above its select') }}
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


{% macro bucket_sql(model_sql, key_range) %}
    {%- if key_range.after is none and key_range.to is none -%}
        {%- set predicate = 'true' -%}
    {%- elif key_range.after is none -%}
        {%- set predicate = '(\\1 <= ' ~ key_range.to ~ ' or \\1 is null)' -%}
    {%- elif key_range.to is none -%}
        {%- set predicate = '\\1 > ' ~ key_range.after -%}
    {%- else -%}
        {%- set predicate = '\\1 > ' ~ key_range.after ~ ' and \\1 <= ' ~ key_range.to -%}
    {%- endif -%}

    {%- set select_sql = modules.re.sub(
        '/[*] bucket sizes:.*?end of bucket sizes [*]/', '', model_sql, flags=modules.re.DOTALL
    ) -%}
    {{ return(modules.re.sub('/[*] bucket of (.*?) [*]/ true', predicate, select_sql)) }}
{% endmacro %}


{#
    Models that dbt builds at the same time share the memory. A group of two ids and a count takes about 50 bytes in DuckDB 2.0 (the run in
    one bucket of benchmarks/similarity). Five times that leaves room for wider rows, the joined tables and the result.
#}
{% macro rows_in_memory(bytes_per_row) %}
    {%- set memory_limit = run_query("select parse_formatted_bytes(current_setting('memory_limit')) as memory_limit").rows[0][0] -%}
    {{ return([1, (memory_limit | int) // (bytes_per_row | int * target.threads)] | max) }}
{% endmacro %}
