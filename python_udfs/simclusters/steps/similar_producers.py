import pyarrow as pa
import pyarrow.compute as pc

from simclusters.products import Vectors, best_products, parts
from simclusters.relation_io import to_arrow, to_relation
from simclusters.scores import rounded_score_each

SCHEMA = pa.schema(
    [
        ("embedding_type", pa.string()),
        ("producer_id", pa.int64()),
        ("similar_producer_id", pa.int64()),
        ("producer_rank", pa.int64()),
        ("producer_similarity", pa.float64()),
    ]
)


def batches(vectors, producers_per_producer):
    for embedding_type, found in vectors.items():
        own = found.filter(pc.greater(found["unit_score"], 0))
        blocks = best_products(
            Vectors(own["producer_id"], own["cluster_id"], own["unit_score"]),
            Vectors(found["producer_id"], found["cluster_id"], found["unit_score"]),
            producers_per_producer,
            is_listed=found["is_listed"],
            leaves_out_itself=True,
            only_positive=True,
        )
        for best in blocks:
            columns = [best.row_ids, best.item_ids, best.ranks, rounded_score_each(best.products)]
            yield pa.record_batch([pa.repeat(embedding_type, len(best.ranks)), *map(pa.array, columns)], schema=SCHEMA)


def model(dbt, session):
    rows = batches(
        parts(to_arrow(dbt.ref("int_similar_producer_vectors")), "embedding_type"), dbt.config.meta_get("producers_per_producer")
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
