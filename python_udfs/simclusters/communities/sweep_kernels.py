"""Compiled kernels of the node sweeps: "Random numbers" and "One epoch" of docs/community_detection.md.

All arrays are indexed by node position, never by producer id. All weights are integers, so sums are exact in any order.
Every kernel releases the interpreter lock; parallel phases split their nodes into chunks that read a frozen state and
write disjoint places, so the number of threads cannot change a result.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simclusters.kernel_tuples import kernel_tuple

BLOCK_SALT = 2147483647
# A Gumbel draw from a 31-bit integer lies in (-3.1, 22.2); no noise can bridge a wider gap than this.
GUMBEL_SPAN = 25.5
# Entry i bounds the Gumbel draws from 31-bit integers that begin with the 10 bits of i: most draws lose without a logarithm.
LARGEST_GUMBEL = -np.log(-np.log((np.arange(1, 1025) * 2.0**21 - 0.5) / 2.0**31))


@kernel_tuple
class State(NamedTuple):
    """What a sweep changes. A label is kept as a number, ordered as the labels are: see label_of."""

    labels: np.ndarray  # int32[n]: number of the label that each node carries
    sizes: np.ndarray  # int32[known + n]: producers that carry each label
    known_ids: np.ndarray  # int64[known]: labels of the start, ascending; known + i is node i's private label
    first_private_label: int  # node i's private label is this plus i
    choices: np.ndarray  # int32[n]: what the nodes choose in a half-step; equal to labels at the nodes that stay
    movers: np.ndarray  # int32[n], scratch: positions that move


@kernel_tuple
class HalfStep(NamedTuple):
    """What the nodes of one block choose by."""

    key: int  # epoch_key of the epoch
    block: int  # from 0
    blocks: int  # how many there are
    temperature: float  # a whole number of units; 0 is greedy
    pair_cost: int  # units that one unconnected pair costs (symbols g / w)
    slot_count: int  # power of two, at least twice the largest degree and at least 4


@njit(cache=True, nogil=True, inline="always")
def scramble(value):
    """A bijective-looking mix of a 31-bit integer; products stay below 2^62 so that SQL can repeat it."""
    value = ((value ^ (value >> 16)) * 73244475) & 2147483647
    value = value ^ (value >> 15)
    value = (value * 295559667) & 2147483647
    return value ^ (value >> 16)


@njit(cache=True, nogil=True)
def epoch_key(seed, epoch):
    """Key of one epoch's random numbers, from a seed (any int64 >= 0) and an epoch counted from 1."""
    return scramble(scramble(seed & 2147483647) ^ epoch)


@njit(cache=True, nogil=True, inline="always")
def label_of(number, known_ids, first_private_label):
    """The label behind a number: a cluster id of the start, or a node's private label. int64."""
    known = len(known_ids)
    return known_ids[number] if number < known else first_private_label + (number - known)


@njit(cache=True, nogil=True, inline="always")
def draw_for(node_key, label):
    """The node's random integer in [0, 2^31) for a label."""
    return scramble(node_key ^ (label & 2147483647))


@njit(cache=True, nogil=True)
def noise_of(draw, temperature):
    """Whole units of Gumbel noise: floor(temperature * (-ln(-ln u))), u from a 31-bit draw."""
    return np.int64(np.floor(temperature * (-np.log(-np.log((draw + 0.5) / 2147483648.0)))))


