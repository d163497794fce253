{#
    Creates `relation` and fills it from `model_sql` by one statement per range of its key, with a line of progress in the log after each.
    The first statement is the adapter's own CREATE TABLE AS, so that a contract is checked and its columns are declared as for any table.
#}
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
