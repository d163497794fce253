"""A dbt project of bucketed_table models, built in a folder of its own from this repository's macros."""

import json
from pathlib import Path

import duckdb
from dbt_command import PROJECT, run_dbt, start_dbt

MACROS = PROJECT / "macros"
MACRO_FOLDERS = ["bucketed", "cross_db", "materializations", "communities"]

FOLLOWS = """
select consumer_id, producer_id from {{ source('given', 'given_follows') }}
"""

CONFIG = "{{{{ config(materialized = '{materialized}', meta = {{'rows_per_bucket': {rows_per_bucket}}}) }}}}\n"

PAIRS = """

{{ buckets_by_rows(ref('follows'), 'producer_id', rows_each=var('rows_per_follow')) }}

with

follows as (

    select consumer_id, producer_id from {{ ref('follows') }}

),

pairs as (

    select
        left_follow.producer_id,
        right_follow.producer_id as neighbor_producer_id,
        count(*) as common_follower_count

    from follows as left_follow

    inner join follows as right_follow
        on left_follow.consumer_id = right_follow.consumer_id

    where {{ bucket_filter('left_follow.producer_id') }}

    group by left_follow.producer_id, right_follow.producer_id

),

ranked_pairs as (

    select
        producer_id,
        neighbor_producer_id,
        {{ var('count_expression') }} as common_follower_count

    from pairs

    qualify row_number() over (
        partition by producer_id order by common_follower_count desc, neighbor_producer_id
    ) <= 5

)

select * from ranked_pairs
"""

CONTRACT = {
    "sources": [{"name": "given", "schema": "main", "tables": [{"name": "given_follows"}]}],
    "models": [
        {
            "name": "pairs",
            "config": {"contract": {"enforced": True}},
            "columns": [
                {"name": "producer_id", "data_type": "int64"},
                {"name": "neighbor_producer_id", "data_type": "int64", "constraints": [{"type": "not_null"}]},
                {"name": "common_follower_count", "data_type": "int64"},
            ],
        }
    ],
    "unit_tests": [
        {
            "name": "a_pair_counts_shared_followers",
            "model": "pairs",
            "given": [{"input": "ref('follows')", "rows": [{"consumer_id": 1, "producer_id": 2}]}],
            "expect": {"rows": [{"producer_id": 2, "neighbor_producer_id": 2, "common_follower_count": 1}]},
        }
    ],
}


class BucketedProject:
    """One DuckDB file, one source table `given_follows`, a view `follows` and models of co-follow pairs over it."""

    def __init__(self, folder, database_folder=None):
        self.folder = Path(folder)
        self.database = Path(database_folder or folder) / "bucketed.duckdb"
        (self.folder / "models").mkdir()
        (self.folder / "models" / "follows.sql").write_text(FOLLOWS)
        write_json(self.folder / "models" / "pairs.yml", CONTRACT)
        self.write_model("pairs", rows_per_bucket=100)
        self.write_profile({})

    def write_profile(self, settings):
        """Connection settings of DuckDB, beside two threads."""
        output = {"type": "duckdb", "path": str(self.database), "threads": 1, "settings": {"threads": 2, **settings}}
        write_json(self.folder / "profiles.yml", {"bucketed": {"target": "duckdb", "outputs": {"duckdb": output}}})

    def write_follows(self, select_sql):
        """Replace the model's input by the rows of a query: consumer_id, producer_id."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(f"create or replace table given_follows as {select_sql}")

    def write_old_rows(self):
        """A table `pairs` as an earlier run would leave it."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(
                "create table pairs as select 1 as producer_id, 2 as neighbor_producer_id, 3 as common_follower_count"
            )

    def write_model(self, name, rows_per_bucket, materialized="bucketed_table"):
        """Add or replace one model of co-follow pairs."""
        config = CONFIG.format(materialized=materialized, rows_per_bucket=rows_per_bucket)
        (self.folder / "models" / f"{name}.sql").write_text(config + PAIRS)

    def write_project(self, count_expression="common_follower_count", rows_per_follow=1):
        """The project file, and the arguments that name the project."""
        write_json(
            self.folder / "dbt_project.yml",
            {
                "name": "simclusters",
                "version": "1.0.0",
                "profile": "bucketed",
                "macro-paths": [str(MACROS / folder) for folder in MACRO_FOLDERS],
                "models": {"simclusters": {"follows": {"+materialized": "view"}}},
                "on-run-end": ["{{ explain_full_disk(results) }}"],
                "vars": {"count_expression": count_expression, "rows_per_follow": rows_per_follow},
                "flags": {"send_anonymous_usage_stats": False},
            },
        )
        return ["--project-dir", str(self.folder), "--profiles-dir", str(self.folder)]

    def start(self, **options):
        """Start `dbt run` as a process of its own, which can be killed."""
        return start_dbt(["run", *self.write_project(**options)], self.folder, {})

    def dbt(self, command="run", **options):
        """Run a dbt command; returns (whether it succeeded, its log)."""
        outcome = run_dbt([command, *self.write_project(**options)], self.folder, {})
        return outcome.success, outcome.output + outcome.error

    def rows(self, name="pairs"):
        """All rows of a model's table, ordered."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(f"select * from {name} order by all").fetchall()

    def table_names(self):
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}


def write_json(path, value):
    """JSON is YAML, and needs no quoting rules."""
    path.write_text(json.dumps(value, indent=2))
