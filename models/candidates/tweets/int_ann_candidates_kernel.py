import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.products import Vectors, best_products, hidden_from_all, parts
from simclusters.relation_io import to_arrow, to_relation
from simclusters.scores import log_one_plus_each, rounded_score_each

SCHEMA = pa.schema(
    [
        ("source_kind", pa.string()),
        ("config_name", pa.string()),
        ("source_id", pa.int64()),
        ("tweet_id", pa.int64()),
        ("candidate_rank", pa.int64()),
        ("cluster_count", pa.int64()),
        ("dot_product", pa.float64()),
        ("ann_score", pa.float64()),
    ]
)

# As ann_norms says: what the product is divided by, of the source and of the tweet.
NORMS = {
    "dot_product": (None, None),
    "cosine": ("square_root", "square_root"),
    "cosine_without_source_norm": (None, "square_root"),
    "log_cosine": ("log_one_plus", "log_one_plus"),
    "log_cosine_by_source_norm": ("square_root", "log_one_plus"),
}
NORM_OF_SQUARES = {None: np.ones_like, "square_root": np.sqrt, "log_one_plus": log_one_plus_each}
COLUMNS = ["index_list_id", "cluster_id", "tweet_id", "tweet_rank", "created_at", "tweet_squared_norm", "tweet_score"]


def opened(table):
    """A row per entry of the vectors of lists by direction."""
    table = table.combine_chunks()
    rows = table.take(pc.list_parent_indices(table["cluster_ids"]))
    for name, array in {"cluster_id": "cluster_ids", "tweet_score": "tweet_scores"}.items():
        rows = rows.append_column(name, pc.list_flatten(table[array]))
    return rows.select(COLUMNS)


def vectors(table, id_column, weight_column):
    """A list by direction has a vector's entry per community; ids of communities have fewer than 20 bits."""
    list_ids, cluster_ids = table["index_list_id"].to_numpy(), table["cluster_id"].to_numpy()
    return Vectors(table[id_column], list_ids * (1 << 20) + cluster_ids, table[weight_column])


def best_tweets(config, lookups, tweets, hidden):
    source_norm, tweet_norm = NORMS[config["algorithm"]]
    lookups = lookups.filter(pc.greater(lookups["source_squared_norm"], 0))
    tweets = tweets.filter(pc.is_in(tweets["index_list_id"], lookups["index_list_id"]))
    created = pc.divide(pc.cast(pc.cast(tweets["created_at"], pa.timestamp("us")), pa.int64()), 1000)
    is_young = pc.and_(pc.greater_equal(created, config["created_from_millis"]), pc.less_equal(created, config["created_to_millis"]))
    is_found = pc.and_(pc.less_equal(tweets["tweet_rank"], config["tweets_per_cluster"]), pc.fill_null(is_young, True))
    if config["scored_over"] == "whole":
        norms = {"is_listed": is_found, "divisors": NORM_OF_SQUARES[tweet_norm](tweets["tweet_squared_norm"].to_numpy())}
    else:
        tweets, norms = tweets.filter(is_found), {"found_norm": tweet_norm}
    is_consumer = config["source_kind"] == "consumer"
    return best_products(
        vectors(lookups, "source_id", "source_score"),
        vectors(tweets, "tweet_id", "tweet_score"),
        config["maximum_results"],
        row_divisors=NORM_OF_SQUARES[source_norm](lookups["source_squared_norm"].to_numpy()),
        larger_product_first=True,
        leaves_out_itself=config["source_kind"] == "tweet",
        known_row_ids=hidden["user_id"] if is_consumer else (),
        known_item_ids=hidden["tweet_id"] if is_consumer else (),
        **norms,
    )


def batches(configs, lookups, tweets, hidden):
    for config in configs.sort_by("config_id").to_pylist():
        if not config["is_in_batch"] or config["config_id"] not in lookups:
            continue
        for best in best_tweets(config, lookups[config["config_id"]], tweets, hidden):
            # In ten decimals, as SQL compares.
            is_kept = best.scores >= config["minimum_score"] - 5e-11
            columns = [best.row_ids, best.item_ids, best.ranks, best.cluster_counts, best.products, rounded_score_each(best.scores)]
            names = [pa.repeat(config[name], int(is_kept.sum())) for name in ("source_kind", "config_name")]
            yield pa.record_batch([*names, *(pa.array(column[is_kept]) for column in columns)], schema=SCHEMA)


def model(dbt, session):
    hidden = dbt.ref("int_hidden_tweets")
    hidden_pairs = to_arrow(hidden, ["user_id", "tweet_id"])
    community_lists = to_arrow(dbt.ref("cluster_top_tweets")).select(COLUMNS)
    direction_lists = opened(to_arrow(dbt.ref("int_direction_list_tweets")))
    tweets = pa.concat_tables([community_lists.filter(pc.greater(community_lists["tweet_score"], 0)), direction_lists])
    rows = batches(
        to_arrow(dbt.ref("int_ann_configs")),
        parts(to_arrow(dbt.ref("int_ann_lookups")), "config_id"),
        tweets.filter(pc.invert(pc.is_in(tweets["tweet_id"], hidden_from_all(hidden)))),
        hidden_pairs.filter(pc.is_valid(hidden_pairs["user_id"])),
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
