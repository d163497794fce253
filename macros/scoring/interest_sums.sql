{#
    The columns of U = A V for one consumer and community. They add up the consumer's edges in `graph` (rows of user_user_graph), each times
    the membership of the producer. `proof_count` counts the producers behind the score; a membership of 0 counts too.
#}
{% macro interest_sums(graph, membership_score) -%}
        cast(sum(case when {{ graph }}.is_followed then {{ membership_score }} else 0.0 end) as float64) as follow_score,
        {% for score in ['follow_score_producer_normalized', 'fav_score', 'fav_score_producer_normalized', 'log_fav_score'] -%}
        cast(sum({{ graph }}.{{ score }} * {{ membership_score }}) as float64) as {{ score }},
        {% endfor -%}
        count(case when {{ graph }}.is_followed then 1 end) as followed_producer_count,
        count(case when {{ graph }}.fav_score > 0 then 1 end) as faved_producer_count,
        count(case when {{ graph }}.is_followed or {{ graph }}.fav_score > 0 then 1 end) as proof_count
{%- endmacro %}
