{# Edges in number, and weighted by the favs on them. #}
{% set measures = ['follow', 'fav', 'weighted_follow', 'weighted_fav'] %}

with

user_user_graph as (select consumer_id, producer_id, is_followed, fav_score from {{ ref('user_user_graph') }}),
interested_in as (select consumer_id, cluster_id, follow_score, fav_score from {{ ref('interested_in') }}),
known_for as (select producer_id, cluster_id, known_for_score from {{ ref('known_for') }}),
producers as (select producer_id, follower_count, faver_count, followed_fav_score_sum, fav_score_sum from {{ ref('producers') }}),
consumers as (select count(distinct consumer_id) as consumer_count from interested_in),

{# The proof of an interest: followed or faved producers of the community. #}
inside_edges as (
    select
        interested_in.cluster_id,
        graph.is_followed,
        graph.fav_score,
        case when graph.is_followed then graph.fav_score else 0.0 end as followed_fav_score,
        interested_in.follow_score * known_for.known_for_score as predicted_follow_score,
        interested_in.fav_score * known_for.known_for_score as predicted_fav_score

    from user_user_graph as graph

    inner join known_for on graph.producer_id = known_for.producer_id

    inner join interested_in
        on graph.consumer_id = interested_in.consumer_id
            and known_for.cluster_id = interested_in.cluster_id
),

inside as (
    select
        cluster_id,
        sum(case when is_followed then 1 else 0 end) as follow,
        sum(case when fav_score > 0 then 1 else 0 end) as fav,
        sum(followed_fav_score) as weighted_follow,
        sum(fav_score) as weighted_fav,
        {{ pearson_correlation('predicted_follow_score', 'followed_fav_score') }} as follow_correlation,
        {{ pearson_correlation('predicted_fav_score', 'fav_score') }} as fav_correlation
    from inside_edges group by cluster_id
),

consumer_edges as (
    select
        consumer_id,
        sum(case when is_followed then 1 else 0 end) as follow,
        sum(case when fav_score > 0 then 1 else 0 end) as fav,
        sum(case when is_followed then fav_score else 0.0 end) as weighted_follow,
        sum(fav_score) as weighted_fav
    from user_user_graph group by consumer_id
),

outgoing as (
    select
        interested_in.cluster_id,
        {% for measure in measures -%}
            sum(consumer_edges.{{ measure }}) as {{ measure }},
        {% endfor -%}
        count(*) as consumer_count

    from interested_in

    inner join consumer_edges on interested_in.consumer_id = consumer_edges.consumer_id

    group by interested_in.cluster_id
),

incoming as (
    select
        known_for.cluster_id,
        count(*) as producer_count,
        sum(producers.follower_count) as follow,
        sum(producers.faver_count) as fav,
        sum(producers.followed_fav_score_sum) as weighted_follow,
        sum(producers.fav_score_sum) as weighted_fav

    from known_for

    inner join producers on known_for.producer_id = producers.producer_id

    group by known_for.cluster_id
),

quality as (
    select
        incoming.cluster_id,
        incoming.producer_count,
        coalesce(outgoing.consumer_count, 0) as consumer_count,
        {% for measure in measures -%}
            coalesce(inside.{{ measure }} / nullif(incoming.{{ measure }}, 0), 0.0) as {{ measure }}_recall_of_incoming,
            coalesce(inside.{{ measure }} / nullif(outgoing.{{ measure }}, 0), 0.0) as {{ measure }}_recall_of_outgoing,
        {% endfor -%}
        coalesce(inside.follow_correlation, 0.0) as follow_correlation,
        coalesce(inside.fav_correlation, 0.0) as fav_correlation,
        coalesce(
            inside.weighted_fav / nullif(cast(outgoing.consumer_count as float64) * incoming.producer_count, 0)
            / nullif(
                sum(incoming.weighted_fav) over ()
                / nullif(cast(consumers.consumer_count as float64) * sum(incoming.producer_count) over (), 0), 0
            ),
            0.0
        ) as relative_precision

    from incoming

    cross join consumers
    left join outgoing on incoming.cluster_id = outgoing.cluster_id
    left join inside on incoming.cluster_id = inside.cluster_id
)

select * from quality
