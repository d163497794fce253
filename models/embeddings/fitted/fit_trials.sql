{# `first_places` as in int_co_follow_trial_recalls. Of the sum of both recalls so much is as good as the best. #}
{% set first_places, nearly = 10, 0.995 %}
{% set earlier = earlier_trials('fit_trials', 'length_power') %}

with

recipes as (select regression_penalty, length_power, preference from {{ ref('int_fit_recipes') }}),
fit_follows as (select consumer_id, is_held_out from {{ ref('int_fit_follows') }} where is_drawn),
trial_hits as (select preference, consumer_id, producer_rank from {{ ref('int_fit_trial_hits') }}),
neighbor_trials as (select recall + recall_of_first as neighbor_recall from {{ ref('co_follow_trials') }} where is_chosen),

consumers as (
    select consumer_id, count(case when is_held_out then 1 end) as held_out_count from fit_follows group by consumer_id
),

hit_counts as (
    select
        preference,
        consumer_id,
        count(*) as hit_count,
        count(case when producer_rank <= {{ first_places }} then 1 end) as first_hit_count

    from trial_hits

    group by preference, consumer_id
),

{# A consumer without a hit counts with 0. #}
recalls as (
    select
        recipes.regression_penalty,
        recipes.length_power,
        recipes.preference,
        count(consumers.consumer_id) as consumer_count,
        cast(avg(coalesce(hit_counts.hit_count, 0) / consumers.held_out_count) as float64) as recall,
        cast(avg(coalesce(hit_counts.first_hit_count, 0) / consumers.held_out_count) as float64) as recall_of_first

    from recipes

    left join consumers on true

    left join hit_counts
        on recipes.preference = hit_counts.preference
            and consumers.consumer_id = hit_counts.consumer_id

    group by recipes.regression_penalty, recipes.length_power, recipes.preference
),

best_recalls as (select max(recall + recall_of_first) as best_recall from recalls),

chosen_recipes as (
    select recalls.preference, recalls.recall + recalls.recall_of_first as fitted_recall

    from recalls

    cross join best_recalls

    order by
        case
            when {{ rounded_score('coalesce(recalls.recall + recalls.recall_of_first, 0.0)') }}
                >= {{ rounded_score('coalesce(' ~ nearly ~ ' * best_recalls.best_recall, 0.0)') }}
                then 0
            else 1
        end,
        recalls.preference

    limit 1
),

{#
    The larger, the more communities find beside neighbours. On sets of data that differ much, so large a share costs at most 1 % of what is
    found (benchmarks/recommendation).
#}
shares as (
    select
        chosen_recipes.preference,
        case
            when coalesce(chosen_recipes.fitted_recall, 0.0) >= 0.95 * neighbor_trials.neighbor_recall then 0.5
            when coalesce(chosen_recipes.fitted_recall, 0.0) >= 0.85 * neighbor_trials.neighbor_recall then 0.35
            when coalesce(chosen_recipes.fitted_recall, 0.0) >= 0.7 * neighbor_trials.neighbor_recall then 0.2
            else 0.1
        end as community_share

    from chosen_recipes

    cross join neighbor_trials
),

new_trials as (
    select
        recalls.regression_penalty,
        recalls.length_power,
        recalls.preference,
        recalls.consumer_count,
        recalls.recall,
        recalls.recall_of_first,
        shares.preference is not null as is_chosen,
        cast(shares.community_share as float64) as community_share

    from recalls

    left join shares on recalls.preference = shares.preference
),

{% set columns %}
regression_penalty, length_power, preference, consumer_count, recall, recall_of_first, is_chosen, community_share
{%- endset %}

{# Who was drawn decides: nobody is where the last trial stays. #}
trials as (
    select {{ columns }} from new_trials
    {%- if earlier %}
    where exists (select 1 from fit_follows)
    union all
    select {{ columns }} from {{ earlier }} as earlier
    where not exists (select 1 from fit_follows)
    {%- endif %}
)

select * from trials
