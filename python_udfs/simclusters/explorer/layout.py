"""Where each community lies on the map: near communities that share its consumers, and over no other.

The unit is the radius of the map. Bubbles cover the same share of it in every run, so nothing is scaled from run to run.
"""

from __future__ import annotations

import numpy as np

COVERED_SHARE = 0.3
"""Share of the map that all bubbles cover."""
NEAREST = 6
"""Neighbours of a community that pull at it."""
GAP = 0.012
"""Space between two bubbles."""
COLD_STEPS, COLD_STEP_LENGTH = 250, 0.12
WARM_STEPS, WARM_STEP_LENGTH = 24, 0.006
PAIRS_AT_MOST = 20_000_000
"""Pairs that all steps of a layout look at together: many communities get fewer steps."""
DECIMALS = 4


def bubble_radii(sizes: np.ndarray) -> np.ndarray:
    """Radii of bubbles with areas in proportion to sizes.

    sizes : int64[n], at least 1

    Returns float64[n].
    """
    sizes = np.asarray(sizes, dtype=np.float64)
    return np.sqrt(COVERED_SHARE * sizes / max(sizes.sum(), 1.0))


def place_communities(sizes: np.ndarray, links: np.ndarray, previous: np.ndarray | None = None) -> np.ndarray:
    """Positions of communities on the map.

    Parameters
    ----------
    sizes : int64[n]        producers of each community, at least 1
    links : float64[n, n]   similarity of two communities, at least 0, symmetric; the diagonal is not read
    previous : float64[n, 2]  positions in the run before, NaN for a community that had none; None when there was no run

    Returns float64[n, 2], rounded. The same input gives the same positions; with ``previous`` they stay near it, and a new community
    starts among its neighbours. Costs steps times n squared.
    """
    count = len(sizes)
    if count == 0:
        return np.zeros((0, 2))
    radii = bubble_radii(sizes)
    # The last digits of a sum depend on the order of its rows, and many steps would make a move of them.
    pulls = np.round(_nearest_pulls(np.round(np.asarray(links, dtype=np.float64), 6)), 4)
    is_warm = previous is not None and bool(np.isfinite(previous).all(axis=1).any())
    if is_warm:
        positions = _started_from(previous, pulls)
        steps, length = WARM_STEPS, WARM_STEP_LENGTH
    else:
        positions = _spread_by_similarity(pulls)
        steps, length = COLD_STEPS, COLD_STEP_LENGTH
    steps = max(min(steps, PAIRS_AT_MOST // count**2), 20)
    spacing = 1.0 / np.sqrt(count)
    for step in range(steps):
        cooled = length * (1 - step / steps)
        positions = positions + _limited(_forces(positions, pulls, radii, spacing), cooled)
    positions = _without_overlap(positions, radii)
    return np.round(positions, DECIMALS)


def _nearest_pulls(links: np.ndarray) -> np.ndarray:
    """Symmetric weights in [0, 1] of the few strongest links of each community, its strongest counting 1."""
    links = links.copy()
    np.fill_diagonal(links, 0.0)
    count = len(links)
    # A stable sort, so that equal links are taken in the order of the communities.
    order = np.argsort(-links, axis=1, kind="stable")[:, : min(NEAREST, count - 1)]
    kept = np.zeros_like(links)
    rows = np.arange(count)[:, None]
    kept[rows, order] = links[rows, order]
    strongest = kept.max(axis=1, initial=0.0, keepdims=True)
    kept = np.divide(kept, strongest, out=np.zeros_like(kept), where=strongest > 0)
    return np.maximum(kept, kept.T)


def _spread_by_similarity(pulls: np.ndarray) -> np.ndarray:
    """A first guess: the two slowest waves over the graph, and a spiral that keeps equal communities apart."""
    count = len(pulls)
    turns = np.arange(count) * (np.pi * (3 - np.sqrt(5)))
    spiral = np.sqrt((np.arange(count) + 0.5) / count)[:, None] * np.column_stack([np.cos(turns), np.sin(turns)])
    if count < 4:
        return spiral * 0.5
    degree = pulls.sum(axis=1) + 1e-3
    scaled = pulls / np.sqrt(degree[:, None] * degree[None, :])
    # Rounded, so that last digits do not choose between equals. An eigenvector has no sign of its own: its largest entry is positive.
    waves = np.round(np.linalg.eigh(scaled)[1][:, -3:-1], 6)
    waves = waves * np.sign(waves[np.abs(waves).argmax(axis=0), range(2)])
    spread = np.argsort(np.argsort(waves, axis=0, kind="stable"), axis=0, kind="stable") / (count - 1) * 2 - 1
    return 0.6 * spread + 0.15 * spiral


def _started_from(previous: np.ndarray, pulls: np.ndarray) -> np.ndarray:
    """Earlier positions; a new community starts in the middle of its neighbours, or on the rim when none was there."""
    positions = np.array(previous, dtype=np.float64)
    is_known = np.isfinite(positions).all(axis=1)
    for one in np.flatnonzero(~is_known):
        weights = np.where(is_known, pulls[one], 0.0)
        if weights.sum() > 0:
            place = weights @ np.nan_to_num(positions) / weights.sum()
        else:
            place = np.array([np.cos(one * 2.4), np.sin(one * 2.4)])
        # Two that start at one place would never part.
        positions[one] = place + 0.02 * np.array([np.cos(one * 2.4), np.sin(one * 2.4)])
    return positions


def _apart(positions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance of each pair, and the part of it along each axis. Three float64[n, n]."""
    across = positions[:, 0, None] - positions[None, :, 0]
    along = positions[:, 1, None] - positions[None, :, 1]
    return np.sqrt(across * across + along * along) + 1e-9, across, along


def _summed(weights: np.ndarray, across: np.ndarray, along: np.ndarray) -> np.ndarray:
    return np.column_stack([np.einsum("ij,ij->i", weights, across), np.einsum("ij,ij->i", weights, along)])


def _forces(positions: np.ndarray, pulls: np.ndarray, radii: np.ndarray, spacing: float) -> np.ndarray:
    """Neighbours attract, all repel, and the middle holds them together. float64[n, 2]"""
    distance, across, along = _apart(positions)
    between = np.maximum(distance - (radii[:, None] + radii[None, :]), spacing / 10)
    strength = spacing**2 / between - pulls * between * 1.2
    np.fill_diagonal(strength, 0.0)
    return _summed(strength / distance, across, along) - 0.8 * positions


def _limited(moves: np.ndarray, length: float) -> np.ndarray:
    norms = np.sqrt((moves**2).sum(axis=1, keepdims=True))
    return moves * np.minimum(1.0, length / np.maximum(norms, 1e-12))


def _without_overlap(positions: np.ndarray, radii: np.ndarray, rounds: int = 150) -> np.ndarray:
    """Push bubbles apart, the smaller the further, until none lies over another."""
    least = radii[:, None] + radii[None, :] + GAP
    areas = radii**2
    share = areas[None, :] / (areas[:, None] + areas[None, :])
    for _ in range(rounds):
        distance, across, along = _apart(positions)
        missing = np.maximum(least - distance, 0.0)
        np.fill_diagonal(missing, 0.0)
        if missing.max(initial=0.0) < GAP / 2:
            break
        positions = positions + 0.6 * _summed(missing * share / distance, across, along)
    return positions
