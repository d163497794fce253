import pyarrow as pa

from simclusters.products import best_of_blocks, hidden_from_all, read_asked, read_items
from simclusters.relation_io import to_arrow, to_relation
from simclusters.scores import log_one_plus_each, rounded_score_each

SCHEMA = pa.schema(
    [
        ("candidate_type", pa.string()),
        ("consumer_id", pa.int64()),
        ("tweet_id", pa.int64()),
        ("candidate_rank", pa.int64()),
        ("dot_product", pa.float64()),
        ("squared_norm", pa.float64()),
    ]
)


# A joined recipe has no norms.
NORMS = {"norm_column": "squared_norm", "divisors": log_one_plus_each}


def batches(recipes, lookups, lists, hidden):
    left_out = hidden_from_all(hidden)
    for recipe in recipes:
        name, norms = recipe["candidate_type"], NORMS if recipe["embedding_type"] else {}
        items = read_items(lists, name, "tweet_id", "tweet_score", "author", left_out_ids=left_out, **norms)
        asked = read_asked(lookups, name, "author", hidden, ("user_id", "tweet_id"))
        for best in best_of_blocks(asked, items, recipe["tweets_per_consumer"]):
            # Without norms the product is the score, and stored as it ranks.
            count = len(best.ranks)
            products, squared_norms = rounded_score_each(best.products), pa.nulls(count, pa.float64())
            if len(items.norms):
                products, squared_norms = best.products, pa.array(items.norms[best.item_positions])
            columns = map(pa.array, [best.row_ids, best.item_ids, best.ranks, products])
            yield pa.record_batch([pa.repeat(name, count), *columns, squared_norms], schema=SCHEMA)


def model(dbt, session):
    rows = batches(
        to_arrow(dbt.ref("candidate_recipes")).sort_by("candidate_type").to_pylist(),
        dbt.ref("int_tweet_candidate_lookups"),
        dbt.ref("int_tweet_candidate_lists"),
        dbt.ref("int_hidden_tweets"),
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
