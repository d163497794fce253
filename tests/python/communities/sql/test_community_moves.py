"""Community moves in SQL: as good as the kernel's, k honoured, cluster ids kept."""

import itertools

import numpy as np
import pytest
from kernel_communities import SWEEPS, detect, members

from simclusters.communities.agreement import normalized_mutual_information
from simclusters.communities.cluster_ids import ids_kept_by_overlap, number_communities
from simclusters.communities.graph import build_sparse_graph

from .larger_graphs import four_fifths, present_graphs
from .project import CommunitiesProject

FIRST, SECOND = "2026-01-01", "2026-02-01"
MOVES = {"community_moves": True, **SWEEPS}

# Graph, and what is asked of it: a resolution, or a number of communities.
CASES = {
    "sample_by_count": ("sample", {"true_positive_weight": 0, "communities_k": 24}),
    "generated_by_count": ("generated", {"true_positive_weight": 0, "communities_k": 100}),
    "generated_by_weight": ("generated", {"true_positive_weight": 20}),
    "ciao_by_weight": ("ciao", {"true_positive_weight": 10}),
}
PLANTED_CASES = ["sample_by_count", "generated_by_count", "generated_by_weight"]


def as_arrays(edges, communities):
    """Producer ids of the graph, ascending, and the cluster id of each, 0 for none."""
    producer_ids = np.unique(np.concatenate(edges[:2]))
    return producer_ids, np.array([communities.get(producer, 0) for producer in producer_ids.tolist()])


