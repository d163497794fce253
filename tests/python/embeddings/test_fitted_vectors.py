"""Laws of fitted vectors: the kernel solves its equations, both engines find the same, and chance does not replace the communities."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simclusters.communities import Settings, detect_communities
from simclusters.fitted import fit_trial_hits, fitted_vectors
from simclusters.similarity import FollowMatrix, nearest_neighbors

PENALTY = 2.0
RECIPE = {"preference": 1, "regression_penalty": 60.0, "length_power": 0.9}


@st.composite
def graphs(draw):
    """Follows, each once, and the communities of producers: four, because four steps of conjugate gradients solve four equations."""
    pairs = draw(st.sets(st.tuples(st.integers(1, 12), st.integers(0, 9)), min_size=1, max_size=60))
    members = draw(st.sets(st.tuples(st.integers(0, 9), st.integers(1, 4)), min_size=1, max_size=20))
    return np.array(sorted(pairs)), np.array(sorted(members))


def vectors_of(follows, members, penalty=PENALTY, threads=1):
    """(producer, cluster) -> weight before unit length."""
    found = fitted_vectors(*follows.T, *members.T, penalty, threads)
    producers = np.repeat(found.producer_ids, np.diff(found.vectors.start))
    weights = found.vectors.values * np.repeat(found.lengths, np.diff(found.vectors.start))
    return dict(zip(zip(producers.tolist(), found.cluster_ids[found.vectors.columns].tolist(), strict=True), weights, strict=True))


def vectors_by_hand(follows, members):
    """The same by dense matrices."""
    follow, member = np.zeros((13, 10)), np.zeros((10, 5))
    follow[tuple(follows.T)], member[tuple(members.T)] = 1, 1
    interests = follow @ member
    norms = np.sqrt((interests**2).sum(axis=0))
    interests = interests / np.where(norms > 0, norms, 1) ** 0.5
    lengths = np.sqrt((interests**2).sum(axis=1))
    interests = interests / np.where(lengths > 0, lengths, 1)[:, None]
    products, targets = interests.T @ interests, follow.T @ interests
    weights = {}
    for producer in range(10):
        own = np.flatnonzero(targets[producer] > 1e-10)
        solution = np.linalg.solve(products[np.ix_(own, own)] + PENALTY * np.eye(len(own)), targets[producer, own]) if len(own) else []
        weights |= {(producer, int(cluster)): value for cluster, value in zip(own, solution, strict=True) if value > 1e-7}
    return weights


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_a_vector_solves_its_regression(graph):
    found = {key: value for key, value in vectors_of(*graph).items() if value > 1e-7}
    expected = vectors_by_hand(*graph)
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(graphs(), st.randoms())
def test_order_and_threads_change_nothing(graph, random):
    follows, members = (rows[random.sample(range(len(rows)), len(rows))] for rows in graph)
    assert vectors_of(follows, members, threads=2) == pytest.approx(vectors_of(*graph), abs=1e-12)


def test_a_penalty_of_nothing_is_refused():
    with pytest.raises(ValueError, match="penalty must be above 0"):
        vectors_of(np.array([[1, 1]]), np.array([[1, 1]]), penalty=0.0)


def test_both_engines_fit_the_same_vectors(built_warehouse, tmp_path):
    """SQL beside the kernel, on the tables that the kernel read."""
    warehouse = built_warehouse.copy(tmp_path / "sql")
    tables = {
        "int_fit_trial_hits": "preference, consumer_id, producer_id, producer_rank",
        "int_fitted_vectors": "producer_id, cluster_id, round(producer_score, 9), round(vector_length, 9)",
    }
    by_kernel = {name: warehouse.query(f"select {columns} from {name} order by all") for name, columns in tables.items()}
    warehouse.build("run", "--select", *tables, variables={"engines": {"products": "sql"}})
    for name, columns in tables.items():
        assert len(by_kernel[name]) > 1000
        assert warehouse.query(f"select {columns} from {name} order by all") == by_kernel[name]


def members_of(follows, k=None, of=None):
    """(producer, community) by the kernels, with nothing set; with ``of`` only inside these communities."""
    producers, positions, counts = np.unique(follows[:, 1], return_inverse=True, return_counts=True)
    matrix = FollowMatrix(follows[:, 0], positions + 1, producers, np.arange(1, len(producers) + 1), counts, np.ones(len(producers)))
    edges = nearest_neighbors(matrix, 0.02, 100).read_all()
    ends = np.sort(np.stack([edges["producer_id"].to_numpy(), edges["neighbor_producer_id"].to_numpy()], axis=1), axis=1)
    ends, first = np.unique(ends, axis=0, return_index=True)
    weights = 10 * edges["cosine_similarity"].to_numpy()[first] ** 2
    if of is not None:
        label = dict(of.tolist())
        is_inside = np.array([label.get(one, -1) == label.get(other, -2) for one, other in ends.tolist()])
        ends, weights = ends[is_inside], weights[is_inside]
    asked = Settings(k=k, seed=7, epochs=8, blocks=2, start_temperature=0.25, cooling_ratio=0.7, is_k_estimated=True)
    found = detect_communities(*ends.T, weights, asked)
    is_member = found.cluster_ids > 0
    return np.stack([found.producer_ids[is_member], found.cluster_ids[is_member]], axis=1)


def follows_of(name, load, built_warehouse):
    if name == "sample":
        return np.array(built_warehouse.query("select consumer_id, producer_id from int_eligible_follows order by all"))
    folder = Path(os.environ.get("SIMCLUSTERS_DATASETS", "")) / name
    if not os.environ.get("SIMCLUSTERS_DATASETS") or not folder.is_dir():
        pytest.skip(f"SIMCLUSTERS_DATASETS names no folder with the data set {name}")
    follows = load.DATA_SETS[name](folder)["follows"].select("consumer_id", "producer_id").unique().to_numpy()
    producers, counts = np.unique(follows[:, 1], return_counts=True)
    return follows[np.isin(follows[:, 1], producers[counts >= 2]) & (follows[:, 0] != follows[:, 1])]


def recall(follows, is_out, members):
    asked = np.unique(follows[is_out][:, 0])
    is_drawn = np.isin(follows[:, 0], asked)
    trial = follows[is_drawn, 0], follows[is_drawn, 1], is_out[is_drawn]
    return sum(len(found[0]) for found in fit_trial_hits(*follows.T, *members.T, trial, [RECIPE])) / is_out.sum()


@pytest.mark.parametrize(
    ("name", "k"),
    [("sample", 24), pytest.param("ciao", 85, marks=pytest.mark.data), pytest.param("lastfm_hetrec", 90, marks=pytest.mark.data)],
)
def test_communities_dealt_out_at_random_lose_half(name, k, load, built_warehouse):
    """Of what communities alone find above the most followed producers."""
    follows = follows_of(name, load, built_warehouse)
    random = np.random.default_rng(3)
    is_out = random.random(len(follows)) < 0.1
    known = follows[~is_out]
    coarse = members_of(known, k)
    fine = members_of(known, len(coarse) // 4, coarse)
    levels = np.concatenate([coarse, fine + [0, 10**9]])
    producers = np.unique(levels[:, 0])
    dealt = levels.copy()
    dealt[:, 0] = random.permutation(producers)[np.searchsorted(producers, levels[:, 0])]
    # One community of everybody knows how much is followed and nothing else.
    everybody = np.stack([np.unique(known[:, 1]), np.ones(len(np.unique(known[:, 1])), np.int64)], axis=1)
    found, by_chance, popular = (recall(follows, is_out, members) for members in (levels, dealt, everybody))
    assert found - by_chance >= 0.5 * (found - popular) > 0
