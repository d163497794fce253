"""What is asked of a run of community detection."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to look for communities. What tunes the sweeps has no default here: dbt_project.yml is the place for values.

    k or true_positive_weight is given. With k alone, k decides it.

    Raises ValueError for values out of range.
    """

    seed: int  # >= 0; another seed, another path
    epochs: int  # annealed epochs, passes over all producers at a falling temperature
    blocks: int  # half-steps of an epoch
    start_temperature: float  # of the first epoch, in mean edge weights
    cooling_ratio: float  # factor from one epoch to the next, in (0, 1]
    k: int | None = None  # communities asked for
    true_positive_weight: float | None = None  # symbol w > 0; the resolution of the constant Potts model is 1 / (w + 1)
    # Without community moves, at most so many epochs at temperature 0 follow. They end when nobody moves.
    greedy_epochs: int = 0
    # False walks the node sweeps alone, the path that the SQL engine walks, at a true_positive_weight that is given.
    community_moves: bool = True
    # Whether k is an estimate from the graph. Then a count nearby is met as well, because the graph has its own.
    is_k_estimated: bool = False
    # With k alone, the share of the producers that a community may hold, in (0, 1]. By default 0.05, or 3 / k if that is more.
    largest_share: float | None = None

    def __post_init__(self) -> None:
        for name, smallest in (("k", 1), ("seed", 0), ("epochs", 0), ("greedy_epochs", 0), ("blocks", 1)):
            value = getattr(self, name)
            if value is not None or name != "k":
                check_whole_number(name, value, smallest)
        if not (self.start_temperature >= 0 and math.isfinite(self.start_temperature)):
            raise ValueError(f"start_temperature must be a number >= 0, got {self.start_temperature}")
        for name in ("cooling_ratio", "largest_share"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= 1:
                raise ValueError(f"{name} must be in (0, 1], got {value}")
        weight = self.true_positive_weight
        if weight is not None and not (weight > 0 and math.isfinite(weight)):
            raise ValueError(f"true_positive_weight must be a number above 0, got {weight}")
        if weight is None and self.k is None:
            raise ValueError("give k, the number of communities, or true_positive_weight")
        if weight is None and not self.community_moves:
            raise ValueError("without community moves true_positive_weight must be given: only they can meet k")

    def temperatures(self, mean_units: int) -> list[int]:
        """Of the annealed epochs, in units."""
        return [math.floor(mean_units * self.start_temperature * self.cooling_ratio**e) for e in range(self.epochs)]


def check_whole_number(name: str, value: object, smallest: int) -> None:
    """Raises ValueError, naming the option, unless it is a whole number of at least ``smallest``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < smallest:
        raise ValueError(f"{name} must be a whole number of at least {smallest}, got {value!r}")
