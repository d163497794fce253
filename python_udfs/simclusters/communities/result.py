"""What a run of community detection gives back."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class CommunityReport:
    """What a run did. Objectives are exact, in units: a millionth of the edge weight.

    objective : the objective at the end, at pair_cost
    objective_by_epoch : at the start, after every epoch, and after every round of community moves; when the resolution
        was searched, the annealed epochs only, at start_pair_cost
    moves_by_epoch : producers that changed their community in each epoch
    epochs : epochs done
    seconds : time of the whole call
    graph_seconds : time of it in which the edges were checked and sorted into a graph
    communities_asked : k, or None
    communities_found : communities of at least two producers
    largest_community : producers in the largest community
    unassigned : producers that are in no community
    mean_units : mean edge weight in units (symbol g)
    pair_cost : what one unconnected pair inside a community costs, in units (symbols g / w)
    start_pair_cost : the same during the annealed epochs
    true_positive_weight : symbol w at the end; given to another run it leads to the same pair cost
    reason : how the number of communities came about, and why it is not k where it is not
    """

    objective: int = 0
    objective_by_epoch: list[int] = field(default_factory=list)
    moves_by_epoch: list[int] = field(default_factory=list)
    epochs: int = 0
    seconds: float = 0.0
    graph_seconds: float = 0.0
    communities_asked: int | None = None
    communities_found: int = 0
    largest_community: int = 0
    unassigned: int = 0
    mean_units: int = 0
    pair_cost: int = 0
    start_pair_cost: int = 0
    true_positive_weight: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class Communities:
    """The result of detect_communities.

    producer_ids : int64[n]   ascending
    cluster_ids : int64[n]    from 1; 0 for producers without a community
    report : what the run did
    """

    producer_ids: np.ndarray
    cluster_ids: np.ndarray
    report: CommunityReport
