"""The producers of each consumer, grouped by what they are about: the compiled engine behind int_multi_embedding_members.

Groups and ranks as the SQL finds them; a score differs in the last digits at most, because a sum of floats depends on its order. Any
number of threads gives the same bits. Memory is what is given, once, and the results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from simclusters.embeddings.kernels import Entries, GroupResults, GroupScratch, groups_of_rows
from simclusters.positions import as_ids, dense_positions, stable_order
from simclusters.threads import Workers, available_processors, equal_shares


@dataclass(frozen=True)
class Members:
    """The producers of each consumer, each once, with the largest community of each: integer[m] each."""

    consumer_ids: Any
    producer_ids: Any
    largest_cluster_ids: Any


@dataclass(frozen=True)
class Producers:
    """Vectors of norm 1, a row per producer and community, and the pairs of similar producers, each once or twice.

    producer_ids, cluster_ids integer[e], unit_scores float[e]; linked_ids, other_linked_ids integer[l]
    """

    producer_ids: Any
    cluster_ids: Any
    unit_scores: Any
    linked_ids: Any
    other_linked_ids: Any


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
    ids, others = as_ids(producers.linked_ids, "linked_ids"), as_ids(producers.other_linked_ids, "other_linked_ids")
    owners, clusters = as_ids(producers.producer_ids, "producer_ids"), as_ids(producers.cluster_ids, "cluster_ids")
    unit_scores = np.asarray(producers.unit_scores, np.float64)
    if len(ids) != len(others) or not len(owners) == len(clusters) == len(unit_scores):
        raise ValueError(
            f"{len(ids)} linked_ids, {len(others)} other_linked_ids, "
            f"{len(owners)} producer_ids, {len(clusters)} cluster_ids, {len(unit_scores)} unit_scores"
        )

    distinct, member, owner, linked, other = dense_positions(columns["producer_ids"], owners, ids, others)
    distinct_clusters, largest, cluster = dense_positions(columns["largest_cluster_ids"], clusters)
    consumers, consumer = dense_positions(columns["consumer_ids"])
    vector_start, by_owner = stable_order(owner, len(distinct))
    link_start, by_linked = stable_order(linked, len(distinct))
    _, by_producer = stable_order(member, len(distinct))
    start, by_consumer = stable_order(consumer[by_producer], len(consumers))
    order = by_producer[by_consumer]
    given = (
        start,
        member[order],
        largest[order],
        Entries(link_start, other[by_linked], np.empty(0)),
        Entries(vector_start, cluster[by_owner], unit_scores[by_owner]),
    )
    count, longest = len(order), int(np.diff(start).max(initial=0))
    found = [GroupResults(np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count)) for _ in range(2)]

    def group(first: int, end: int) -> None:
        places, firsts = np.full(len(distinct), -1, np.int32), np.full(len(distinct_clusters), -1, np.int32)
        of_member = (np.empty(longest, np.int32) for _ in range(4))
        scratch = GroupScratch(places, firsts, np.zeros(len(distinct_clusters)), *of_member)
        groups_of_rows(first, end, *given, scratch, *found)

    with Workers(threads or available_processors()) as workers:
        workers.run(group, equal_shares(start, workers.count))
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    methods = ("largest_dimension", "connected_components")
    return {method: Groups(*(column[place] for column in results)) for method, results in zip(methods, found, strict=True)}
