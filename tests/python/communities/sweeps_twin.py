"""The sweeps of docs/community_detection.md in plain Python: slow, short, and the definition that the SQL engine is held to."""

import math
from collections import Counter


def scramble(value):
    """Mix an integer in [0, 2^31) into another one."""
    value = ((value ^ (value >> 16)) * 73244475) % 2**31
    value = ((value ^ (value >> 15)) * 295559667) % 2**31
    return value ^ (value >> 16)


def detect_communities(
    edges, *, seed, epochs, greedy_epochs, blocks, start_temperature, cooling_ratio, true_positive_weight, previous_communities=None
):
    """Map producer ids to cluster ids.

    Parameters
    ----------
    edges : producer ids of the two ends and edge weights, three columns; each pair once
    previous_communities : dict of producer_id to cluster_id, or None for a cold start

    Returns a dict without the producers that have no community.
    """
    previous_communities = previous_communities or {}
    producer_ids = sorted({*edges[0], *edges[1]})
    positions = {producer_id: position for position, producer_id in enumerate(producer_ids)}

    neighbors = [[] for _ in producer_ids]
    total_units = 0
    for producer_id, neighbor_id, edge_weight in zip(*edges, strict=True):
        units = max(1, math.floor(edge_weight * 1000000 + 0.5))
        total_units += units
        neighbors[positions[producer_id]].append((positions[neighbor_id], units))
        neighbors[positions[neighbor_id]].append((positions[producer_id], units))
    mean_units = max(1, total_units // max(1, len(edges[0])))
    pair_cost = max(1, math.floor(mean_units / true_positive_weight))

    kept_labels = [previous_communities.get(producer_id) for producer_id in producer_ids]
    first_private_label = 1 + max((label for label in kept_labels if label), default=0)
    labels = [label if label else first_private_label + position for position, label in enumerate(kept_labels)]

    for epoch in range(1, epochs + greedy_epochs + 1):
        temperature = 0
        if epoch <= epochs:
            temperature = math.floor(mean_units * start_temperature * cooling_ratio ** (epoch - 1))
        epoch_key = scramble(scramble(seed % 2**31) ^ epoch)
        node_keys = [scramble(epoch_key ^ position) for position in range(len(labels))]
        moved_count = 0
        for block in range(blocks):
            sizes = Counter(labels)
            chosen_labels = list(labels)
            for position, node_key in enumerate(node_keys):
                if scramble(node_key ^ 2147483647) % blocks == block:
                    chosen_labels[position] = _choose(
                        labels,
                        sizes,
                        neighbors[position],
                        pair_cost,
                        temperature,
                        node_key,
                        current_label=labels[position],
                        private_label=first_private_label + position,
                    )
            moved_count += sum(label != chosen for label, chosen in zip(labels, chosen_labels, strict=True))
            labels = chosen_labels
        if epoch > epochs and moved_count == 0:
            break

    cluster_ids = _number_communities(labels, first_private_label)
    return {producer_id: cluster_ids[label] for producer_id, label in zip(producer_ids, labels, strict=True) if label in cluster_ids}


def _choose(labels, sizes, linked_nodes, pair_cost, temperature, node_key, *, current_label, private_label):
    links, linked_units = Counter(), Counter()
    for neighbor, units in linked_nodes:
        links[labels[neighbor]] += 1
        linked_units[labels[neighbor]] += units
    candidates = set(links) | {current_label}
    if sizes[private_label] == 0:
        candidates.add(private_label)

    def preference(label):
        size_without_node = sizes[label] - (label == current_label)
        gain = linked_units[label] - pair_cost * (size_without_node - links[label])
        noise = 0
        if temperature:
            draw = scramble(node_key ^ (label % 2**31))
            noise = math.floor(temperature * (-math.log(-math.log((draw + 0.5) / 2147483648))))
        return (gain + noise, label == current_label, -label)

    return max(candidates, key=preference)


def _number_communities(labels, first_private_label):
    sizes = {label: size for label, size in Counter(labels).items() if size > 1}
    first_positions = {}
    for position, label in enumerate(labels):
        first_positions.setdefault(label, position)

    cluster_ids = {label: label for label in sizes if label < first_private_label}
    taken_ids = set(cluster_ids)
    opened_labels = [label for label in sizes if label >= first_private_label]
    next_id = 1
    for label in sorted(opened_labels, key=lambda label: (-sizes[label], first_positions[label])):
        while next_id in taken_ids:
            next_id += 1
        cluster_ids[label] = next_id
        taken_ids.add(next_id)
    return cluster_ids
