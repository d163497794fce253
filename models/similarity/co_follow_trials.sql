{% set nearly, least_gain = 0.995, 1.05 %}
{% set earlier = earlier_trials() %}

with

recipes as (
    select
        known_power,
        activity_power,
        popularity_power,
        added_means,
        deducted_followers,
        crowding_power,
        regression_penalty,
        preference

    from {{ ref('int_co_follow_recipes') }}
),
trial_recalls as (
    select preference, consumer_count, recall, recall_of_first, recall_with_followers
    from {{ ref('int_co_follow_trial_recalls') }}
),

{{ trial_reason_steps(earlier) }},

best_recalls as (select max(recall + recall_of_first) as best_recall from trial_recalls),

{# Nearly the best is as good as the best on some thousand consumers. So the preferred of these wins. #}
chosen_recipes as (
    select trial_recalls.preference

    from trial_recalls

    cross join best_recalls

    order by
        case
            when {{ rounded_score('coalesce(trial_recalls.recall + trial_recalls.recall_of_first, 0.0)') }}
                >= {{ rounded_score('coalesce(' ~ nearly ~ ' * best_recalls.best_recall, 0.0)') }}
                then 0
            else 1
        end,
        trial_recalls.preference

    limit 1
),

new_trials as (
    select
        recipes.known_power,
        recipes.activity_power,
        recipes.popularity_power,
        recipes.added_means,
        recipes.deducted_followers,
        recipes.crowding_power,
        recipes.regression_penalty,
        recipes.preference,
        trial_recalls.consumer_count,
        trial_recalls.recall,
        trial_recalls.recall_of_first,
        trial_recalls.recall_with_followers,
        trial_reasons.follow_count,
        trial_reasons.trial_reason,
        chosen_recipes.preference is not null as is_chosen,
        chosen_recipes.preference is not null
        and coalesce(trial_recalls.recall_with_followers > {{ least_gain }} * trial_recalls.recall, false) as uses_followers

    from recipes

    inner join trial_recalls on recipes.preference = trial_recalls.preference
    cross join trial_reasons
    left join chosen_recipes on recipes.preference = chosen_recipes.preference

    where trial_reasons.trial_reason is not null
),

{% set columns %}
known_power, activity_power, popularity_power, added_means, deducted_followers, crowding_power, regression_penalty, preference,
        consumer_count, recall, recall_of_first, recall_with_followers, follow_count, trial_reason, is_chosen, uses_followers
{%- endset %}

co_follow_trials as (
    select {{ columns }} from new_trials
    {%- if earlier %}
    union all
    select {{ columns }} from {{ earlier }} as earlier
    where exists (select 1 from trial_reasons where trial_reasons.trial_reason is null)
    {%- endif %}
)

select * from co_follow_trials
