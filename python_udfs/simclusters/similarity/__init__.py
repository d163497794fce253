"""Similar producers by followers in common: what the kernels of models/similarity/ call."""

from simclusters.similarity.co_follow_trials import co_follow_trial_hits
from simclusters.similarity.co_follows import Recipe, co_followed_producers
from simclusters.similarity.neighbors import FollowMatrix, nearest_neighbors

__all__ = ["FollowMatrix", "Recipe", "co_follow_trial_hits", "co_followed_producers", "nearest_neighbors"]
