"""The best products of sparse vectors: what the models int_*_candidates_kernel and int_similar_producers_kernel call."""

from simclusters.products.best import Best, Vectors, best_products, list_vectors, parts, split_hidden

__all__ = ["Best", "Vectors", "best_products", "list_vectors", "parts", "split_hidden"]
