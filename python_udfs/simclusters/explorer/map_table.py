"""Between the tables of communities and the layout of the map."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simclusters.explorer.layout import place_communities

SIMILARITIES = ("follow_cosine_similarity", "log_fav_cosine_similarity")


def placed(clusters: pa.Table, neighbors: pa.Table, previous: pa.Table | None) -> tuple[np.ndarray, np.ndarray]:
    """Ids of communities, ascending, and their places on the map: int64[n] and float64[n, 2].

    clusters : cluster_id, producer_count
    neighbors : cluster_id, neighbor_cluster_id and the two cosines of `cluster_neighbors`; those of other communities are passed over
    previous : cluster_id, map_x, map_y of the run before, or None
    """
    cluster_ids = clusters["cluster_id"].to_numpy()
    order = np.argsort(cluster_ids)
    cluster_ids, sizes = cluster_ids[order], clusters["producer_count"].to_numpy()[order]
    links = np.zeros((len(cluster_ids), len(cluster_ids)))
    left, is_left = _positions(cluster_ids, neighbors["cluster_id"].to_numpy())
    right, is_right = _positions(cluster_ids, neighbors["neighbor_cluster_id"].to_numpy())
    both = is_left & is_right
    similarity = sum(np.nan_to_num(neighbors[name].to_numpy(zero_copy_only=False)) for name in SIMILARITIES)
    links[left[both], right[both]] = similarity[both]
    before = None
    if previous is not None:
        before = np.full((len(cluster_ids), 2), np.nan)
        place, is_known = _positions(cluster_ids, previous["cluster_id"].to_numpy())
        before[place[is_known]] = np.column_stack([previous[name].to_numpy()[is_known] for name in ("map_x", "map_y")])
    return cluster_ids, place_communities(sizes, np.maximum(links, links.T), before)


def rows_of_run(clusters: pa.Table, neighbors: pa.Table, as_of: pa.Scalar, previous: pa.Table | None) -> dict[str, pa.Array]:
    """Columns as_of (timestamp), cluster_id (int64), map_x and map_y (float64): one row per community on the map; see `placed`."""
    cluster_ids, places = placed(clusters, neighbors, previous)
    return {
        "as_of": pa.array(np.full(len(cluster_ids), as_of.value), as_of.type),
        "cluster_id": pa.array(cluster_ids, pa.int64()),
        "map_x": pa.array(places[:, 0], pa.float64()),
        "map_y": pa.array(places[:, 1], pa.float64()),
    }


def _positions(sorted_ids: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where ids stand among sorted ids, and whether they do."""
    if len(sorted_ids) == 0:
        return np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=bool)
    place = np.minimum(np.searchsorted(sorted_ids, ids), len(sorted_ids) - 1)
    return place, sorted_ids[place] == ids
