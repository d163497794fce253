{{ config(materialized = 'view') }}
{# A view, because the scores follow from two numbers. #}

with

products as (
    select candidate_type, consumer_id, tweet_id, candidate_rank, dot_product, squared_norm from {{ ref('int_tweet_candidates') }}
),

{#
    All tweets of a consumer share its norm, so it is left out. The logarithm takes the squared norm, as in the original. A joined recipe
    has no norms: there every kind of list is scaled already.
#}
cosines as (
    select
        candidate_type,
        consumer_id,
        tweet_id,
        candidate_rank,
        dot_product / nullif({{ log_one_plus('squared_norm') }}, 0) as log_cosine_score,
        dot_product / nullif(sqrt(squared_norm), 0) as cosine_score,
        dot_product

    from products
),

candidates as (
    select
        candidate_type,
        consumer_id,
        tweet_id,
        candidate_rank,
        coalesce(log_cosine_score, dot_product) as candidate_score,
        log_cosine_score,
        cosine_score,
        dot_product

    from cosines
)

select * from candidates
