import pyarrow as pa

from simclusters.products import Vectors, best_products, parts
from simclusters.relation_io import to_arrow, to_relation

SCHEMA = pa.schema(
    [
        ("candidate_type", pa.string()),
        ("consumer_id", pa.int64()),
        ("producer_id", pa.int64()),
        ("candidate_rank", pa.int64()),
        ("cluster_count", pa.int64()),
        ("candidate_score", pa.float64()),
    ]
)


def batches(recipes, interests, producer_weights, follows):
    for recipe in recipes.sort_by("candidate_type").to_pylist():
        candidate_type = recipe["candidate_type"]
        if candidate_type not in interests or candidate_type not in producer_weights:
            continue
        consumers, lists = interests[candidate_type], producer_weights[candidate_type]
        blocks = best_products(
            Vectors(consumers["consumer_id"], consumers["cluster_id"], consumers["interest_weight"]),
            Vectors(lists["producer_id"], lists["cluster_id"], lists["producer_weight"]),
            recipe["producers_per_consumer"],
            known_row_ids=follows["consumer_id"],
            known_item_ids=follows["producer_id"],
            leaves_out_itself=True,
        )
        for best in blocks:
            columns = [best.row_ids, best.item_ids, best.ranks, best.cluster_counts, best.products]
            name = pa.repeat(candidate_type, len(best.row_ids))
            yield pa.record_batch([name, *(pa.array(column) for column in columns)], schema=SCHEMA)


def model(dbt, session):
    rows = batches(
        to_arrow(dbt.ref("producer_candidate_recipes")),
        parts(to_arrow(dbt.ref("int_producer_candidate_interests")), "candidate_type"),
        parts(to_arrow(dbt.ref("int_producer_candidate_weights")), "candidate_type"),
        to_arrow(dbt.ref("stg_follows")),
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
