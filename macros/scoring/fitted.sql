{#
    Vectors over fine communities, as simclusters/fitted finds them. The model has CTEs
        follows     consumer_id, producer_id
        members     producer_id, cluster_id
        powers      variant, cluster_power
#}
{% macro fitted_starts(clusters=50) -%}
follower_counts as (select producer_id, count(*) as follower_count from follows group by producer_id),

member_counts as (
    select follows.consumer_id, members.cluster_id, cast(count(*) as float64) as member_count
    from follows inner join members on follows.producer_id = members.producer_id
    group by follows.consumer_id, members.cluster_id
),

member_norms as (select cluster_id, sqrt(sum(member_count * member_count)) as member_norm from member_counts group by cluster_id),

{# The cosine of a producer's followers and a community's, but for the root of the followers. #}
start_sums as (
    select follows.producer_id, member_counts.cluster_id, sum(member_counts.member_count) / min(member_norms.member_norm) as start_sum

    from follows

    inner join member_counts on follows.consumer_id = member_counts.consumer_id
    inner join member_norms on member_counts.cluster_id = member_norms.cluster_id

    group by follows.producer_id, member_counts.cluster_id
),

kept_starts as (
    select producer_id, cluster_id, start_sum from start_sums qualify {{ top_k_per('producer_id', 'start_sum', 'cluster_id', clusters) }}
),

starts as (
    select
        powers.variant,
        kept_starts.producer_id,
        kept_starts.cluster_id,
        kept_starts.start_sum / sqrt(follower_counts.follower_count) as producer_score

    from kept_starts

    cross join powers
    inner join follower_counts on kept_starts.producer_id = follower_counts.producer_id
)
{%- endmacro %}


{#
    Consumers' vectors `name` (variant, consumer_id, cluster_id, interest_score): those of the followed producers, added up. Popular producers
    and common communities count less. `vectors` has variant, producer_id, cluster_id and producer_score.
#}
{% macro fitted_interests(name, vectors, clusters=50, followed_power=0.3) -%}
{{ name }}_sums as (
    select
        vectors.variant,
        follows.consumer_id,
        vectors.cluster_id,
        sum(pow(follower_counts.follower_count, -{{ followed_power }}) * vectors.producer_score) as interest_sum

    from follows

    inner join follower_counts on follows.producer_id = follower_counts.producer_id
    inner join {{ vectors }} as vectors on follows.producer_id = vectors.producer_id

    group by vectors.variant, follows.consumer_id, vectors.cluster_id
),

{{ name }}_norms as (
    select variant, cluster_id, sqrt(sum(interest_sum * interest_sum)) as interest_norm from {{ name }}_sums group by variant, cluster_id
),

{{ name }}_scaled as (
    select
        sums.variant,
        sums.consumer_id,
        sums.cluster_id,
        sums.interest_sum * pow(norms.interest_norm, -powers.cluster_power) as interest

    from {{ name }}_sums as sums

    inner join {{ name }}_norms as norms
        on sums.variant = norms.variant
            and sums.cluster_id = norms.cluster_id

    inner join powers on sums.variant = powers.variant
),

{{ name }}_kept as (
    select variant, consumer_id, cluster_id, interest

    from {{ name }}_scaled

    where {{ rounded_score('interest') }} > 0

    qualify {{ top_k_per(['variant', 'consumer_id'], 'interest', 'cluster_id', clusters) }}
),

{{ name }} as (
    select
        variant,
        consumer_id,
        cluster_id,
        interest / sqrt(sum(interest * interest) over (partition by variant, consumer_id)) as interest_score

    from {{ name }}_kept
)
{%- endmacro %}


{#
    Producers' vectors `name` (variant, producer_id, cluster_id, producer_score, vector_length). A ridge regression of who follows the producer
    on its largest communities; what is below 0 is left out. `recipes` has variant, new_variant and regression_penalty.
#}
{% macro fitted_vectors(name, interests, recipes, clusters=50, steps=4) -%}
{{ name }}_sums as (
    select interests.variant, follows.producer_id, interests.cluster_id, sum(interests.interest_score) as target

    from follows

    inner join {{ interests }} as interests on follows.consumer_id = interests.consumer_id

    group by interests.variant, follows.producer_id, interests.cluster_id
),

{{ name }}_targets as (
    select variant, producer_id, cluster_id, target

    from {{ name }}_sums

    where {{ rounded_score('target') }} > 0

    qualify {{ top_k_per(['variant', 'producer_id'], 'target', 'cluster_id', clusters) }}
),

{{ name }}_products as (
    select
        interests.variant,
        interests.cluster_id,
        other_interests.cluster_id as other_cluster_id,
        sum(interests.interest_score * other_interests.interest_score) as product

    from {{ interests }} as interests

    inner join {{ interests }} as other_interests
        on interests.variant = other_interests.variant
            and interests.consumer_id = other_interests.consumer_id

    group by interests.variant, interests.cluster_id, other_interests.cluster_id
),

{# In the words of conjugate_gradient_steps: a fold is a variant, and what is known of a producer is a community. #}
{{ name }}_equations as (
    select
        targets.variant as fold_number,
        targets.producer_id as producer_position,
        targets.cluster_id as known_position,
        products.other_cluster_id as other_position,
        products.product as follower_weight

    from {{ name }}_targets as targets

    inner join {{ name }}_targets as other_targets
        on targets.variant = other_targets.variant
            and targets.producer_id = other_targets.producer_id

    inner join {{ name }}_products as products
        on targets.variant = products.variant
            and targets.cluster_id = products.cluster_id
            and other_targets.cluster_id = products.other_cluster_id
),

{{ name }}_scaled as (
    select
        recipes.new_variant as preference,
        targets.variant as fold_number,
        targets.producer_id as producer_position,
        targets.cluster_id as known_position,
        recipes.regression_penalty as penalty,
        targets.target as residual,
        1 / (products.product + recipes.regression_penalty) as scale

    from {{ name }}_targets as targets

    inner join {{ recipes }} as recipes on targets.variant = recipes.variant

    inner join {{ name }}_products as products
        on targets.variant = products.variant
            and targets.cluster_id = products.cluster_id
            and targets.cluster_id = products.other_cluster_id
),

{{ name }}_step_0 as (
    select
        fold_number,
        producer_position,
        preference,
        known_position,
        penalty,
        scale,
        0.0 as coefficient,
        residual,
        residual * scale as direction,
        sum(residual * residual * scale) over (partition by preference, fold_number, producer_position) as size

    from {{ name }}_scaled
),

{{ conjugate_gradient_steps(steps, name ~ '_equations', name ~ '_') }},

{{ name }}_weights as (
    select
        preference as variant,
        producer_position as producer_id,
        known_position as cluster_id,
        coefficient,
        sqrt(sum(coefficient * coefficient) over (partition by preference, producer_position)) as vector_length

    from {{ name }}_step_{{ steps }}

    where {{ rounded_score('coefficient') }} > 0
),

{{ name }} as (
    select variant, producer_id, cluster_id, coefficient / vector_length as producer_score, vector_length from {{ name }}_weights
)
{%- endmacro %}
