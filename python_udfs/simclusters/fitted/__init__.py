"""Vectors over communities, fitted to the follows: what the kernels of models/embeddings/fitted/ call."""

from simclusters.fitted.fitting import FittedVectors, fit_trial_hits, fitted_vectors

__all__ = ["FittedVectors", "fit_trial_hits", "fitted_vectors"]
