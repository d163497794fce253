import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.positions import dense_positions
from simclusters.products import Vectors, best_products
from simclusters.relation_io import to_arrays, to_arrow, to_relation
from simclusters.scores import rounded_score_each

SCHEMA = pa.schema(
    [
        ("topic_id", pa.int64()),
        ("consumer_language", pa.string()),
        ("consumer_country", pa.string()),
        ("producer_id", pa.int64()),
        ("producer_rank", pa.int64()),
        ("topic_producer_similarity", pa.float64()),
    ]
)


def best_producers(followers, follows, most_producers):
    topic_ids, consumer_ids, weights, norms = followers
    readers, producer_ids = follows
    distinct, producers = dense_positions(producer_ids)
    return best_products(
        Vectors(topic_ids, consumer_ids, weights),
        Vectors(producer_ids, readers, np.ones(len(producer_ids))),
        most_producers,
        divisors=np.sqrt(np.bincount(producers, minlength=len(distinct)))[producers],
        row_divisors=norms,
    )


def batches(topics, found):
    for best in found:
        names = topics.take(pa.array(best.row_ids - 1))
        columns = [best.item_ids, best.ranks, rounded_score_each(best.scores)]
        yield pa.record_batch([*(column.combine_chunks() for column in names.columns), *map(pa.array, columns)], schema=SCHEMA)


def model(dbt, session):
    [limits] = to_arrow(dbt.ref("table_limits")).filter(pc.field("table_name") == "topic_top_producers").to_pylist()
    topics = to_arrow(dbt.ref("int_followed_topics")).sort_by("topic_number")
    found = best_producers(
        to_arrays(dbt.ref("int_topic_followers"), ["topic_number", "consumer_id", "topic_weight", "topic_follower_norm"]),
        to_arrays(dbt.ref("int_topic_followings"), ["consumer_id", "producer_id"], {"is_listed": True}),
        limits["items_per_group"],
    )
    rows = batches(topics.select(SCHEMA.names[:3]), found)

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
