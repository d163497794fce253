"""Rounds of community moves in plain Python: slow, and the definition that the kernel is held to."""

from collections import Counter, deque


def objective(edges, labels, pair_cost):
    """Exact objective of labels (one for each node) on edges (node, node, weight_units)."""
    inside = sum(units + pair_cost for left, right, units in edges if labels[left] == labels[right])
    return inside - pair_cost * sum(size * (size - 1) // 2 for size in Counter(labels).values())


def one_round(node_count, edges, labels, pair_cost, taken_apart=frozenset()):
    """One round of docs/community_detection.md, from labels numbered by first node.

    taken_apart : the communities, as frozen sets of nodes, that the last round took apart
    Returns (labels, the communities that this round took apart or left whole because the last one had).
    """
    graph = [[] for _ in range(node_count)]
    for left, right, units in edges:
        graph[left].append((right, units + pair_cost))
        graph[right].append((left, units + pair_cost))

    groups = [[node] for node in range(node_count)]
    labels = _pass_over(graph, groups, labels, pair_cost)
    before_parts = {frozenset(community) for community in _communities(labels)}
    settled = before_parts & taken_apart
    while True:
        groups = _by_community(groups, labels)
        parts = _by_community(_parts(graph, groups, labels, pair_cost, settled), labels)
        if len(parts) in (len(groups), len(set(labels))):
            break
        groups = parts
        labels = _pass_over(graph, groups, labels, pair_cost, skips_whole=True)
        settled = set()
    while True:
        merged = _pass_over(graph, _communities(labels), labels, pair_cost)
        if merged == labels:
            return labels, before_parts
        labels = merged


def _communities(labels):
    return [[node for node in range(len(labels)) if labels[node] == label] for label in range(len(set(labels)))]


def numbered_by_first_node(labels):
    numbers = {}
    return [numbers.setdefault(label, len(numbers)) for label in labels]


def _by_community(groups, labels):
    return sorted(groups, key=lambda group: labels[group[0]])


def _linked(graph, group, labels, among=None):
    """Weights between the group and the labels of nodes outside it, or only of nodes in ``among``."""
    linked = Counter()
    for node in group:
        for neighbor, value in graph[node]:
            if neighbor not in group and (among is None or neighbor in among):
                linked[labels[neighbor]] += value
    return linked


def _best(graph, group, labels, pair_cost):
    """(label or None for a new community, gain there, gain at present)."""
    sizes = Counter(labels)
    current = labels[group[0]]
    linked = _linked(graph, group, labels)

    def gain(label):
        return linked[label] - pair_cost * len(group) * (sizes[label] - len(group) * (label == current))

    best = max({*linked, current}, key=lambda label: (gain(label), label == current, -label))
    if gain(best) < 0:
        return None, 0, gain(current)
    return best, gain(best), gain(current)


def _pass_over(graph, groups, labels, pair_cost, skips_whole=False):
    labels = list(labels)
    group_of = {node: number for number, group in enumerate(groups) for node in group}
    queue = deque()
    for number, group in enumerate(groups):
        _, gain, present = _best(graph, group, labels, pair_cost)
        if gain > present and not (skips_whole and len(group) == labels.count(labels[group[0]])):
            queue.append(number)
    free = sorted(set(range(len(labels))) - set(labels), reverse=True)
    while queue:
        group = groups[queue.popleft()]
        label, gain, present = _best(graph, group, labels, pair_cost)
        if gain <= present:
            continue
        if label is None:
            label = free.pop()
        old = labels[group[0]]
        for node in group:
            labels[node] = label
        if old not in labels:
            free.append(old)
        for node in group:
            for neighbor, _ in sorted(graph[node]):
                if labels[neighbor] != label and group_of[neighbor] not in queue:
                    queue.append(group_of[neighbor])
    return numbered_by_first_node(labels)


def _parts(graph, groups, labels, pair_cost, settled):
    parts = []
    for label in sorted(set(labels)):
        inside = [list(group) for group in groups if labels[group[0]] == label]
        members = {node for group in inside for node in group}
        if members in settled:
            parts.append([node for group in inside for node in group])
            continue
        own = {node: number for number, group in enumerate(inside) for node in group}
        unions = dict(enumerate(inside))

        def holds(group, members=members):
            outside = sum(v for node in group for other, v in graph[node] if other in members and other not in group)
            return outside >= pair_cost * len(group) * (len(members) - len(group))

        for number, group in enumerate(inside):
            if len(unions[number]) > len(group) or not holds(group):
                continue
            part_of = {node: part for part, union in unions.items() for node in union}
            linked = Counter()
            for node in group:
                for other, value in graph[node]:
                    if other in members and own[other] != number:
                        linked[part_of[other]] += value
            gains = {part: value - pair_cost * len(group) * len(unions[part]) for part, value in linked.items() if holds(unions[part])}
            best = max(gains, key=lambda part: (gains[part], -part), default=None)
            if best is not None and gains[best] > 0:
                unions[best] = unions[best] + group
                del unions[number]
                unions = dict(sorted(unions.items()))
        parts += unions.values()
    return parts
