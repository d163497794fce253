"""Laws of producer similarity: both engines give the same rows, buckets and threads change nothing, sampling is honest."""

import re

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from dbt_command import PROJECT

from simclusters.similarity import FollowMatrix, Recipe, co_follow_trial_hits, co_followed_producers, nearest_neighbors

NEIGHBORS = ["producer_id", "neighbor_producer_id", "common_follower_count", "cosine_similarity"]
EXACT = {"similarity_follower_cap": 0, "similarity_floor": 0.02, "neighbors_per_producer": 10}
# A floor of 0.1 and cosines such as 1 / 10 meet at the threshold; 3 neighbours make many ties.
SAMPLED = {"similarity_follower_cap": 60, "similarity_floor": 0.1, "neighbors_per_producer": 3}


def write_random_follows(folder, seed):
    """Consumers of very different activity follow producers of very different popularity, on ids of all sizes."""
    random = np.random.default_rng(seed)
    draws = 24000
    consumers = np.minimum(random.pareto(0.9, draws) * 40, 1199).astype(np.int64)
    producers = np.minimum(random.pareto(0.7, draws) * 4, 399).astype(np.int64)
    follows = np.unique(np.stack([consumers, producers], axis=1), axis=0)
    folder.mkdir()
    with duckdb.connect() as connection:
        connection.register("follows", {"consumer": follows[:, 0], "producer": follows[:, 1]})
        connection.execute(
            f"""
            copy (
                select
                    consumer * 7919 * 4611686018 + 3 as consumer_id,
                    (producer * 7 + producer % 3 * 1000000007 * 900000001) as producer_id
                from follows
            ) to '{folder}/follows.parquet'
            """
        )


@pytest.fixture(scope="module")
def warehouses(parsed_warehouse, tmp_path_factory):
    """The graph step on one random graph: exact, with a follower cap, and with a regression besides."""
    root = tmp_path_factory.mktemp("similarity")
    write_random_follows(root / "input", seed=3)
    seeded = type(parsed_warehouse)(root / "seeded")
    seeded.variables = {"input_dir": str(root / "input"), "minimum_active_followers": 2, "engine": "sql", "rows_per_bucket": 50000}
    seeded.parse_part("staging", "engagements", "graph", "similarity")
    seeded.build("seed", "--select", "table_limits", "similarity_limits", "co_follow_recipes")
    built = {}
    for name, settings in (("exact", EXACT), ("sampled", SAMPLED), ("regression", SAMPLED)):
        built[name] = seeded.copy(root / name)
        built[name].execute("update similarity_limits set regression_producers = 20")
        if "regression" in name:
            built[name].execute(
                "delete from co_follow_recipes where regression_penalty <> 10; update similarity_limits set listed_per_follower = 2"
            )
        selected = ("+int_producer_neighbors", "+co_followed_producers", "similarity_report")
        outcome = built[name].dbt("run", "--select", *selected, variables=settings)
        assert outcome.success, outcome.output
        assert "int_producer_pairs: bucket 2 of " in outcome.output
    return built


def arrow_tables(warehouse, *names):
    """Tables that the SQL engine read."""
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        return [connection.sql(f"from {name}").to_arrow_table() for name in names]


def follow_matrix(warehouse):
    """The follows that the SQL engine read."""
    return FollowMatrix.from_tables(*arrow_tables(warehouse, "int_similarity_follows", "int_similarity_producers"))


def crowdings(warehouse):
    """How crowded each producer is, by position, as the SQL engine read it."""
    return np.array(warehouse.query("select crowding from int_producer_crowdings order by producer_position")).ravel()


def kernel_rows(warehouse, settings, threads=2):
    """Rows of the kernel on the tables that the SQL engine read."""
    matrix = follow_matrix(warehouse)
    table = nearest_neighbors(matrix, settings["similarity_floor"], settings["neighbors_per_producer"], threads=threads).read_all()
    assert table.schema.names == NEIGHBORS
    return sorted(zip(*(table[name].to_pylist() for name in NEIGHBORS), strict=True))


