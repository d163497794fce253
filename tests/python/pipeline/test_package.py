"""A company's dbt project that installs this one: `integration_tests/`, built once, from an empty file, without our Python package."""

import json
import os
import shutil
import subprocess
import sys

import duckdb
import pytest
from dbt_command import PROJECT, WITHOUT_FILES, read_manifest, run_dbt

OURS, THEIRS = "analytics_simclusters", "analytics"
FOLLOWS = ("stg_held_out_follows", "stg_follows")
# Together they have a test of each kind, and tests whose arguments name a var or another model.
TESTED = ("interested_in", "user_user_graph", "producer_similarity_edges", "topic_embeddings")
# An environment that has dbt and nothing that only our Python package brings.
WITHOUT_OUR_PACKAGE = """
import sys

class Missing:
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in ("simclusters", "numba", "pyarrow"):
            raise ModuleNotFoundError("No module named " + repr(name))

sys.meta_path.insert(0, Missing)
from dbt.cli.main import cli
cli()
"""


class Company:
    """A copy of the company's project in a folder of its own, with its database."""

    def __init__(self, folder, manifest=None):
        self.folder, self.database, self.manifest = folder, folder / "acme.duckdb", manifest
        self.environment = {"ACME_DATABASE": str(self.database)}

    def without_our_package(self, *arguments):
        """A dbt command in a process that cannot import our Python package: whether it succeeded, and what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_OUR_PACKAGE, *arguments],
            cwd=self.folder,
            env={**os.environ, **WITHOUT_FILES, **self.environment, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
        )
        return done.returncode == 0, done.stdout + done.stderr

    def dbt(self, *arguments):
        """A dbt command on the project as it was parsed."""
        return run_dbt([*arguments, "--project-dir", "."], self.folder, self.environment, self.manifest)

    def query(self, sql):
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def execute(self, sql):
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(sql)

    def on_another_file(self, folder, keep=False):
        """The same project with an empty database, or with a copy of this one."""
        other = Company(self.folder, self.manifest)
        other.database = folder / "acme.duckdb"
        other.environment = {"ACME_DATABASE": str(other.database)}
        if keep:
            shutil.copy(self.database, other.database)
        return other

    def tables(self):
        return set(self.query("select schema_name, table_name from duckdb_tables() where not internal"))


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """The whole project as the one command `dbt build` left it, and what that printed; of the generic tests, those of a few tables."""
    folder = tmp_path_factory.mktemp("package") / "acme"
    shutil.copytree(PROJECT / "integration_tests", folder, ignore=shutil.ignore_patterns("dbt_packages", "target", "logs", "*.duckdb"))
    (folder / "packages.yml").write_text((folder / "packages.yml").read_text().replace("../", str(PROJECT)))
    company = Company(folder)
    assert company.dbt("deps").success
    succeeded, company.output = company.without_our_package("build", "--exclude", "test_type:generic")
    assert succeeded, company.output
    company.manifest = read_manifest(folder / "target")
    return company


def test_each_kind_of_our_tests_runs_there(company):
    ours = [macro.name for macro in company.manifest.macros.values() if macro.package_name == "simclusters"]
    kinds = {name.removeprefix("test_") for name in ours if name.startswith("test_")}
    outcome = company.dbt("test", "--select", *(f"package:simclusters,{name},test_type:generic" for name in TESTED))
    assert outcome.success, outcome.output + outcome.error
    tests = [node for node in company.manifest.nodes.values() if node.resource_type == "test" and node.name in outcome.status]
    assert kinds <= {node.test_metadata.name for node in tests}


def below(manifest, unique_id):
    """Everything that is built from a node."""
    reached, waiting = set(), [unique_id]
    while waiting:
        for child in manifest.child_map[waiting.pop()]:
            if child not in reached:
                reached.add(child)
                waiting.append(child)
    return reached


def test_it_brings_no_sample_and_no_unit_test(company):
    seeds = {node.name for node in company.manifest.nodes.values() if node.resource_type == "seed"}
    assert "candidate_recipes" in seeds
    assert not [name for name in seeds if name.startswith("raw_")]
    assert not company.manifest.unit_tests
    assert not [name for _, name in company.tables() if name.startswith("raw_")]


def test_the_lineage_goes_from_their_models_to_ours_and_back(company):
    company.manifest.build_parent_and_child_maps()
    reached = below(company.manifest, "model.acme_project.acme_follows")
    assert {"model.simclusters.interested_in", "model.simclusters.recommend_tweets", "model.acme_project.member_interests"} <= reached
    listed = company.dbt("ls", "--select", "acme_follows+", "--resource-type", "model")
    assert "simclusters.interests.interested_in" in listed.output


def test_models_of_one_name_stand_side_by_side(company):
    assert company.query(f"select cluster_name, machine_count from {THEIRS}.clusters") == [("west", 3)]
    assert company.query(f"select producer_name from {THEIRS}.producers") == [("Acme Anvils",)]
    assert company.query(f"select count(*), min(producer_count), max(producer_count) from {OURS}.clusters") == [(4, 5, 5)]
    assert company.query(f"select user_id, screen_name from {OURS}.stg_users where user_id = 7") == [(7, "member_7")]
    assert {schema for schema, _ in company.tables()} == {THEIRS, OURS}


def test_their_models_read_ours(company):
    assert company.query(f"select distinct served_by from {THEIRS}.member_interests") == [("west",)]
    assert {member for (member,) in company.query(f"select member from {THEIRS}.member_interests")} == set(range(1, 101))
    positions = [position for (position,) in company.query(f"select position from {THEIRS}.member_reading_list order by 1")]
    assert positions == list(range(1, len(positions) + 1))
    assert positions


def test_rows_of_theirs_that_break_a_rule_are_counted(company):
    follows = company.query(f"select count(*) from {THEIRS}.acme_follows")[0][0]
    assert company.query(f"select count(*) from {OURS}.stg_follows")[0][0] == follows - 1
    assert company.query(f"select table_name, reason, row_count from {OURS}.input_report") == [("follows", "follows itself", 1)]


def test_without_the_python_package_sql_does_everything_and_a_sentence_says_so(company):
    assert "SQL does everything, which needs no Python" in company.output
    assert "No module named" not in company.output
    assert company.query(f"select count(*) from {OURS}.int_communities")[0][0] > 0


def test_a_kernel_that_is_asked_for_and_missing_says_what_to_do(company):
    """The hook at the end of a run, given what dbt says of such a model."""
    failed = {"node": {"package_name": "simclusters", "name": "int_communities"}, "message": "No module named 'numba'"}
    theirs = {"node": {"package_name": "acme_project", "name": "acme_model"}, "message": "No module named 'other'"}
    outcome = company.dbt("run-operation", "explain_missing_package", "--args", json.dumps({"results": [failed, theirs]}))
    assert outcome.success, outcome.error
    assert "int_communities could not be built" in outcome.output
    assert "pip install dbt_packages/simclusters" in outcome.output


def test_a_run_of_theirs_alone_checks_and_makes_nothing_of_ours(company, tmp_path):
    other = company.on_another_file(tmp_path)
    outcome = other.dbt("run", "--select", "package:this,stg_users", "package:this,clusters")
    assert outcome.success, outcome.output + outcome.error
    assert set(outcome.status) == {"stg_users", "clusters"}
    assert other.tables() == {(THEIRS, "clusters")}
    assert other.query("select count(*) from duckdb_types() where type_name = 'float64'") == [(0,)]


def test_a_bare_name_selects_theirs_and_ours_and_the_package_says_whose(company):
    """As dbt does, and docs/package.md says."""
    listed = {"stg_users": [], "package:this,stg_users": [], "package:simclusters,stg_users": []}
    for selection in listed:
        outcome = company.dbt("ls", "--select", selection, "--resource-type", "model")
        listed[selection] = sorted(line for line in outcome.output.splitlines() if line.endswith("stg_users"))
    assert listed == {
        "stg_users": ["acme_project.staging.stg_users", "simclusters.staging.stg_users"],
        "package:this,stg_users": ["acme_project.staging.stg_users"],
        "package:simclusters,stg_users": ["simclusters.staging.stg_users"],
    }


def test_their_models_may_have_text_ids(company, tmp_path):
    """The same members as handles: our dictionaries number them, and the tables behind them have the same rows under the numbers."""
    other = company.on_another_file(tmp_path, keep=True)
    columns = {
        "acme_follows": ('"Consumer_ID"', "producer_id"),
        "acme_engagements": ("user_id",),
        "acme_posts": ("author_id",),
        "stg_users": ("user_id",),
    }
    for model, names in columns.items():
        handles = ", ".join(f"'@' || {name} as {name}" for name in names)
        other.execute(f"create table {THEIRS}.kept_{model} as select * replace ({handles}) from {THEIRS}.{model}")
        other.execute(f"drop {'view' if model == 'stg_users' else 'table'} {THEIRS}.{model}")
        other.execute(f"alter table {THEIRS}.kept_{model} rename to {model}")
    selected = ("package:simclusters,staging.ids", "base_engagements", "base_tweets", "base_follows", *FOLLOWS)
    refused = other.dbt("run", "--select", *selected)
    assert "earlier runs hold integers" in refused.output
    outcome = other.dbt("run", "--full-refresh", "--select", *selected)
    assert outcome.success, outcome.output + outcome.error

    assert other.query(f"select user_key from {OURS}.user_ids order by user_id") == sorted((f"@{number}",) for number in range(1, 101))
    follows = f"""
        select consumers.user_key, producers.user_key
        from {OURS}.stg_follows as follows
        join {OURS}.user_ids as consumers on follows.consumer_id = consumers.user_id
        join {OURS}.user_ids as producers on follows.producer_id = producers.user_id
    """
    numbers = f"select '@' || consumer_id, '@' || producer_id from {OURS}.stg_follows"
    assert sorted(other.query(follows)) == sorted(company.query(numbers))


def test_an_input_that_cannot_be_used_fails_our_models_and_theirs_go_on(company, tmp_path):
    other = company.on_another_file(tmp_path, keep=True)
    before = other.query(f"from {OURS}.base_follows order by all")
    other.execute(f"insert into {THEIRS}.acme_follows values (0, 'nobody', '1')")
    outcome = other.dbt("run", "--select", "base_follows", "stg_follows", "acme_posts")
    assert not outcome.success
    assert outcome.status == {"acme_posts": "success", "base_follows": "error", "stg_follows": "skipped"}
    assert "column consumer_id: not an int64 in 1 of" in outcome.output
    assert "consumer_id=nobody" in outcome.output
    assert other.query(f"from {OURS}.base_follows order by all") == before


def stopped(company, folder):
    """The error of a run of ours on an empty file, with the project as it is now in memory; it leaves nothing."""
    other = company.on_another_file(folder)
    company.manifest.build_flat_graph()
    outcome = other.dbt("run", "--select", "simclusters.clusters")
    assert not outcome.success
    assert not other.tables()
    return outcome.error


def test_names_that_dbt_confuses_stop_the_run_with_what_to_set(company, tmp_path):
    """Without the flag dbt makes this edge, from their `clusters` into our model."""
    nodes = [node for node in company.manifest.nodes.values() if node.resource_type == "model" and node.package_name == "simclusters"]
    node = next(node for node in nodes if "clusters" in [ref.name for ref in node.refs])
    node.depends_on.nodes.append("model.acme_project.clusters")
    error = stopped(company, tmp_path)
    node.depends_on.nodes.pop()
    company.manifest.build_flat_graph()
    assert "acme_project.clusters: simclusters has a model of this name" in error
    assert "require_ref_searches_node_package_before_root: true" in error


def test_a_schema_named_like_the_file_stops_the_run(company, tmp_path):
    node = company.manifest.nodes["model.simclusters.cluster_neighbors"]
    schema, node.schema = node.schema, "Acme"
    error = stopped(company, tmp_path)
    node.schema = schema
    company.manifest.build_flat_graph()
    assert "the database and its schema are both called 'Acme'" in error


def test_a_seed_of_theirs_stands_in_for_one_of_ours(company):
    assert company.query(f"from {THEIRS}.similarity_limits") == [(500, 1_000_000, 1_000, 100, 1_000_000, 30, 100_000, 20, 1_000_000)]
    assert (OURS, "similarity_limits") not in company.tables()
    assert "seed.acme_project.similarity_limits" in company.manifest.nodes["model.simclusters.similarity_report"].depends_on_nodes


def test_a_cadence_is_a_tag(company, tmp_path):
    other = company.on_another_file(tmp_path, keep=True)
    outcome = other.dbt("run", "--select", "tag:minute")
    assert outcome.success, outcome.output + outcome.error
    assert "live_tweet_embeddings" in outcome.status
    assert "interested_in" not in outcome.status


def test_freshness_is_theirs_to_ask(company):
    outcome = company.dbt("source", "freshness")
    assert outcome.success, outcome.output + outcome.error


def test_a_renamed_file_answers(company, tmp_path):
    renamed = tmp_path / "of_last_week.duckdb"
    shutil.copy(company.database, renamed)
    with duckdb.connect(str(renamed), read_only=True) as connection:
        views = connection.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall()
        assert len(views) > 20
        for schema, view in views:
            connection.execute(f"select * from {schema}.{view} limit 1").fetchall()
        assert connection.execute(f"from {OURS}.recommend_tweets(42, 'default')").fetchall()
        assert connection.execute(f"from {OURS}.similar_producers_of(1, 'follow_based_producer')").fetchall()


def test_a_file_attached_under_another_name_answers(company, tmp_path):
    """Functions need `use`: DuckDB looks for what their text names where the caller is."""
    shutil.copy(company.database, tmp_path / "copied.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{tmp_path / 'copied.duckdb'}' as shop (read_only)")
        for schema, view in connection.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall():
            connection.execute(f"select * from shop.{schema}.{view} limit 1").fetchall()
        connection.execute("use shop")
        assert connection.execute(f"from {OURS}.recommend_tweets(42, 'default')").fetchall()
