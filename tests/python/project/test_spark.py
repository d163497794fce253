"""The Python models on a Spark session, as Dataproc would run them: the same rows as on DuckDB.

The code is what dbt compiles, down to its `dbt` object; tables come through Spark's reader for the format `bigquery`, as there.
Here that is a data source of a few lines over Parquet files.
"""

import re
import shutil
import sys

import duckdb
import pytest
from dbt_command import PROJECT

pytest.importorskip("pyspark", reason="pyspark is not in requirements.lock, because it is large; `make test-spark` installs it")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, and there is none on the path", allow_module_level=True)

import pyarrow.parquet as parquet  # noqa: E402  what follows needs pyspark
from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql.datasource import DataSource, DataSourceReader  # noqa: E402
from pyspark.sql.pandas.types import from_arrow_schema  # noqa: E402

from simclusters.relation_io import to_arrow  # noqa: E402

STEPS = (PROJECT / "python_udfs" / "simclusters" / "steps").glob("[!_]*.py")
KERNELS = sorted(file.stem for file in STEPS)
EARLIER = "2025-01-01 00:00:00"


@pytest.fixture(scope="module")
def warehouse(built_warehouse, tmp_path_factory):
    """The built sample, with what the kernels find in a cold run; then communities of an earlier run beside those of this one."""
    warehouse = built_warehouse.copy(tmp_path_factory.mktemp("spark"))
    warehouse.build("run", "--full-refresh", "--select", *KERNELS)
    history = "int_communities"
    warehouse.execute(f"insert into {history} select timestamp '{EARLIER}', producer_id, cluster_id from {history}")
    return warehouse


@pytest.fixture(scope="module")
def spark(warehouse, manifest, tmp_path_factory):
    """A session whose format `bigquery` reads the tables of the warehouse, by the last part of their name."""
    folder = tmp_path_factory.mktemp("tables")
    kernels = [node for node in manifest["nodes"].values() if node["name"] in KERNELS]
    inputs = {name.split(".")[-1] for node in kernels for name in node["depends_on"]["nodes"]} | {*KERNELS}
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        for name in inputs:
            # With the zone: Spark's timestamps are moments, DuckDB's are UTC.
            times = [column for column, kind, *_ in connection.execute(f"describe {name}").fetchall() if kind == "TIMESTAMP"]
            moments = ", ".join(f"{column} at time zone 'UTC' as {column}" for column in times)
            columns = f"* replace ({moments})" if times else "*"
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

    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
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
    monkeypatch.undo()


@pytest.fixture(scope="module")
def compiled(warehouse):
    """The code of each kernel as dbt ran it: the model, and the `dbt` object that is handed to it."""
    return {file.stem: file.read_text() for file in (warehouse.folder / "target" / "run").rglob("*.sql") if file.stem in KERNELS}


def frame_on_spark(code, spark):
    """What the model returns, as dbt-bigquery calls it."""
    names = {}
    exec(code, names)
    return names["model"](names["dbtObj"](spark.read.format("bigquery").load), spark)


def rows_of(frame):
    return [tuple(row.values()) for row in to_arrow(frame).to_pylist()]


@pytest.mark.parametrize("kernel", sorted({*KERNELS} - {"int_communities"}))
def test_kernels_on_spark_have_the_rows_of_duckdb(warehouse, spark, compiled, kernel):
    expected = warehouse.query(f"from {kernel}")
    assert expected
    # By their text, because some ids are null.
    assert sorted(rows_of(frame_on_spark(compiled[kernel], spark)), key=repr) == sorted(expected, key=repr)


@pytest.mark.parametrize("is_warm", [False, True])
def test_communities_on_spark_are_those_on_duckdb(warehouse, spark, compiled, is_warm):
    # The code says whether there are rows of earlier runs; on a full refresh there are none.
    assert "'has_history': False" in compiled["int_communities"]
    code = compiled["int_communities"].replace("'has_history': False", f"'has_history': {is_warm}")
    frame = frame_on_spark(code, spark)
    assert dict(frame.dtypes) == {"as_of": "timestamp", "producer_id": "bigint", "cluster_id": "bigint"}

    again = warehouse.copy(warehouse.folder / f"again_{is_warm}")
    again.build("run", "--select", "int_communities", *([] if is_warm else ["--full-refresh"]))
    expected = again.query(
        "select as_of, producer_id, cluster_id from int_communities where as_of = (select as_of from stg_as_of) order by all"
    )
    assert len(expected) > 100
    assert sorted(rows_of(frame)) == expected
