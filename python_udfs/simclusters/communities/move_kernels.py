"""Compiled kernels of the community moves: groups of nodes move as one, and every move raises the objective.

A group is a run of ``members``: group g holds members[group_start[g]] to members[group_start[g + 1] - 1], all of one
community. With one node in each group the moves are node moves; with whole communities they are merges; in between, a
part of a community leaves it, alone (a split) or for another one. Searching runs on chunks that read a frozen state
and write disjoint places; moving runs on one thread, in one order. So the number of threads cannot change a result.

Common arguments
    rows : Rows              the graph
    pair_cost : int64        units that one unconnected pair costs (symbols g / w)
    groups : Groups
    partition : Partition    which community each node is in
    scratch : Scratch
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from simclusters.kernel_tuples import kernel_tuple


@kernel_tuple
class Groups(NamedTuple):
    """Nodes that move as one."""

    start: np.ndarray  # int64[groups + 1]: offsets into members
    members: np.ndarray  # int32[n]: nodes
    group_of: np.ndarray  # int32[n]: group of each node


@kernel_tuple
class Partition(NamedTuple):
    """Communities of nodes."""

    labels: np.ndarray  # int32[n]: community of each node, below n
    sizes: np.ndarray  # int64[n]: producers in each community
    community_count: int  # labels in use

    @property
    def found(self) -> int:
        """Communities of at least two producers."""
        return int((self.sizes > 1).sum())

    @property
    def largest(self) -> int:
        """Producers in the largest community."""
        return int(self.sizes.max(initial=0))

    def copy(self) -> Partition:
        return Partition(self.labels.copy(), self.sizes.copy(), self.community_count)


@kernel_tuple
class Scratch(NamedTuple):
    """Memory of one thread."""

    linked: np.ndarray  # int64[n], all zero before and after
    touched: np.ndarray  # int32[n + 1]
    gathered: np.ndarray  # int32[n + 1]


@kernel_tuple
class Parts(NamedTuple):
    """What refine_communities finds of each group."""

    part_of: np.ndarray  # int32[groups]: the group that founded its part
    size: np.ndarray  # int64[groups]: nodes of the part it founded
    cut: np.ndarray  # int64[groups]: links of that part to the rest of the community


@kernel_tuple
class Merges(NamedTuple):
    """What cheapest_merges finds of each community."""

    partners: np.ndarray  # int32[communities]: one of a smaller label; -1 for none, and for communities of one
    losses: np.ndarray  # int64[communities]: loss of the objective; negative is a gain


@njit(cache=True, nogil=True)
def best_community(rows, pair_cost, groups, partition, scratch, group):
    """The community where the group gains most, what it gains there, and what it gains where it is.

    Returns (label, gain, current_gain). The label is -1 for a new community, whose gain is 0. Among equals the current
    community wins, then the smallest label. O(sum of the members' degrees).
    """
    row_start, neighbors, weight_units = rows
    group_start, members, group_of = groups
    labels, sizes, _ = partition
    linked, touched, gathered = scratch
    first, last = group_start[group], group_start[group + 1]
    group_size = last - first
    current = labels[members[first]]
    current_gain = np.int64(0)
    touched_count = 0
    for place in range(first, last):
        row, end = row_start[members[place]], row_start[members[place] + 1]
        # Read the labels first, in a loop that does nothing else: so the processor waits for many at a time.
        for index in range(row, end):
            gathered[index - row] = labels[neighbors[index]]
        for index in range(row, end):
            label = gathered[index - row]
            value = weight_units[index] + pair_cost
            if label == current:
                if group_size == 1 or group_of[neighbors[index]] != group:
                    current_gain += value
                continue
            before = linked[label]
            touched[touched_count] = label
            touched_count += before == 0
            linked[label] = before + value
    # Past this size the cost is larger than any sum of links, so it can stop growing before it leaves 64 bits.
    dearest = np.int64(2**62) // (pair_cost * group_size)
    current_gain -= pair_cost * group_size * min(sizes[current] - group_size, dearest)
    best_label, best_gain = np.int64(current), current_gain
    for place in range(touched_count):
        label = np.int64(touched[place])
        gain = linked[label] - pair_cost * group_size * min(sizes[label], dearest)
        linked[label] = 0
        if gain > best_gain or (gain == best_gain and best_label != current and label < best_label):
            best_label, best_gain = label, gain
    if best_gain < 0:
        best_label, best_gain = np.int64(-1), np.int64(0)
    return best_label, best_gain, current_gain


@njit(cache=True, nogil=True)
def find_improvable(rows, pair_cost, groups, partition, scratch, first_group, last_group, is_passed_over, improvable):
    """Set improvable[g] (uint8[groups]) to 1 where group g would gain by moving, to 0 elsewhere, for a range of groups.

    is_passed_over : uint8[communities]   1 where a group that is the whole community counts as not improvable
    """
    group_start, members, _ = groups
    labels, sizes, _ = partition
    for group in range(first_group, last_group):
        improvable[group] = 0
        label = labels[members[group_start[group]]]
        if is_passed_over[label] and group_start[group + 1] - group_start[group] == sizes[label]:
            continue
        _, gain, current_gain = best_community(rows, pair_cost, groups, partition, scratch, group)
        improvable[group] = gain > current_gain


@njit(cache=True, nogil=True)
def move_groups(rows, pair_cost, groups, partition, scratch, queued, free_labels, free_count):
    """Move groups, one after another, each to its best community, until nobody in the queue gains.

    queued : uint8[groups]       1 for the groups to look at; all zero afterwards
    free_labels : int32[n]       stack of the labels nobody carries
    free_count : int64           its height

    The labels and sizes of the partition and free_labels are mutated. A group that moves puts its neighbours outside its
    new community in the queue. Returns the exact change of the objective.
    """
    row_start, neighbors, _ = rows
    group_start, members, group_of = groups
    labels, sizes, _ = partition
    group_count = len(group_start) - 1
    queue = np.empty(group_count, np.int32)
    waiting = 0
    for group in range(group_count):
        if queued[group]:
            queue[waiting] = group
            waiting += 1
    head = 0
    total_gain = np.int64(0)
    while waiting > 0:
        group = queue[head]
        head = head + 1 if head + 1 < group_count else 0
        waiting -= 1
        queued[group] = 0
        label, gain, current_gain = best_community(rows, pair_cost, groups, partition, scratch, group)
        if gain <= current_gain:
            continue
        first, last = group_start[group], group_start[group + 1]
        current = labels[members[first]]
        if label == -1:
            free_count -= 1
            label = np.int64(free_labels[free_count])
        for place in range(first, last):
            labels[members[place]] = label
        sizes[label] += last - first
        sizes[current] -= last - first
        if sizes[current] == 0:
            free_labels[free_count] = current
            free_count += 1
        total_gain += gain - current_gain
        for place in range(first, last):
            node = members[place]
            for index in range(row_start[node], row_start[node + 1]):
                neighbor = neighbors[index]
                other = group_of[neighbor]
                if labels[neighbor] != label and not queued[other]:
                    queued[other] = 1
                    tail = head + waiting
                    queue[tail if tail < group_count else tail - group_count] = other
                    waiting += 1
    return total_gain


@njit(cache=True, nogil=True)
def reorder_groups(groups, order):
    """The groups in another order: group order[0], int64[groups], comes first. O(n)."""
    group_start, members, _ = groups
    new_start = np.zeros(len(group_start), np.int64)
    new_members = np.empty(len(members), np.int32)
    group_of = np.empty(len(members), np.int32)
    filled = 0
    for place in range(len(order)):
        group = order[place]
        for index in range(group_start[group], group_start[group + 1]):
            new_members[filled] = members[index]
            group_of[members[index]] = place
            filled += 1
        new_start[place + 1] = filled
    return Groups(new_start, new_members, group_of)


@njit(cache=True, nogil=True)
def refine_communities(rows, pair_cost, groups, partition, scratch, community_start, first, last, is_settled, parts):
    """Join the groups of each community into parts that hold together, starting from every group as its own part.

    A group joins the part inside its community where it gains most, if it gains there, and if both the group and the
    part are linked well enough to the rest of the community to be worth keeping in it (the well-connected condition of
    the Leiden algorithm; Traag, Waltman and van Eck 2019).

    groups, community_start : ordered by community; community c holds the groups from community_start[c] to
        community_start[c + 1] - 1, int64[communities + 1]
    first, last : int64                        the range of communities to look at
    is_settled : uint8[communities]            1 for the communities to leave whole
    parts : Parts                              mutated
    """
    row_start, neighbors, weight_units = rows
    group_start, members, group_of = groups
    labels, sizes, _ = partition
    linked, touched, gathered = scratch
    part_of, part_size, part_cut = parts
    for community in range(first, last):
        low, high = community_start[community], community_start[community + 1]
        if high <= low:
            continue
        if is_settled[community] or high - low == 1:
            for group in range(low, high):
                part_of[group] = low
            continue
        size = sizes[community]
        for group in range(low, high):
            part_of[group] = group
            part_size[group] = group_start[group + 1] - group_start[group]
            cut = np.int64(0)
            for place in range(group_start[group], group_start[group + 1]):
                row, end = row_start[members[place]], row_start[members[place] + 1]
                for index in range(row, end):
                    gathered[index - row] = labels[neighbors[index]]
                for index in range(row, end):
                    if gathered[index - row] == community and group_of[neighbors[index]] != group:
                        cut += weight_units[index] + pair_cost
            part_cut[group] = cut
        for group in range(low, high):
            group_size = group_start[group + 1] - group_start[group]
            if part_of[group] != group or part_size[group] != group_size:
                continue
            if part_cut[group] < pair_cost * group_size * (size - group_size):
                continue
            touched_count = 0
            for place in range(group_start[group], group_start[group + 1]):
                row, end = row_start[members[place]], row_start[members[place] + 1]
                for index in range(row, end):
                    gathered[index - row] = labels[neighbors[index]]
                for index in range(row, end):
                    if gathered[index - row] != community or group_of[neighbors[index]] == group:
                        continue
                    part = part_of[group_of[neighbors[index]]]
                    before = linked[part]
                    touched[touched_count] = part
                    touched_count += before == 0
                    linked[part] = before + weight_units[index] + pair_cost
            best, best_gain, best_linked = np.int64(-1), np.int64(0), np.int64(0)
            for place in range(touched_count):
                part = np.int64(touched[place])
                gain = linked[part] - pair_cost * group_size * part_size[part]
                holds = part_cut[part] >= pair_cost * part_size[part] * (size - part_size[part])
                if holds and (gain > best_gain or (gain == best_gain and best != -1 and part < best)):
                    best, best_gain, best_linked = part, gain, linked[part]
                linked[part] = 0
            if best != -1:
                part_of[group] = best
                part_size[best] += group_size
                part_size[group] = 0
                part_cut[best] += part_cut[group] - 2 * best_linked


@njit(cache=True, nogil=True)
def same_communities(partition, before):
    """uint8[communities]: 1 where a community has the same members as one of another partition. O(n)."""
    labels, sizes, community_count = partition
    other_labels, other_sizes, _ = before
    other = np.full(community_count, -1, np.int64)
    is_same = np.ones(community_count, np.uint8)
    for node in range(len(labels)):
        label = labels[node]
        if other[label] == -1:
            other[label] = other_labels[node]
            is_same[label] = sizes[label] == other_sizes[other_labels[node]]
        elif other[label] != other_labels[node]:
            is_same[label] = 0
    return is_same


@njit(cache=True, nogil=True)
def partition_of(labels, label_count):
    """The Partition of labels int32[n], which are mutated: renumbered 0, 1, ... by first position. O(n)."""
    new_label = np.full(label_count, -1, np.int32)
    sizes = np.zeros(len(labels), np.int64)
    communities = 0
    for node in range(len(labels)):
        label = labels[node]
        if new_label[label] == -1:
            new_label[label] = communities
            communities += 1
        labels[node] = new_label[label]
        sizes[labels[node]] += 1
    return Partition(labels, sizes, communities)


@njit(cache=True, nogil=True)
def cheapest_merges(rows, pair_cost, groups, partition, scratch, first, last, largest, merges):
    """For each community the linked one that it can merge with at the least loss of the objective.

    groups : the communities, community c as group c
    first, last : int64    the range of communities to look at
    largest : int64        producers that a merged community may hold
    merges : Merges        mutated
    """
    row_start, neighbors, weight_units = rows
    group_start, members, _ = groups
    labels, sizes, _ = partition
    linked, touched, gathered = scratch
    partners, losses = merges
    for group in range(first, last):
        touched_count = 0
        for place in range(group_start[group], group_start[group + 1]):
            row, end = row_start[members[place]], row_start[members[place] + 1]
            for index in range(row, end):
                gathered[index - row] = labels[neighbors[index]]
            for index in range(row, end):
                label = gathered[index - row]
                before = linked[label]
                touched[touched_count] = label
                touched_count += before == 0
                linked[label] = before + weight_units[index] + pair_cost
        partners[group] = -1
        losses[group] = np.int64(2**62)
        dearest = np.int64(2**61) // (pair_cost * sizes[group])
        for place in range(touched_count):
            label = touched[place]
            mergeable = label < group and min(sizes[label], sizes[group]) > 1 and sizes[label] + sizes[group] <= largest
            loss = pair_cost * sizes[group] * min(sizes[label], dearest) - linked[label]
            linked[label] = 0
            if mergeable and (loss < losses[group] or (loss == losses[group] and label < partners[group])):
                partners[group] = label
                losses[group] = loss


@njit(cache=True, nogil=True)
def match_in_order(left, right, left_taken, right_taken, most):
    """Take pairs in the given order, but none with a side that is taken already, until ``most`` are taken.

    left, right : int[pairs]          the two sides of each pair
    left_taken, right_taken : uint8   mutated: 1 for what is taken; one array for both when the sides are of one kind
    Returns bool[pairs]: which are taken. O(pairs).
    """
    is_taken = np.zeros(len(left), np.bool_)
    count = 0
    for pair in range(len(left)):
        if count == most:
            break
        if not left_taken[left[pair]] and not right_taken[right[pair]]:
            left_taken[left[pair]] = 1
            right_taken[right[pair]] = 1
            is_taken[pair] = True
            count += 1
    return is_taken
