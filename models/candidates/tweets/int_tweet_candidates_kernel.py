import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.products import Vectors, best_products, parts, split_hidden
from simclusters.relation_io import to_arrow, to_relation
from simclusters.scores import log_one_plus_each

SCHEMA = pa.schema(
    [
        ("candidate_type", pa.string()),
        ("consumer_id", pa.int64()),
        ("tweet_id", pa.int64()),
        ("candidate_rank", pa.int64()),
        ("candidate_score", pa.float64()),
        ("log_cosine_score", pa.float64()),
        ("cosine_score", pa.float64()),
        ("dot_product", pa.float64()),
    ]
)


def vectors(table, id_column, weight_column):
    is_second = pc.not_equal(table["list_kind"], "cluster")
    # An author's list is another one than that of the tweet with this id.
    list_ids = pc.if_else(pc.equal(table["list_kind"], "author"), pc.subtract(-1, table["list_id"]), table["list_id"])
    return Vectors(table[id_column], list_ids, table[weight_column], is_second)


def batches(recipes, lookups, lists, hidden):
    for recipe in recipes.sort_by("candidate_type").to_pylist():
        candidate_type = recipe["candidate_type"]
        if candidate_type not in lookups or candidate_type not in lists:
            continue
        tweets = lists[candidate_type]
        tweet_ids, first = np.unique(tweets["tweet_id"].to_numpy(), return_index=True)
        # A joined recipe has no norms.
        is_normed = recipe["embedding_type"] is not None
        squared_norms = tweets["squared_norm"].to_numpy()
        blocks = best_products(
            vectors(lookups[candidate_type], "consumer_id", "lookup_weight"),
            vectors(tweets, "tweet_id", "tweet_score"),
            recipe["tweets_per_consumer"],
            divisors=log_one_plus_each(squared_norms) if is_normed else None,
            known_row_ids=hidden["user_id"],
            known_item_ids=hidden["tweet_id"],
        )
        for best in blocks:
            norms = squared_norms[first[np.searchsorted(tweet_ids, best.item_ids)]]
            log_cosines = best.products / log_one_plus_each(norms)
            columns = [
                *(best.row_ids, best.item_ids, best.ranks, log_cosines if is_normed else best.products),
                *(log_cosines, best.products / np.sqrt(norms), best.products),
            ]
            name = pa.repeat(candidate_type, len(best.row_ids))
            yield pa.record_batch([name, *(pa.array(column, from_pandas=True) for column in columns)], schema=SCHEMA)


def model(dbt, session):
    hidden_from_all, hidden_from_users = split_hidden(to_arrow(dbt.ref("int_hidden_tweets")))
    lists = to_arrow(dbt.ref("int_tweet_candidate_lists"))
    rows = batches(
        to_arrow(dbt.ref("candidate_recipes")),
        parts(to_arrow(dbt.ref("int_tweet_candidate_lookups")), "candidate_type"),
        parts(lists.filter(pc.invert(pc.is_in(lists["tweet_id"], hidden_from_all))), "candidate_type"),
        hidden_from_users,
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
