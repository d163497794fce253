import pyarrow as pa

from simclusters.products import best_of_blocks, hidden_from_all, read_asked, read_items, rows_of_items, rows_with_arrays
from simclusters.relation_io import in_row_groups, to_arrow, to_relation
from simclusters.scores import log_one_plus_each, rounded_score_each

SCHEMA = pa.schema(
    [
        ("candidate_type", pa.string()),
        ("consumer_id", pa.int64()),
        ("item_positions", pa.list_(pa.int32())),
        ("dot_products", pa.list_(pa.float64())),
        ("tweet_id", pa.int64()),
        ("item_position", pa.int32()),
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
            products = best.products if len(items.norms) else rounded_score_each(best.products)
            yield rows_with_arrays(SCHEMA, {"candidate_type": name}, "consumer_id", best, dot_products=products)
        squared_norms = {"squared_norm": items.norms} if len(items.norms) else {}
        yield rows_of_items(SCHEMA, {"candidate_type": name}, "tweet_id", items.ids, **squared_norms)


def model(dbt, session):
    rows = batches(
        to_arrow(dbt.ref("candidate_recipes")).sort_by("candidate_type").to_pylist(),
        dbt.ref("int_tweet_candidate_lookups"),
        dbt.ref("int_tweet_candidate_lists"),
        dbt.ref("int_hidden_tweets"),
    )

    return to_relation(session, in_row_groups(SCHEMA, rows))
