"""The weekly table of communities: where a run starts from, and the rows that it adds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from simclusters.communities.result import Communities
from simclusters.relation_io import query


def previous_communities(session: Any, history: Any, as_of: pa.Scalar) -> tuple[np.ndarray, np.ndarray] | None:
    """Communities of the newest run before ``as_of`` in the table ``history``, as producer and cluster ids; None if there is none.

    A run of the same ``as_of`` is passed over, because this run replaces it: so running twice gives the same rows.
    """
    moment = f"cast('{as_of.as_py():%Y-%m-%d %H:%M:%S.%f}' as timestamp)"
    rows = query(
        session,
        f"select producer_id, cluster_id from {{history}} where as_of = (select max(as_of) from {{history}} where as_of < {moment})",
        history,
    )
    if rows.num_rows == 0:
        return None
    return rows["producer_id"].to_numpy(), rows["cluster_id"].to_numpy()


def rows_of_run(communities: Communities, as_of: pa.Scalar) -> dict[str, pa.Array]:
    """Columns as_of (timestamp), producer_id and cluster_id (int64): one row per producer that is in a community."""
    is_member = communities.cluster_ids > 0
    return {
        "as_of": pa.array(np.full(int(is_member.sum()), as_of.value), as_of.type),
        "producer_id": pa.array(communities.producer_ids[is_member], pa.int64()),
        "cluster_id": pa.array(communities.cluster_ids[is_member], pa.int64()),
    }
