"""Between dbt's Python models and arrays. The only module that knows what a session of each warehouse looks like."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def to_arrow(relation: Any) -> pa.Table:
    """A relation of dbt (a DuckDB relation, a Spark or BigQuery data frame) as an Arrow table.

    Raises TypeError for anything else.
    """
    if hasattr(relation, "to_arrow_table"):  # DuckDB
        return relation.to_arrow_table()
    if hasattr(relation, "toPandas"):  # Spark
        return pa.Table.from_pandas(relation.toPandas(), preserve_index=False)
    if hasattr(relation, "to_pandas"):  # BigFrames
        return pa.Table.from_pandas(relation.to_pandas(), preserve_index=False)
    raise TypeError(f"cannot read a {type(relation).__name__}; expected a DuckDB, Spark or BigFrames relation")


def query(session: Any, sql: str) -> pa.Table:
    """The rows of a query in the session that dbt hands to a Python model, as an Arrow table."""
    if hasattr(session, "read_gbq_query"):  # BigFrames
        return to_arrow(session.read_gbq_query(sql))
    return to_arrow(session.sql(sql))
