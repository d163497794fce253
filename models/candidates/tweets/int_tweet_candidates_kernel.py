import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.products import Vectors, best_products, parts
from simclusters.relation_io import to_arrow, to_relation
from simclusters.scores import log_one_plus

SCHEMA = pa.schema(
    [
        ("candidate_type", pa.string()),
        ("consumer_id", pa.int64()),
        ("tweet_id", pa.int64()),
        ("candidate_rank", pa.int64()),
        ("is_new_to_consumer", pa.bool_()),
        ("log_cosine_score", pa.float64()),
        ("cosine_score", pa.float64()),
        ("dot_product", pa.float64()),
    ]
)


def batches(recipes, interests, lists, engagements):
    for recipe in recipes.sort_by("candidate_type").to_pylist():
        candidate_type = recipe["candidate_type"]
        if candidate_type not in interests or candidate_type not in lists:
            continue
        consumers, tweets = interests[candidate_type], lists[candidate_type]
        tweet_ids, first = np.unique(tweets["tweet_id"].to_numpy(), return_index=True)
        squared_norms = tweets["squared_norm"].to_numpy()
        blocks = best_products(
            Vectors(consumers["consumer_id"], consumers["cluster_id"], consumers["interested_in_score"]),
            Vectors(tweets["tweet_id"], tweets["cluster_id"], tweets["tweet_score"]),
            recipe["tweets_per_consumer"],
            divisors=log_one_plus(squared_norms),
            known_row_ids=engagements["user_id"],
            known_item_ids=engagements["tweet_id"],
            keeps_known=True,
        )
        for best in blocks:
            norms = squared_norms[first[np.searchsorted(tweet_ids, best.item_ids)]]
            columns = [
                *(best.row_ids, best.item_ids, best.ranks, ~best.is_known),
                *(best.products / log_one_plus(norms), best.products / np.sqrt(norms), best.products),
            ]
            name = pa.repeat(candidate_type, len(best.row_ids))
            yield pa.record_batch([name, *(pa.array(column) for column in columns)], schema=SCHEMA)


def model(dbt, session):
    engagements = to_arrow(dbt.ref("stg_engagements")).select(["user_id", "tweet_id", "engagement_type"])
    rows = batches(
        to_arrow(dbt.ref("candidate_recipes")),
        parts(to_arrow(dbt.ref("int_tweet_candidate_interests")), "candidate_type"),
        parts(to_arrow(dbt.ref("int_tweet_candidate_lists")), "candidate_type"),
        engagements.filter(pc.not_equal(engagements["engagement_type"], "impression")),
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
