with

interested_in as (select cluster_id, follow_score, fav_score, log_fav_score from {{ ref('interested_in') }}),

cluster_norms as (
    select
        cluster_id,
        sqrt(sum(follow_score * follow_score)) as follow_norm,
        sqrt(sum(fav_score * fav_score)) as fav_norm,
        sqrt(sum(log_fav_score * log_fav_score)) as log_fav_norm

    from interested_in

    group by cluster_id
)

select * from cluster_norms