@njit(cache=True, nogil=True)
def choose_labels(rows, state, half_step, first_node, last_node):
    """One half-step for the nodes of its block from first_node to last_node: pick the label of the largest score.

    rows : Rows              the graph
    state : State            labels and sizes are read; choices are mutated at the nodes that move, and movers from first_node on
    half_step : HalfStep

    Returns the number of movers. O(sum of degrees).
    """
    row_start, neighbors, weight_units = rows
    labels, sizes, known_ids, first_private_label, choices, movers = state
    key, block, blocks, temperature, pair_cost, slot_count = half_step
    slot_labels = np.full(slot_count, -1, np.int32)
    slot_values = np.zeros(slot_count, np.int64)
    touched = np.empty(slot_count, np.int64)
    gathered = np.empty(slot_count, np.int32)
    known = len(known_ids)
    mover_count = 0
    for node in range(first_node, last_node):
        node_key = scramble(key ^ node)
        if scramble(node_key ^ BLOCK_SALT) % blocks != block:
            continue
        first, last = row_start[node], row_start[node + 1]
        width = 4
        while width < 2 * (last - first):
            width *= 2
        mask = width - 1
        touched_count = 0
        # Read the labels first, in a loop that does nothing else: so the processor waits for many at a time.
        for index in range(first, last):
            gathered[index - first] = labels[neighbors[index]]
        current = labels[node]
        current_gain = np.int64(0)
        for index in range(first, last):
            label = gathered[index - first]
            if label == current:
                current_gain += weight_units[index] + pair_cost
                continue
            slot = (label * 40503) & mask
            while slot_labels[slot] != label and slot_labels[slot] != -1:
                slot = (slot + 1) & mask
            if slot_labels[slot] == -1:
                slot_labels[slot] = label
                touched[touched_count] = slot
                touched_count += 1
            slot_values[slot] += weight_units[index] + pair_cost
        private = known + node
        private_allowed = sizes[private] == 0
        current_gain -= pair_cost * np.int64(sizes[current] - 1)
        best_other = np.int64(0) if private_allowed else np.int64(-(2**62))
        for place in range(touched_count):
            slot = touched[place]
            slot_values[slot] -= pair_cost * np.int64(sizes[slot_labels[slot]])
            best_other = max(best_other, slot_values[slot])
        reach = np.int64(GUMBEL_SPAN * temperature) + 2
        worth_drawing = max(current_gain, best_other) - reach if temperature > 0 else max(current_gain, best_other)
        if best_other < worth_drawing or (temperature == 0 and best_other == current_gain):
            for place in range(touched_count):
                slot_labels[touched[place]] = -1
                slot_values[touched[place]] = 0
            continue
        best_label = np.int64(current)
        best_score = current_gain
        if temperature > 0:
            if current_gain >= worth_drawing:
                best_score += noise_of(draw_for(node_key, label_of(best_label, known_ids, first_private_label)), temperature)
            else:
                best_score = np.int64(-(2**62))
        if private_allowed and worth_drawing <= 0:
            score = np.int64(0)
            if temperature > 0:
                score += noise_of(draw_for(node_key, first_private_label + node), temperature)
            if score > best_score or (score == best_score and best_label != current and private < best_label):
                best_score = score
                best_label = private
        for place in range(touched_count):
            slot = touched[place]
            label = np.int64(slot_labels[slot])
            score = slot_values[slot]
            slot_labels[slot] = -1
            slot_values[slot] = 0
            if score < worth_drawing:
                continue
            if temperature > 0:
                draw = draw_for(node_key, label_of(label, known_ids, first_private_label))
                if score + np.int64(LARGEST_GUMBEL[draw >> 21] * temperature) + 1 < best_score:
                    continue
                score += noise_of(draw, temperature)
            if score > best_score or (score == best_score and best_label != current and label < best_label):
                best_score = score
                best_label = label
        if best_label != current:
            choices[node] = best_label
            movers[first_node + mover_count] = node
            mover_count += 1
    return mover_count


@njit(cache=True, nogil=True)
def apply_choices(state, first_mover, mover_count):
    """Let movers take their choices; returns by how much the number of pairs inside communities grew.

    state : State    labels and sizes are mutated. O(movers).
    """
    labels, sizes, _, _, choices, movers = state
    pairs = np.int64(0)
    for place in range(first_mover, first_mover + mover_count):
        node = movers[place]
        before, after = labels[node], choices[node]
        sizes[before] -= 1
        pairs -= sizes[before]
        pairs += sizes[after]
        sizes[after] += 1
        labels[node] = after
    return pairs


@njit(cache=True, nogil=True)
def count_inside(rows, labels, first, last):
    """Twice the edges inside communities, and twice their weight_units, over the rows first to last. int64. O(edges)."""
    row_start, neighbors, weight_units = rows
    links, units = np.int64(0), np.int64(0)
    for node in range(first, last):
        for index in range(row_start[node], row_start[node + 1]):
            inside = np.int64(labels[neighbors[index]] == labels[node])
            links += inside
            units += inside * weight_units[index]
    return links, units


@njit(cache=True, nogil=True)
def renumber_rows(rows, order, place_of, renumbered, first, last):
    """Write the rows order[first:last] in that order, under their new numbers.

    order : int64[n]       old number of each new row
    place_of : int32[n]    new number of each old row
    renumbered : Rows      mutated, but for row_start, which holds the offsets of the new rows
    """
    row_start, neighbors, weight_units = rows
    new_start, new_neighbors, new_units = renumbered
    for place in range(first, last):
        node = order[place]
        filled = new_start[place]
        for index in range(row_start[node], row_start[node + 1]):
            new_neighbors[filled] = place_of[neighbors[index]]
            new_units[filled] = weight_units[index]
            filled += 1
