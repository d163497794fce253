"""Work on shares of a graph: each share writes its own places, so the number of threads changes nothing but the time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np


def equal_shares(starts: np.ndarray, count: int) -> list[tuple[int, int]]:
    """Cut the rows of an offset array, int64[rows + 1], into ``count`` ranges that hold about equally much."""
    bounds = np.searchsorted(starts, np.linspace(0, starts[-1], count + 1)).tolist()
    bounds[0], bounds[-1] = 0, len(starts) - 1
    return list(zip(bounds[:-1], bounds[1:], strict=True))


def even_ranges(length: int, count: int) -> list[tuple[int, int]]:
    """Cut range(length) into ``count`` ranges of about one length."""
    bounds = [length * share // count for share in range(count + 1)]
    return list(zip(bounds[:-1], bounds[1:], strict=True))


def run_on_shares(pool: ThreadPoolExecutor | None, work: Callable[[Any], Any], shares: Iterable[Any]) -> list[Any]:
    """Results of work(share), in order; without a pool on this thread."""
    return list(map(work, shares) if pool is None else pool.map(work, shares))
