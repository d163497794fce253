"""Formulas that SQL and the kernels compute alike, operation by operation."""

from __future__ import annotations

import numpy as np
from numba import njit

# Scores are compared in ten decimals, as macros/ranking/rounded_score.sql does.
SCORE_UNITS_PER_ONE = 1e10


@njit(cache=True, nogil=True, inline="always")
def rounded_score(score):
    """A score >= 0 in ten decimals, halves away from zero, as SQL rounds."""
    scaled = score * SCORE_UNITS_PER_ONE
    whole = np.floor(scaled)
    if scaled - whole >= 0.5:
        whole += 1.0
    return whole / SCORE_UNITS_PER_ONE


def rounded_score_each(scores: np.ndarray) -> np.ndarray:
    """rounded_score of float64[n]."""
    scaled = scores * SCORE_UNITS_PER_ONE
    whole = np.floor(scaled)
    return (whole + (scaled - whole >= 0.5)) / SCORE_UNITS_PER_ONE


@njit(cache=True, nogil=True, inline="always")
def log_one_plus(x):
    """ln(1 + x) for x >= 0, as macros/scoring/damping.sql computes it."""
    return 2 * np.arcsinh(x / (2 * np.sqrt(1 + x)))


@njit(cache=True, nogil=True)
def log_one_plus_each(x: np.ndarray) -> np.ndarray:
    """log_one_plus of float64[n]."""
    logs = np.empty_like(x)
    for index in range(len(x)):
        logs[index] = log_one_plus(x[index])
    return logs
