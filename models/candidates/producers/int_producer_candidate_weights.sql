with

recipes as (
    select candidate_type, embedding_type, producer_norm_power, popularity_power, producers_per_cluster
    from {{ ref('int_producer_candidate_recipes') }}
),
producer_embeddings as (
    select embedding_type, producer_id, cluster_id, producer_score

    from {{ ref('producer_embeddings') }}

    where embedding_type in (select recipes.embedding_type from recipes)
),
fit_trials as (select length_power from {{ ref('fit_trials') }} where is_chosen),
fitted_vectors as (select producer_id, vector_length from {{ ref('int_fitted_vectors') }}),
producers as (select producer_id, follower_count from {{ ref('producers') }}),
inactive_users as (select user_id from {{ ref('stg_users') }} where not is_active),

producer_norms as (
    select
        embedding_type,
        producer_id,
        sqrt(sum(producer_score * producer_score)) as producer_norm

    from producer_embeddings

    group by embedding_type, producer_id
),

{# Fitted vectors have unit length. How long they were says how sure they are of a producer. #}
fitted_factors as (
    select
        'fitted_producer' as embedding_type,
        fitted_vectors.producer_id,
        pow(max(fitted_vectors.vector_length), max(fit_trials.length_power)) as fitted_factor

    from fitted_vectors

    cross join fit_trials

    group by fitted_vectors.producer_id
),

weights as (
    select
        recipes.candidate_type,
        producer_embeddings.cluster_id,
        producer_embeddings.producer_id,
        recipes.producers_per_cluster,
        producer_embeddings.producer_score
        / nullif(pow(producer_norms.producer_norm, recipes.producer_norm_power), 0)
        * pow(greatest(producers.follower_count, 1), recipes.popularity_power)
        * coalesce(fitted_factors.fitted_factor, 1.0) as producer_weight

    from recipes

    inner join producer_embeddings on recipes.embedding_type = producer_embeddings.embedding_type

    inner join producer_norms
        on producer_embeddings.embedding_type = producer_norms.embedding_type
            and producer_embeddings.producer_id = producer_norms.producer_id

    inner join producers on producer_embeddings.producer_id = producers.producer_id
    left join fitted_factors
        on producer_embeddings.embedding_type = fitted_factors.embedding_type
            and producer_embeddings.producer_id = fitted_factors.producer_id

    left join inactive_users on producer_embeddings.producer_id = inactive_users.user_id

    where inactive_users.user_id is null
),

kept_weights as (
    select
        candidate_type,
        cluster_id,
        producer_id,
        {{ rank_per(['candidate_type', 'cluster_id'], 'producer_weight', 'producer_id') }} as producer_rank,
        producer_weight

    from weights

    qualify producer_rank <= producers_per_cluster
)

select * from kept_weights
