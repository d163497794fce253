"""Ids and positions, for any 64-bit ids: close together, where an array answers, and far apart, where a search does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclusters.positions import IdTable, _collect_distinct, dense_positions, positions_among

ENDS = [-(2**63), 2**63 - 1]
IDS = st.integers(-5, 30) | st.integers(2**63 - 5, 2**63 - 1) | st.integers(*ENDS)


@given(st.sets(IDS), st.lists(IDS, max_size=30))
def test_a_position_is_the_rank_among_the_ids(ids, strangers):
    known = sorted(ids)
    values = [*strangers, *known]
    expected = [known.index(value) if value in ids else -1 for value in values]
    found = positions_among(np.array(values, np.int64), np.array(known, np.int64))
    assert (found.dtype, found.tolist()) == (np.int32, expected)
    distinct, positions, others = dense_positions(np.array(known[::2], np.int64), np.array(known[::-1], np.int64))
    assert distinct.tolist() == known
    assert positions.tolist() == [known.index(value) for value in known[::2]]
    assert others.tolist() == list(range(len(known)))[::-1]


@pytest.mark.parametrize("zero_bits", [0, 22, 32, 40, 48])
def test_ids_that_end_in_zero_bits_are_spread_over_the_table(zero_bits):
    """As ids made of a time and a counter are. A search ends at the first free slot, so it is as long as a run of used ones."""
    ids = np.arange(1, 20_001, dtype=np.int64) << zero_bits
    ids.flags.writeable = False
    table = IdTable(np.zeros(2**16, np.int64), np.zeros(2**16, np.uint8), np.zeros(2**16, np.int32), 48)
    assert _collect_distinct(ids, table, 0) == np.unique(ids).size
    free = np.flatnonzero(table.used == 0)
    assert np.diff(free).max() < 200


def test_few_values_among_many_ids_are_searched_for():
    """Then no table is made. A stranger between the ids, or beyond their ends, is none of them."""
    known = np.arange(0, 60, 3)
    for value, position in ((0, 0), (3, 1), (57, 19), (1, -1), (56, -1), (-1, -1), (58, -1), (ENDS[0], -1), (ENDS[1], -1)):
        found = positions_among(np.array([value]), known)
        assert (found.dtype, found.tolist()) == (np.int32, [position])


def test_a_table_grows_until_it_holds_the_ids_of_all_columns():
    """The first column alone has more ids, far apart, than the first table takes."""
    ids = np.arange(1, 40_001, dtype=np.int64) << 40
    distinct, first, second = dense_positions(ids, ids[:1] - 1)
    assert distinct.tolist() == [ids[0] - 1, *ids]
    np.testing.assert_array_equal(first, np.arange(1, 40_001))
    assert second.tolist() == [0]
