import numpy as np
import pyarrow as pa

from simclusters.embeddings import Edges, Memberships, interest_sums
from simclusters.products import parts
from simclusters.relation_io import to_arrays, to_arrow, to_relation

GIVEN_SCORES = ["follow_score_producer_normalized", "fav_score", "fav_score_producer_normalized", "log_fav_score"]
SCORES = ["follow_score", *GIVEN_SCORES]
COUNTS = ["followed_producer_count", "faved_producer_count"]
SCHEMA = pa.schema(
    [
        ("interest_type", pa.string()),
        ("consumer_id", pa.int64()),
        ("cluster_id", pa.int64()),
        *((name, pa.float64()) for name in SCORES),
        *((name, pa.int64()) for name in COUNTS),
    ]
)


def graph_edges(graph):
    *ends, scores = to_arrays(
        graph,
        ["consumer_id", "producer_id", "is_followed", *GIVEN_SCORES],
        of_batch=lambda batch: [*batch.columns[:3], np.stack(batch.columns[3:], axis=1)],
    )
    return Edges(*ends, scores)


def batches(recipes, memberships, edges, minimum_proof):
    for recipe in recipes.sort_by("interest_type").to_pylist():
        interest_type = recipe["interest_type"]
        if interest_type not in memberships:
            continue
        of_recipe = memberships[interest_type]
        blocks = interest_sums(
            edges,
            Memberships(of_recipe["producer_id"], of_recipe["cluster_id"], of_recipe["membership_score"]),
            counts_follows_and_favs=recipe["counts_follows_and_favs"],
            minimum_proof=minimum_proof,
        )
        for found in blocks:
            name = pa.repeat(interest_type, len(found.consumer_ids))
            columns = [found.consumer_ids, found.cluster_ids, *found.scores.T, *found.counts.T]
            yield pa.record_batch([name, *(pa.array(column) for column in columns)], schema=SCHEMA)


def model(dbt, session):
    rows = batches(
        to_arrow(dbt.ref("interest_recipes")),
        parts(to_arrow(dbt.ref("int_interest_memberships")), "interest_type"),
        graph_edges(dbt.ref("user_user_graph")),
        dbt.config.meta_get("minimum_social_proof"),
    )

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
