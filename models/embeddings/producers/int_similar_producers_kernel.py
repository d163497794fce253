import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.products import Vectors, best_products, parts, rows_of_items, rows_with_arrays
from simclusters.relation_io import in_row_groups, to_arrow, to_relation
from simclusters.scores import rounded_score_each

SCHEMA = pa.schema(
    [
        ("embedding_type", pa.string()),
        ("producer_id", pa.int64()),
        ("item_positions", pa.list_(pa.int32())),
        ("producer_similarities", pa.list_(pa.float64())),
        ("similar_producer_id", pa.int64()),
        ("item_position", pa.int32()),
    ]
)


def batches(vectors, producers_per_producer):
    for embedding_type, found in vectors.items():
        row = {"embedding_type": embedding_type}
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
            yield rows_with_arrays(SCHEMA, row, "producer_id", best, producer_similarities=rounded_score_each(best.products))
        yield rows_of_items(SCHEMA, row, "similar_producer_id", np.unique(found["producer_id"]))


def model(dbt, session):
    rows = batches(
        parts(to_arrow(dbt.ref("int_similar_producer_vectors")), "embedding_type"), dbt.config.meta_get("producers_per_producer")
    )

    return to_relation(session, in_row_groups(SCHEMA, rows))
