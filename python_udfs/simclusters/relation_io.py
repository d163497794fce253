"""Between dbt's Python models and arrays. The only module that knows what a session of each warehouse looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simclusters.threads import blocks_of_rows

if TYPE_CHECKING:  # where a kernel runs on Spark or for BigQuery, there is no DuckDB
    import duckdb

ROWS_PER_BATCH = 1_000_000
# What is not stored in the order of the ids, such as follows, is scanned for each range. So ranges are few, at .25 GB each.
ROWS_PER_RANGE = 8_000_000


class Ids(NamedTuple):
    """A range of the ids of a column, both ends included."""

    column: str
    first: int
    last: int


def to_arrow(relation: Any, columns: Sequence[str] | None = None, rows: Mapping[str, str] | None = None) -> pa.Table:
    """A relation of dbt (a DuckDB relation, a Spark or BigQuery data frame) as an Arrow table.

    Parameters
    ----------
    columns : by default all
    rows : column -> the value that it has in the rows that are read, so that memory holds no others; by default all rows

    Raises TypeError for anything else.
    """
    if hasattr(relation, "to_arrow_table"):  # DuckDB
        return _chosen(relation, columns, rows).to_arrow_table()
    for column, value in (rows or {}).items():
        relation = relation[relation[column] == value]
    if columns:
        relation = relation[list(columns)]
    if hasattr(relation, "sparkSession"):
        return _of_spark(relation)
    if hasattr(relation, "to_pandas"):  # BigFrames, whose types have integers beside a null, and lists
        return pa.Table.from_pandas(relation.to_pandas(), preserve_index=False)
    raise TypeError(f"cannot read a {type(relation).__name__}; expected a DuckDB, Spark or BigFrames relation")


def to_arrays(
    relation: Any,
    columns: Sequence[str],
    rows: Mapping[str, str] | None = None,
    of_batch: Callable[[pa.RecordBatch], Iterable[Any]] = lambda batch: batch.columns,
    ids: Ids | None = None,
) -> list[np.ndarray]:
    """A relation of dbt as numpy arrays, read in batches: memory holds what is kept of the rows once, and one array twice.

    Parameters
    ----------
    columns, rows : as for to_arrow
    of_batch : the Arrow arrays to keep of a batch of rows; by default its columns
    ids : of the rows that are read; by default of all
    """
    chunks = [[np.array(array) for array in of_batch(batch)] for batch in to_batches(relation, columns, rows, ids)]
    by_array = list(map(list, zip(*chunks, strict=True)))
    chunks.clear()
    arrays = []
    while by_array:
        arrays.append(np.concatenate(by_array.pop(0)))
    return arrays


def to_columns(relation: Any, columns: Sequence[str]) -> dict[str, np.ndarray]:
    """The same, by the name of the column."""
    return dict(zip(columns, to_arrays(relation, columns), strict=True))


def to_batches(
    relation: Any, columns: Sequence[str], rows: Mapping[str, str] | None = None, ids: Ids | None = None
) -> Iterator[pa.RecordBatch]:
    """A relation of dbt in batches, as to_arrays reads it; the last may be empty, so that there is one."""
    if not hasattr(relation, "to_arrow_reader"):
        table = to_arrow(relation, columns, rows)
        if ids is not None:
            column = table[ids.column]
            table = table.filter(pc.and_(pc.greater_equal(column, ids.first), pc.less_equal(column, ids.last)))
        yield from table.to_batches(ROWS_PER_BATCH)
        yield pa.RecordBatch.from_pylist([], table.schema)
        return
    reader = _chosen(relation, columns, rows, ids).to_arrow_reader(ROWS_PER_BATCH)
    yield from reader
    yield pa.RecordBatch.from_pylist([], reader.schema)


def counted(relation: Any, columns: Sequence[str], rows: Mapping[str, str] | None = None) -> pa.Table:
    """The distinct values of the columns, and row_count, the rows that have them. columns, rows : as for to_arrow."""
    if not hasattr(relation, "to_arrow_reader"):
        counts = to_arrow(relation, columns, rows).group_by(list(columns)).aggregate([([], "count_all")])
        return counts.rename_columns([*columns, "row_count"])
    names = ", ".join(columns)
    return _chosen(relation, columns, rows).aggregate(f"{names}, count(*) as row_count", names).to_arrow_table()


def id_ranges(relation: Any, column: str, rows: Mapping[str, str] | None = None, most_rows: int = ROWS_PER_RANGE) -> list[Ids]:
    """Ranges that together hold all ids, rising, each of at most ``most_rows`` rows or of one id that alone has more.

    A frame of Spark or BigQuery is in memory whole, so it is one range.
    """
    if not hasattr(relation, "to_arrow_reader"):
        return [Ids(column, -(2**63), 2**63 - 1)]
    counts = counted(relation, [column], rows).sort_by(column)
    ids, row_counts = counts[column].to_numpy(), counts["row_count"].to_numpy()
    return [Ids(column, int(ids[first]), int(ids[end - 1])) for first, end in blocks_of_rows(row_counts, most_rows, len(ids))]


def _of_spark(frame: Any) -> pa.Table:
    """Not by toPandas, which makes floats of integers beside a null. Times are in UTC and have no zone, as on DuckDB."""
    frame.sparkSession.conf.set("spark.sql.session.timeZone", "UTC")
    if hasattr(frame, "toArrow"):  # from Spark 4.0 on
        table = frame.toArrow()
    else:
        from pyspark.sql.pandas.types import to_arrow_schema

        table = pa.Table.from_batches(frame._collect_as_arrow(), to_arrow_schema(frame.schema))
    types = [pa.timestamp("us") if pa.types.is_timestamp(field.type) else field.type for field in table.schema]
    return table.cast(pa.schema(zip(table.column_names, types, strict=True)))


def _chosen(
    relation: duckdb.DuckDBPyRelation, columns: Sequence[str] | None, rows: Mapping[str, str] | None, ids: Ids | None = None
) -> Any:
    import duckdb

    for column, value in (rows or {}).items():
        relation = relation.filter(duckdb.ColumnExpression(column) == duckdb.ConstantExpression(value))
    if ids is not None:
        ends = duckdb.ConstantExpression(ids.first), duckdb.ConstantExpression(ids.last)
        relation = relation.filter(duckdb.ColumnExpression(ids.column).between(*ends))
    return relation.select(*columns) if columns else relation


def newest_run_before(session: Any, history: Any, as_of: pa.Scalar, columns: Sequence[str]) -> pa.Table | None:
    """Columns of the newest run before ``as_of`` in a table that keeps its runs, in the session that dbt hands to a Python model.

    None if there is no such run. A run of the same ``as_of`` is passed over, because this run replaces it. So running twice gives the
    same rows.

    Parameters
    ----------
    history : name of the table, as dbt renders it
    """
    if hasattr(session, "createDataFrame"):  # Spark, which knows a table of BigQuery only once it is loaded
        session.read.format("bigquery").load(str(history)).createOrReplaceTempView("history_of_the_model")
        history = "history_of_the_model"
    moment = f"cast('{as_of.as_py():%Y-%m-%d %H:%M:%S.%f}' as timestamp)"
    sql = f"select {', '.join(columns)} from {history} where as_of = (select max(as_of) from {history} where as_of < {moment})"
    rows = to_arrow(session.read_gbq_query(sql) if hasattr(session, "read_gbq_query") else session.sql(sql))
    return rows if rows.num_rows else None


def to_relation(session: Any, rows: pa.Table | pa.RecordBatchReader) -> Any:
    """Rows as what a Python model may return: Arrow itself on DuckDB, a data frame of the session elsewhere."""
    is_bigframes, is_spark = hasattr(session, "read_gbq_query"), hasattr(session, "createDataFrame")
    if not is_bigframes and not is_spark:
        return rows
    table = rows.read_all() if isinstance(rows, pa.RecordBatchReader) else rows
    # A float, which pandas makes of integers beside a null, has too few digits for an id; and no session knows numpy's arrays.
    frame = table.to_pandas(integer_object_nulls=True)
    for field in table.schema:
        if pa.types.is_list(field.type):
            frame[field.name] = table[field.name].to_pylist()
    return session.read_pandas(frame) if is_bigframes else session.createDataFrame(frame)
