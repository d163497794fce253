"""Compiled kernels of lists by regression: which producers a consumer follows, told from the others that it follows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simclusters.kernel_tuples import kernel_tuple
from simclusters.scores import rounded_score
from simclusters.similarity.kernels import IS_ASKED, IS_KEPT, best_of_scores, nearest_of_row

# Steps of conjugate gradients. Four find as much as the solution does.
STEPS = 4
NOBODY = -1


@kernel_tuple
class Regression(NamedTuple):
    """What the equations of a producer are made of."""

    consumer_weights: np.ndarray  # float64[c], above 0: what a follower adds
    follower_weights: np.ndarray  # float64[n]: the sum over the followers of each producer, estimated where they are sampled
    penalties: np.ndarray  # float64[p, n], above 0: what is added to that, for each penalty that is tried


@kernel_tuple
class RegressionScratch(NamedTuple):
    """Memory of one thread."""

    sums: np.ndarray  # float64[n], all 0 before and after
    found: np.ndarray  # int32[n]
    scores: np.ndarray  # float64[n]
    last_entries: np.ndarray  # int32[c], all NOBODY before and after


@kernel_tuple
class Coefficients(NamedTuple):
    """What following one producer says for another, as positions."""

    found: np.ndarray  # int32[m]: the producer whose followers are told
    known: np.ndarray  # int32[m]: the one whose followers tell it
    values: np.ndarray  # float64[m, p], at least 0, by penalty


@kernel_tuple
class Lists(NamedTuple):
    """The same by known producer."""

    start: np.ndarray  # int64[n + 1]
    found: np.ndarray  # int32[m]
    values: np.ndarray  # float64[m, p]


@kernel_tuple
class ListTrial(NamedTuple):
    """Drawn consumers, those who are asked among them, and the recipes that are tried."""

    asked: np.ndarray  # int64[a]: indexes of drawn consumers
    follow_start: np.ndarray  # int64[t + 1]: offsets into producers, by drawn consumer
    producers: np.ndarray  # int32[f]: what each follows
    is_held_out: np.ndarray  # bool[f]
    recipe_value: np.ndarray  # int64[r]: column of the lists' values
    found_weights: np.ndarray  # float64[r, n]: what the sum of a producer is multiplied by


@kernel_tuple
class ListScratch(NamedTuple):
    """Memory of one thread, for a trial."""

    sums: np.ndarray  # float64[n, p], all 0 before and after
    found: np.ndarray  # int32[n]
    is_found: np.ndarray  # bool[n], all False before and after
    states: np.ndarray  # int8[n], all 0 before and after


@njit(cache=True, nogil=True)
def nearest_by_weight(row, k, follows, producers, regression, scratch, chosen, shared):
    """The k producers nearest to ``row``, by the cosine of their weighed followers in ten decimals, then by producer id.

    chosen int32[k], shared float64[k] : mutated: the producers, and the weight of the followers that they share with the row

    Returns how many. O(follows of the row's followers).
    """
    producer_start, consumers, consumer_start, followed = follows
    weights, follower_weights, _ = regression
    sums, found, scores, _ = scratch
    count = np.int64(0)
    for index in range(producer_start[row], producer_start[row + 1]):
        consumer = consumers[index]
        for place in range(consumer_start[consumer], consumer_start[consumer + 1]):
            other = followed[place]
            if sums[other] == 0.0 and other != row:
                found[count] = other
                count += 1
            sums[other] += weights[consumer]
    sums[row] = 0.0
    for place in range(count):
        other = found[place]
        share = min(producers.sampled_shares[row], producers.sampled_shares[other])
        scores[place] = rounded_score(sums[other] / share / np.sqrt(follower_weights[row] * follower_weights[other]))
    chosen_count = nearest_of_row(scores, found, count, k, producers.ids, chosen)
    for index in range(chosen_count):
        other = found[chosen[index]]
        chosen[index] = other
        shared[index] = sums[other] / min(producers.sampled_shares[row], producers.sampled_shares[other])
    for place in range(count):
        sums[found[place]] = 0.0
    return chosen_count


@njit(cache=True, nogil=True)
def fill_products(chosen, follows, producers, regression, scratch, products):
    """The weight of the followers that each two of some producers share, and that of each one's own on the diagonal.

    chosen int32[k] : the producers
    products float64[k, k] : mutated

    Each consumer has a chain of the chosen producers that it follows. O(followers of the producers, and squares of the chains).
    """
    producer_start, consumers, _, _ = follows
    last_entries = scratch.last_entries
    entry_count = 0
    for producer in chosen:
        entry_count += producer_start[producer + 1] - producer_start[producer]
    members, earlier_entries = np.empty(entry_count, np.int16), np.empty(entry_count, np.int32)
    products[:, :] = 0.0
    entry = 0
    for column in range(len(chosen)):
        producer = chosen[column]
        for index in range(producer_start[producer], producer_start[producer + 1]):
            consumer = consumers[index]
            earlier = last_entries[consumer]
            members[entry], earlier_entries[entry] = column, earlier
            last_entries[consumer] = entry
            while earlier != NOBODY:
                products[members[earlier], column] += regression.consumer_weights[consumer]
                earlier = earlier_entries[earlier]
            entry += 1
    for producer in chosen:
        for index in range(producer_start[producer], producer_start[producer + 1]):
            last_entries[consumers[index]] = NOBODY
    for column in range(len(chosen)):
        share = producers.sampled_shares[chosen[column]]
        for row in range(column):
            products[row, column] /= min(share, producers.sampled_shares[chosen[row]])
            products[column, row] = products[row, column]
        products[column, column] = regression.follower_weights[chosen[column]]


@njit(cache=True, nogil=True)
def solve(products, penalties, targets, solution):
    """Solve (products + diagonal of penalties) x = targets by STEPS of conjugate gradients, scaled by the diagonal.

    products float64[k, k] symmetric, penalties float64[k], targets float64[k]; solution float64[k] is mutated. O(k^2 STEPS).
    Estimates from samples need not be those of any followers: then it stops at the first step that leads nowhere.
    """
    k = len(targets)
    scale, residual, direction, image = np.empty(k), np.empty(k), np.empty(k), np.empty(k)
    size = 0.0
    for row in range(k):
        scale[row] = 1.0 / (products[row, row] + penalties[row])
        solution[row], residual[row], direction[row] = 0.0, targets[row], targets[row] * scale[row]
        size += residual[row] * residual[row] * scale[row]
    for _ in range(STEPS):
        curvature = 0.0
        for row in range(k):
            total = penalties[row] * direction[row]
            for column in range(k):
                total += products[row, column] * direction[column]
            image[row] = total
            curvature += total * direction[row]
        if curvature <= 0.0 or size <= 0.0:
            return
        length, earlier_size = size / curvature, size
        size = 0.0
        for row in range(k):
            solution[row] += length * direction[row]
            residual[row] -= length * image[row]
            size += residual[row] * residual[row] * scale[row]
        for row in range(k):
            direction[row] = residual[row] * scale[row] + size / earlier_size * direction[row]


@njit(cache=True, nogil=True)
def coefficients_of_rows(first_row, end_row, k, follows, producers, regression, scratch, out):
    """What the k nearest producers of each producer in [first_row, end_row) say for it. What says against it counts 0.

    out : Coefficients    mutated from 0 on; each array of at least (end_row - first_row) * k places

    Returns the number of rows written. O(follows of the followers, and what fill_products and solve cost).
    """
    chosen, shared, solution = np.empty(k, np.int32), np.empty(k), np.empty(k)
    products, penalties = np.empty((k, k)), np.empty(k)
    written = 0
    for row in range(first_row, end_row):
        count = nearest_by_weight(row, k, follows, producers, regression, scratch, chosen, shared)
        fill_products(chosen[:count], follows, producers, regression, scratch, products[:count, :count])
        for number in range(len(regression.penalties)):
            for index in range(count):
                penalties[index] = regression.penalties[number, chosen[index]]
            solve(products[:count, :count], penalties[:count], shared[:count], solution[:count])
            for index in range(count):
                value = max(solution[index], 0.0)
                out.values[written + index, number] = value if rounded_score(value) > 0.0 else 0.0
        for index in range(count):
            out.found[written + index] = row
            out.known[written + index] = chosen[index]
        written += count
    return written


@njit(cache=True, nogil=True)
def lists_of(coefficients, count):
    """Coefficients by known producer, each list in the order of its found producers. count : producers. O(m + n)."""
    start = np.zeros(count + 1, np.int64)
    for known in coefficients.known:
        start[known + 1] += 1
    for row in range(count):
        start[row + 1] += start[row]
    found, values = np.empty(len(coefficients.known), np.int32), np.empty(coefficients.values.shape)
    cursor = start[:count].copy()
    for index in range(len(coefficients.known)):
        place = cursor[coefficients.known[index]]
        found[place] = coefficients.found[index]
        values[place] = coefficients.values[index]
        cursor[coefficients.known[index]] += 1
    return start, found, values


@njit(cache=True, nogil=True)
def list_hits(first, end, cutoff, lists, trial, scratch, out):
    """The held out follows of the asked consumers in [first, end) among the first ``cutoff`` producers on the lists of what they keep.

    out : Hits    mutated from 0 on; each array of at least r places for each held out follow

    Returns the number of hits written. O(listed producers times p, and found producers times r).
    """
    sums, found, is_found, states = scratch
    out_recipe, out_consumer, out_producer, out_rank = out
    best_scores, best_positions = np.empty(cutoff), np.empty(cutoff, np.int32)
    written = 0
    for asked in range(first, end):
        member = trial.asked[asked]
        own = trial.producers[trial.follow_start[member] : trial.follow_start[member + 1]]
        is_asked = trial.is_held_out[trial.follow_start[member] : trial.follow_start[member + 1]]
        for index in range(len(own)):
            states[own[index]] = IS_ASKED if is_asked[index] else IS_KEPT
        count = np.int64(0)
        for index in range(len(own)):
            if is_asked[index]:
                continue
            for place in range(lists.start[own[index]], lists.start[own[index] + 1]):
                producer = lists.found[place]
                if states[producer] == IS_KEPT:
                    continue
                if not is_found[producer]:
                    is_found[producer] = True
                    found[count] = producer
                    count += 1
                for number in range(sums.shape[1]):
                    sums[producer, number] += lists.values[place, number]

        scores = np.empty(count)
        for recipe in range(len(trial.recipe_value)):
            for place in range(count):
                scores[place] = sums[found[place], trial.recipe_value[recipe]] * trial.found_weights[recipe, found[place]]
            shown_count = best_of_scores(scores, found[:count], best_scores, best_positions)
            for rank in range(shown_count):
                # What one penalty gives something may get nothing by another.
                if states[best_positions[rank]] == IS_ASKED and best_scores[rank] > 0.0:
                    out_recipe[written] = recipe
                    out_consumer[written] = member
                    out_producer[written] = best_positions[rank]
                    out_rank[written] = rank + 1
                    written += 1

        for place in range(count):
            sums[found[place]] = 0.0
            is_found[found[place]] = False
        for producer in own:
            states[producer] = 0
    return written
