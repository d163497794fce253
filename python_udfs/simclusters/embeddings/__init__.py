"""What the producers of each consumer add up to: what the kernels of models/embeddings/ call."""

from simclusters.embeddings.interests import Edges, Memberships, OptOuts, Recipe, ranked_interests
from simclusters.embeddings.producer_groups import Members, Producers, producer_groups
from simclusters.embeddings.producer_topics import Audiences, Follows, TopicFollows, own_topics

__all__ = [
    "Audiences",
    "Edges",
    "Follows",
    "Members",
    "Memberships",
    "OptOuts",
    "Producers",
    "Recipe",
    "TopicFollows",
    "own_topics",
    "producer_groups",
    "ranked_interests",
]
