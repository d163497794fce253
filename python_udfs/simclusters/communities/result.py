"""What a run of community detection gives back."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class CommunityReport:
    """What a run did. Objectives are exact, in units: a millionth of the edge weight.

    objective_by_epoch is that at the start, after every epoch, and after every round of community moves. When the resolution
    was searched it holds the annealed epochs only, at start_pair_cost.
    """

    objective: int = 0  # at the end, at pair_cost
    objective_by_epoch: list[int] = field(default_factory=list)
    moves_by_epoch: list[int] = field(default_factory=list)  # producers that changed their community in each epoch
    epochs: int = 0
    seconds: float = 0.0  # of the whole call
    graph_seconds: float = 0.0  # of them, those in which the edges were checked and sorted into a graph
    communities_asked: int | None = None  # k
    communities_found: int = 0  # of at least two producers
    largest_community: int = 0  # in producers
    unassigned: int = 0  # producers in no community
    mean_units: int = 0  # mean edge weight in units (symbol g)
    pair_cost: int = 0  # what one unconnected pair inside a community costs, in units (symbols g / w)
    start_pair_cost: int = 0  # the same during the annealed epochs
    true_positive_weight: float = 0.0  # symbol w at the end; given to another run it leads to the same pair cost
    reason: str = ""  # how the number of communities came about, and why it is not k where it is not


@dataclass(frozen=True)
class Communities:
    """The result of detect_communities."""

    producer_ids: np.ndarray  # int64[n], ascending
    cluster_ids: np.ndarray  # int64[n], from 1; 0 for producers without a community
    report: CommunityReport
