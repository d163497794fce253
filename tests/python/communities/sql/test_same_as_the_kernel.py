"""The sweeps alone: SQL and the compiled kernel find the same communities, on real and generated graphs."""

import pytest
from kernel_communities import detect, members

from .larger_graphs import GRAPHS, four_fifths, present_graphs
from .project import CommunitiesProject

SWEEPS = {"seed": 7, "epochs": 6, "greedy_epochs": 4, "blocks": 2, "start_temperature": 0.5, "cooling_ratio": 0.7}
FIRST, SECOND = "2026-01-01", "2026-02-01"


def kernel_communities(edges, true_positive_weight, previous=None):
    asked = {"true_positive_weight": true_positive_weight, "community_moves": False}
    return members(detect(*edges, previous=previous, **SWEEPS, **asked))


TRUE_POSITIVE_WEIGHTS = {"sample": 10, "ciao": 10, "generated": 20}


@pytest.fixture(scope="module")
def builds(tmp_path_factory):
    """Edges of a first and a later time by graph, and the project that has built both."""
    first_edges = present_graphs()
    later_edges = {name: four_fifths(edges) for name, edges in first_edges.items()}
    project = CommunitiesProject(tmp_path_factory.mktemp("larger_graphs"))
    for as_of, edges in [(FIRST, first_edges), (SECOND, later_edges)]:
        project.write_edges(edges)
        project.build({name: {"as_of": as_of, "true_positive_weight": TRUE_POSITIVE_WEIGHTS[name], **SWEEPS} for name in edges})
    return first_edges, later_edges, project


@pytest.mark.parametrize("name", GRAPHS)
def test_sql_and_kernel_find_the_same_communities_from_a_cold_and_a_warm_start(builds, name):
    first_edges, later_edges, project = builds
    if name not in first_edges:
        pytest.skip("the Ciao follows are not at $SIMCLUSTERS_DATASETS/ciao/follows.parquet")
    first, second = project.communities(name, FIRST), project.communities(name, SECOND)
    assert len(set(first.values())) > 10
    assert first == kernel_communities(first_edges[name], TRUE_POSITIVE_WEIGHTS[name])
    assert second == kernel_communities(later_edges[name], TRUE_POSITIVE_WEIGHTS[name], previous=first)
