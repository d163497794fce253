"""The kernels over a consumer's producers: every sum and group as plain Python finds it; threads and blocks change no bit."""

from itertools import product

import numpy as np
import pytest

from simclusters.embeddings import Edges, Members, Memberships, OptOuts, Producers, Recipe, producer_groups, ranked_interests


def pairs(random, firsts, seconds, count):
    """Distinct pairs of ids, in any order, some of them negative."""
    drawn = np.unique(np.stack([random.integers(0, firsts, count), random.integers(0, seconds, count)], axis=1), axis=0)
    drawn = random.permutation(drawn)
    return drawn[:, 0] * 5 - 11, drawn[:, 1] * 5 - 11


@pytest.fixture(params=range(6))
def random(request):
    return np.random.default_rng(request.param)


def some_edges(random):
    consumers, producers = pairs(random, 30, 40, 300)
    return consumers, producers, random.random(len(consumers)) < 0.6, random.integers(0, 3, (len(consumers), 4)) / 4


def some_memberships(random):
    producers, clusters = pairs(random, 50, 12, 150)
    return producers, clusters, random.integers(0, 4, len(producers)) / 4


def interests_by_hand(edges, recipes, opt_outs, minimum_proof):
    """Rows of Interests: recipe, consumer, cluster, rank, five scores, two counts."""
    found = []
    for position, recipe in enumerate(recipes):
        lists = {}
        given = recipe.memberships
        for consumer, producer, followed, scores in zip(*edges, strict=True):
            for member, cluster, weight in zip(given.producer_ids, given.cluster_ids, given.scores, strict=True):
                if member == producer:
                    total = lists.setdefault(consumer, {}).setdefault(cluster, np.zeros(8))
                    faved = scores[1] > 0
                    proof = int(followed) + int(faved) if recipe.counts_follows_and_favs else int(followed or faved)
                    total += [weight * followed, *(scores * weight), followed, faved, proof]
        for consumer, totals in lists.items():
            totals = {cluster: total for cluster, total in totals.items() if total[7] >= minimum_proof}
            first = {cluster: (-total[2] * recipe.ranks_by_favs, -total[4], -total[0]) for cluster, total in totals.items()}
            best = sorted(totals, key=lambda cluster: (first[cluster], -totals[cluster][1], cluster))[: recipe.clusters_per_consumer]
            kept = [cluster for cluster in best if (consumer, cluster) not in opt_outs]
            ranks = {cluster: rank for rank, cluster in enumerate(kept, start=1)}
            found += [(position, consumer, cluster, ranks.get(cluster, 0), *total[:7]) for cluster, total in totals.items()]
    return sorted(found, key=lambda row: (row[1], row[0], row[2]))


def rows(blocks):
    return [
        (*values, *scores, *counts)
        for found in blocks
        for *values, scores, counts in zip(*(column.tolist() for column in found), strict=True)
    ]


@pytest.mark.parametrize("minimum_proof", [0, 2])
def test_interests_are_sums_of_edges_times_memberships_ranked(random, minimum_proof, monkeypatch):
    """Few distinct weights, so that scores are often equal; the two last recipes have finer ones."""
    monkeypatch.setattr("simclusters.embeddings.interests.PRODUCTS_PER_BLOCK", 50)
    edges = some_edges(random)
    recipes = []
    for number in range(4):
        producers, clusters, weights = some_memberships(random)
        weights = weights if number < 2 else random.permutation(len(weights)) / 1024
        recipes.append(Recipe(Memberships(producers, clusters, weights), number % 2 == 0, number != 3, (9, 3, 4, 2)[number]))
    left = np.stack(pairs(random, 40, 14, 60), axis=1)
    expected = interests_by_hand(edges, recipes, set(map(tuple, left.tolist())), minimum_proof)
    assert len(expected) > 100
    assert sum(row[3] > 0 for row in expected) > 50
    middle = np.median(edges[0])
    halves = [Edges(*(column[is_in] for column in edges)) for is_in in (edges[0] < middle, edges[0] >= middle)]
    for threads, blocks in product((1, 3), ([Edges(*edges)], halves)):
        opt_outs = OptOuts(left[:, 0], left[:, 1])
        # Quarters and 1024ths add up exactly, so sums are equal in any order.
        assert rows(ranked_interests(blocks, recipes, opt_outs, minimum_proof=minimum_proof, threads=threads)) == expected


