{# A row takes SQL ten times as long, and the kernel too where the sums of so many producers leave the processor's cache. #}
{% set cached_producers = 0 if engine_of('similarity') == 'sql' else 50000 %}
{% set held_out_share, fold_share, most_folds = 0.2, 0.05, 4 %}

with

{{ trial_reason_steps(earlier_trials()) }},

{# None where the last trial stays. #}
follows as (
    select follows.consumer_id, follows.producer_position

    from {{ ref('int_similarity_follows') }} as follows

    cross join trial_reasons

    where trial_reasons.trial_reason is not null
),
limits as (select trial_consumers, trial_rows from {{ ref('similarity_limits') }}),
follow_counts as (select consumer_id, count(*) as follow_count from follows group by consumer_id),

{# What a follow of the producer costs the trial: the follows of everybody who follows it. #}
producer_reaches as (
    select follows.producer_position, sum(follow_counts.follow_count) as co_follow_count

    from follows

    inner join follow_counts on follows.consumer_id = follow_counts.consumer_id

    group by follows.producer_position
),

marked_follows as (
    select
        follows.consumer_id,
        follows.producer_position,
        {{ pair_hash('follows.consumer_id', 'follows.producer_position') }} < {{ held_out_share }} * 2147483647 as is_held_out,
        producer_reaches.co_follow_count

    from follows

    inner join producer_reaches on follows.producer_position = producer_reaches.producer_position
),

consumers as (
    select
        consumer_id,
        sum(case when is_held_out then 0 else co_follow_count end) as row_count

    from marked_follows

    group by consumer_id

    having count(case when is_held_out then 1 end) between 1 and count(*) - 1
),

consumer_counts as (select count(*) as consumer_count from consumers),

{# Twenty times those that can be drawn are ordered: on BigQuery one worker orders them, and sums of all could leave its integers. #}
ordered_consumers as (
    select
        consumers.consumer_id,
        row_number() over (order by {{ pair_hash('consumers.consumer_id', 2) }}, consumers.consumer_id) as consumer_number,
        sum(consumers.row_count) over (
            order by {{ pair_hash('consumers.consumer_id', 2) }}, consumers.consumer_id rows unbounded preceding
        ) as rows_so_far

    from consumers

    cross join limits
    cross join consumer_counts

    where {{ pair_hash('consumers.consumer_id', 2) }}
        < 2147483647.0 * 20 * limits.trial_consumers / nullif(consumer_counts.consumer_count, 0)
),

row_prices as (
    select case when count(distinct producer_position) > {{ cached_producers }} then 10 else 1 end as row_price from follows
),

drawn_consumers as (
    select ordered_consumers.consumer_id, ordered_consumers.consumer_number

    from ordered_consumers

    cross join limits
    cross join row_prices

    where ordered_consumers.consumer_number <= limits.trial_consumers
        and row_prices.row_price * ordered_consumers.rows_so_far <= limits.trial_rows
),

fold_counts as (
    select
        cast(
            least({{ most_folds }}, greatest(1, coalesce(ceil(
                count(case when marked_follows.is_held_out then drawn_consumers.consumer_id end) / nullif({{ fold_share }} * count(*), 0)
            ), 1))) as int64
        ) as fold_count

    from marked_follows

    left join drawn_consumers on marked_follows.consumer_id = drawn_consumers.consumer_id
),

trial_follows as (
    select
        marked_follows.consumer_id,
        marked_follows.producer_position,
        marked_follows.is_held_out,
        cast(marked_follows.co_follow_count as int64) as co_follow_count,
        1 + mod(drawn_consumers.consumer_number - 1, fold_counts.fold_count) as fold_number

    from marked_follows

    cross join fold_counts
    inner join drawn_consumers on marked_follows.consumer_id = drawn_consumers.consumer_id
)

select * from trial_follows