def sql_rows(warehouse):
    return warehouse.query(f"select {', '.join(NEIGHBORS)} from int_producer_neighbors order by all")


@pytest.mark.parametrize(("name", "settings"), [("exact", EXACT), ("sampled", SAMPLED)])
def test_both_engines_give_the_same_rows_to_the_last_bit(warehouses, name, settings):
    rows = sql_rows(warehouses[name])
    assert len(rows) > 500
    assert kernel_rows(warehouses[name], settings) == rows


@pytest.mark.parametrize("name", ["exact", "sampled", "regression"])
def test_both_engines_list_the_same_co_followed_producers(warehouses, name, monkeypatch):
    """Sums of floats depend on their order, so scores may differ in the last of ten decimals; blocks and threads change nothing."""
    warehouse = warehouses[name]
    columns = "producer_id, producer_rank, co_followed_producer_id, co_follow_score"
    expected = warehouse.query(f"select {columns} from co_followed_producers order by 1, 2")
    [recipe] = warehouse.query(f"select {', '.join(Recipe._fields)} from co_follow_trials where is_chosen")
    [(kept,)] = warehouse.query("select items_per_group from table_limits where table_name = 'co_followed_producers'")
    [(listed, near)] = warehouse.query("select listed_per_follower, regression_producers from similarity_limits")
    assert max(rank for _, rank, _, _ in expected) < kept
    assert any(rank == listed for _, rank, _, _ in expected)
    longest = np.array(warehouse.query("select list_length from int_co_follow_list_lengths order by producer_position")).ravel()
    matrix = follow_matrix(warehouse)
    for places, threads, work, rows in ((kept, 2, 4_000_000, 1_000), (5, 1, 4_000_000, 1_000), (5, 3, 100, 7)):
        monkeypatch.setattr("simclusters.similarity.co_follows.PRODUCTS_PER_BLOCK", work)
        monkeypatch.setattr("simclusters.similarity.regressions.PRODUCTS_PER_BLOCK", work)
        monkeypatch.setattr("simclusters.similarity.regressions.ROWS_PER_BLOCK", rows)
        lengths = np.minimum(longest, places)
        found = co_followed_producers(matrix, Recipe(*recipe), lengths, crowdings(warehouse), near, threads).read_all()
        rows = sorted(zip(*(found[column].to_pylist() for column in columns.split(", ")), strict=True))
        assert [row[:3] for row in rows] == [row[:3] for row in expected if row[1] <= places]
        assert [row[3] for row in rows] == pytest.approx([row[3] for row in expected if row[1] <= places], abs=1.01e-10)


@pytest.mark.parametrize("name", ["exact", "sampled"])
def test_both_engines_find_the_same_held_out_follows(warehouses, name, monkeypatch):
    """For every recipe of the seed, whatever the blocks and threads are."""
    warehouse = warehouses[name]
    columns = ["preference", "consumer_id", "producer_position", "producer_rank"]
    expected = warehouse.query(f"select {', '.join(columns)} from int_co_follow_trial_hits order by all")
    assert {row[0] for row in expected} == {row[0] for row in warehouse.query("select preference from co_follow_recipes")}
    assert {row[3] for row in expected} == set(range(1, 21))
    trial_follows, recipes = arrow_tables(warehouse, "int_trial_follows", "co_follow_recipes")
    for threads, work in ((1, 4_000_000), (3, 100)):
        monkeypatch.setattr("simclusters.similarity.co_follow_trials.PRODUCTS_PER_BLOCK", work)
        monkeypatch.setattr("simclusters.similarity.regressions.PRODUCTS_PER_BLOCK", work)
        hits = co_follow_trial_hits(follow_matrix(warehouse), trial_follows, recipes, crowdings(warehouse), 20, threads).read_all()
        assert sorted(zip(*(hits[column].to_pylist() for column in columns), strict=True)) == expected


