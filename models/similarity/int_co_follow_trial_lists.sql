{{ config(materialized = 'bucketed_table', meta = {'rows_per_bucket': var('rows_per_bucket')}) }}

{# Each kept follow meets the follows of everybody who follows the same producer. #}
{{ buckets_by_rows(ref('int_trial_follows'), 'consumer_id', rows_each='2 * cast(avg(co_follow_count) as int64)') }}

{# A join of its own for each activity power would cost most of the trial. So each has a column, as many as `co_follow_recipes` may hold. #}
{% set power_numbers = [1, 2, 3, 4] %}

{% set cutoff = 20 %}
{% set score = 'scores.co_follow_score * pow(scores.relative_popularity, -recipes.popularity_power)' %}

with

recipes as (select activity_power, popularity_power, preference from {{ ref('co_follow_recipes') }}),
trial_follows as (
    select consumer_id, producer_position, is_held_out
    from {{ ref('int_trial_follows') }} where {{ bucket_filter('consumer_id') }}
),
follows as (select consumer_id, producer_position from {{ ref('int_similarity_follows') }}),
producers as (select producer_position, follower_count, sampled_share from {{ ref('int_similarity_producers') }}),
mean_followers as (select avg(follower_count) as mean_follower_count from producers),

activity_powers as (
    select activity_power, row_number() over (order by activity_power) as power_number
    from (select distinct activity_power from recipes) as distinct_powers
),

powers_in_columns as (
    select
        count(*) as power_count,
        {%- for number in power_numbers[:-1] %}
            max(case when power_number = {{ number }} then activity_power end) as power_{{ number }},
        {%- endfor %}
        max(case when power_number = {{ power_numbers[-1] }} then activity_power end) as power_{{ power_numbers[-1] }}

    from activity_powers
),

consumer_weights as (
    select
        follow_counts.consumer_id,
        {%- for number in power_numbers %}
            pow(follow_counts.follow_count, -powers_in_columns.power_{{ number }}) as weight_{{ number }},
        {%- endfor %}
        follow_counts.follow_count

    from (select consumer_id, count(*) as follow_count from follows group by consumer_id) as follow_counts

    cross join powers_in_columns
),

{# What the drawn consumer holds of a producer is not read: everybody else's follows are. Those who share many follows are joined once. #}
like_minded_consumers as (
    select
        trial_follows.consumer_id,
        follows.consumer_id as other_consumer_id,
        producers.sampled_share,
        sum(1 / sqrt(cast(producers.follower_count as float64))) as known_weight

    from trial_follows

    inner join producers on trial_follows.producer_position = producers.producer_position
    inner join follows on trial_follows.producer_position = follows.producer_position

    where not trial_follows.is_held_out
        and trial_follows.consumer_id <> follows.consumer_id

    group by trial_follows.consumer_id, follows.consumer_id, producers.sampled_share
),

found_producers as (
    select
        like_minded_consumers.consumer_id,
        {%- for number in power_numbers %}
            sum(
                like_minded_consumers.known_weight * consumer_weights.weight_{{ number }}
                / least(like_minded_consumers.sampled_share, producers.sampled_share)
            ) as score_{{ number }},
        {%- endfor %}
        follows.producer_position

    from like_minded_consumers

    inner join consumer_weights on like_minded_consumers.other_consumer_id = consumer_weights.consumer_id
    inner join follows on like_minded_consumers.other_consumer_id = follows.consumer_id
    inner join producers on follows.producer_position = producers.producer_position

    group by like_minded_consumers.consumer_id, follows.producer_position
),

scored_producers as (
    select
        found_producers.consumer_id,
        activity_powers.activity_power,
        found_producers.producer_position,
        case activity_powers.power_number
            {%- for number in power_numbers %}
                when {{ number }} then found_producers.score_{{ number }}
            {%- endfor %}
        end as co_follow_score

    from found_producers

    cross join activity_powers
),

{# The consumer's own held out follow is not among the followers, as it would not be if it were still to come. #}
scores as (
    select
        scored_producers.consumer_id,
        scored_producers.activity_power,
        scored_producers.producer_position,
        trial_follows.producer_position is not null as is_held_out,
        1
        + (producers.follower_count - case when trial_follows.producer_position is null then 0 else 1 end)
        / mean_followers.mean_follower_count as relative_popularity,
        scored_producers.co_follow_score

    from scored_producers

    cross join mean_followers
    inner join producers on scored_producers.producer_position = producers.producer_position

    left join trial_follows
        on scored_producers.consumer_id = trial_follows.consumer_id
            and scored_producers.producer_position = trial_follows.producer_position

    where coalesce(trial_follows.is_held_out, true)
),

{#
    A score that enough producers reach: the best of each of {{ cutoff }} groups does. It spares the ranking nearly all, which would take
    longer than all the rest.
#}
best_of_groups as (
    select
        recipes.preference,
        scores.consumer_id,
        mod(scores.producer_position, {{ cutoff }}) as group_number,
        max({{ rounded_score(score) }}) as best_score

    from recipes

    inner join scores on recipes.activity_power = scores.activity_power

    group by recipes.preference, scores.consumer_id, mod(scores.producer_position, {{ cutoff }})
),

reached_scores as (
    select
        preference,
        consumer_id,
        case when count(*) = {{ cutoff }} then min(best_score) end as reached_score

    from best_of_groups

    group by preference, consumer_id
),

{# The preference names a pair of powers: BigQuery ranks by no float. #}
kept_producers as (
    select
        recipes.preference,
        scores.consumer_id,
        scores.producer_position,
        scores.is_held_out,
        {{ rank_per(['recipes.preference', 'scores.consumer_id'], score, 'scores.producer_position') }} as producer_rank

    from recipes

    inner join scores on recipes.activity_power = scores.activity_power

    inner join reached_scores
        on recipes.preference = reached_scores.preference
            and scores.consumer_id = reached_scores.consumer_id

    where {{ rounded_score(score) }} >= coalesce(reached_scores.reached_score, 0.0)

    qualify producer_rank <= {{ cutoff }}
)

select * from kept_producers
