import pyarrow as pa
import pyarrow.compute as pc

from simclusters.embeddings import Audiences, Follows, TopicFollows, own_topics
from simclusters.relation_io import to_arrays, to_arrow, to_relation

SCHEMA = pa.schema(
    [
        ("producer_id", pa.int64()),
        ("consumer_language", pa.string()),
        ("consumer_country", pa.string()),
        ("topic_id", pa.int64()),
        ("topic_rank", pa.int64()),
        ("producer_topic_share", pa.float64()),
    ]
)


def audiences(topics, background_share):
    """The background weighs as much against the producer's own topics as ``background_share`` says."""
    shares = pc.divide(topics["topic_follower_weight"], topics["all_topics_follower_weight"])
    return Audiences(topics["audience_number"], background_share / (1 - background_share) * shares.to_numpy())


def batches(blocks, topics):
    for found in blocks:
        names = topics.take(pa.array(found.topics))
        language, country, topic = (names[name].combine_chunks() for name in SCHEMA.names[1:4])
        columns = [pa.array(found.producer_ids), language, country, topic, pa.array(found.ranks), pa.array(found.shares)]
        yield pa.record_batch(columns, schema=SCHEMA)


def model(dbt, session):
    [limits] = to_arrow(dbt.ref("table_limits")).filter(pc.field("table_name") == "producer_top_topics").to_pylist()
    topics = to_arrow(dbt.ref("int_followed_topics")).sort_by("topic_number")
    readers, numbers, weights = to_arrays(dbt.ref("int_topic_followers"), ["consumer_id", "topic_number", "topic_weight"])
    found = own_topics(
        # Nothing else holds these arrays, so they go before the first row comes.
        Follows(*to_arrays(dbt.ref("int_topic_followings"), ["consumer_id", "producer_id"])),
        TopicFollows(readers, numbers - 1, weights),
        audiences(topics, limits["background_share"]),
        limits["items_per_group"],
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, batches(found, topics)))
