{#
    bucketed_table: a table whose select joins or groups far more rows than it keeps. It is built as several statements, each for a range
    of one key. So each statement's hash tables fit the cache and the memory, and what it drops (a threshold, a top-k) is never stored.
    The rows are those of the select, whatever the number of buckets.

    In the model:
        buckets_by_rows or buckets_by_join   above the select: what the rows of a key cost. It says where to cut.
        bucket_filter                        in the select, wherever rows of the key are read: `where {{ bucket_filter('follows.producer_id') }}`.
    The select must be a sum of its buckets: each result row must need rows of one key only. So group by, window partitions and limits
    must include the key.

    Parameters, in the model's `meta`:
        rows_per_bucket   rows, as estimated, that one statement works on; the var when not given. Fewer when the memory holds fewer
                          (rows_in_memory), more when that would make very many statements (bucket_ranges).
        bytes_per_row     what such a row takes in memory, joined and grouped; 256 when not given. Text in keys takes more.

    Example:
        {{ config(materialized = 'bucketed_table') }}

        {{ buckets_by_join(ref('follows'), 'producer_id', ref('follows'), on=['consumer_id']) }}

        select producer_id, neighbor_producer_id, count(*) as common_follower_count
        from {{ ref('follows') }} ... where {{ bucket_filter('left_follow.producer_id') }} ...

    The log shows each bucket: rows stored, rows estimated, seconds, seconds left. All statements run in one transaction beside the old
    table, which is swapped at the end. So a failed or killed run leaves the old table as it was.

    Only DuckDB cuts, because one machine has one memory. A distributed engine, such as BigQuery, cuts by itself, so elsewhere this is
    the adapter's `table`.
#}
{% materialization bucketed_table, default %}
    {{ return(materialization_table_default()) }}
{% endmaterialization %}

{% materialization bucketed_table, adapter='bigquery' %}
    {{ return(materialization_table_bigquery()) }}
{% endmaterialization %}

{% materialization bucketed_table, adapter='duckdb' %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set rows_per_bucket = config.meta_get('rows_per_bucket', var('rows_per_bucket', none)) -%}
    {%- if rows_per_bucket is not integer or rows_per_bucket < 1 -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': meta.rows_per_bucket is a whole number from 1, not ' ~ rows_per_bucket) }}
    {%- endif -%}

    {%- set new_relation = relation_beside(target_relation, existing_relation) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {{ create_table_in_buckets(new_relation, sql, bucket_ranges(sql, rows_per_bucket, rows_in_memory(config.meta_get('bytes_per_row', 256)))) }}

    {%- set backup_relation = put_in_place(new_relation, target_relation, existing_relation) -%}

    {{ return(finish_table(target_relation, existing_relation, backup_relation, post_hooks)) }}

{% endmaterialization %}
