{# Inside each group the ranks are 1, 2, 3 and so on, and a better rank never has a lower score. #}
{% test ranks_are_dense(model, column_name, columns, score) %}

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

{% endtest %}
