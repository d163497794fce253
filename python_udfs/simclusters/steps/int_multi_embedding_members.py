import pyarrow as pa

from simclusters.embeddings import Members, Producers, producer_groups
from simclusters.embeddings.producer_groups import METHODS
from simclusters.relation_io import id_ranges, to_arrays, to_arrow, to_relation
from simclusters.scores import rounded_score_each

COLUMNS = {"consumer_id": pa.int64(), "producer_id": pa.int64(), "fav_score": pa.float64()}
OF_METHODS = {"rank": pa.int64(), "count": pa.int64(), "score": pa.float64()}
SCHEMA = pa.schema([*COLUMNS.items(), *((f"{method}_{name}", of) for method in METHODS for name, of in OF_METHODS.items())])


def batches(neighbors, edges, producers):
    # Neighbors are a view over the edges, of which a consumer has at least as many.
    for ids in id_ranges(edges, "consumer_id"):
        *members, fav_scores = to_arrays(neighbors, ["consumer_id", "producer_id", "largest_cluster_id", "fav_score"], ids=ids)
        groups = producer_groups(Members(*members), producers)
        columns = [*members[:2], fav_scores]
        for found in groups.values():
            columns += [found.ranks, found.counts, rounded_score_each(found.scores)]
        yield pa.record_batch([pa.array(column) for column in columns], schema=SCHEMA)


def model(dbt, session):
    vectors, links = to_arrow(dbt.ref("int_producer_unit_vectors")), to_arrow(dbt.ref("int_producer_links"))
    producers = Producers(
        vectors["producer_id"], vectors["cluster_id"], vectors["unit_score"], links["producer_id"], links["neighbor_producer_id"]
    )
    rows = batches(dbt.ref("int_multi_embedding_neighbors"), dbt.ref("int_user_producer_edges"), producers)

    return to_relation(session, pa.RecordBatchReader.from_batches(SCHEMA, rows))