def groups_by_hand(members, vectors, links):
    """Method -> (consumer, producer) -> rank, size, medoid score."""
    methods = {"largest_dimension": {}, "connected_components": {}}
    for consumer in sorted({consumer for consumer, _, _ in members}):
        largest = {producer: cluster for owner, producer, cluster in members if owner == consumer}
        linked = {frozenset(pair) for pair in links} | {frozenset([producer]) for producer in largest}
        for method, groups in methods.items():
            if method == "largest_dimension":
                found = [{p for p in largest if largest[p] == cluster} for cluster in set(largest.values())]
            else:
                found = [{producer} for producer in largest]
                for p, q in ((p, q) for p in largest for q in largest if frozenset([p, q]) in linked):
                    one, other = (next(group for group in found if r in group) for r in (p, q))
                    found = [group for group in found if group not in (one, other)] + [one | other]
            for rank, group in enumerate(sorted(found, key=lambda group: (-len(group), min(group))), start=1):
                for p in group:
                    score = sum(vectors.get((p, c), 0) * vectors.get((q, c), 0) for q in group for c in {c for _, c in vectors})
                    groups[consumer, p] = rank, len(group), score
    return methods


@pytest.mark.parametrize("threads", [1, 3])
def test_groups_are_found_ranked_and_scored(random, threads):
    consumers, producers = pairs(random, 20, 40, 250)
    largest = random.integers(0, 9, 40 * 5) - 4
    owners, clusters, scores = some_memberships(random)
    links = np.stack(pairs(random, 40, 40, 60), axis=1)
    members = Members(consumers, producers, largest[producers + 11])
    given = Producers(owners, clusters, scores, links[:, 0], links[:, 1])
    found = producer_groups(members, given, threads=threads)
    expected = groups_by_hand(
        list(zip(consumers.tolist(), producers.tolist(), members.largest_cluster_ids.tolist(), strict=True)),
        dict(zip(zip(owners.tolist(), clusters.tolist(), strict=True), scores.tolist(), strict=True)),
        links.tolist(),
    )
    is_first = consumers < np.median(consumers)
    in_parts = {method: [] for method in expected}
    for part in (is_first, ~is_first):
        of_part = Members(consumers[part], producers[part], members.largest_cluster_ids[part])
        for method, groups in producer_groups(of_part, given, threads=threads).items():
            in_parts[method].append(groups)
    assert list(found) == list(expected)
    for method, groups in found.items():
        for column, first, rest in zip(groups, *in_parts[method], strict=True):
            assert column[is_first].tolist() == first.tolist()
            assert column[~is_first].tolist() == rest.tolist()
        actual = zip(*(column.tolist() for column in groups), strict=True)
        assert dict(zip(zip(consumers.tolist(), producers.tolist(), strict=True), actual, strict=True)) == expected[method]
        assert groups.counts.max() > 3
        assert groups.ranks.max() > 3


def test_nothing_gives_nothing():
    edges = Edges([], [], [], np.empty((0, 4)))
    one = Edges([1], [2], [True], np.ones((1, 4)))
    nobody = OptOuts([], [])
    recipe, empty = (Recipe(memberships, True, True, 9) for memberships in (Memberships([2], [3], [1.0]), Memberships([], [], [])))
    assert rows(ranked_interests([edges], [recipe], nobody, minimum_proof=0)) == []
    assert rows(ranked_interests([one], [empty], nobody, minimum_proof=0)) == []
    assert rows(ranked_interests([one], [], nobody, minimum_proof=0)) == []
    assert [row[:4] for row in rows(ranked_interests([one], [empty, recipe], nobody, minimum_proof=0))] == [(1, 1, 3, 1)]
    for groups in producer_groups(Members([], [], []), Producers([1], [1], [1.0], [], [])).values():
        assert [len(column) for column in groups] == [0, 0, 0]


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="2 consumer_ids, 1 producer_ids, 1 is_followed, scores"):
        Edges([1, 2], [1], [True], np.ones((1, 4)))
    with pytest.raises(ValueError, match="producer_ids must hold integers"):
        Edges([1], ["a"], [True], np.ones((1, 4)))
    edges = Edges([1], [1], [True], np.ones((1, 4)))
    with pytest.raises(ValueError, match="memberships have 1 producer_ids, 2 cluster_ids and 1 scores"):
        next(ranked_interests([edges], [Recipe(Memberships([1], [1, 2], [1.0]), True, True, 1)], OptOuts([], []), minimum_proof=1))
    nobody = Producers([], [], [], [], [])
    with pytest.raises(ValueError, match="members have 1 consumer_ids, 2 producer_ids, 1 largest_cluster_ids"):
        producer_groups(Members([1], [1, 2], [1]), nobody)
    with pytest.raises(ValueError, match="1 linked_ids, 0 other_linked_ids"):
        producer_groups(Members([], [], []), Producers([], [], [], [1], []))
