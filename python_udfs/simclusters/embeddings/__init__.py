"""What the producers of each consumer add up to: what the kernels of models/embeddings/ call."""

from simclusters.embeddings.interests import Edges, Memberships, interest_sums
from simclusters.embeddings.producer_groups import Members, Producers, producer_groups

__all__ = ["Edges", "Members", "Memberships", "Producers", "interest_sums", "producer_groups"]
