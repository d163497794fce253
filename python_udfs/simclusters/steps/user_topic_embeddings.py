import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.positions import positions_among
from simclusters.products import Vectors, best_products
from simclusters.relation_io import to_arrays, to_arrow, to_relation
from simclusters.scores import rounded_score_each

SCHEMA = pa.schema(
    [("consumer_id", pa.int64()), ("cluster_id", pa.int64()), ("cluster_rank", pa.int64()), ("user_topic_score", pa.float64())]
)


def vectors(embeddings, shares):
    """Consumers and clusters over lists: a list is a topic in a language."""
    topics, languages = np.unique(embeddings["topic_id"]), pc.unique(embeddings["consumer_language"])

    def list_ids(topic_ids, consumer_languages):
        positions = positions_among(np.asarray(topic_ids), topics).astype(np.int64)
        codes = pc.fill_null(pc.index_in(consumer_languages, languages), -1).to_numpy(zero_copy_only=False)
        return np.where((positions >= 0) & (codes >= 0), positions * len(languages) + codes, -1)

    consumer_ids, lists, topic_shares = to_arrays(
        shares,
        ["consumer_id", "topic_id", "consumer_language", "topic_share"],
        of_batch=lambda batch: [batch["consumer_id"], list_ids(batch["topic_id"], batch["consumer_language"]), batch["topic_share"]],
    )
    is_known = lists >= 0
    consumers = Vectors(consumer_ids[is_known], lists[is_known], topic_shares[is_known])
    item_lists = list_ids(embeddings["topic_id"], embeddings["consumer_language"].combine_chunks())
    return consumers, Vectors(embeddings["cluster_id"], item_lists, embeddings["topic_score"])


def batches(blocks):
    for best in blocks:
        columns = [best.row_ids, best.item_ids, best.ranks, rounded_score_each(best.scores)]
        yield pa.record_batch([pa.array(column) for column in columns], schema=SCHEMA)


def model(dbt, session):
    columns = ["topic_id", "consumer_language", "cluster_id", "topic_score"]
    embeddings = to_arrow(dbt.ref("topic_embeddings"), columns, {"embedding_type": "fav_tfg_topic"})
    consumers, clusters = vectors(embeddings, dbt.ref("int_consumer_topic_shares"))
    rows = batches(best_products(consumers, clusters, dbt.config.meta_get("clusters_per_consumer")))

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
