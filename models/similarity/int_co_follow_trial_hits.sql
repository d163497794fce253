{{ config(
    materialized = 'kernel_table' if runs_kernel('similarity') else 'bucketed_table'
) }}
{{ read_by_kernel('similarity', ['int_similarity_follows', 'similarity_limits']) }}

{# Each kept follow meets the follows of everybody who follows the same producer. #}
{{ buckets_by_rows(ref('int_trial_follows'), 'consumer_id', rows_each='cast(avg(co_follow_count) as int64)') }}

{# As CUTOFF of the kernel. #}
{% set cutoff = 20 %}

with

recipes as (
    select popularity_power, added_means, crowding_power, preference, {{ list_way_number() }} as way_number
    from {{ ref('int_co_follow_recipes') }} where regression_penalty = 0
),
trial_scores as (
    select consumer_id, producer_position, {{ for_list_ways('score_#') }}
    from {{ sql_alone('similarity', 'int_co_follow_trial_scores') }} where {{ bucket_filter('consumer_id') }}
),
trial_follows as (
    select consumer_id, producer_position, is_held_out from {{ ref('int_trial_follows') }} where {{ bucket_filter('consumer_id') }}
),
regression_scores as (
    select preference, consumer_id, producer_position, is_held_out, co_follow_score
    from {{ sql_alone('similarity', 'int_regression_trial_scores') }} where {{ bucket_filter('consumer_id') }}
),
producers as (select producer_position, follower_count from {{ ref('int_similarity_producers') }}),
crowdings as (select producer_position, crowding from {{ ref('int_producer_crowdings') }}),
mean_followers as (select avg(follower_count) as mean_follower_count from producers),

{# The consumer's own held out follow is not among the followers, as it would not be if it were still to come. #}
new_producers as (
    select
        trial_scores.consumer_id,
        trial_scores.producer_position,
        {{ for_list_ways('trial_scores.score_#') }},
        trial_follows.producer_position is not null as is_held_out,
        crowdings.crowding,
        (producers.follower_count - case when trial_follows.producer_position is null then 0 else 1 end)
        / mean_followers.mean_follower_count as relative_followers

    from trial_scores

    cross join mean_followers
    inner join producers on trial_scores.producer_position = producers.producer_position
    inner join crowdings on trial_scores.producer_position = crowdings.producer_position

    left join trial_follows
        on trial_scores.consumer_id = trial_follows.consumer_id
            and trial_scores.producer_position = trial_follows.producer_position

    where coalesce(trial_follows.is_held_out, true)
),

scores as (
    select
        recipes.preference,
        new_producers.consumer_id,
        new_producers.producer_position,
        new_producers.is_held_out,
        {{ rounded_score(
            'case recipes.way_number ' ~ for_list_ways('when # then new_producers.score_#', ' ')
            ~ ' end * pow(recipes.added_means + new_producers.relative_followers, -recipes.popularity_power)'
            ~ ' * pow(new_producers.crowding, -recipes.crowding_power)'
        ) }} as co_follow_score

    from new_producers

    cross join recipes

    union all

    select preference, consumer_id, producer_position, is_held_out, co_follow_score from regression_scores
),

{#
    A score that enough producers reach: the best of each of {{ cutoff }} groups does. It spares the ranking nearly all, which would take
    longer than all the rest.
#}
best_of_groups as (
    select preference, consumer_id, mod(producer_position, {{ cutoff }}) as group_number, max(co_follow_score) as best_score
    from scores group by preference, consumer_id, mod(producer_position, {{ cutoff }})
),

reached_scores as (
    select preference, consumer_id, case when count(*) = {{ cutoff }} then min(best_score) end as reached_score
    from best_of_groups group by preference, consumer_id
),

{# The preference names a recipe: BigQuery ranks by no float. #}
first_producers as (
    select
        scores.preference,
        scores.consumer_id,
        scores.producer_position,
        scores.is_held_out,
        {{ rank_per(['scores.preference', 'scores.consumer_id'], 'scores.co_follow_score', 'scores.producer_position') }} as producer_rank

    from scores

    inner join reached_scores
        on scores.preference = reached_scores.preference
            and scores.consumer_id = reached_scores.consumer_id

    where scores.co_follow_score >= coalesce(reached_scores.reached_score, 0.0)

    qualify producer_rank <= {{ cutoff }}
),

hits as (select preference, consumer_id, producer_position, producer_rank from first_producers where is_held_out)

select * from hits
