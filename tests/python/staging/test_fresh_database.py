"""Bare `dbt run` works on a database that holds nothing: the seeds that are missing are read where they lie."""

from dbt_command import Warehouse

MODELS = ("run", "--select", "+stg_follows", "+int_pair_recipe_events")


def seed_tables(warehouse: Warehouse, names: list[str]) -> dict[str, tuple]:
    """Columns, types and sorted rows of the seeds that are there."""
    stored = {name for (name,) in warehouse.query("select table_name from duckdb_tables()")}
    return {
        name: (warehouse.query(f"describe {name}"), warehouse.query(f"select * from {name} order by all"))
        for name in names
        if name in stored
    }


def test_dbt_run_on_a_fresh_database_reads_the_seeds_as_dbt_seed_loads_them(parsed_warehouse, seeded_warehouse, manifest, tmp_path):
    seeds = [node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    fresh = Warehouse(tmp_path, parsed_warehouse.manifest)
    fresh.build(*MODELS)

    assert fresh.query("select count(*) from stg_follows")[0][0] > 0
    assert fresh.query("select count(*) from int_pair_recipe_events")[0][0] > 0
    assert seed_tables(fresh, seeds) == seed_tables(seeded_warehouse, seeds)


def test_inputs_are_checked_before_the_database_knows_any_type_of_ours(parsed_warehouse, tmp_path):
    """Weights are the only floats of the inputs."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    (folder / "follows.csv").write_text("consumer_id,producer_id\n1,10\n")
    (folder / "user_languages.csv").write_text("user_id,language,language_weight\n1,en,0.5\n")
    fresh = Warehouse(tmp_path, parsed_warehouse.manifest)
    fresh.build(
        "run",
        "--select",
        "user_ids",
        "base_users",
        "stg_users",
        "base_user_languages",
        "stg_user_languages",
        variables={"input_dir": str(folder)},
    )
    assert fresh.query("from stg_user_languages") == [(1, "en", 0.5)]


def test_a_seed_that_is_there_is_left_alone(seeded_warehouse, tmp_path):
    warehouse = seeded_warehouse.copy(tmp_path)
    warehouse.execute("delete from raw_follows where consumer_id % 2 = 0")
    rows = warehouse.query("select count(*) from raw_follows")
    warehouse.build("run", "--select", "+stg_follows")

    assert warehouse.query("select count(*) from raw_follows") == rows
