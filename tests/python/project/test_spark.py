"""The Python models on a Spark session, as Dataproc would run them: the same rows as on DuckDB.

The code is what dbt compiles, down to its `dbt` object; tables come through Spark's reader for the format `bigquery`, as there.
Here that is a data source of a few lines over Parquet files.
"""

import re
import shutil

import duckdb
import pytest

pytest.importorskip("pyspark", reason="pyspark is not in requirements.lock, because it is large; `make test-spark` installs it")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, and there is none on the path", allow_module_level=True)

import pyarrow.parquet as parquet  # noqa: E402  what follows needs pyspark
from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql.datasource import DataSource, DataSourceReader  # noqa: E402
from pyspark.sql.pandas.types import from_arrow_schema  # noqa: E402

INPUTS = (
    *("int_community_edges", "int_community_settings", "stg_as_of", "int_similarity_follows", "int_similarity_producers"),
    *("producer_candidate_recipes", "int_producer_candidate_lookups", "int_producer_candidate_lists", "int_hidden_producers"),
)
EARLIER = "2025-01-01 00:00:00"


@pytest.fixture(scope="module")
def warehouse(built_warehouse, tmp_path_factory):
    """The built sample, with communities of an earlier run beside those of this one, so that the run starts warm."""
    warehouse = built_warehouse.copy(tmp_path_factory.mktemp("spark"))
    history = "int_communities_kernel"
    warehouse.execute(f"insert into {history} select timestamp '{EARLIER}', producer_id, cluster_id from {history}")
    return warehouse


@pytest.fixture(scope="module")
def spark(warehouse, tmp_path_factory):
    """A session whose format `bigquery` reads the tables of the warehouse, by the last part of their name."""
    folder = tmp_path_factory.mktemp("tables")
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        for name in (*INPUTS, "int_communities_kernel"):
            # Without the zone: Spark's timestamps are moments, DuckDB's are UTC.
            columns = "* replace (as_of at time zone 'UTC' as as_of)" if name in ("stg_as_of", "int_communities_kernel") else "*"
            connection.execute(f"copy (select {columns} from {name}) to '{folder / name}.parquet' (format parquet)")

    class Reader(DataSourceReader):
        def __init__(self, path):
            self.path = path

        def read(self, partition):
            yield from parquet.read_table(self.path).to_batches()

    class Tables(DataSource):
        @classmethod
        def name(cls):
            return "bigquery"

        @property
        def path(self):
            identifier = re.findall(r"\w+", self.options["path"])[-1]
            return f"{folder / identifier}.parquet"

        def schema(self):
            return from_arrow_schema(parquet.read_schema(self.path))

        def reader(self, schema):
            return Reader(self.path)

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.dataSource.register(Tables)
    yield session
    session.stop()


def compiled(warehouse, model, **variables):
    """The code of a Python model as dbt compiles it: the model, and the `dbt` object that is handed to it."""
    warehouse.build("parse", variables=variables)
    warehouse.build("compile", "--select", model, variables=variables)
    (file,) = (warehouse.folder / "target" / "compiled").rglob(f"{model}.py")
    return file.read_text()


def frame_on_spark(code, spark):
    """What the model returns, as dbt-bigquery calls it."""
    names = {}
    exec(code, names)
    return names["model"](names["dbtObj"](spark.read.format("bigquery").load), spark)


def rows_on_spark(code, spark):
    frame = frame_on_spark(code, spark)
    # Through pandas, which takes times in the session's zone, UTC.
    return frame, sorted(frame.toPandas().itertuples(index=False, name=None))


@pytest.mark.parametrize("is_warm", [False, True])
def test_communities_on_spark_are_those_on_duckdb(warehouse, spark, is_warm):
    code = compiled(warehouse, "int_communities_kernel")
    # dbt writes whether the table stands; on a full refresh it says False.
    code, count = re.subn(r"self\.is_incremental = \w+", f"self.is_incremental = {is_warm}", code)
    assert count == 1
    frame, rows = rows_on_spark(code, spark)
    assert dict(frame.dtypes) == {"as_of": "timestamp", "producer_id": "bigint", "cluster_id": "bigint"}

    again = warehouse.copy(warehouse.folder / f"again_{is_warm}")
    again.build("run", "--select", "int_communities_kernel", *([] if is_warm else ["--full-refresh"]))
    expected = again.query(
        "select as_of, producer_id, cluster_id from int_communities_kernel where as_of = (select as_of from stg_as_of) order by all"
    )
    assert len(expected) > 100
    assert rows == expected


def test_neighbors_on_spark_are_those_on_duckdb(warehouse, spark):
    code = compiled(warehouse, "int_producer_neighbors_kernel", engines={"similarity": "kernel"})
    _, rows = rows_on_spark(code, spark)
    found = {row[:3] for row in rows}
    expected = warehouse.query("select producer_id, neighbor_producer_id, common_follower_count from int_producer_neighbors")
    assert found == set(expected)


def test_producer_candidates_on_spark_are_those_on_duckdb(warehouse, spark):
    code = compiled(warehouse, "int_producer_candidates_kernel", engines={"products": "kernel"})
    rows = [row.asDict() for row in frame_on_spark(code, spark).collect()]
    items = {(row["candidate_type"], row["item_position"]): row["producer_id"] for row in rows if row["producer_id"] is not None}
    found = {
        (row["candidate_type"], row["consumer_id"], items[row["candidate_type"], position], rank, cluster_count)
        for row in rows
        if row["consumer_id"] is not None
        for rank, (position, cluster_count) in enumerate(zip(row["item_positions"], row["cluster_counts"], strict=True), start=1)
    }
    expected = warehouse.query(
        "select candidate_type, consumer_id, producer_id, candidate_rank, cluster_count from producer_candidates"
    )
    assert found == set(expected)
