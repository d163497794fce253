import numpy as np
import pyarrow as pa

from simclusters.embeddings import Edges, Memberships, OptOuts, Recipe, ranked_interests
from simclusters.products import parts
from simclusters.relation_io import id_ranges, to_arrays, to_arrow, to_relation
from simclusters.scores import rounded_score_each

GIVEN_SCORES = ["follow_score_producer_normalized", "fav_score", "fav_score_producer_normalized", "log_fav_score"]
SCORES = ["follow_score", *GIVEN_SCORES]
COUNTS = ["followed_producer_count", "faved_producer_count"]
SCHEMA = pa.schema(
    [
        ("interest_type", pa.string()),
        ("consumer_id", pa.int64()),
        ("cluster_id", pa.int64()),
        ("cluster_rank", pa.int64()),
        *((name, pa.float64()) for name in SCORES),
        *((name, pa.int64()) for name in COUNTS),
    ]
)


def edges_of(graph):
    columns = ["consumer_id", "producer_id", "is_followed", *GIVEN_SCORES]
    for ids in id_ranges(graph, "consumer_id"):
        yield Edges(*to_arrays(graph, columns, None, lambda batch: [*batch.columns[:3], np.stack(batch.columns[3:], axis=1)], ids))


def recipes(table, memberships):
    for recipe in table.to_pylist():
        of_recipe = memberships.get(recipe["interest_type"], dict.fromkeys(["producer_id", "cluster_id", "membership_score"], []))
        yield Recipe(
            Memberships(of_recipe["producer_id"], of_recipe["cluster_id"], of_recipe["membership_score"]),
            recipe["counts_follows_and_favs"],
            recipe["ranks_by_favs"],
            recipe["clusters_per_consumer"],
        )


def batches(blocks, interest_types):
    for found in blocks:
        columns = [
            found.consumer_ids,
            found.cluster_ids,
            pa.array(found.ranks, mask=found.ranks == 0),
            *rounded_score_each(found.scores).T,
            *found.counts.T,
        ]
        columns = [interest_types.take(pa.array(found.recipes)), *map(pa.array, columns)]
        yield pa.record_batch(columns, schema=SCHEMA)


def model(dbt, session):
    recipe_table = to_arrow(dbt.ref("interest_recipes")).sort_by("interest_type")
    opt_outs = to_arrow(dbt.ref("opted_out_clusters"), ["user_id", "cluster_id"], {"opt_out_kind": "interested_in"})
    found = ranked_interests(
        edges_of(dbt.ref("user_user_graph")),
        list(recipes(recipe_table, parts(to_arrow(dbt.ref("int_interest_memberships")), "interest_type"))),
        OptOuts(opt_outs["user_id"], opt_outs["cluster_id"]),
        minimum_proof=dbt.config.meta_get("minimum_social_proof"),
    )
    rows = batches(found, recipe_table["interest_type"].combine_chunks())

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
