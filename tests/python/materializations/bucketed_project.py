"""A small project of bucketed_table models."""

from pathlib import Path

from small_project import SmallProject, write_json

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


class BucketedProject(SmallProject):
    """A source table `given_follows`, a view `follows` and models of co-follow pairs over it."""

    def __init__(self, folder, database_folder=None):
        super().__init__(folder, Path(database_folder or folder) / "bucketed.duckdb", MACRO_FOLDERS)
        (self.folder / "models").mkdir()
        (self.folder / "models" / "follows.sql").write_text(FOLLOWS)
        write_json(self.folder / "models" / "pairs.yml", CONTRACT)
        self.write_model("pairs", rows_per_bucket=100)
        self.write_profile()

    def write_follows(self, select_sql):
        """Replace the model's input by the rows of a query: consumer_id, producer_id."""
        self.execute(f"create or replace table given_follows as {select_sql}")

    def write_old_rows(self):
        """A table `pairs` as an earlier run would leave it."""
        self.execute("create table pairs as select 1 as producer_id, 2 as neighbor_producer_id, 3 as common_follower_count")

    def write_model(self, name, rows_per_bucket, materialized="bucketed_table"):
        """Add or replace one model of co-follow pairs."""
        config = CONFIG.format(materialized=materialized, rows_per_bucket=rows_per_bucket)
        (self.folder / "models" / f"{name}.sql").write_text(config + PAIRS)

    def write_vars(self, count_expression="common_follower_count", rows_per_follow=1):
        self.write_project(
            **{
                "models": {"simclusters": {"follows": {"+materialized": "view"}}},
                "on-run-end": ["{{ explain_full_disk(results) }}", "{{ explain_little_memory(results) }}"],
                "vars": {"count_expression": count_expression, "rows_per_follow": rows_per_follow},
            }
        )

    def start(self, **options):
        """Start `dbt run` as a process of its own, which can be killed."""
        self.write_vars(**options)
        return self.start_dbt("run")

    def dbt(self, command="run", **options):
        """Run a dbt command; returns (whether it succeeded, its log)."""
        self.write_vars(**options)
        outcome = self.run_dbt(command)
        return outcome.success, outcome.output + outcome.error

    def rows(self, name="pairs"):
        """All rows of a model's table, ordered."""
        return self.query(f"select * from {name} order by all")
