"""Work on threads. Each share of it writes its own places, so the number of threads changes nothing but the time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np

Result = TypeVar("Result")


def available_processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """Threads that do the shares of a job, until the ``with`` block ends. One worker is the calling thread.

    count : how many, at least 1
    """

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count) if count > 1 else None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def run(self, work: Callable[..., Result], shares: Iterable[Sequence[Any]]) -> list[Result]:
        """Results of work(*share), in the order of the shares."""
        return list((map if self._pool is None else self._pool.map)(lambda share: work(*share), shares))


def equal_shares(starts: np.ndarray, count: int) -> list[tuple[int, int]]:
    """Cut the rows of an offset array, int64[rows + 1], into ``count`` ranges that hold about equally much."""
    bounds = np.searchsorted(starts, np.linspace(0, starts[-1], count + 1)).tolist()
    bounds[0], bounds[-1] = 0, len(starts) - 1
    return list(zip(bounds[:-1], bounds[1:], strict=True))


def even_ranges(length: int, count: int) -> list[tuple[int, int]]:
    """Cut range(length) into ``count`` ranges of about one length."""
    bounds = [length * share // count for share in range(count + 1)]
    return list(zip(bounds[:-1], bounds[1:], strict=True))


def blocks_of_rows(work: np.ndarray, most_work: int, most_rows: int) -> Iterator[tuple[int, int]]:
    """Cut rows into ranges of at most ``most_rows`` rows and of ``most_work``, or of one row that alone is more.

    work : int64[rows]   what each row costs
    """
    done = np.cumsum(work)
    first = 0
    while first < len(done):
        before = done[first - 1] if first else 0
        end = int(np.searchsorted(done, before + most_work, side="right"))
        end = min(max(end, first + 1), first + most_rows, len(done))
        yield first, end
        first = end


def stream_blocks(
    work: Callable[[Any, int, int], Result], blocks: Iterable[tuple[int, int]], scratches: Sequence[Any]
) -> Iterator[Result]:
    """Results of work(scratch, first, end) for each block, in order, computed while earlier ones are read.

    scratches : memory for one block each; there are as many threads as scratches, and at most two results for each wait
    """
    free: SimpleQueue = SimpleQueue()
    for scratch in scratches:
        free.put(scratch)

    def on_free_scratch(first: int, end: int) -> Result:
        scratch = free.get()
        try:
            return work(scratch, first, end)
        finally:
            free.put(scratch)

    with ThreadPoolExecutor(len(scratches)) as pool:
        pending: deque = deque()
        for block in blocks:
            pending.append(pool.submit(on_free_scratch, *block))
            if len(pending) > 2 * len(scratches):
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
