"""How kernels store what they found, for macros/retrieval/rows_of_engine.sql to read: arrays per row, and each item once.

An id and a rank for each of a consumer's hundred items would take more room than their scores. One table holds both kinds of rows, so
that a run which stops half-way leaves no position without its item.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from simclusters.products.best import Best


def rows_with_arrays(schema: pa.Schema, row: dict[str, Any], row_column: str, best: Best, **arrays: np.ndarray) -> pa.RecordBatch:
    """A row per row id of a block, its items in the order of their ranks.

    Parameters
    ----------
    row : values that all rows share
    arrays : a value per row of ``best``, for columns of lists; the positions of items are among them
    """
    first = np.flatnonzero(best.ranks == 1)
    starts = pa.array(np.append(first, len(best.ranks)), pa.int32())
    columns = {row_column: pa.array(best.row_ids[first])}
    for name, values in {"item_positions": best.item_positions, **arrays}.items():
        columns[name] = pa.ListArray.from_arrays(starts, pa.array(values, schema.field(name).type.value_type))
    return _batch(schema, len(first), row, columns)


def rows_of_items(schema: pa.Schema, row: dict[str, Any], item_column: str, ids: np.ndarray, **values: np.ndarray) -> pa.RecordBatch:
    """A row per item: its id, its position, and ``values`` that belong to it alone."""
    given = {item_column: ids, "item_position": np.arange(len(ids)), **values}
    return _batch(schema, len(ids), row, {name: pa.array(column, schema.field(name).type) for name, column in given.items()})


def _batch(schema: pa.Schema, count: int, row: dict[str, Any], columns: dict[str, pa.Array]) -> pa.RecordBatch:
    columns = {name: pa.repeat(value, count) for name, value in row.items()} | columns
    return pa.record_batch([columns.get(field.name, pa.nulls(count, field.type)) for field in schema], schema=schema)
