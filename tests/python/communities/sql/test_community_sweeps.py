"""Laws of the materialization community_sweeps, against the plain-Python twin, on DuckDB."""

import random

import pytest

from ..sweeps_twin import detect_communities
from .graphs import NAMES, first_and_second_graphs, random_edges
from .project import CommunitiesProject

FIRST, BETWEEN, SECOND = "2026-01-01", "2026-01-15", "2026-02-01"

# Builds after the second need not repeat every graph: what they test does not depend on the graph.
REBUILT_NAMES = NAMES[:8]

SETTINGS = {
    "seed": 7,
    "epochs": 4,
    "greedy_epochs": 4,
    "blocks": 2,
    "start_temperature": 0.5,
    "cooling_ratio": 0.7,
    "true_positive_weight": 5,
}


def at(as_of, settings_by_graph):
    return {name: {"as_of": as_of, **settings} for name, settings in settings_by_graph.items()}


def as_rows(as_of, communities):
    return sorted((f"{as_of} 00:00:00", producer, cluster) for producer, cluster in communities.items())


@pytest.fixture(scope="module")
def histories(tmp_path_factory):
    """The tables of the same models after each of five builds, with the inputs that led to them."""
    project = CommunitiesProject(tmp_path_factory.mktemp("random_graphs"))
    first_edges, second_edges, settings = first_and_second_graphs(seed=20260101)
    rebuilt_settings = {name: settings[name] for name in REBUILT_NAMES}
    rows = {}
    for build, as_of, edges, settings_of_build, full_refresh in [
        ("cold", FIRST, first_edges, settings, False),
        ("warm", SECOND, second_edges, settings, False),
        ("again", SECOND, second_edges, rebuilt_settings, False),
        ("between", BETWEEN, second_edges, rebuilt_settings, False),
        ("refreshed", SECOND, second_edges, rebuilt_settings, True),
    ]:
        project.write_edges(edges)
        project.build(at(as_of, settings_of_build), full_refresh=full_refresh)
        rows[build] = {name: project.rows(name) for name in settings_of_build}
    return {"first_edges": first_edges, "second_edges": second_edges, "settings": settings, "rows": rows}


