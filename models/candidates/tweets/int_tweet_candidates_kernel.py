import numpy as np
import pyarrow as pa

from simclusters.products import best_products, list_vectors, split_hidden
from simclusters.relation_io import to_arrow, to_relation
from simclusters.scores import log_one_plus_each

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


def batches(recipes, lookups, lists, hidden):
    for recipe in recipes:
        candidate_type = recipe["candidate_type"]
        tweets, squared_norms = lists.pop(candidate_type)
        tweet_ids, first = np.unique(tweets.ids, return_index=True)
        blocks = best_products(
            lookups.pop(candidate_type)[0],
            tweets,
            recipe["tweets_per_consumer"],
            # A joined recipe has no norms.
            divisors=None if recipe["embedding_type"] is None else log_one_plus_each(squared_norms),
            known_row_ids=hidden["user_id"],
            known_item_ids=hidden["tweet_id"],
        )
        for best in blocks:
            norms = squared_norms[first[np.searchsorted(tweet_ids, best.item_ids)]]
            columns = [best.row_ids, best.item_ids, best.ranks, best.products, norms]
            name = pa.repeat(candidate_type, len(best.row_ids))
            yield pa.record_batch([name, *(pa.array(column, from_pandas=True) for column in columns)], schema=SCHEMA)


def model(dbt, session):
    hidden_from_all, hidden_from_users = split_hidden(to_arrow(dbt.ref("int_hidden_tweets")))
    recipes = to_arrow(dbt.ref("candidate_recipes")).sort_by("candidate_type").to_pylist()
    names = [recipe["candidate_type"] for recipe in recipes]
    lookups, lists = dbt.ref("int_tweet_candidate_lookups"), dbt.ref("int_tweet_candidate_lists")
    rows = batches(
        recipes,
        {name: list_vectors(lookups, name, "consumer_id", "lookup_weight", "author") for name in names},
        {name: list_vectors(lists, name, "tweet_id", "tweet_score", "author", ["squared_norm"], hidden_from_all) for name in names},
        hidden_from_users,
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
