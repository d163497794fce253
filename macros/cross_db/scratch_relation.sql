{#
    It exists because BigQuery has temporary tables only inside sessions. There, and by default, it is an ordinary table beside the model.
    DuckDB's temporary tables have no schema of ours and vanish with the connection, even after a kill.
#}
{% macro scratch_relation(model_relation, purpose) %}
    {{ return(adapter.dispatch('scratch_relation', 'simclusters')(model_relation, purpose)) }}
{% endmacro %}

{% macro default__scratch_relation(model_relation, purpose) %}
    {{ return(
        model_relation.incorporate(
            path={'identifier': model_relation.identifier ~ '_scratch_' ~ purpose}, type='table'
        )
    ) }}
{% endmacro %}

{% macro duckdb__scratch_relation(model_relation, purpose) %}
    {{ return(
        model_relation.incorporate(
            path={
                'database': none,
                'schema': none,
                'identifier': model_relation.identifier ~ '_scratch_' ~ purpose
            },
            type='table'
        )
    ) }}
{% endmacro %}
