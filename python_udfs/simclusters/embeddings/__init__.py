"""What the producers of each consumer add up to: what the kernels of models/embeddings/ call."""

from simclusters.embeddings.interests import Edges, Memberships, OptOuts, Recipe, ranked_interests
from simclusters.embeddings.producer_groups import Members, Producers, producer_groups

__all__ = ["Edges", "Members", "Memberships", "OptOuts", "Producers", "Recipe", "producer_groups", "ranked_interests"]
