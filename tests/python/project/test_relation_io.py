"""What is read in batches holds the rows of the relation, and what is written in row groups needs no room beside them."""

from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from simclusters.relation_io import counted, id_ranges, newest_run_before, to_arrays

ROWS = duckdb.sql(
    "from (values ('a', 3, 0.5::double), ('b', 1, 1), ('a', 1::bigint << 62, null), ('a', -4, 2)) rows(recipe, id, score)"
)


@pytest.mark.parametrize(("recipe", "ids", "scores"), [("a", [3, 2**62, -4], [0.5, np.nan, 2.0]), ("none", [], [])])
def test_arrays_hold_the_rows_asked_for(recipe: str, ids: list[int], scores: list[float]) -> None:
    found_ids, found_scores = to_arrays(ROWS, ["id", "score"], {"recipe": recipe})

    assert (found_ids.dtype, found_scores.dtype) == (np.int64, np.float64)
    np.testing.assert_array_equal(found_ids, ids)
    np.testing.assert_array_equal(found_scores, scores)


def test_arrays_are_what_is_made_of_each_batch() -> None:
    [pairs] = to_arrays(ROWS, ["id"], of_batch=lambda batch: [np.stack([batch["id"], batch["id"]], axis=1)])

    np.testing.assert_array_equal(pairs, [[3, 3], [1, 1], [2**62, 2**62], [-4, -4]])


def test_many_batches_are_one_array() -> None:
    [ids] = to_arrays(duckdb.sql("select range as id from range(2500000)"), ["id"])

    np.testing.assert_array_equal(np.sort(ids), np.arange(2_500_000))


@pytest.mark.parametrize("most_rows", [1, 2, 7, 30, 1000])
def test_ranges_hold_all_rows_once_whatever_their_size(most_rows: int) -> None:
    ids = duckdb.sql(
        "select range * range % 40 - 20 as id, range as row_number, if(range % 3 = 0, 'a', 'b') as recipe from range(100)"
    )
    of_a = {"recipe": "a"}
    ranges = id_ranges(ids, "id", of_a, most_rows)

    assert all(one.last < later.first for one, later in zip(ranges, ranges[1:], strict=False))
    blocks = [to_arrays(ids, ["id", "row_number"], of_a, ids=one) for one in ranges]
    assert all(len(found) <= most_rows or len(np.unique(found)) == 1 for found, _ in blocks)
    assert sorted(np.concatenate([numbers for _, numbers in blocks]).tolist()) == list(range(0, 100, 3))
    assert ranges == id_ranges(ids, "id", of_a, most_rows)


def test_nothing_has_no_range() -> None:
    assert id_ranges(ROWS, "id", {"recipe": "none"}) == []


def test_rows_are_counted_by_their_values() -> None:
    counts = counted(ROWS, ["recipe"])

    assert sorted(zip(*counts.to_pydict().values(), strict=True)) == [("a", 3), ("b", 1)]


def test_a_run_starts_from_the_newest_of_earlier_ones_and_not_from_itself() -> None:
    """So that a run that is built again gives the same rows."""
    with duckdb.connect() as session:
        session.execute(
            "create table history as from (values ('2026-01-01'::timestamp, 1, 5), ('2026-01-02', 1, 6), ('2026-01-02', 2, 7))"
            " as runs (as_of, producer_id, cluster_id)"
        )
        days = [pa.scalar(datetime(2026, 1, day), pa.timestamp("us")) for day in (1, 2, 3)]
        first, second, third = (newest_run_before(session, "history", day, ["producer_id", "cluster_id"]) for day in days)
    assert first is None
    assert second.to_pylist() == [{"producer_id": 1, "cluster_id": 5}]
    assert third.sort_by("producer_id").to_pylist() == [{"producer_id": 1, "cluster_id": 6}, {"producer_id": 2, "cluster_id": 7}]
