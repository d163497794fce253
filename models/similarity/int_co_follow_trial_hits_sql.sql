{{ config(
    enabled = engine_of('similarity') == 'sql',
    materialized = 'bucketed_table',
    meta = {'rows_per_bucket': var('rows_per_bucket')}
) }}

{# Each kept follow meets the follows of everybody who follows the same producer. #}
{{ buckets_by_rows(ref('int_trial_follows'), 'consumer_id', rows_each='cast(avg(co_follow_count) as int64)') }}

{# A join of its own for each pair of powers would cost most of the trial. So each has a column, as many as `co_follow_recipes` may hold. #}
{% set pair_numbers = [1, 2, 3, 4, 5] %}

{% set pair_score %}
case power_pairs.pair_number
{% for number in pair_numbers %} when {{ number }} then new_producers.score_{{ number }}{% endfor %}

end
{% endset %}

{# As CUTOFF of the kernel. #}
{% set cutoff = 20 %}

with

recipes as (
    select known_power, activity_power, popularity_power, added_means, preference
    from {{ ref('co_follow_recipes') }}
),
trial_follows as (
    select consumer_id, producer_position, is_held_out
    from {{ ref('int_trial_follows') }} where {{ bucket_filter('consumer_id') }}
),
follows as (select consumer_id, producer_position from {{ ref('int_similarity_follows') }}),
producers as (select producer_position, follower_count, sampled_share from {{ ref('int_similarity_producers') }}),
mean_followers as (select avg(follower_count) as mean_follower_count from producers),

power_pairs as (
    select known_power, activity_power, row_number() over (order by known_power, activity_power) as pair_number
    from (select distinct known_power, activity_power from recipes) as distinct_pairs
),

pairs_in_columns as (
    select
        {%- for number in pair_numbers %}
            max(case when pair_number = {{ number }} then known_power end) as known_power_{{ number }},
            max(case when pair_number = {{ number }} then activity_power end) as activity_power_{{ number }},
        {%- endfor %}
        count(*) as pair_count

    from power_pairs
),

follow_counts as (select consumer_id, count(*) as follow_count from follows group by consumer_id),

{# What the drawn consumer holds of a producer is not read: everybody else's follows are. Those who share many follows are joined once. #}
like_minded_consumers as (
    select
        trial_follows.consumer_id,
        follows.consumer_id as other_consumer_id,
        {%- for number in pair_numbers %}
            sum(pow(producers.follower_count, -pairs_in_columns.known_power_{{ number }})) as known_weight_{{ number }},
        {%- endfor %}
        producers.sampled_share

    from trial_follows

    cross join pairs_in_columns
    inner join producers on trial_follows.producer_position = producers.producer_position
    inner join follows on trial_follows.producer_position = follows.producer_position

    where not trial_follows.is_held_out
        and trial_follows.consumer_id <> follows.consumer_id

    group by trial_follows.consumer_id, follows.consumer_id, producers.sampled_share
),

consumer_weights as (
    select
        like_minded_consumers.consumer_id,
        like_minded_consumers.other_consumer_id,
        {%- for number in pair_numbers %}
            like_minded_consumers.known_weight_{{ number }} * pow(follow_counts.follow_count, -pairs_in_columns.activity_power_{{ number }})
                as consumer_weight_{{ number }},
        {%- endfor %}
        like_minded_consumers.sampled_share

    from like_minded_consumers

    cross join pairs_in_columns
    inner join follow_counts on like_minded_consumers.other_consumer_id = follow_counts.consumer_id
),

found_producers as (
    select
        consumer_weights.consumer_id,
        {%- for number in pair_numbers %}
            sum(consumer_weights.consumer_weight_{{ number }} / least(consumer_weights.sampled_share, producers.sampled_share))
                as score_{{ number }},
        {%- endfor %}
        follows.producer_position

    from consumer_weights

    inner join follows on consumer_weights.other_consumer_id = follows.consumer_id
    inner join producers on follows.producer_position = producers.producer_position

    group by consumer_weights.consumer_id, follows.producer_position
),

{# The consumer's own held out follow is not among the followers, as it would not be if it were still to come. #}
new_producers as (
    select
        found_producers.consumer_id,
        {%- for number in pair_numbers %}
            found_producers.score_{{ number }},
        {%- endfor %}
        found_producers.producer_position,
        trial_follows.producer_position is not null as is_held_out,
        (producers.follower_count - case when trial_follows.producer_position is null then 0 else 1 end)
        / mean_followers.mean_follower_count as relative_followers

    from found_producers

    cross join mean_followers
    inner join producers on found_producers.producer_position = producers.producer_position

    left join trial_follows
        on found_producers.consumer_id = trial_follows.consumer_id
            and found_producers.producer_position = trial_follows.producer_position

    where coalesce(trial_follows.is_held_out, true)
),

scores as (
    select
        recipes.preference,
        new_producers.consumer_id,
        new_producers.producer_position,
        new_producers.is_held_out,
        {{ rounded_score(pair_score ~ '* pow(recipes.added_means + new_producers.relative_followers, -recipes.popularity_power)') }}
            as co_follow_score

    from new_producers

    cross join recipes

    inner join power_pairs
        on recipes.known_power = power_pairs.known_power
            and recipes.activity_power = power_pairs.activity_power
),

{#
    A score that enough producers reach: the best of each of {{ cutoff }} groups does. It spares the ranking nearly all, which would take
    longer than all the rest.
#}
best_of_groups as (
    select
        preference,
        consumer_id,
        mod(producer_position, {{ cutoff }}) as group_number,
        max(co_follow_score) as best_score

    from scores

    group by preference, consumer_id, mod(producer_position, {{ cutoff }})
),

reached_scores as (
    select
        preference,
        consumer_id,
        case when count(*) = {{ cutoff }} then min(best_score) end as reached_score

    from best_of_groups

    group by preference, consumer_id
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
