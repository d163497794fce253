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
