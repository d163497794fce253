"""The best products of sparse vectors: what the models int_*_candidates_kernel and int_similar_producers_kernel call."""

from simclusters.products.best import (
    Asked,
    Best,
    Vectors,
    best_of_blocks,
    best_products,
    hidden_from_all,
    parts,
    read_asked,
    read_items,
    split_hidden,
)

__all__ = [
    "Asked",
    "Best",
    "Vectors",
    "best_of_blocks",
    "best_products",
    "hidden_from_all",
    "parts",
    "read_asked",
    "read_items",
    "split_hidden",
]
