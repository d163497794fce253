import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.products import Vectors, best_products, hidden_from_all
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
LISTED = ["index_list_id", "tweet_id", "tweet_rank", "created_at", "tweet_squared_norm"]
COLUMNS = [*LISTED, "cluster_id", "tweet_score"]
ASKED = ["source_id", "index_list_id", "cluster_id", "source_score", "source_squared_norm"]


def opened(table):
    """A row per entry of the vectors of lists by direction."""
    rows = table.take(pc.list_parent_indices(table["cluster_ids"]))
    for name, array in {"cluster_id": "cluster_ids", "tweet_score": "tweet_scores"}.items():
        rows = rows.append_column(name, pc.list_flatten(table[array]))
    return rows.select(COLUMNS)


def vectors(table, id_column, weight_column, list_ids, cluster_count):
    """A list by direction has a vector's entry per community. Its place stands for its id, which fills 64 bits already."""
    places = np.searchsorted(list_ids, table["index_list_id"].to_numpy())
    return Vectors(table[id_column], places * cluster_count + table["cluster_id"].to_numpy(), table[weight_column])


def tweets_of_index(index_name, community_lists, direction_lists, hidden_tweets):
    """The tweets in the lists of an index that anybody may see, a row per entry of their vectors."""
    of_index = {"index_name": index_name}
    listed = to_arrow(community_lists, COLUMNS, of_index)
    by_direction = opened(to_arrow(direction_lists, [*LISTED, "cluster_ids", "tweet_scores"], of_index).combine_chunks())
    tweets = pa.concat_tables([listed.filter(pc.greater(listed["tweet_score"], 0)), by_direction])
    return tweets.filter(pc.invert(pc.is_in(tweets["tweet_id"], hidden_tweets)))


def best_tweets(config, most_results, lookups, tweets, hidden):
    """Blocks of what is found."""
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
    if config["source_kind"] == "consumer":
        pairs = to_arrow(hidden, ["user_id", "tweet_id"])
        pairs = pairs.filter(pc.is_valid(pairs["user_id"]))
        norms |= {"known_row_ids": pairs["user_id"], "known_item_ids": pairs["tweet_id"]}
    lists = np.unique(lookups["index_list_id"]), 1 + max(pc.max(table["cluster_id"]).as_py() or 0 for table in (lookups, tweets))
    return best_products(
        vectors(lookups, "source_id", "source_score", *lists),
        vectors(tweets, "tweet_id", "tweet_score", *lists),
        min(config["maximum_results"], most_results),
        row_divisors=NORM_OF_SQUARES[source_norm](lookups["source_squared_norm"].to_numpy()),
        larger_product_first=True,
        leaves_out_itself=config["source_kind"] == "tweet",
        **norms,
    )


def batches(configs, most_results, lookups, community_lists, direction_lists, hidden):
    hidden_tweets = hidden_from_all(hidden)
    tweets = {}
    for config in configs:
        asked, index_name = to_arrow(lookups, ASKED, {"config_id": config["config_id"]}), config["index_name"]
        if not config["is_in_batch"] or not asked.num_rows:
            continue
        if index_name not in tweets:
            tweets = {index_name: tweets_of_index(index_name, community_lists, direction_lists, hidden_tweets)}
        for best in best_tweets(config, most_results, asked, tweets[index_name], hidden):
            columns = [best.row_ids, best.item_ids, best.ranks, best.cluster_counts]
            columns += [rounded_score_each(best.products), rounded_score_each(best.scores)]
            # In ten decimals, as SQL compares. The best of a source come first, so ranks of what is left have no gaps.
            kept = [pa.array(column[best.scores >= config["minimum_score"] - 5e-11]) for column in columns]
            names = [pa.repeat(config[name], len(kept[0])) for name in ("source_kind", "config_name")]
            yield pa.record_batch([*names, *kept], schema=SCHEMA)


def model(dbt, session):
    [limits] = to_arrow(dbt.ref("table_limits")).filter(pc.field("table_name") == "ann_candidates").to_pylist()
    rows = batches(
        to_arrow(dbt.ref("int_ann_configs")).sort_by("config_id").to_pylist(),
        limits["items_per_group"],
        dbt.ref("int_ann_lookups"),
        dbt.ref("cluster_top_tweets"),
        dbt.ref("int_direction_list_tweets"),
        dbt.ref("int_hidden_tweets"),
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
