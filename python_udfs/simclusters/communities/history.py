"""The rows that a run adds to the weekly table of communities."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simclusters.communities.result import Communities


def rows_of_run(communities: Communities, as_of: pa.Scalar) -> dict[str, pa.Array]:
    """Columns as_of (timestamp), producer_id and cluster_id (int64): one row per producer that is in a community."""
    is_member = communities.cluster_ids > 0
    return {
        "as_of": pa.array(np.full(int(is_member.sum()), as_of.value), as_of.type),
        "producer_id": pa.array(communities.producer_ids[is_member], pa.int64()),
        "cluster_id": pa.array(communities.cluster_ids[is_member], pa.int64()),
    }
