"""Compiled kernels of community detection. The rules they follow are on the page docs/community_detection.md.

All arrays are indexed by node position, never by producer id. All weights are integers, so sums are exact in any order.
Every kernel releases the interpreter lock; parallel phases split their nodes into chunks that read a frozen state and
write disjoint places, so the number of threads cannot change a result.
"""

from __future__ import annotations

import numpy as np
from numba import njit

BLOCK_SALT = 2147483647
# A Gumbel draw from a 31-bit integer lies in (-3.1, 22.2); no noise can bridge a wider gap than this.
GUMBEL_SPAN = 25.5


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
def label_name(number, known_ids, first_private_label):
    """The label behind a number: a cluster id of the start, or a node's private label. int64."""
    known = len(known_ids)
    return known_ids[number] if number < known else first_private_label + (number - known)


@njit(cache=True, nogil=True)
def choose_labels(
    row_start,
    neighbors,
    weight_units,
    labels,
    sizes,
    known_ids,
    first_private_label,
    pair_cost,
    temperature,
    key,
    block,
    blocks,
    node_start,
    node_end,
    slot_count,
    choices,
    movers,
):
    """One half-step for the nodes of ``block`` in [node_start, node_end): pick the label of the largest score.

    row_start, neighbors, weight_units : the graph, as in SparseGraph
    labels : int32[n]            frozen state: numbers of labels, ordered as the labels are
    sizes : int32[known + n]     producers that carry each label
    known_ids : int64[known]     labels of the start, ascending; number ``known + i`` is node i's private label
    first_private_label : int64  node i's private label is this plus i
    pair_cost : int64            units that one unconnected pair costs (symbols g / w)
    temperature : float64        whole number of units; 0 is greedy
    key : int64                  epoch_key of the epoch
    slot_count : int64           power of two, at least twice the largest degree and at least 4
    choices : int32[n]           mutated at the nodes that move; equal to labels elsewhere
    movers : int32[n]            mutated: positions that move, from index node_start

    Returns the number of movers. O(sum of degrees).
    """
    slot_labels = np.full(slot_count, -1, np.int32)
    slot_values = np.zeros(slot_count, np.int64)
    touched = np.empty(slot_count, np.int64)
    known = len(known_ids)
    mover_count = 0
    for node in range(node_start, node_end):
        node_key = scramble(key ^ node)
        if scramble(node_key ^ BLOCK_SALT) % blocks != block:
            continue
        first, last = row_start[node], row_start[node + 1]
        width = 4
        while width < 2 * (last - first):
            width *= 2
        mask = width - 1
        touched_count = 0
        for index in range(first, last):
            label = labels[neighbors[index]]
            slot = (label * 40503) & mask
            while slot_labels[slot] != label and slot_labels[slot] != -1:
                slot = (slot + 1) & mask
            if slot_labels[slot] == -1:
                slot_labels[slot] = label
                touched[touched_count] = slot
                touched_count += 1
            slot_values[slot] += weight_units[index] + pair_cost
        current = np.int64(labels[node])
        private = np.int64(known + node)
        best_gain = np.int64(-(2**62))
        current_gain = -pair_cost * np.int64(sizes[current] - 1)
        for place in range(touched_count):
            slot = touched[place]
            label = slot_labels[slot]
            if label == current:
                slot_values[slot] -= pair_cost * np.int64(sizes[label] - 1)
                current_gain = slot_values[slot]
            else:
                slot_values[slot] -= pair_cost * np.int64(sizes[label])
            best_gain = max(best_gain, slot_values[slot])
        private_allowed = sizes[private] == 0
        best_gain = max(best_gain, current_gain)
        if private_allowed:
            best_gain = max(best_gain, 0)
        best_label = current
        best_score = current_gain
        if temperature > 0:
            worth_drawing = best_gain - np.int64(GUMBEL_SPAN * temperature) - 2
            if current_gain >= worth_drawing:
                best_score += gumbel_noise(node_key, label_name(current, known_ids, first_private_label), temperature)
            else:
                best_score = np.int64(-(2**62))
        else:
            worth_drawing = best_gain
        if private_allowed and worth_drawing <= 0:
            score = np.int64(0)
            if temperature > 0:
                score += gumbel_noise(node_key, first_private_label + node, temperature)
            if score > best_score or (score == best_score and best_label != current and private < best_label):
                best_score = score
                best_label = private
        for place in range(touched_count):
            slot = touched[place]
            label = np.int64(slot_labels[slot])
            score = slot_values[slot]
            slot_labels[slot] = -1
            slot_values[slot] = 0
            if label == current or score < worth_drawing:
                continue
            if temperature > 0:
                score += gumbel_noise(node_key, label_name(label, known_ids, first_private_label), temperature)
            if score > best_score or (score == best_score and best_label != current and label < best_label):
                best_score = score
                best_label = label
        if best_label != current:
            choices[node] = best_label
            movers[node_start + mover_count] = node
            mover_count += 1
    return mover_count


@njit(cache=True, nogil=True)
def gumbel_noise(node_key, label, temperature):
    """Whole units of Gumbel noise for one candidate: floor(temperature * (-ln(-ln u))), u from a 31-bit draw."""
    draw = scramble(node_key ^ (label & 2147483647))
    return np.int64(np.floor(temperature * (-np.log(-np.log((draw + 0.5) / 2147483648.0)))))


@njit(cache=True, nogil=True)
def inside_value(row_start, neighbors, weight_units, pair_cost, labels):
    """Sum over edges inside communities of (weight_units + pair_cost), int64. Reads only. O(m)."""
    total = np.int64(0)
    for node in range(len(labels)):
        for index in range(row_start[node], row_start[node + 1]):
            neighbor = neighbors[index]
            if neighbor > node and labels[neighbor] == labels[node]:
                total += weight_units[index] + pair_cost
    return total


@njit(cache=True, nogil=True)
def moved_units(row_start, neighbors, weight_units, pair_cost, labels, choices, movers, mover_start, mover_count):
    """Twice the change of the sum over edges inside communities of (weight_units + pair_cost), when ``movers`` move.

    Both ends of an edge may move at once; each then counts it once, and a mover with a resting neighbour counts it
    twice. movers int32[n], read from mover_start. Reads only. O(sum of the movers' degrees).
    """
    change = np.int64(0)
    for place in range(mover_start, mover_start + mover_count):
        node = movers[place]
        before, after = labels[node], choices[node]
        for index in range(row_start[node], row_start[node + 1]):
            neighbor = neighbors[index]
            gained = np.int64(choices[neighbor] == after) - np.int64(labels[neighbor] == before)
            if gained != 0:
                value = gained * (weight_units[index] + pair_cost)
                change += value if choices[neighbor] != labels[neighbor] else 2 * value
    return change


@njit(cache=True, nogil=True)
def apply_choices(labels, sizes, choices, movers, mover_start, mover_count):
    """Let the movers take their choices; returns by how much the number of pairs inside communities grew.

    labels int32[n] and sizes int32[labels] are mutated. O(movers).
    """
    pairs = np.int64(0)
    for place in range(mover_start, mover_start + mover_count):
        node = movers[place]
        before, after = labels[node], choices[node]
        sizes[before] -= 1
        pairs -= sizes[before]
        pairs += sizes[after]
        sizes[after] += 1
        labels[node] = after
    return pairs
