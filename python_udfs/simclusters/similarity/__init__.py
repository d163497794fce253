"""Similar producers by followers in common: what the kernels of models/similarity/ call."""

from simclusters.similarity.co_follows import co_followed_producers, list_lengths
from simclusters.similarity.neighbors import FollowMatrix, nearest_neighbors

__all__ = ["FollowMatrix", "co_followed_producers", "list_lengths", "nearest_neighbors"]
