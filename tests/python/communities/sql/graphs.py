"""Small random graphs with planted communities, and the settings to sweep them with."""

import random

from .project import Edges

NAMES = [f"graph_{number:02d}" for number in range(16)]


def random_edges(generator: random.Random, producer_ids: list[int]) -> Edges:
    """Edges of a planted partition; each weight style rounds to units differently, down to the one unit that is the least."""
    community_count = generator.randint(1, 6)
    homes = {producer: generator.randrange(community_count) for producer in producer_ids}
    inside, across = generator.uniform(0.3, 1.0), generator.uniform(0.0, 0.2)
    draw_weight = generator.choice(
        [lambda: 1.0, lambda: generator.uniform(0.01, 3.0), lambda: generator.choice([0.0, 1e-9, 1.4e-6, 2.5e-6])]
    )
    sources, targets, weights = [], [], []
    for place, producer in enumerate(producer_ids):
        for neighbor in producer_ids[place + 1 :]:
            if generator.random() < (inside if homes[producer] == homes[neighbor] else across):
                sources.append(min(producer, neighbor))
                targets.append(max(producer, neighbor))
                weights.append(draw_weight())
    return sources, targets, weights


def random_ids(generator: random.Random, count: int) -> list[int]:
    """Distinct ids, near or far apart, also beyond 2^53 and below zero."""
    span = generator.choice([count, 1000, 2**62])
    return generator.sample(range(-(span // 2), span + 1), count)


def random_settings(generator: random.Random) -> dict:
    return {
        "seed": generator.choice([0, 7, 2**31 + 5, 2**40 + 3]),
        "epochs": generator.randint(0, 4),
        "greedy_epochs": generator.randint(0, 4),
        "blocks": generator.choice([1, 2, 2, 2, 3, 8]),
        "start_temperature": generator.choice([0, 0.3, 1.0, 5.0]),
        "cooling_ratio": generator.choice([0.5, 0.7, 1]),
        "true_positive_weight": generator.choice([0.5, 1, 5, 20.0]),
    }


def first_and_second_graphs(seed: int) -> tuple[dict, dict, dict]:
    """Per name: edges, edges of a later time (producers gone, new and rewired), and settings."""
    generator = random.Random(seed)
    first, second, settings = {}, {}, {}
    for name in NAMES:
        producer_ids = random_ids(generator, generator.randint(2, 50))
        kept = generator.randint(0, len(producer_ids) - 1)
        first[name] = random_edges(generator, producer_ids[kept // 3 :])
        second[name] = random_edges(generator, producer_ids[: len(producer_ids) - kept // 3])
        settings[name] = random_settings(generator)
    first[NAMES[0]] = [], [], []
    return first, second, settings
