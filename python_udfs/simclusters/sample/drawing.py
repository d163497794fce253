"""Random draws that give the same values on every run, and the index arithmetic around them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np

ROWS_PER_CHUNK = 1_000_000
# Tries to draw enough distinct rows before giving up.
DRAWING_ROUNDS = 60


def uniform_stream(seed: int, purpose: str, chunk: int = 0) -> np.random.Generator:
    """The random numbers of one purpose and chunk, independent of what else is drawn.

    Callers use only ``random()``: unlike the distributions of numpy, its stream does not change between versions.
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), chunk])))


def draw_from_shares(shares: Sequence[float] | np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """Positions in ``shares``, each drawn with probability proportional to its share."""
    cumulative = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.minimum(np.searchsorted(cumulative, uniforms * cumulative[-1], side="right"), len(cumulative) - 1)


class WeightedGroups:
    """Draws members of groups in proportion to their weights.

    Members are ordered by group; ``group_start`` (int64[groups + 1]) bounds each group. A draw costs a binary search.
    """

    def __init__(self, weights: np.ndarray, group_start: np.ndarray) -> None:
        self._cumulative = np.concatenate([[0.0], np.cumsum(weights)])
        self._group_start = group_start

    def draw(self, groups: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
        """One member position for each entry of ``groups`` (no group may be empty); ``uniforms`` lie in [0, 1)."""
        first, after_last = self._group_start[groups], self._group_start[groups + 1]
        low, high = self._cumulative[first], self._cumulative[after_last]
        members = np.searchsorted(self._cumulative, low + uniforms * (high - low), side="right") - 1
        # A product rounded up to the upper bound would land on the next group.
        return np.clip(members, first, after_last - 1)


def group_starts(groups: np.ndarray, group_count: int) -> np.ndarray:
    """int64[group_count + 1] offsets of ascending ``groups``."""
    return np.concatenate([[0], np.cumsum(np.bincount(groups, minlength=group_count))]).astype(np.int64)


def first_occurrences(keys: np.ndarray) -> np.ndarray:
    """Positions of the first occurrence of each key, in the order of the positions."""
    return np.sort(np.unique(keys, return_index=True)[1])


def heavy_tailed(uniforms: np.ndarray, exponent: float, largest: float) -> np.ndarray:
    """Pareto-like weights from 1 to ``largest``; a larger exponent is a heavier tail."""
    return np.minimum((1.0 - uniforms) ** -exponent, largest)


def split_rows(cumulative_weight: np.ndarray, rows: int) -> Iterator[tuple[int, int, int]]:
    """(first, after last, rows) of consecutive ranges holding about ``ROWS_PER_CHUNK`` rows each, ``rows`` in total.

    ``cumulative_weight`` is float64[n + 1] from 0 to the total weight.
    """
    chunks = max(1, -(-rows // ROWS_PER_CHUNK))
    targets = cumulative_weight[-1] * np.arange(1, chunks) / chunks
    bounds = np.unique(np.concatenate([[0], np.searchsorted(cumulative_weight, targets), [len(cumulative_weight) - 1]]))
    done = np.floor(rows * cumulative_weight[bounds] / cumulative_weight[-1]).astype(np.int64)
    done[-1] = rows
    for position in range(len(bounds) - 1):
        yield int(bounds[position]), int(bounds[position + 1]), int(done[position + 1] - done[position])
