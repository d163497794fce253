"""Whom to follow: the table is what a plain join, sum and sort finds, although the model ranks only what can be kept."""

PLAIN = """
with found as (
    select
        lookups.candidate_type,
        lookups.consumer_id,
        lists.producer_id,
        sum(lookups.lookup_weight * lists.producer_weight) as candidate_score
    from int_producer_candidate_lookups as lookups
    inner join int_producer_candidate_lists as lists using (candidate_type, list_kind, list_id)
    where lookups.consumer_id <> lists.producer_id
    group by all
),

ranked as (
    select
        *,
        row_number() over (
            partition by candidate_type, consumer_id order by round(candidate_score, 10) desc, producer_id
        ) as candidate_rank
    from found
    anti join stg_follows using (consumer_id, producer_id)
    anti join stg_blocks on found.consumer_id = stg_blocks.user_id and found.producer_id = stg_blocks.blocked_user_id
)

select candidate_type, consumer_id, producer_id, candidate_rank
from ranked
inner join producer_candidate_recipes using (candidate_type)
where candidate_rank <= producers_per_consumer
order by all
"""
BUILT = "select candidate_type, consumer_id, producer_id, candidate_rank from producer_candidates order by all"
# Lists that are longer than what a consumer without follows needs: the shortcut has something to spare.
LONG_LISTS = """
select count(*) from int_producer_candidate_lists
inner join producer_candidate_recipes using (candidate_type)
where producer_rank > producers_per_consumer + 1
"""


def test_the_table_is_what_a_plain_join_sum_and_sort_finds(built_warehouse):
    assert built_warehouse.query(LONG_LISTS) > [(1000,)]
    rows = built_warehouse.query(BUILT)
    assert len(rows) > 10_000
    assert rows == built_warehouse.query(PLAIN)
