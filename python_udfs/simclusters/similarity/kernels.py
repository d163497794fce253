"""Compiled kernels of producer similarity: one row of the product of the follow matrix with itself at a time.

They compute what int_producer_pairs.sql, int_producer_neighbors.sql, co_followed_producers.sql and
int_co_follow_trial_hits.sql in models/similarity/ compute, operation by operation. Counts are whole, so neighbours are equal to
the last bit. Sums of weights depend on their order, so scores of co-followed producers differ in the last digits at most.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simclusters.kernel_tuples import kernel_tuple
from simclusters.scores import rounded_score

# Screening is done in 32-bit floats, whose products are off by far less than this.
SCREENING_SLACK = 1e-5
# And a score in ten decimals is more than itself by half a unit of the last one, at most.
ROUNDED_UP = 5e-11
# Reading a cell of the counters costs this much less than following one product again.
CELLS_PER_PRODUCT = 4
# What a drawn consumer's own follows are to its trial.
IS_KEPT = 1
IS_ASKED = 2


@kernel_tuple
class Follows(NamedTuple):
    """Who follows whom, over positions, in both directions."""

    producer_start: np.ndarray  # int64[n + 1]: offsets into consumers
    consumers: np.ndarray  # int32[m]: followers of each producer
    consumer_start: np.ndarray  # int64[c + 1]: offsets into producers
    producers: np.ndarray  # int32[m]: producers that each consumer follows


@kernel_tuple
class Producers(NamedTuple):
    """What cosines need of each producer."""

    ids: np.ndarray  # int64[n], distinct; they break ties
    follower_counts: np.ndarray  # float64[n]: all followers
    sampled_shares: np.ndarray  # float64[n]: share of them that is given
    roots: np.ndarray  # float32[n]: root of the follower counts
    weighted_roots: np.ndarray  # float32[n]: the same times the sampled share


@kernel_tuple
class Scratch(NamedTuple):
    """Memory of one thread."""

    counts: np.ndarray  # int32[n], all 0 before and after
    found: np.ndarray  # int32[n + 1]
    scores: np.ndarray  # float64[n]


@kernel_tuple
class Neighbors(NamedTuple):
    """Neighbours as positions."""

    rows: np.ndarray  # int32
    neighbors: np.ndarray  # int32
    counts: np.ndarray  # int64: followers in common, estimated where they are sampled
    cosines: np.ndarray  # float64


@kernel_tuple
class Weights(NamedTuple):
    """What the score of a co-followed producer is made of."""

    of_consumers: np.ndarray  # float64[c], above 0: what a follower adds
    deducted_followers: float  # below 1: followers in common that do not count
    of_known: np.ndarray  # float64[n]: what the sum is multiplied by, for the producer whose list it is
    of_found: np.ndarray  # float64[n]: the same for the producer that is listed


@kernel_tuple
class WeightScratch(NamedTuple):
    """Memory of one thread, for sums of weights."""

    counts: np.ndarray  # float64[n]: followers in common, all 0 before and after
    sums: np.ndarray  # float64[n], all 0 before and after
    found: np.ndarray  # int32[n]
    scores: np.ndarray  # float64[n]


@kernel_tuple
class CoFollowed(NamedTuple):
    """Co-followed producers as positions, by row, then rank from 1."""

    rows: np.ndarray  # int32
    producers: np.ndarray  # int32
    ranks: np.ndarray  # int64
    scores: np.ndarray  # float64


@kernel_tuple
class Trial(NamedTuple):
    """The drawn consumers and their follows, and the recipes that are tried."""

    consumers: np.ndarray  # int32[t]: position of each drawn consumer
    follow_start: np.ndarray  # int64[t + 1]: offsets into producers
    producers: np.ndarray  # int32[f]: what each follows
    is_held_out: np.ndarray  # bool[f]
    known_weights: np.ndarray  # float64[n, k]: what the sum of a list is multiplied by, by known power
    consumer_weights: np.ndarray  # float64[c, a], above 0: what a follower adds, by activity power
    way_known: np.ndarray  # int64[w]: column of known_weights, by way to weigh a list
    way_activity: np.ndarray  # int64[w]: column of consumer_weights
    way_deducted: np.ndarray  # float64[w], below 1: followers in common that do not count
    producer_weights: np.ndarray  # float64[p, n]: what the sum of a producer is multiplied by
    asked_weights: np.ndarray  # float64[p, n]: the same with one follower less, for what is held out
    recipe_way: np.ndarray  # int64[r]
    recipe_found: np.ndarray  # int64[r]: row of producer_weights


@kernel_tuple
class TrialScratch(NamedTuple):
    """Memory of one thread, for a trial."""

    list_sums: np.ndarray  # float64[n, 1 + a]: followers in common with one producer and their weights, all 0 before and after
    listed: np.ndarray  # int32[n]
    sums: np.ndarray  # float64[n, w]: by way to weigh a list, all 0 before and after
    found: np.ndarray  # int32[n]
    states: np.ndarray  # int8[n], all 0 before and after


@kernel_tuple
class Hits(NamedTuple):
    """Held out follows that are found, by drawn consumer, recipe, then rank from 1."""

    recipes: np.ndarray  # int32
    consumers: np.ndarray  # int32: index among the drawn
    producers: np.ndarray  # int32
    ranks: np.ndarray  # int64


@njit(cache=True, nogil=True)
def invert_rows(row_start, columns, column_count):
    """The transposed 0/1 matrix in CSR form, rows ascending.

    row_start int64[n + 1], columns int32[m] below column_count. Returns (int64[column_count + 1], int32[m]). O(n + m).
    """
    column_start = np.zeros(column_count + 1, np.int64)
    for index in range(len(columns)):
        column_start[columns[index] + 1] += 1
    for column in range(column_count):
        column_start[column + 1] += column_start[column]
    rows = np.empty(len(columns), np.int32)
    cursor = column_start[:column_count].copy()
    for row in range(len(row_start) - 1):
        for index in range(row_start[row], row_start[row + 1]):
            column = columns[index]
            rows[cursor[column]] = row
            cursor[column] += 1
    return column_start, rows


@njit(cache=True, nogil=True)
def products_per_row(follows):
    """Increments that each producer's row costs: the follows of its followers. Returns int64[n]. O(n + m)."""
    producer_start, consumers, consumer_start, _ = follows
    products = np.zeros(len(producer_start) - 1, np.int64)
    for producer in range(len(products)):
        for index in range(producer_start[producer], producer_start[producer + 1]):
            consumer = consumers[index]
            products[producer] += consumer_start[consumer + 1] - consumer_start[consumer]
    return products


