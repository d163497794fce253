import pyarrow as pa

from simclusters.products import best_of_blocks, read_asked, read_items, rows_of_items, rows_with_arrays
from simclusters.relation_io import in_row_groups, to_arrow, to_relation
from simclusters.scores import rounded_score_each

SCHEMA = pa.schema(
    [
        ("candidate_type", pa.string()),
        ("consumer_id", pa.int64()),
        ("item_positions", pa.list_(pa.int32())),
        ("cluster_counts", pa.list_(pa.int32())),
        ("neighbor_counts", pa.list_(pa.int32())),
        ("candidate_scores", pa.list_(pa.float64())),
        ("producer_id", pa.int64()),
        ("item_position", pa.int32()),
    ]
)


def batches(recipes, lookups, lists, hidden):
    for candidate_type, producers_per_consumer in recipes.items():
        row = {"candidate_type": candidate_type}
        items = read_items(lists, candidate_type, "producer_id", "producer_weight", "follower")
        asked = read_asked(lookups, candidate_type, "follower", hidden, ("consumer_id", "producer_id"))
        for best in best_of_blocks(asked, items, producers_per_consumer, leaves_out_itself=True):
            yield rows_with_arrays(
                SCHEMA,
                row,
                "consumer_id",
                best,
                cluster_counts=best.cluster_counts - best.second_counts,
                neighbor_counts=best.second_counts,
                candidate_scores=rounded_score_each(best.products),
            )
        yield rows_of_items(SCHEMA, row, "producer_id", items.ids)


def model(dbt, session):
    recipes = to_arrow(dbt.ref("producer_candidate_recipes")).sort_by("candidate_type").to_pylist()
    recipes = {recipe["candidate_type"]: recipe["producers_per_consumer"] for recipe in recipes}
    rows = batches(
        recipes, dbt.ref("int_producer_candidate_lookups"), dbt.ref("int_producer_candidate_lists"), dbt.ref("int_hidden_producers")
    )

    return to_relation(session, in_row_groups(SCHEMA, rows))
