"""The producers of each consumer, grouped by what they are about: the compiled engine behind int_multi_embedding_members.

Groups and ranks as the SQL finds them; a score differs in the last digits at most, because a sum of floats depends on its order. Any
number of threads gives the same bits. Memory is what is given, once, and the results; consumers may be given in parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from simclusters.embeddings.kernels import Entries, GroupResults, GroupScratch, groups_of_rows
from simclusters.positions import as_ids, dense_positions, positions_among, stable_order
from simclusters.threads import Workers, available_processors, equal_shares

METHODS = ("largest_dimension", "connected_components")


@dataclass(frozen=True)
class Members:
    """The producers of each consumer, each once, with the largest community of each: integer[m] each."""

    consumer_ids: Any
    producer_ids: Any
    largest_cluster_ids: Any


class Producers:
    """Vectors of norm 1, a row per producer and community, and the pairs of similar producers, each once or twice.

    producer_ids, cluster_ids integer[e], unit_scores float[e]; linked_ids, other_linked_ids integer[l]. Raises ValueError for unequal
    lengths and ids that are not integers.
    """

    def __init__(self, producer_ids: Any, cluster_ids: Any, unit_scores: Any, linked_ids: Any, other_linked_ids: Any) -> None:
        linked_ids, others = as_ids(linked_ids, "linked_ids"), as_ids(other_linked_ids, "other_linked_ids")
        producer_ids, cluster_ids = as_ids(producer_ids, "producer_ids"), as_ids(cluster_ids, "cluster_ids")
        unit_scores = np.asarray(unit_scores, np.float64)
        if len(linked_ids) != len(others) or not len(producer_ids) == len(cluster_ids) == len(unit_scores):
            raise ValueError(
                f"{len(linked_ids)} linked_ids, {len(others)} other_linked_ids, "
                f"{len(producer_ids)} producer_ids, {len(cluster_ids)} cluster_ids, {len(unit_scores)} unit_scores"
            )
        self.ids, owner, linked, other = dense_positions(producer_ids, linked_ids, others)
        distinct_clusters, cluster = dense_positions(cluster_ids)
        self.cluster_count = len(distinct_clusters)
        # Whoever has neither a vector nor a link is the last producer.
        vector_start, by_owner = stable_order(owner, len(self.ids) + 1)
        link_start, by_linked = stable_order(linked, len(self.ids) + 1)
        self.vectors = Entries(vector_start, cluster[by_owner], unit_scores[by_owner])
        self.links = Entries(link_start, other[by_linked], np.empty(0))


class Groups(NamedTuple):
    """For each row of Members: rank and size of its group, int64[m], and the producer's medoid score, float64[m].

    Ranks begin at 1 for the largest group; of groups of one size, the one with the smallest producer id comes first. The medoid score
    is the sum of the producer's cosines to all producers of the group.
    """

    ranks: np.ndarray
    counts: np.ndarray
    scores: np.ndarray


def producer_groups(members: Members, producers: Producers, threads: int | None = None) -> dict[str, Groups]:
    """Groups of the producers of each consumer by ``largest_dimension`` and by ``connected_components`` of their links.

    Raises ValueError for unequal lengths and ids that are not integers.
    """
    columns = {name: as_ids(values, name) for name, values in vars(members).items()}
    if len({len(column) for column in columns.values()}) > 1:
        raise ValueError(f"members have {', '.join(f'{len(column)} {name}' for name, column in columns.items())}")
    ids, producer = dense_positions(columns["producer_ids"])
    position = positions_among(ids, producers.ids)
    position[position < 0] = len(producers.ids)
    cluster_ids, largest = dense_positions(columns["largest_cluster_ids"])
    consumers, consumer = dense_positions(columns["consumer_ids"])
    _, by_producer = stable_order(producer, len(ids))
    start, by_consumer = stable_order(consumer[by_producer], len(consumers))
    order = by_producer[by_consumer]
    given = start, position[producer[order]], largest[order], producers.links, producers.vectors
    count, longest = len(order), int(np.diff(start).max(initial=0))
    found = [GroupResults(np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count)) for _ in range(2)]

    def group(first: int, end: int) -> None:
        places, firsts = np.full(len(producers.ids) + 1, -1, np.int32), np.full(len(cluster_ids), -1, np.int32)
        of_member = (np.empty(longest, np.int32) for _ in range(4))
        scratch = GroupScratch(places, firsts, np.zeros(producers.cluster_count), *of_member)
        groups_of_rows(first, end, *given, scratch, *found)

    with Workers(threads or available_processors()) as workers:
        workers.run(group, equal_shares(start, workers.count))
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    return {method: Groups(*(column[place] for column in results)) for method, results in zip(METHODS, found, strict=True)}
