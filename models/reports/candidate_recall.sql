{% set cutoffs = [10, 20] %}

with

targets as (select item_kind, consumer_id, item_id from {{ ref('int_evaluation_targets') }}),
interactions as (select item_kind, item_id from {{ ref('int_evaluation_interactions') }}),
candidates as (
    select item_kind, candidate_type, consumer_id, item_id, candidate_rank
    from {{ ref('int_evaluation_candidates') }} where candidate_rank <= {{ cutoffs | max }}
),

cutoffs as (
    {% for cutoff in cutoffs %}
        select cast({{ cutoff }} as int64) as cutoff
        {{ 'union all' if not loop.last }}
    {% endfor %}
),
places as (
    {% for place in range(1, (cutoffs | max) + 1) %}
        select {{ place }} as place
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

known_items as (select distinct item_kind, item_id from interactions),
item_counts as (select item_kind, count(*) as item_count from known_items group by item_kind),

{# The most that hits up to a place can be worth together. #}
ideal_gains as (select place, sum(ln(2) / ln(place + 1)) over (order by place) as ideal_gain from places),
target_counts as (select item_kind, consumer_id, count(*) as target_count from targets group by item_kind, consumer_id),

{# Each method answers for each consumer, even without candidates for it. #}
candidate_methods as (select distinct item_kind, candidate_type from candidates),

answers as (
    select
        methods.item_kind,
        methods.candidate_type,
        cutoffs.cutoff,
        target_counts.consumer_id,
        target_counts.target_count,
        count(candidates.item_id) as candidate_count,
        count(targets.item_id) as hit_count,
        coalesce(sum(case when targets.item_id is not null then ln(2) / ln(candidates.candidate_rank + 1) end), 0.0) as gain

    from candidate_methods as methods

    cross join cutoffs
    inner join target_counts on methods.item_kind = target_counts.item_kind

    left join candidates
        on methods.item_kind = candidates.item_kind
            and methods.candidate_type = candidates.candidate_type
            and target_counts.consumer_id = candidates.consumer_id
            and cutoffs.cutoff >= candidates.candidate_rank

    left join targets
        on candidates.item_kind = targets.item_kind
            and candidates.consumer_id = targets.consumer_id
            and candidates.item_id = targets.item_id

    group by methods.item_kind, methods.candidate_type, cutoffs.cutoff, target_counts.consumer_id, target_counts.target_count
),

shown_items as (
    select
        candidates.item_kind,
        candidates.candidate_type,
        cutoffs.cutoff,
        count(distinct known_items.item_id) as shown_item_count

    from candidates

    inner join cutoffs on candidates.candidate_rank <= cutoffs.cutoff

    left join known_items
        on candidates.item_kind = known_items.item_kind
            and candidates.item_id = known_items.item_id

    group by candidates.item_kind, candidates.candidate_type, cutoffs.cutoff
),

recalls as (
    select
        answers.item_kind,
        answers.candidate_type,
        answers.cutoff,
        count(*) as consumer_count,
        cast(sum(answers.target_count) as int64) as target_count,
        avg(answers.hit_count / answers.target_count) as recall,
        avg(answers.gain / ideal_gains.ideal_gain) as ndcg,
        avg(case when answers.hit_count > 0 then 1.0 else 0.0 end) as hit_rate,
        avg(case when answers.candidate_count > 0 then 1.0 else 0.0 end) as consumer_coverage,
        max(shown_items.shown_item_count / item_counts.item_count) as item_coverage

    from answers

    inner join ideal_gains on least(answers.cutoff, answers.target_count) = ideal_gains.place
    inner join item_counts on answers.item_kind = item_counts.item_kind

    inner join shown_items
        on answers.item_kind = shown_items.item_kind
            and answers.candidate_type = shown_items.candidate_type
            and answers.cutoff = shown_items.cutoff

    group by answers.item_kind, answers.candidate_type, answers.cutoff
)

select * from recalls
