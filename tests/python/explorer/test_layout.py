"""The map of communities: bubbles apart, neighbours near, and no jump from run to run."""

import numpy as np
import pyarrow as pa
import pytest

from simclusters.explorer.layout import bubble_radii, place_communities
from simclusters.explorer.map_table import placed


def distances(places):
    apart = places[:, None, :] - places[None, :, :]
    return np.sqrt((apart**2).sum(axis=2))


def groups(group_count=6, size=8):
    """Communities that are near the others of their group, and hardly near the rest."""
    group = np.repeat(np.arange(group_count), size)
    random = np.random.default_rng(3)
    noise = random.uniform(0, 0.1, (len(group), len(group)))
    links = np.where(group[:, None] == group[None, :], 0.6, 0.02) + (noise + noise.T) / 2
    return group, random.integers(3, 60, len(group)), links


def test_no_bubble_lies_over_another():
    _, sizes, links = groups()
    places, radii = place_communities(sizes, links), bubble_radii(sizes)
    gaps = distances(places) - radii[:, None] - radii[None, :]
    assert gaps[~np.eye(len(sizes), dtype=bool)].min() > 0
    assert np.abs(places).max() < 2


def test_near_communities_lie_near():
    group, sizes, links = groups()
    apart = distances(place_communities(sizes, links))
    same = group[:, None] == group[None, :]
    others = ~np.eye(len(group), dtype=bool)
    assert apart[same & others].mean() < 0.6 * apart[~same].mean()


def test_the_same_communities_lie_at_the_same_places():
    _, sizes, links = groups()
    first = place_communities(sizes, links)
    assert np.array_equal(first, place_communities(sizes, links))
    noise = 1 + np.random.default_rng(5).uniform(-1e-12, 1e-12, links.shape)
    assert np.array_equal(first, place_communities(sizes, links * (noise + noise.T) / 2))
    again = place_communities(sizes, links, first)
    assert np.abs(again - first).max() < 0.1


def test_a_run_with_other_links_and_a_new_community_does_not_jump():
    group, sizes, links = groups()
    before = place_communities(sizes[:-1], links[:-1, :-1])
    changed = links * np.random.default_rng(4).uniform(0.8, 1.25, links.shape)
    previous = np.vstack([before, [[np.nan, np.nan]]])
    after = place_communities(sizes, (changed + changed.T) / 2, previous)
    assert np.median(distances(np.vstack([before, after[:-1]]))[range(len(before)), range(len(before), 2 * len(before))]) < 0.1
    own, rest = group[:-1] == group[-1], group[:-1] != group[-1]
    to_new = np.sqrt(((after[:-1] - after[-1]) ** 2).sum(axis=1))
    assert to_new[own].mean() < to_new[rest].mean()


@pytest.mark.parametrize("count", range(6))
def test_few_communities_and_none_that_are_linked_have_places(count):
    for links in (np.zeros((count, count)), np.ones((count, count))):
        places = place_communities(np.ones(count, dtype=np.int64), links)
        assert places.shape == (count, 2)
        assert np.isfinite(places).all()
        assert len({tuple(place) for place in places.tolist()}) == count


def test_rows_may_come_in_any_order_and_name_communities_that_are_not_on_the_map():
    clusters = {"cluster_id": [7, 3, 5], "producer_count": [4, 9, 2]}
    neighbors = {
        "cluster_id": [3, 7, 3, 99],
        "neighbor_cluster_id": [7, 3, 99, 3],
        "follow_cosine_similarity": [0.5, 0.5, 0.9, 0.9],
        "log_fav_cosine_similarity": [0.5, 0.5, None, None],
    }
    ids, places = placed(pa.table(clusters), pa.table(neighbors), None)
    reordered = {name: values[::-1] for name, values in clusters.items()}, {name: values[::-1] for name, values in neighbors.items()}
    again, same_places = placed(*map(pa.table, reordered), None)
    assert ids.tolist() == again.tolist() == [3, 5, 7]
    assert np.array_equal(places, same_places)
