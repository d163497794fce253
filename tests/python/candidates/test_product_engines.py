"""Both engines find the same rows of the sample; and laws of the best products: threads and blocks change nothing."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from simclusters.products import Asked, Vectors, best_of_blocks, best_products, parts, read_asked, read_items
from simclusters.scores import log_one_plus_each

METHODS = ("largest_dimension", "connected_components")
TABLES = {
    "producer_candidates": (
        ["candidate_type", "consumer_id", "producer_id", "candidate_rank", "cluster_count", "neighbor_count"],
        ["candidate_score"],
    ),
    "int_tweet_candidates": (["candidate_type", "consumer_id", "tweet_id", "candidate_rank"], ["dot_product", "squared_norm"]),
    "int_producer_neighbors": (["producer_id", "neighbor_producer_id", "common_follower_count"], ["cosine_similarity"]),
    "ann_candidates": (
        ["source_kind", "config_name", "source_id", "tweet_id", "candidate_rank", "cluster_count"],
        ["dot_product", "ann_score"],
    ),
    "similar_producers": (["embedding_type", "producer_id", "similar_producer_id", "producer_rank"], ["producer_similarity"]),
    "int_interest_variant_scores": (
        ["interest_type", "consumer_id", "cluster_id", "followed_producer_count", "faved_producer_count"],
        [
            "cluster_rank",
            "follow_score",
            "follow_score_producer_normalized",
            "fav_score",
            "fav_score_producer_normalized",
            "log_fav_score",
        ],
    ),
    "user_topic_embeddings": (["consumer_id", "cluster_id", "cluster_rank"], ["user_topic_score"]),
    "int_multi_embedding_members": (
        ["consumer_id", "producer_id", *(f"{method}_{column}" for method in METHODS for column in ("rank", "count"))],
        ["fav_score", *(f"{method}_score" for method in METHODS)],
    ),
    "producer_top_topics": (
        ["producer_id", "consumer_language", "consumer_country", "topic_id", "topic_rank"],
        ["producer_topic_share"],
    ),
    "topic_top_producers": (
        ["topic_id", "consumer_language", "consumer_country", "producer_id", "producer_rank"],
        ["topic_producer_similarity"],
    ),
}


@pytest.fixture(scope="module")
def warehouses(built_warehouse, tmp_path_factory):
    """The sample as the kernel builds it, with own followers in the lists, and the same database after a run of the SQL."""
    kernel = built_warehouse.copy(tmp_path_factory.mktemp("kernel"))
    kernel.execute("update co_follow_trials set uses_followers = is_chosen")
    kernel.build("run", "--select", "int_own_followers", "int_producer_lookup_scales", "producer_candidates")
    assert kernel.query("select count(*) > 100 from int_producer_candidate_lookups where list_kind = 'follower'") == [(True,)]
    sql = kernel.copy(tmp_path_factory.mktemp("sql"))
    sql.variables["engine"] = "sql"
    sql.build("parse")
    # With the unit tests of the SQL, which a build by the kernel has not.
    sql.build(
        "build",
        "--select",
        "int_producer_pairs",
        "int_multi_embedding_neighbors",
        "int_multi_embedding_components",
        "int_topic_producer_followers",
        *TABLES,
        "--exclude-resource-type",
        "test",
    )
    return sql, kernel


@pytest.mark.parametrize("table", TABLES)
def test_both_engines_find_the_same_rows(warehouses, table, tmp_path):
    keys, scores = TABLES[table]
    # A sum of floats depends on the order of its terms, and nothing else may differ. Many are stored in ten decimals, so a sum between
    # two of them may fall on either. A joined recipe has no norms.
    close = " and ".join(
        f"coalesce(abs(sql.{score} - kernel.{score}) <= greatest(1e-12 * abs(sql.{score}), 1.01e-10), "
        f"sql.{score} is null and kernel.{score} is null)"
        for score in scores
    )
    files = {}
    for engine, warehouse in zip(("sql", "kernel"), warehouses, strict=True):
        files[engine] = tmp_path / f"{engine}.parquet"
        with duckdb.connect(str(warehouse.database), read_only=True) as connection:
            connection.execute(f"copy {table} to '{files[engine]}'")
    by_sql, by_kernel = (f"'{file}'" for file in files.values())
    [counts] = duckdb.execute(
        f"""
        select
            (select count(*) from {by_sql}),
            (select count(*) from {by_kernel}),
            (select count(*) from {by_sql} as sql join {by_kernel} as kernel using ({", ".join(keys)}) where {close})
        """
    ).fetchall()
    assert counts[0] > 10_000
    assert counts == (counts[0],) * 3
    for warehouse in warehouses:
        assert warehouse.query(f"select count(*) from {table}") == [(counts[0],)]
        kind = f"select table_type from information_schema.tables where table_name = '{table}'"
        assert warehouse.query(kind) == [("BASE TABLE",)]


def random_vectors(random, ids, clusters, count, lowest):
    pairs = np.unique(np.stack([random.integers(0, ids, count), random.integers(0, clusters, count)], axis=1), axis=0)
    # Few distinct weights, so that many scores are equal, and some are 0.
    weights = random.integers(lowest, 4, len(pairs)) / 4
    order = random.permutation(len(pairs))
    # The last three clusters are of the second kind and have the ids of the first three.
    is_second = pairs[order, 1] >= clusters - 3
    cluster_ids = np.where(is_second, pairs[order, 1] - clusters + 3, pairs[order, 1]) * 3 - 7
    return Vectors(pairs[order, 0] * 5 + 1, cluster_ids, weights[order], is_second)


def plainly(
    rows, items, k, *, is_listed, divisors, row_divisors, found_norm, larger_product_first, known, leaves_out_itself, only_positive
):
    """Straight from the definition."""
    norm = {None: lambda squared: 1.0, "square_root": np.sqrt, "log_one_plus": np.log1p}[found_norm]
    row_divisor_of = dict(zip(rows.ids.tolist(), row_divisors.tolist(), strict=True))
    result = []
    for row in sorted(set(rows.ids.tolist())):
        columns = rows.ids, rows.cluster_ids, rows.is_second, rows.weights
        own = {(c, s): w for i, c, s, w in zip(*columns, strict=True) if i == row}
        products, squares, counts, second_counts, divisor_of, found = {}, {}, {}, {}, {}, set()
        for item, *cluster, weight, listed, divisor in zip(
            items.ids, items.cluster_ids, items.is_second, items.weights, is_listed, divisors, strict=True
        ):
            cluster = tuple(cluster)
            if cluster in own:
                products[item] = products.get(item, 0.0) + own[cluster] * weight
                squares[item] = squares.get(item, 0.0) + (weight**2 if listed else 0.0)
                counts[item] = counts.get(item, 0) + 1
                second_counts[item] = second_counts.get(item, 0) + int(cluster[1])
                divisor_of[item] = divisor * row_divisor_of[row]
                found |= {item} if listed else set()
        exact = {
            item: products[item] / (divisor_of[item] * norm(squares[item])) for item in found if found_norm is None or squares[item]
        }
        scores = {item: round(score, 10) for item, score in exact.items()}
        kept = [
            item
            for item in scores
            if not (leaves_out_itself and item == row) and (row, item) not in known and (scores[item] > 0 or not only_positive)
        ]
        kept.sort(key=lambda item: (-scores[item], -products[item] if larger_product_first else 0, item))
        result += [
            (row, item, rank, counts[item], second_counts[item], products[item], pytest.approx(exact[item], rel=1e-12))
            for rank, item in enumerate(kept[:k], start=1)
        ]
    return result


def rows_of(blocks):
    """The rows of blocks, without the positions, which say again what the ids say."""
    return [row for best in blocks for row in zip(*(values.tolist() for values in best[:-1]), strict=True)]


@pytest.mark.parametrize("seed", range(18))
def test_every_option_is_what_a_plain_sum_and_sort_says(seed, monkeypatch):
    """Negative weights switch the bound off that a long list proves; lists are long enough for it to rule much out."""
    monkeypatch.setattr("simclusters.products.best.ENTRIES_PER_BLOCK", 100)
    random = np.random.default_rng(seed)
    rows = random_vectors(random, 40, 8, 120, lowest=-1 if seed % 4 == 3 else 0)
    found_norm = (None, None, "square_root", "log_one_plus")[seed % 4 if seed >= 12 else 0]
    # An item without a weight has no norm.
    items = random_vectors(random, 60, 6 if seed % 2 else 9, 200, lowest=1 if found_norm else 0)
    per_item = random.integers(1, 5, 60 * 5 + 1) / 2
    known = np.stack([random.integers(0, 40, 150) * 5 + 1, random.integers(0, 70, 150) * 5 + 1], axis=1)
    options = {
        "is_listed": random.random(len(items.ids)) < (1 if seed % 3 else 0.6),
        "divisors": per_item[items.ids] if seed % 2 else np.ones(len(items.ids)),
        "row_divisors": per_item[rows.ids] if seed % 5 < 2 else np.ones(len(rows.ids)),
        "found_norm": found_norm,
        "larger_product_first": seed % 3 == 1,
        "leaves_out_itself": seed % 2 == 0,
        "only_positive": seed % 4 < 2,
    }
    expected = plainly(rows, items, 5, known=set(map(tuple, known.tolist())), **options)
    assert len(expected) > 100
    for threads in (1, 3):
        found = best_products(rows, items, 5, known_row_ids=known[:, 0], known_item_ids=known[:, 1], threads=threads, **options)
        # Quarters add up exactly, so here sums are equal too.
        assert rows_of(found) == expected


def test_threads_and_blocks_change_no_bit(built_warehouse, monkeypatch):
    with duckdb.connect(str(built_warehouse.database), read_only=True) as connection:
        lookups = parts(connection.table("int_producer_candidate_lookups").to_arrow_table(), "candidate_type")
        lists = parts(connection.table("int_producer_candidate_lists").to_arrow_table(), "candidate_type")
    assert list(lookups) == ["communities", "default", "plain"]
    consumers, items = lookups["plain"], lists["plain"]
    rows = Vectors(consumers["consumer_id"], consumers["list_id"], consumers["lookup_weight"])
    items = Vectors(items["producer_id"], items["list_id"], items["producer_weight"])
    expected = rows_of(best_products(rows, items, 20, threads=1))
    assert len(expected) > 10_000
    monkeypatch.setattr("simclusters.products.best.ENTRIES_PER_BLOCK", 3000)
    assert rows_of(best_products(rows, items, 20, threads=7)) == expected


@pytest.mark.parametrize("most_rows", [1, 100, 3000, 10**9])
def test_what_is_read_in_blocks_is_what_is_read_at_once(built_warehouse, most_rows):
    with duckdb.connect(str(built_warehouse.database), read_only=True) as connection:
        lookups = connection.table("int_producer_candidate_lookups").filter("consumer_id % 5 = 0")
        lists, hidden = map(connection.table, ("int_producer_candidate_lists", "int_hidden_producers"))
        consumers, listed = (parts(relation.to_arrow_table(), "candidate_type")["default"] for relation in (lookups, lists))
        known = hidden.to_arrow_table()
        is_second = [np.asarray(table["list_kind"]) != "cluster" for table in (consumers, listed)]
        expected = rows_of(
            best_products(
                Vectors(consumers["consumer_id"], consumers["list_id"], consumers["lookup_weight"], is_second[0]),
                Vectors(listed["producer_id"], listed["list_id"], listed["producer_weight"], is_second[1]),
                20,
                known_row_ids=known["consumer_id"],
                known_item_ids=known["producer_id"],
                leaves_out_itself=True,
            )
        )
        items = read_items(lists, "default", "producer_id", "producer_weight", "follower")
        asked = read_asked(lookups, "default", "follower", hidden, ("consumer_id", "producer_id"), most_rows)
        found = rows_of(best_of_blocks(asked, items, 20, leaves_out_itself=True))
    assert len(found) > 1000
    assert found == expected


def test_items_that_are_left_out_are_found_by_nobody():
    """What is left out of a list proves nothing about the worst that is kept there."""
    lists = duckdb.sql(
        "select 'toy' as candidate_type, 'cluster' as list_kind, range % 2 as list_id, range // 2 as tweet_id,"
        " 10.0 - range as tweet_score, 1.0 + range // 2 as squared_norm from range(20)"
    )
    rows = Vectors([1, 1], [0, 1], [1.0, 1.0])
    left_out = pa.array([0, 1, 2])
    items = read_items(lists, "toy", "tweet_id", "tweet_score", "author", "squared_norm", np.sqrt, left_out)
    table = lists.filter("tweet_id > 2").to_arrow_table()
    vectors = Vectors(table["tweet_id"], table["list_id"], table["tweet_score"])
    expected = rows_of(best_products(rows, vectors, 3, divisors=np.sqrt(table["squared_norm"].to_numpy())))

    assert rows_of(best_of_blocks([Asked(rows)], items, 3)) == expected
    assert [row[1] for row in expected] == [3, 4, 5]
    np.testing.assert_array_equal(items.norms[np.searchsorted(items.ids, [3, 4, 5])], [4.0, 5.0, 6.0])
    for best in best_of_blocks([Asked(rows)], items, 3):
        np.testing.assert_array_equal(items.ids[best.item_positions], best.item_ids)


def test_bad_input_is_named():
    one = Vectors([1], [1], [1.0])
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        next(best_products(one, one, 0))
    with pytest.raises(ValueError, match="rows have 1 ids, 2 cluster_ids and 1 weights"):
        next(best_products(Vectors([1], [1, 2], [1.0]), one, 1))
    with pytest.raises(ValueError, match="cluster_ids of items must hold integers"):
        next(best_products(one, Vectors([1], [1.5], [1.0]), 1))
    with pytest.raises(ValueError, match="items have 1 ids and 2 is_second"):
        next(best_products(one, Vectors([1], [1], [1.0], [True, False]), 1))
    with pytest.raises(ValueError, match="1 items but 2 is_listed"):
        next(best_products(one, one, 1, is_listed=[True, True]))
    with pytest.raises(ValueError, match="1 items but 2 divisors"):
        next(best_products(one, one, 1, divisors=[1.0, 1.0]))
    with pytest.raises(ValueError, match="divisors must be positive"):
        next(best_products(one, one, 1, divisors=[0.0]))
    with pytest.raises(ValueError, match="divisors must be positive"):
        next(best_products(one, one, 1, row_divisors=[-1.0]))
    with pytest.raises(ValueError, match="found_norm must be one of .*, not 'l1'"):
        next(best_products(one, one, 1, found_norm="l1"))
    with pytest.raises(ValueError, match="2 known_row_ids but 1 known_item_ids"):
        next(best_products(one, one, 1, known_row_ids=[1, 2], known_item_ids=[1]))
    nothing = Vectors([], [], [])
    assert rows_of(best_products(nothing, one, 1)) == rows_of(best_products(one, nothing, 1)) == []


def test_the_logarithm_is_that_of_the_sql():
    x = np.array([0.0, 1e-18, 5e-4, 0.001, 1.0, 50.0, 1e12])
    np.testing.assert_allclose(log_one_plus_each(x), np.log1p(x), rtol=1e-15)


@pytest.mark.parametrize("left_out", [{"leaves_out_itself": True}, {"known_row_ids": [1], "known_item_ids": [1]}], ids=str)
def test_who_is_left_out_takes_no_place_of_another(left_out):
    """The worst that one list proves to be kept is the third, because the first is not for the row."""
    items = Vectors([1, 2, 3, 4], [0, 0, 0, 0], [4.0, 3.0, 2.0, 1.0])
    found = rows_of(best_products(Vectors([1], [0], [1.0]), items, 2, **left_out))
    assert [row[1] for row in found] == [2, 3]
