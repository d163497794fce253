{#
    It exists because DuckDB lets one process in at a time: a run that another one finds at work is gone. On BigQuery two runs may work at
    once, so there a run counts as killed when it has not ended within a day. One that ends later still says so.
#}
{% macro is_abandoned() %}
    {{ return(adapter.dispatch('is_abandoned', 'simclusters')()) }}
{% endmacro %}

{% macro default__is_abandoned() %}
    {{ return('started_at < ' ~ timestamp_literal(run_started_at - modules.datetime.timedelta(days=1))) }}
{% endmacro %}

{% macro duckdb__is_abandoned() %}
    {{ return("run_id <> '" ~ invocation_id ~ "'") }}
{% endmacro %}
