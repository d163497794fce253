"""Similar producers by followers in common: what the models int_producer_neighbors_kernel and int_co_followed_producers_kernel call."""

from simclusters.similarity.co_follows import co_followed_producers
from simclusters.similarity.neighbors import FollowMatrix, nearest_neighbors

__all__ = ["FollowMatrix", "co_followed_producers", "nearest_neighbors"]
