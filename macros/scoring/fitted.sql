{#
    Consumers' vectors `name` (variant, consumer_id, cluster_id, interest_score): producers that they follow in each community, where common communities
    count less, in unit length. The model has CTEs
        follows     consumer_id, producer_id
        members     producer_id, cluster_id
    Vectors of producers would tell more than memberships, and find as much where communities are dealt out at random (benchmarks/recommendation).
#}
{% macro fitted_interests(name, clusters=50, cluster_power=0.5) -%}
{{ name }}_counts as (
    select follows.consumer_id, members.cluster_id, cast(count(*) as float64) as member_count
    from follows inner join members on follows.producer_id = members.producer_id
    group by follows.consumer_id, members.cluster_id
),

{{ name }}_norms as (select cluster_id, sqrt(sum(member_count * member_count)) as member_norm from {{ name }}_counts group by cluster_id),

{{ name }}_scaled as (
    select counts.consumer_id, counts.cluster_id, counts.member_count * pow(norms.member_norm, -{{ cluster_power }}) as interest

    from {{ name }}_counts as counts

    inner join {{ name }}_norms as norms on counts.cluster_id = norms.cluster_id
),

{{ name }}_kept as (
    select consumer_id, cluster_id, interest

    from {{ name }}_scaled

    qualify {{ top_k_per('consumer_id', 'interest', 'cluster_id', clusters) }}
),

{{ name }} as (
    select
        1 as variant,
        consumer_id,
        cluster_id,
        interest / sqrt(sum(interest * interest) over (partition by consumer_id)) as interest_score

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
