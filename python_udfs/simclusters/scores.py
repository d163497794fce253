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


def log_one_plus(x: np.ndarray) -> np.ndarray:
    """ln(1 + x) for x >= 0, as macros/scoring/log_one_plus.sql computes it."""
    tiny = x * (1 - x * (0.5 - x * (1.0 / 3 - x * 0.25)))
    return np.where(x < 0.001, tiny, np.log(1 + x))
