{# CTEs of what `int_hidden_tweets` hides: from the users of whom a condition on user_id is true, and from everybody. #}
{% macro hidden_tweets(from_users) -%}
hidden_from_users as (select user_id, tweet_id from {{ ref('int_hidden_tweets') }} where {{ from_users }}),
hidden_from_all as (select tweet_id from {{ ref('int_hidden_tweets') }} where user_id is null)
{%- endmacro %}


{#
    For a model that has the CTEs above: joins and the whole `where`. `found` is a CTE with tweet_id and the column `user`. A row that
    fails `is_user` is no user's. From such only what is hidden from everybody goes.
#}
{% macro without_hidden(found, user, is_user=none) -%}
    left join hidden_from_users
        on {{ found }}.{{ user }} = hidden_from_users.user_id
            and {{ found }}.tweet_id = hidden_from_users.tweet_id
            {%- if is_user %}
            and {{ is_user }}
            {%- endif %}

    left join hidden_from_all on {{ found }}.tweet_id = hidden_from_all.tweet_id

    where hidden_from_users.tweet_id is null
        and hidden_from_all.tweet_id is null
{%- endmacro %}
