"""Ids and positions, for any 64-bit ids: close together, where an array answers, and far apart, where a search does."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simclusters.positions import dense_positions, positions_among

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
