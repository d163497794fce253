"""Arrays that are read in batches hold the rows of the relation."""

import duckdb
import numpy as np
import pytest

from simclusters.relation_io import to_arrays

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
