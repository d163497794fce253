"""The live tables, kept fresh from events as they arrive."""

from simclusters.streaming.stream import Stream

__all__ = ["Stream"]
