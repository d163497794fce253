"""Vectors over fine communities, fitted to the follows: what the kernels of models/embeddings/fitted/ call."""

from simclusters.fitted.fitting import FittedVectors, fit_trial_hits, fitted_interests, fitted_vectors, ranks_without_opt_outs

__all__ = ["FittedVectors", "fit_trial_hits", "fitted_interests", "fitted_vectors", "ranks_without_opt_outs"]
