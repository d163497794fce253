"""The best products of sparse vectors: for whom to follow, what to read, similar producers and what topics say of a consumer."""

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
)

__all__ = ["Asked", "Best", "Vectors", "best_of_blocks", "best_products", "hidden_from_all", "parts", "read_asked", "read_items"]