@pytest.mark.parametrize("engine", ["sql", "kernel"])
def test_the_chosen_powers_stay_until_the_follows_have_moved_far(warehouses, tmp_path, engine):
    """A warm run draws nobody. A run on far fewer follows tries the recipes, and says why; a full refresh forgets."""
    warehouse = warehouses["exact"].copy(tmp_path)
    warehouse.variables |= {"engine": engine, "rows_per_bucket": 2_500_000}
    warehouse.parse_part("staging", "engagements", "graph", "similarity")
    trial = ("int_trial_follows", "int_co_follow_trial_hits", "int_co_follow_trial_recalls")
    states = []
    for arguments in ((), (), ("--full-refresh",)):
        warehouse.build("run", "--select", *trial, "co_follow_trials", *arguments)
        [(drawn,)] = warehouse.query("select count(*) from int_trial_follows")
        states.append((drawn > 0, warehouse.query("from co_follow_trials order by preference")))
        if len(states) == 1:
            [(before,)] = warehouse.query("select count(*) from int_similarity_follows")
            warehouse.execute("delete from int_similarity_follows where consumer_id % 3 = 0")
            [(after,)] = warehouse.query("select count(*) from int_similarity_follows")
    expected = warehouses["exact"].query("from co_follow_trials order by preference")
    (stayed, same), (tried, moved), (refreshed, fresh) = states
    assert (stayed, same) == (False, expected)
    assert tried
    assert refreshed
    assert {row[13] for row in moved} == {f"compared follows went from {before} to {after}"}
    assert {row[13] for row in fresh} == {"the first trial"}
    assert [(*row[:9], row[14]) for row in moved] == [(*row[:9], row[14]) for row in fresh]
    assert before - after > 0.2 * before


