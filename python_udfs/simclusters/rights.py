"""Who may read what this process writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

OTHERS = 0o007
_given: int | None = None


def keep_from_others() -> None:
    """From here on, write for the owner and the group alone: the database and the logs hold people."""
    global _given
    _given = os.umask(OTHERS)
    os.umask(_given | OTHERS)


@contextmanager
def for_readers() -> Iterator[None]:
    """Write with the rights that the process was started with: what readers may see is published."""
    before = os.umask(OTHERS)
    os.umask(before if _given is None else _given)
    try:
        yield
    finally:
        os.umask(before)