def objective(edges, communities, true_positive_weight):
    """The objective of the page; producers without a community count as communities of one."""
    units = np.maximum(1, np.floor(np.asarray(edges[2]) * 1000000 + 0.5).astype(int))
    pair_cost = max(1, int(units.sum() // len(units) / true_positive_weight))
    ends = [np.array([communities.get(producer, -producer) for producer in side.tolist()]) for side in edges[:2]]
    sizes = np.unique(list(communities.values()), return_counts=True)[1]
    return int((units + pair_cost)[ends[0] == ends[1]].sum() - pair_cost * (sizes * (sizes - 1) // 2).sum())


def kernel_result(edges, asked):
    weight = asked["true_positive_weight"] or None
    found = detect(*edges, true_positive_weight=weight, k=asked.get("communities_k"))
    return members(found), found.report


@pytest.fixture(scope="module")
def builds(tmp_path_factory):
    """First and later edges by case, and the project that has built both."""
    graphs = present_graphs()
    first_edges = {case: graphs[graph] for case, (graph, _) in CASES.items() if graph in graphs}
    later_edges = {case: four_fifths(first_edges[case]) for case in PLANTED_CASES}
    project = CommunitiesProject(tmp_path_factory.mktemp("community_moves"))
    for as_of, edges in [(FIRST, first_edges), (SECOND, later_edges)]:
        project.write_edges(edges)
        project.build({case: {"as_of": as_of, **MOVES, **CASES[case][1]} for case in edges})
    return first_edges, later_edges, project


@pytest.mark.parametrize("case", PLANTED_CASES)
def test_the_kernel_finds_the_same_where_there_are_communities_to_find(builds, case):
    first_edges, _, project = builds
    edges, sql = first_edges[case], project.communities(case, FIRST)
    kernel, report = kernel_result(edges, CASES[case][1])
    weight = report.true_positive_weight
    assert objective(edges, sql, weight) >= 0.999 * objective(edges, kernel, weight)
    assert normalized_mutual_information(as_arrays(edges, sql)[1], as_arrays(edges, kernel)[1]) >= 0.99


def test_the_objective_is_as_good_where_many_partitions_are_nearly_the_best(builds):
    """On Ciao the kernel's own seeds differ by up to 1 % of the objective and agree with an NMI of 0.82 to 0.87."""
    first_edges, _, project = builds
    if "ciao_by_weight" not in first_edges:
        pytest.skip("the Ciao follows are not at $SIMCLUSTERS_DATASETS/ciao/follows.parquet")
    edges, sql = first_edges["ciao_by_weight"], project.communities("ciao_by_weight", FIRST)
    kernel, report = kernel_result(edges, CASES["ciao_by_weight"][1])
    weight = report.true_positive_weight
    assert objective(edges, sql, weight) >= 0.99 * objective(edges, kernel, weight)


def test_community_moves_find_more_than_the_sweeps_alone(builds):
    first_edges, _, project = builds
    edges = first_edges["generated_by_weight"]
    sweeps = members(detect(*edges, true_positive_weight=20, community_moves=False))
    moved = project.communities("generated_by_weight", FIRST)
    assert objective(edges, moved, 20) > 1.001 * objective(edges, sweeps, 20)


@pytest.mark.parametrize("case", ["sample_by_count", "generated_by_count"])
@pytest.mark.parametrize("as_of", [FIRST, SECOND])
def test_about_as_many_communities_are_found_as_asked(builds, case, as_of):
    _, _, project = builds
    k = CASES[case][1]["communities_k"]
    assert abs(len(set(project.communities(case, as_of).values())) - k) <= 0.05 * k


@pytest.mark.parametrize("case", PLANTED_CASES)
def test_a_warm_start_keeps_the_ids_of_the_communities_that_overlap_most(builds, case):
    _, later_edges, project = builds
    first, second = project.communities(case, FIRST), project.communities(case, SECOND)
    producer_ids, cluster_ids = as_arrays(later_edges[case], second)
    previous = np.array([first.get(producer, 0) for producer in producer_ids.tolist()])

    # Labels by first member, as the kernel has them; a producer without a community is alone in one.
    alone = np.where(cluster_ids == 0, -1 - np.arange(len(cluster_ids)), cluster_ids)
    _, first_positions, labels = np.unique(alone, return_index=True, return_inverse=True)
    labels = np.argsort(np.argsort(first_positions))[labels]
    kept_ids = ids_kept_by_overlap(labels, len(first_positions), previous)
    assert number_communities(labels, kept_ids).tolist() == cluster_ids.tolist()
    assert np.mean(previous == cluster_ids) > 0.95


def cliques(*groups):
    """Edges of weight 1 inside each group of producers."""
    pairs = sorted({pair for group in groups for pair in itertools.combinations(sorted(group), 2)})
    return [low for low, _ in pairs], [high for _, high in pairs], [1.0] * len(pairs)


def joined(edges, *bridges):
    return tuple([*column, *more] for column, more in zip(edges, zip(*bridges, strict=True), strict=True))


SIX_CLIQUES = cliques(*(range(10 * group, 10 * group + 10) for group in range(6)))
TWO_HALVES = joined(cliques(range(12), range(12, 24)), (0, 12, 1.0), (1, 13, 1.0))

# First edges, later edges, and what is asked.
SMALL_CASES = {
    "split": (cliques(range(24)), TWO_HALVES, {"true_positive_weight": 5}),
    "merged": (TWO_HALVES, cliques(range(24)), {"true_positive_weight": 5}),
    "attached": (
        joined(cliques(range(10), range(10, 20)), (0, 10, 1.0), (30, 31, 1.0)),
        joined(cliques({*range(10), 30}, {*range(10, 20), 40}), (0, 10, 1.0)),
        {"true_positive_weight": 5},
    ),
    "too_few_asked": (SIX_CLIQUES, SIX_CLIQUES, {"true_positive_weight": 0, "communities_k": 3}),
    "too_many_asked": (SIX_CLIQUES, SIX_CLIQUES, {"true_positive_weight": 0, "communities_k": 20}),
}


@pytest.fixture(scope="module")
def small_builds(tmp_path_factory):
    """Cluster ids by case after a first, a later and a repeated build, and the log of the first.

    What is asked in the last two cases matters from a cold start; they are built once.
    """
    project = CommunitiesProject(tmp_path_factory.mktemp("small_moves"))
    settings = {case: {**MOVES, **asked} for case, (_, _, asked) in SMALL_CASES.items()}
    found = []
    logs = []
    for as_of, which in [(FIRST, 0), (SECOND, 1), (SECOND, 1)]:
        cases = [case for case in SMALL_CASES if as_of == FIRST or not case.startswith("too_")]
        project.write_edges({case: SMALL_CASES[case][which] for case in cases})
        logs.append(project.build({case: {"as_of": as_of, **settings[case]} for case in cases}))
        found.append({case: project.communities(case, as_of) for case in cases})
    return *found, logs[0]


def test_a_community_that_falls_apart_is_split_and_one_half_keeps_the_id(small_builds):
    first, second, _, _ = small_builds
    assert set(first["split"].values()) == {1}
    assert second["split"] == {producer: 1 if producer < 12 else 2 for producer in range(24)}


def test_communities_that_grow_together_are_merged_and_keep_an_id(small_builds):
    first, second, _, _ = small_builds
    assert first["merged"] == {producer: 1 if producer < 12 else 2 for producer in range(24)}
    assert second["merged"] == dict.fromkeys(range(24), 1)


def test_new_and_moved_producers_join_and_ids_without_members_are_free(small_builds):
    first, second, _, _ = small_builds
    assert first["attached"][30] == first["attached"][31] == 3
    assert second["attached"] == {producer: 1 if producer < 10 or producer == 30 else 2 for producer in [*range(20), 30, 40]}


@pytest.mark.parametrize("case", ["too_few_asked", "too_many_asked"])
def test_what_has_six_parts_has_six_communities_whatever_is_asked_and_the_log_says_so(small_builds, case):
    first, _, _, log = small_builds
    assert first[case] == {producer: 1 + producer // 10 for producer in range(60)}
    reason = {"too_few_asked": "6 were merged down", "too_many_asked": "no pair cost tried gives more"}[case]
    assert f"{case}: 6 communities of 60 producers" in log
    assert reason in log


def test_the_same_run_with_community_moves_leaves_the_same_rows(small_builds):
    _, second, again, _ = small_builds
    assert again == second


def test_the_objective_of_these_tests_is_the_page_s():
    """Two triangles with a bridge: inside 6 edges of 2 units each and no pair is missing."""
    edges = tuple(np.array(column) for column in joined(cliques([1, 2, 3], [4, 5, 6]), (3, 4, 1.0)))
    graph = build_sparse_graph(*edges)
    assert int(graph.rows.weight_units.sum()) == 14_000_000
    together, apart = dict.fromkeys(range(1, 7), 1), {producer: 1 + (producer > 3) for producer in range(1, 7)}
    assert objective(edges, apart, 1) == 6 * 1_000_000
    assert objective(edges, together, 1) == 7 * 2_000_000 - 15 * 1_000_000
