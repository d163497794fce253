"""Similar producers by followers in common: what the model int_producer_neighbors_kernel calls."""

from simclusters.similarity.neighbors import FollowMatrix, nearest_neighbors

__all__ = ["FollowMatrix", "nearest_neighbors"]