# Functions of numpy that sort cost seconds to compile, so selecting and sorting are written out.
# A count that goes on to another kernel starts as np.int64(0): numba takes a plain 0 for a type of its own, and compiles for it.
@njit(cache=True, nogil=True)
def value_at(values, place):
    """The value that would stand at ``place`` if values[n], which are reordered, were sorted. O(n) expected."""
    low, high = 0, len(values) - 1
    while low < high:
        first, middle, last = values[low], values[(low + high) // 2], values[high]
        pivot = max(min(first, middle), min(max(first, middle), last))
        left, right = low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if place <= right:
            high = right
        elif place >= left:
            low = left
        else:
            return pivot
    return values[place]


@njit(cache=True, nogil=True)
def nearest_of_row(scores, neighbors, count, k, producer_ids, chosen):
    """Choose the k candidates of the largest score, among equals those of the smallest producer id.

    scores float64[>= count], neighbors int32[>= count] : candidates; chosen int32[>= k] is mutated: indexes of the
    choice, in rising order. Returns how many. O(count) expected.
    """
    if count <= k:
        for index in range(count):
            chosen[index] = index
        return count
    last_score = value_at(scores[:count].copy(), count - k)
    above = 0
    equal = 0
    for index in range(count):
        above += scores[index] > last_score
        equal += scores[index] == last_score
    equal_ids = np.empty(equal, np.int64)
    place = 0
    for index in range(count):
        if scores[index] == last_score:
            equal_ids[place] = producer_ids[neighbors[index]]
            place += 1
    last_id = value_at(equal_ids, k - above - 1)
    place = 0
    for index in range(count):
        if scores[index] > last_score or (scores[index] == last_score and producer_ids[neighbors[index]] <= last_id):
            chosen[place] = index
            place += 1
    return place


@njit(cache=True, nogil=True)
def put_best_first(chosen, count, scores, neighbors, producer_ids):
    """Sort chosen[:count], indexes of candidates, by falling score, then rising producer id. A shell sort, for short lists."""
    gap = 1
    while gap < count // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for place in range(gap, count):
            index = chosen[place]
            score, producer_id = scores[index], producer_ids[neighbors[index]]
            while place >= gap:
                other = chosen[place - gap]
                if scores[other] > score or (scores[other] == score and producer_ids[neighbors[other]] < producer_id):
                    break
                chosen[place] = other
                place -= gap
            chosen[place] = index
        gap //= 3


@njit(cache=True, nogil=True, inline="always")
def may_reach(count, limit, row_share, root, weighted_root):
    """Whether a cosine can reach the floor, in cheap arithmetic that never says no to one that does.

    limit : floor times the root of the row's follower count; row_share : its sampled share
    root, weighted_root : the other producer's root of the follower count, bare and times its sampled share
    """
    return count >= limit * min(row_share * root, weighted_root)


@njit(cache=True, nogil=True)
def candidates_of_row(row, follows, producers, limit, scratch):
    """Producers that may be similar enough to ``row``, with the followers they share.

    limit : float32    floor times the root of the row's follower count
    scratch : counts mutated to the count at each found producer, 0 elsewhere; found mutated to the found producers, once each

    Returns how many were found. Followers in common are counted in an array over all producers. When the row fills much of
    it, reading it through is cheapest; when it fills little, a second walk over the same lists is.
    """
    producer_start, consumers, consumer_start, followed = follows
    _, _, sampled_shares, roots, weighted_roots = producers
    counts, found, _ = scratch
    row_share = np.float32(sampled_shares[row])
    first, end = producer_start[row], producer_start[row + 1]
    products = 0
    for index in range(first, end):
        consumer = consumers[index]
        products += consumer_start[consumer + 1] - consumer_start[consumer]
        for place in range(consumer_start[consumer], consumer_start[consumer + 1]):
            counts[followed[place]] += 1
    counts[row] = 0

    found_count = 0
    if CELLS_PER_PRODUCT * products > len(counts):
        for neighbor in range(len(counts)):
            found[found_count] = neighbor
            count = counts[neighbor]
            reached = may_reach(count, limit, row_share, roots[neighbor], weighted_roots[neighbor])
            found_count += reached & (count > 0)
            counts[neighbor] = count if reached else 0
        return found_count
    for index in range(first, end):
        consumer = consumers[index]
        for place in range(consumer_start[consumer], consumer_start[consumer + 1]):
            neighbor = followed[place]
            count = counts[neighbor]
            found[found_count] = neighbor
            # A found count is stored negative, so that meeting it again does not find it again.
            reached = may_reach(count, limit, row_share, roots[neighbor], weighted_roots[neighbor]) & (count > 0)
            found_count += reached
            counts[neighbor] = -count if reached else min(count, 0)
    for index in range(found_count):
        counts[found[index]] = -counts[found[index]]
    return found_count


@njit(cache=True, nogil=True)
def neighbors_of_rows(first_row, end_row, follows, producers, similarity_floor, k, scratch, out):
    """The k nearest neighbours of each producer in [first_row, end_row).

    out : Neighbors    mutated from 0 on; each array of at least (end_row - first_row) * min(k, n)

    Returns the number of neighbours written. O(sum of the followers' follows).
    """
    producer_ids, follower_counts, sampled_shares, _, _ = producers
    counts, found, scores = scratch
    out_row, out_neighbor, out_count, out_cosine = out
    chosen = np.empty(min(k, len(counts)), np.int32)
    written = 0
    for row in range(first_row, end_row):
        row_share = sampled_shares[row]
        limit = np.float32(max(similarity_floor - ROUNDED_UP, 0.0) * (1.0 - SCREENING_SLACK) * np.sqrt(follower_counts[row]))
        found_count = candidates_of_row(row, follows, producers, limit, scratch)

        candidate_count = np.int64(0)
        for place in range(found_count):
            neighbor = found[place]
            share = min(row_share, sampled_shares[neighbor])
            cosine = counts[neighbor] / (share * np.sqrt(follower_counts[row] * follower_counts[neighbor]))
            score = rounded_score(cosine)
            if score < similarity_floor:
                counts[neighbor] = 0
                continue
            found[candidate_count] = neighbor
            scores[candidate_count] = min(score, 1.0)
            candidate_count += 1

        chosen_count = nearest_of_row(scores, found, candidate_count, k, producer_ids, chosen)
        for index in range(chosen_count):
            neighbor = found[chosen[index]]
            share = min(row_share, sampled_shares[neighbor])
            cosine = counts[neighbor] / (share * np.sqrt(follower_counts[row] * follower_counts[neighbor]))
            out_row[written] = row
            out_neighbor[written] = neighbor
            out_count[written] = np.int64(np.floor(counts[neighbor] / share + 0.5))
            out_cosine[written] = min(cosine, 1.0)
            written += 1
        for index in range(candidate_count):
            counts[found[index]] = 0
    return written


@njit(cache=True, nogil=True)
def co_followed_of_rows(first_row, end_row, follows, producers, weights, lengths, scratch, out):
    """The best co-followed producers of each producer in [first_row, end_row).

    lengths : int64[n], how many of each
    out : CoFollowed    mutated from 0 on; each array of at least as many places as the rows have lengths

    Returns the number of rows written. O(sum of the followers' follows).
    """
    producer_start, consumers, consumer_start, followed = follows
    producer_ids, _, sampled_shares, _, _ = producers
    consumer_weights, deducted_followers, known_weights, found_weights = weights
    counts, sums, found, scores = scratch
    out_row, out_producer, out_rank, out_score = out
    chosen = np.empty(len(sums), np.int32)
    written = 0
    for row in range(first_row, end_row):
        found_count = np.int64(0)
        for index in range(producer_start[row], producer_start[row + 1]):
            consumer = consumers[index]
            weight = consumer_weights[consumer]
            for place in range(consumer_start[consumer], consumer_start[consumer + 1]):
                other = followed[place]
                # A weight is above 0, so a sum of 0 is of a producer that is met for the first time.
                if sums[other] == 0.0 and other != row:
                    found[found_count] = other
                    found_count += 1
                sums[other] += weight
                counts[other] += 1.0
        sums[row] = 0.0
        counts[row] = 0.0

        for place in range(found_count):
            other = found[place]
            share = min(sampled_shares[row], sampled_shares[other])
            counted_share = 1.0 - deducted_followers * share / counts[other]
            sums[other] = sums[other] / share * counted_share * known_weights[row] * found_weights[other]
            scores[place] = rounded_score(sums[other])

        chosen_count = nearest_of_row(scores, found, found_count, lengths[row], producer_ids, chosen)
        put_best_first(chosen, chosen_count, scores, found, producer_ids)
        for rank in range(chosen_count):
            other = found[chosen[rank]]
            out_row[written] = row
            out_producer[written] = other
            out_rank[written] = rank + 1
            out_score[written] = scores[chosen[rank]]
            written += 1
        for place in range(found_count):
            sums[found[place]] = 0.0
            counts[found[place]] = 0.0
    return written


@njit(cache=True, nogil=True)
def add_co_follows(known, member, follows, producers, trial, scratch, found_count):
    """Add to the sums the list of one producer: what its followers follow, but for one consumer.

    known : the producer
    member : the consumer whose own follows add nothing
    scratch : sums and found mutated; states say which producers the consumer keeps, and these are not found

    Returns how many producers are found so far.
    """
    producer_start, consumers, consumer_start, followed = follows
    sampled_shares = producers.sampled_shares
    known_weights, consumer_weights = trial.known_weights, trial.consumer_weights
    list_sums, listed, sums, found, states = scratch
    listed_count = 0
    for index in range(producer_start[known], producer_start[known + 1]):
        other = consumers[index]
        if other == member:
            continue
        for place in range(consumer_start[other], consumer_start[other + 1]):
            producer = followed[place]
            if states[producer] == IS_KEPT:
                continue
            if list_sums[producer, 0] == 0.0:
                listed[listed_count] = producer
                listed_count += 1
            list_sums[producer, 0] += 1.0
            for column in range(consumer_weights.shape[1]):
                list_sums[producer, 1 + column] += consumer_weights[other, column]
    for index in range(listed_count):
        producer = listed[index]
        # The first way weighs a list above 0, so a sum of 0 is of a producer that is met for the first time.
        if sums[producer, 0] == 0.0:
            found[found_count] = producer
            found_count += 1
        share = min(sampled_shares[known], sampled_shares[producer])
        for way in range(len(trial.way_known)):
            counted_share = 1.0 - trial.way_deducted[way] * share / list_sums[producer, 0]
            weight = list_sums[producer, 1 + trial.way_activity[way]] / share * counted_share
            sums[producer, way] += weight * known_weights[known, trial.way_known[way]]
        list_sums[producer] = 0.0
    return found_count


@njit(cache=True, nogil=True)
def best_of_scores(scores, positions, best_scores, best_positions):
    """The largest scores, in ten decimals, among equals those of the smallest positions, best first.

    scores float64[c], positions int32[c]; best_scores float64[k] and best_positions int32[k] are mutated. Returns how many, at most k.
    """
    count, most = 0, len(best_scores)
    for index in range(len(scores)):
        score, position = rounded_score(scores[index]), positions[index]
        if count == most:
            last = best_scores[most - 1]
            if score < last or (score == last and position > best_positions[most - 1]):
                continue
            count -= 1
        place = count
        while place > 0 and (
            best_scores[place - 1] < score or (best_scores[place - 1] == score and best_positions[place - 1] > position)
        ):
            best_scores[place] = best_scores[place - 1]
            best_positions[place] = best_positions[place - 1]
            place -= 1
        best_scores[place] = score
        best_positions[place] = position
        count += 1
    return count


@njit(cache=True, nogil=True)
def trial_hits(first, end, cutoff, follows, producers, trial, scratch, out):
    """The held out follows of the drawn consumers in [first, end) that are among the first ``cutoff`` producers, for each recipe.

    out : Hits    mutated from 0 on; each array of at least r places for each held out follow

    A consumer's own follows add nothing, also not to the followers of what is held out. Returns the number of hits written.
    O(follows of the followers of the kept follows, a, and listed producers times w, and found producers times r).
    """
    follow_start, producer_weights, asked_weights = trial.follow_start, trial.producer_weights, trial.asked_weights
    _, _, sums, found, states = scratch
    out_recipe, out_consumer, out_producer, out_rank = out
    best_scores, best_positions = np.empty(cutoff), np.empty(cutoff, np.int32)
    written = 0
    for member in range(first, end):
        own = trial.producers[follow_start[member] : follow_start[member + 1]]
        is_asked = trial.is_held_out[follow_start[member] : follow_start[member + 1]]
        for index in range(len(own)):
            states[own[index]] = IS_ASKED if is_asked[index] else IS_KEPT
        found_count = np.int64(0)
        for index in range(len(own)):
            if not is_asked[index]:
                found_count = add_co_follows(own[index], trial.consumers[member], follows, producers, trial, scratch, found_count)

        scores = np.empty(found_count)
        for recipe in range(len(trial.recipe_way)):
            way, row = trial.recipe_way[recipe], trial.recipe_found[recipe]
            for place in range(found_count):
                producer = found[place]
                weights = asked_weights if states[producer] == IS_ASKED else producer_weights
                scores[place] = sums[producer, way] * weights[row, producer]
            count = best_of_scores(scores, found[:found_count], best_scores, best_positions)
            for rank in range(count):
                if states[best_positions[rank]] == IS_ASKED:
                    out_recipe[written] = recipe
                    out_consumer[written] = member
                    out_producer[written] = best_positions[rank]
                    out_rank[written] = rank + 1
                    written += 1

        for place in range(found_count):
            sums[found[place]] = 0.0
        for producer in own:
            states[producer] = 0
    return written
