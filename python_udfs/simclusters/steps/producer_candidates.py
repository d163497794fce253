import pyarrow as pa

from simclusters.products import best_of_blocks, read_asked, read_items
from simclusters.relation_io import to_arrow, to_relation
from simclusters.scores import rounded_score_each

SCHEMA = pa.schema(
    [
        ("candidate_type", pa.string()),
        ("consumer_id", pa.int64()),
        ("producer_id", pa.int64()),
        ("candidate_rank", pa.int64()),
        ("cluster_count", pa.int64()),
        ("neighbor_count", pa.int64()),
        ("candidate_score", pa.float64()),
    ]
)


def batches(recipes, lookups, lists, hidden):
    for candidate_type, producers_per_consumer in recipes.items():
        items = read_items(lists, candidate_type, "producer_id", "producer_weight", "follower")
        asked = read_asked(lookups, candidate_type, "follower", hidden, ("consumer_id", "producer_id"))
        for best in best_of_blocks(asked, items, producers_per_consumer, leaves_out_itself=True):
            columns = [best.row_ids, best.item_ids, best.ranks, best.cluster_counts - best.second_counts, best.second_counts]
            columns = map(pa.array, [*columns, rounded_score_each(best.products)])
            yield pa.record_batch([pa.repeat(candidate_type, len(best.ranks)), *columns], schema=SCHEMA)


def model(dbt, session):
    recipes = to_arrow(dbt.ref("int_producer_candidate_recipes")).sort_by("candidate_type").to_pylist()
    recipes = {recipe["candidate_type"]: recipe["producers_per_consumer"] for recipe in recipes}
    rows = batches(
        recipes, dbt.ref("int_producer_candidate_lookups"), dbt.ref("int_producer_candidate_lists"), dbt.ref("int_hidden_producers")
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
