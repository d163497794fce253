{# `first_places` is half a list: who finds a follow early finds it for certain, so the choice depends less on the consumers drawn. #}
{% set nearly, first_places = 0.995, 10 %}

with

recipes as (
    select known_power, activity_power, popularity_power, added_means, preference
    from {{ ref('co_follow_recipes') }}
),
trial_follows as (select consumer_id, is_held_out from {{ ref('int_trial_follows') }}),
hits as (select preference, consumer_id, producer_rank from {{ ref('int_co_follow_trial_hits') }}),

held_out_counts as (
    select
        consumer_id,
        count(case when is_held_out then 1 end) as held_out_count

    from trial_follows

    group by consumer_id
),

consumer_counts as (select count(*) as consumer_count from held_out_counts),

consumer_recalls as (
    select
        hits.preference,
        hits.consumer_id,
        count(*) / max(held_out_counts.held_out_count) as recall,
        count(case when hits.producer_rank <= {{ first_places }} then 1 end) / max(held_out_counts.held_out_count) as recall_of_first

    from hits

    inner join held_out_counts on hits.consumer_id = held_out_counts.consumer_id

    group by hits.preference, hits.consumer_id
),

{# A consumer without a hit counts with 0. #}
recalls as (
    select
        recipes.known_power,
        recipes.activity_power,
        recipes.popularity_power,
        recipes.added_means,
        recipes.preference,
        consumer_counts.consumer_count,
        coalesce(sum(consumer_recalls.recall), 0.0) / nullif(consumer_counts.consumer_count, 0) as recall,
        coalesce(sum(consumer_recalls.recall_of_first), 0.0) / nullif(consumer_counts.consumer_count, 0) as recall_of_first

    from recipes

    cross join consumer_counts

    left join consumer_recalls on recipes.preference = consumer_recalls.preference

    group by
        recipes.known_power,
        recipes.activity_power,
        recipes.popularity_power,
        recipes.added_means,
        recipes.preference,
        consumer_counts.consumer_count
),

best_recalls as (select coalesce(max(recall + recall_of_first), 0.0) as best_recall from recalls),

{# Nearly the best is as good as the best on some thousand consumers. So the preferred of these wins. #}
co_follow_trials as (
    select
        recalls.known_power,
        recalls.activity_power,
        recalls.popularity_power,
        recalls.added_means,
        recalls.consumer_count,
        recalls.recall,
        recalls.recall_of_first,
        row_number() over (
            order by
                case
                    when {{ rounded_score('coalesce(recalls.recall + recalls.recall_of_first, 0.0)') }}
                        >= {{ rounded_score(nearly ~ ' * best_recalls.best_recall') }}
                        then 0
                    else 1
                end,
                recalls.preference
        ) = 1 as is_chosen

    from recalls

    cross join best_recalls
)

select * from co_follow_trials
