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
    for recipe in recipes:
        row = {"candidate_type": recipe["candidate_type"]}
        items = lists.pop(recipe["candidate_type"])
        asked = read_asked(lookups, recipe["candidate_type"], "author", hidden, ("user_id", "tweet_id"))
        for best in best_of_blocks(asked, items, recipe["tweets_per_consumer"]):
            # Without norms the product is the score, and stored as it ranks.
            products = best.products if len(items.norms) else rounded_score_each(best.products)
            yield rows_with_arrays(SCHEMA, row, "consumer_id", best, dot_products=products)
        yield rows_of_items(SCHEMA, row, "tweet_id", items.ids, **({"squared_norm": items.norms} if len(items.norms) else {}))


def model(dbt, session):
    hidden, lists = dbt.ref("int_hidden_tweets"), dbt.ref("int_tweet_candidate_lists")
    left_out = hidden_from_all(hidden)
    recipes = to_arrow(dbt.ref("candidate_recipes")).sort_by("candidate_type").to_pylist()
    norms = {recipe["candidate_type"]: NORMS if recipe["embedding_type"] else {} for recipe in recipes}
    rows = batches(
        recipes,
        dbt.ref("int_tweet_candidate_lookups"),
        {name: read_items(lists, name, "tweet_id", "tweet_score", "author", left_out_ids=left_out, **norms[name]) for name in norms},
        hidden,
    )

    return to_relation(session, in_row_groups(SCHEMA, rows))
