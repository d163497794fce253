{# The model's rows with their weight in integer units. A null weight stays null: `greatest` treats it differently on each side. #}
{% macro community_given_edges_sql(model_sql) %}
with

model_rows as (

    {{ model_sql }}

),

edges_in_units as (

    select
        cast(producer_id as int64) as producer_id,
        cast(neighbor_producer_id as int64) as neighbor_producer_id,
        case
            when edge_weight is not null
                then greatest(1, cast(floor(edge_weight * 1e6 + 5e-1) as int64))
        end as weight_units

    from model_rows

)

select * from edges_in_units
{% endmacro %}
