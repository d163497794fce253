"""The live tables, kept fresh from events as they arrive."""

from simclusters.streaming.files import SETTLED_SECONDS
from simclusters.streaming.stream import Stream

__all__ = ["SETTLED_SECONDS", "Stream"]