def test_what_is_held_out_of_one_follow_says_nothing_of_another():
    """A fifth of everybody's, and of any two producers a twenty-fifth together: chance alone says which pairs are held out apart."""
    macro = (PROJECT / "macros" / "scoring" / "sampling.sql").read_text()
    text = re.search(r"macro pair_hash.*?-%}(.*?){%-", macro, re.DOTALL).group(1)
    text = text.replace("{{ left_id }}", "consumer").replace("{{ right_id }}", "producer")
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create table held_out as
            select consumer, producer from range(1, 4001) as c(consumer), range(1, 41) as p(producer) where {text} < 0.2 * 2147483647
            """
        )
        [(per_consumer, spread)] = connection.sql(
            "select avg(n), var_pop(n) from (select count(*) as n from held_out group by consumer)"
        ).fetchall()
        pairs = connection.sql(
            """
            select count(*) / 4000 from held_out as a join held_out as b using (consumer)
            where a.producer < b.producer group by a.producer, b.producer
            """
        ).fetchnumpy()
    shares = next(iter(pairs.values()))
    assert len(shares) == 40 * 39 / 2
    assert abs(per_consumer - 8) < 0.1
    assert abs(spread - 40 * 0.2 * 0.8) < 0.6
    assert np.abs(shares - 0.04).max() < 0.02


def test_a_trial_without_consumers_finds_nothing_and_a_stranger_is_named(warehouses):
    matrix = FollowMatrix([1], [1], [10], [1], [1], [1.0])
    _, recipes = arrow_tables(warehouses["exact"], "int_trial_follows", "co_follow_recipes")
    trial = pa.table({"consumer_id": [7], "producer_position": [1], "is_held_out": [False], "fold_number": [1]})
    assert co_follow_trial_hits(matrix, trial.slice(0, 0), recipes, np.ones(1)).read_all().num_rows == 0
    with pytest.raises(ValueError, match=r"drawn consumers who follow nobody: \[7\]"):
        co_follow_trial_hits(matrix, trial, recipes, np.ones(1)).read_all()
    column = recipes.schema.get_field_index("deducted_followers")
    whole = recipes.set_column(column, "deducted_followers", pa.array([1.0] * len(recipes)))
    with pytest.raises(ValueError, match=r"deducted_followers 1\.0 must be below 1"):
        co_follow_trial_hits(matrix, trial.set_column(0, "consumer_id", pa.array([1])), whole, np.ones(1)).read_all()


def test_threads_and_the_order_of_blocks_change_nothing(warehouses, monkeypatch):
    expected = kernel_rows(warehouses["exact"], EXACT, threads=1)
    monkeypatch.setattr("simclusters.similarity.neighbors.PRODUCTS_PER_BLOCK", 100)
    assert kernel_rows(warehouses["exact"], EXACT, threads=7) == expected


def test_walking_the_lists_again_finds_what_reading_the_counters_finds(warehouses):
    """Both ways to collect a row are compiled in; a graph with far more producers than follows takes the second."""
    with duckdb.connect(str(warehouses["exact"].database), read_only=True) as connection:
        follows = connection.execute("select * from int_similarity_follows").fetchnumpy()
        producers = connection.execute("select * from int_similarity_producers order by producer_position").fetchnumpy()
    count, strangers = len(producers["producer_id"]), 2_000_000
    matrix = FollowMatrix(
        follows["consumer_id"],
        follows["producer_position"],
        np.concatenate([producers["producer_id"], -1 - np.arange(strangers)]),
        np.arange(count + strangers) + 1,
        np.concatenate([producers["follower_count"], np.ones(strangers)]),
        np.ones(count + strangers),
    )
    table = nearest_neighbors(matrix, EXACT["similarity_floor"], EXACT["neighbors_per_producer"]).read_all()
    assert sorted(zip(*(table[name].to_pylist() for name in NEIGHBORS), strict=True)) == sql_rows(warehouses["exact"])


def test_a_cosine_that_is_rounded_up_to_the_floor_is_kept():
    """As in SQL, which rounds to ten decimals before it compares."""
    matrix = FollowMatrix([7, 7], [1, 2], [10, 11], [1, 2], [1_000_000, 1_000_040], [1.0, 1.0])
    [row] = nearest_neighbors(matrix, 1e-6, 5).read_all().to_pylist()[:1]
    assert row["cosine_similarity"] < 1e-6 == round(row["cosine_similarity"], 10)


def test_similarities_are_those_of_the_definition(warehouses):
    """Straight from sets of followers, for every pair."""
    warehouse = warehouses["exact"]
    followers = {}
    for consumer_id, producer_id in warehouse.query("select consumer_id, producer_id from int_eligible_follows"):
        followers.setdefault(producer_id, set()).add(consumer_id)
    expected = {}
    for left, left_set in followers.items():
        for right, right_set in followers.items():
            common = len(left_set & right_set)
            cosine = common / np.sqrt(len(left_set) * len(right_set))
            if left < right and common and round(cosine, 10) >= EXACT["similarity_floor"]:
                expected[left, right] = (common, pytest.approx(cosine, rel=1e-12))
    rows = warehouse.query("select * from int_producer_pairs")
    assert {(left, right): (common, cosine) for left, right, common, cosine in rows} == expected


def test_without_a_cap_nothing_is_sampled(warehouses):
    report = dict(warehouses["exact"].query("select outcome, follow_count from similarity_report"))
    assert report["follows_left_out_by_sampling"] == 0
    assert warehouses["exact"].query("select count(*) from int_similarity_producers where sampled_share < 1") == [(0,)]


def test_sampling_is_exact_below_the_cap_and_close_above(warehouses):
    cap = SAMPLED["similarity_follower_cap"]
    exact_pairs = """
        select a.producer_id, b.producer_id, count(*)
        from int_eligible_follows as a join int_eligible_follows as b using (consumer_id)
        where a.producer_id < b.producer_id group by all
    """
    exact = {(left, right): common for left, right, common in warehouses["sampled"].query(exact_pairs)}
    counts = dict(warehouses["sampled"].query("select producer_id, follower_count from int_similarity_producers"))
    errors = []
    for left, right, common, _ in warehouses["sampled"].query("select * from int_producer_pairs"):
        if max(counts[left], counts[right]) <= cap:
            assert common == exact[left, right]
        elif exact[left, right] >= cap:
            errors.append(common / exact[left, right] - 1)
    assert len(errors) > 50
    assert abs(np.mean(errors)) < 0.1
    assert np.std(errors) < 0.35


def test_hubs_keep_about_the_cap_and_the_same_consumers(warehouses):
    cap = SAMPLED["similarity_follower_cap"]
    kept = warehouses["sampled"].query(
        """
        select producers.follower_count, count(*)
        from int_similarity_follows join int_similarity_producers as producers using (producer_position) group by all
        """
    )
    hubs = [count for follower_count, count in kept if follower_count > cap]
    assert len(hubs) > 10
    assert abs(np.mean(hubs) - cap) < 3 * np.sqrt(cap)


def test_every_follow_is_accounted_for(warehouses):
    for warehouse in warehouses.values():
        ((reported, follows),) = warehouse.query("select sum(follow_count), (select count(*) from stg_follows) from similarity_report")
        assert reported == follows
    report = dict(warehouses["sampled"].query("select outcome, follow_count from similarity_report"))
    assert report["follows_left_out_by_sampling"] > 0
    assert report["follows_of_ineligible_producers"] > 0


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="positions must be 1 to n"):
        FollowMatrix([1], [1], [10, 11], [1, 1], [1, 1], [1.0, 1.0])
    with pytest.raises(ValueError, match="2 consumer_ids but 1 producer_positions"):
        FollowMatrix([1, 2], [1], [10], [1], [1], [1.0])
    with pytest.raises(ValueError, match="within 1 to 1"):
        FollowMatrix([1], [2], [10], [1], [1], [1.0])
    matrix = FollowMatrix([1], [1], [10], [1], [1], [1.0])
    with pytest.raises(ValueError, match="at least 1"):
        nearest_neighbors(matrix, 0.1, 0)
    with pytest.raises(ValueError, match="must not be negative"):
        nearest_neighbors(matrix, -0.1, 1)
    with pytest.raises(ValueError, match="lengths must be one for each producer, and at least 1"):
        co_followed_producers(matrix, Recipe(0.5, 0.5, 0.5, 1.0, 0.5, 0.5), [0], np.ones(1))
    two = FollowMatrix([1, 1], [1, 2], [10, 11], [1, 2], [1, 1], [1.0, 1.0])
    with pytest.raises(ValueError, match="makes followers of many producers count nothing"):
        co_followed_producers(two, Recipe(0.5, 2000.0, 0.5, 1.0, 0.5, 0.5), [1, 1], np.ones(2))
    with pytest.raises(ValueError, match=r"deducted_followers 1\.0 must be below 1"):
        co_followed_producers(two, Recipe(0.5, 0.5, 0.5, 1.0, 1.0, 0.5), [1, 1], np.ones(2))
    with pytest.raises(ValueError, match=r"deducted_followers must be 0 where there is a regression_penalty, not 0\.5"):
        co_followed_producers(two, Recipe(0.0, 0.5, 0.5, 1.0, 0.5, 0.0, 10.0), [1, 1], np.ones(2), 1)
    with pytest.raises(ValueError, match="regression_producers must be at least 1, not 0"):
        co_followed_producers(two, Recipe(0.0, 0.5, 0.5, 1.0, 0.0, 0.0, 10.0), [1, 1], np.ones(2), 0)
    with pytest.raises(ValueError, match=r"regression_penalty must be above 0, not -1\.0"):
        co_followed_producers(two, Recipe(0.0, 0.5, 0.5, 1.0, 0.0, 0.0, -1.0), [1, 1], np.ones(2), 1)
    assert nearest_neighbors(matrix, 0.1, 1).read_all().num_rows == 0
    assert co_followed_producers(matrix, Recipe(0.5, 0.5, 0.5, 1.0, 0.5, 0.5), [1], np.ones(1)).read_all().num_rows == 0


def test_a_cosine_at_the_floor_passes_the_screening_in_32_bits():
    """3 followers in common, of 30 and 30: the floor times the roots, in 32 bits, is a little more than 3."""
    matrix = FollowMatrix([7, 8, 9] * 2, [1] * 3 + [2] * 3, [10, 11], [1, 2], [30, 30], [1.0, 1.0])
    assert nearest_neighbors(matrix, 0.1, 5).read_all()["cosine_similarity"].to_pylist() == pytest.approx([0.1, 0.1])
