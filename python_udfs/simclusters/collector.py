"""Python's collector of garbage, and what dbt makes of it."""

import gc


def collect_rarely() -> None:
    """By default the collector visits the million objects of a parsed project again and again, up to a third of the time."""
    gc.set_threshold(50_000, 20, 100)
