{% set scores = ['follow', 'fav', 'log_fav'] %}

with

interested_in as (select cluster_id, {% for score in scores %}{{ score }}_score{{ ', ' if not loop.last }}{% endfor %} from {{ ref('interested_in') }}),

cluster_norms as (
    select
        cluster_id,
        {% for score in scores %}
        sqrt(sum({{ score }}_score * {{ score }}_score)) as {{ score }}_norm{{ ',' if not loop.last }}
        {% endfor %}

    from interested_in

    group by cluster_id
)

select * from cluster_norms
