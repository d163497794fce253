{#
    Inside each group the ranks are 1, 2, 3 and so on, up to `maximum`, or to what table_limits says of `limited_table` and `limited_item`. A
    better rank never has a lower score.
#}
{% test ranks_are_dense(model, column_name, columns, score, maximum=none, limited_table=none, limited_item=none) %}

with

neighbors_in_rank as (
    select
        {{ columns | join(', ') }},
        {{ column_name }} as this_rank,
        {{ score }} as this_score,
        row_number() over (partition by {{ columns | join(', ') }} order by {{ column_name }}) as expected_rank,
        lag({{ score }}) over (partition by {{ columns | join(', ') }} order by {{ column_name }}) as better_score

    from {{ model }}
)

select *

from neighbors_in_rank

where this_rank <> expected_rank
    or better_score < this_score - 1e-9
    {%- if maximum or limited_table %}
    or this_rank > {{ maximum or most_items(limited_table, limited_item) }}
    {%- endif %}

{% endtest %}
