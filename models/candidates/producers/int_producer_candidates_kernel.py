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
        asked = read_asked(lookups, candidate_type, "follower", hidden, ("consumer_id", "producer_id"))
        for best in best_of_blocks(asked, lists.pop(candidate_type), producers_per_consumer, leaves_out_itself=True):
            counts = best.cluster_counts - best.second_counts, best.second_counts
            columns = [best.row_ids, best.item_ids, best.ranks, *counts, rounded_score_each(best.products)]
            name = pa.repeat(candidate_type, len(best.row_ids))
            yield pa.record_batch([name, *(pa.array(column) for column in columns)], schema=SCHEMA)


def model(dbt, session):
    recipes = to_arrow(dbt.ref("producer_candidate_recipes")).sort_by("candidate_type").to_pylist()
    recipes = {recipe["candidate_type"]: recipe["producers_per_consumer"] for recipe in recipes}
    lists = dbt.ref("int_producer_candidate_lists")
    rows = batches(
        recipes,
        dbt.ref("int_producer_candidate_lookups"),
        {name: read_items(lists, name, "producer_id", "producer_weight", "follower") for name in recipes},
        dbt.ref("int_hidden_producers"),
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