def warm_rows(histories, name, as_of):
    """What the twin finds on the second edges when it starts from the rows of the cold build."""
    previous = {producer: cluster for _, producer, cluster in histories["rows"]["cold"][name]}
    return as_rows(
        as_of, detect_communities(histories["second_edges"][name], **histories["settings"][name], previous_communities=previous)
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_cold_start_walks_the_path_of_the_twin(histories, name):
    expected = detect_communities(histories["first_edges"][name], **histories["settings"][name])
    assert histories["rows"]["cold"][name] == as_rows(FIRST, expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_warm_start_walks_the_path_of_the_twin_and_keeps_the_history(histories, name):
    expected = histories["rows"]["cold"][name] + warm_rows(histories, name, SECOND)
    assert histories["rows"]["warm"][name] == expected


def test_the_random_graphs_are_not_trivial(histories):
    """Otherwise equal results would say little: communities form, producers stay out, the start matters."""
    cold = histories["rows"]["cold"]
    assert sum(len({cluster for _, _, cluster in cold[name]}) > 1 for name in NAMES) > 10
    producers = {name: {*sources, *targets} for name, (sources, targets, _) in histories["first_edges"].items()}
    assert sum(0 < len(cold[name]) < len(producers[name]) for name in NAMES) > 3
    cold_start = {name: detect_communities(histories["second_edges"][name], **histories["settings"][name]) for name in NAMES}
    assert sum(warm_rows(histories, name, SECOND) != as_rows(SECOND, cold_start[name]) for name in NAMES) > 10


@pytest.mark.parametrize("name", REBUILT_NAMES)
def test_the_same_run_twice_leaves_the_same_rows(histories, name):
    assert histories["rows"]["again"][name] == histories["rows"]["warm"][name]


@pytest.mark.parametrize("name", REBUILT_NAMES)
def test_a_run_starts_from_the_newest_time_before_its_own_and_leaves_later_rows(histories, name):
    expected = sorted(histories["rows"]["warm"][name] + warm_rows(histories, name, BETWEEN))
    assert histories["rows"]["between"][name] == expected


@pytest.mark.parametrize("name", REBUILT_NAMES)
def test_a_full_refresh_drops_the_history_and_starts_cold(histories, name):
    expected = detect_communities(histories["second_edges"][name], **histories["settings"][name])
    assert histories["rows"]["refreshed"][name] == as_rows(SECOND, expected)


# What a model is given in its second build, and what the log must say about it.
BAD_EDGES = {
    "repeated_pair": (([1, 1, 4], [2, 2, 5], [1.0, 0.5, 1.0]), "(1, 2) in 2 rows"),
    "descending_pair": (([2, 1], [1, 3], [1.0, 1.0]), "(2, 1) in 1 rows"),
    "loop": (([3], [3], [1.0]), "(3, 3) in 1 rows"),
    "no_weight": (([1], [2], [None]), "(1, 2) in 1 rows"),
    "no_producer": (([None], [2], [1.0]), "(None, 2) in 1 rows"),
}
BAD_SETTINGS = {
    "no_blocks": ({"blocks": 0}, "meta.blocks is 0 and must be at least 1"),
    "rising_temperature": ({"cooling_ratio": 1.5}, "meta.cooling_ratio is 1.5 and must be above 0 and at most 1"),
    "no_true_positives": ({"true_positive_weight": 0}, "meta.true_positive_weight is 0.0 and must be above 0"),
    "no_time": ({"as_of": "cast(null as timestamp)"}, "meta.as_of is null"),
}
COMPLAINTS = {name: complaint for name, (_, complaint) in (BAD_EDGES | BAD_SETTINGS).items()}


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    """One model per mistake: built well at FIRST, badly at SECOND; then one failed after its sweeps, and one killed in them."""
    project = CommunitiesProject(tmp_path_factory.mktemp("failures"))
    good_edges = random_edges(random.Random(5), list(range(1, 60)))
    names = [*COMPLAINTS, "failed_late", "killed"]
    project.write_edges(dict.fromkeys(names, good_edges))
    project.build(at(FIRST, dict.fromkeys(names, SETTINGS)))
    before = {name: project.rows(name) for name in names}

    project.write_edges({name: BAD_EDGES[name][0] if name in BAD_EDGES else good_edges for name in names})
    bad_settings = {name: BAD_SETTINGS[name][0] if name in BAD_SETTINGS else {} for name in COMPLAINTS}
    with pytest.raises(RuntimeError) as bad_build:
        project.build({name: {"as_of": SECOND, **SETTINGS, **bad} for name, bad in bad_settings.items()})
    post_hook = {"post-hook": ["select count(*) from no_such_table"]}
    with pytest.raises(RuntimeError) as late_failure:
        project.build(at(SECOND, {"failed_late": SETTINGS}), **post_hook)
    process = project.start(at(SECOND, {"killed": {**SETTINGS, "epochs": 2000}}))
    for line in process.stdout:
        if "start from" in line:
            break
    process.kill()
    process.communicate()
    after = {name: project.rows(name) for name in names}
    left_tables = project.table_names()

    project.build(at(SECOND, dict.fromkeys(["failed_late", "killed"], SETTINGS)))
    return {
        "before": before,
        "after": after,
        "left_tables": left_tables,
        "bad_log": str(bad_build.value),
        "late_log": str(late_failure.value),
        "killed_code": process.returncode,
        "repaired": {name: project.rows(name) for name in ["failed_late", "killed"]},
    }


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_mistake_is_named_and_the_table_stays(failures, name):
    assert f"{name}: " in failures["bad_log"]
    assert COMPLAINTS[name] in failures["bad_log"]
    assert failures["after"][name] == failures["before"][name] != []


def test_a_run_that_fails_after_its_sweeps_leaves_the_table(failures):
    assert "no_such_table" in failures["late_log"]
    assert failures["after"]["failed_late"] == failures["before"]["failed_late"] != []


def test_a_killed_run_leaves_the_table(failures):
    assert failures["killed_code"] < 0
    assert failures["after"]["killed"] == failures["before"]["killed"] != []


def test_failed_and_killed_runs_leave_no_other_table(failures):
    assert failures["left_tables"] == {"given_edges", *failures["before"]}


@pytest.mark.parametrize("name", ["failed_late", "killed"])
def test_the_run_after_a_failure_works(failures, name):
    rows = failures["repaired"][name]
    assert {time[:10] for time, _, _ in rows} == {FIRST, SECOND}
    assert [row for row in rows if row[0].startswith(FIRST)] == failures["before"][name]
