"""What run.py measures, each in a process of its own: python statements.py NAME FOLDER.

FOLDER/simclusters.duckdb holds the graph step of the pipeline; what is made goes to FOLDER/scratch.duckdb.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np

FLOOR = 0.02
NEIGHBORS = 100
THREADS = 2

# The shipped statement over one range of positions, with the parts that the experiments change.
PAIRS = """
    select {select}
    from {follows} as left_follow
    inner join {follows} as right_follow
        on left_follow.consumer_id = right_follow.consumer_id and {condition}
    where left_follow.position > {after} and left_follow.position <= {last} {where}
    group by {keys}
"""
TWO_KEYS = {"select": "left_follow.position, right_follow.position, count(*) as pair_count", "keys": "1, 2"}
PACKED = {"select": "left_follow.position * {producers} + right_follow.position as pair, count(*) as pair_count", "keys": "1"}
PACKED_32 = {
    "select": "cast((left_follow.position - {after}) * {producers} + right_follow.position as int) as pair, count(*) as pair_count",
    "keys": "1",
}
ONE_TRIANGLE = "left_follow.position < right_follow.position"
MILLION = 1_000_000

JOIN_ALONE = {"select": "count(*) as pair_count", "keys": "()"}
BOTH_TRIANGLES = {"condition": "left_follow.position <> right_follow.position"}
PERFECT = {"setting": "set perfect_ht_threshold = 24"}
RIGHT_RANGE = {"where": "and right_follow.position > {after}"}
PRUNED = {"condition": f"{ONE_TRIANGLE} and left_follow.followers * {FLOOR**2} <= right_follow.followers"}

# name: (what it is, parts of the statement, table, rows per bucket)
GROUPINGS = {
    "shipped": ("as shipped: two 64-bit positions, one triangle", TWO_KEYS, "follows", 2.5 * MILLION),
    "join_alone": ("the join alone, nothing grouped", JOIN_ALONE, "follows", 2.5 * MILLION),
    "join_alone_ten": ("the join alone, nothing grouped", JOIN_ALONE, "follows", 10 * MILLION),
    "half_million": ("as shipped, smaller buckets", TWO_KEYS, "follows", 0.5 * MILLION),
    "five_million": ("as shipped, larger buckets", TWO_KEYS, "follows", 5 * MILLION),
    "ten_million": ("as shipped, larger buckets", TWO_KEYS, "follows", 10 * MILLION),
    "forty_million": ("as shipped, larger buckets", TWO_KEYS, "follows", 40 * MILLION),
    "one_bucket": ("as shipped, one bucket", TWO_KEYS, "follows", 10_000 * MILLION),
    "both_triangles": ("both triangles", TWO_KEYS | BOTH_TRIANGLES, "follows", 2.5 * MILLION),
    "ids": ("64-bit ids instead of positions", TWO_KEYS, "follows_by_id", 2.5 * MILLION),
    "unsorted": ("the table in no order", TWO_KEYS, "unsorted_follows", 2.5 * MILLION),
    "dense_32": ("32-bit positions, also of consumers", TWO_KEYS, "dense_follows", 2.5 * MILLION),
    "packed_64": ("one packed 64-bit key", PACKED, "follows", 2.5 * MILLION),
    "packed_32": ("one packed 32-bit key", PACKED_32, "dense_follows", 2.5 * MILLION),
    "packed_32_ten": ("one packed 32-bit key", PACKED_32, "dense_follows", 10 * MILLION),
    "perfect": ("32-bit positions, perfect_ht_threshold 24", TWO_KEYS | PERFECT, "dense_follows", 2.5 * MILLION),
    "right_range": ("the right side cut to its range too", TWO_KEYS | RIGHT_RANGE, "follows", 2.5 * MILLION),
    "pruned": ("without pairs that follower counts rule out", TWO_KEYS | PRUNED, "dense_follows", 2.5 * MILLION),
}

BOTH_DIRECTIONS = """
    select producer_id, neighbor_producer_id, cosine_similarity from graph.int_producer_pairs
    union all
    select neighbor_producer_id, producer_id, cosine_similarity from graph.int_producer_pairs
"""
RANKINGS = {
    "top_window": (
        "row_number() over all pairs",
        f"""
            select * from ({BOTH_DIRECTIONS}) qualify row_number() over (
                partition by producer_id order by round(cosine_similarity, 10) desc, neighbor_producer_id
            ) <= {NEIGHBORS}
        """,
    ),
    "top_max_by": (
        "max_by(..., k) and unnest (DuckDB only; ties by id through a struct)",
        f"""
            select producer_id, unnest(max_by(
                {{'neighbor_producer_id': neighbor_producer_id, 'cosine_similarity': cosine_similarity}},
                {{'score': round(cosine_similarity, 10), 'tie': -neighbor_producer_id}}, {NEIGHBORS}
            ), recursive := true) from ({BOTH_DIRECTIONS}) group by producer_id
        """,
    ),
}


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """The scratch database with the pipeline's as `graph`."""
    settings = {"threads": THREADS, "memory_limit": "8GB", "preserve_insertion_order": "false"}
    connection = duckdb.connect(str(folder / "scratch.duckdb"), config=settings)
    connection.execute(f"attach '{folder / 'simclusters.duckdb'}' as graph (read_only)")
    return connection


def prepare(folder: Path) -> None:
    """The follows in the shapes that the experiments read."""
    with connect(folder) as connection:
        follows = "from graph.int_similarity_follows inner join graph.int_similarity_producers using (producer_position)"
        for name, select, order in (
            ("follows", "consumer_id, producer_position as position", "2, 1"),
            ("unsorted_follows", "consumer_id, producer_position as position", "hash(consumer_id, producer_position)"),
            ("follows_by_id", "consumer_id, producer_id as position", "2, 1"),
            (
                "dense_follows",
                "cast(dense_rank() over (order by consumer_id) as int) as consumer_id, "
                "cast(producer_position as int) as position, cast(follower_count as int) as followers",
                "2, 1",
            ),
        ):
            connection.execute(f"create or replace table {name} as select {select} {follows} order by {order}")


def ranges(connection: duckdb.DuckDBPyConnection, follows: str, rows_per_bucket: float) -> list[tuple[int, int]]:
    """Ranges (after, last) of positions, with about as many pairs each: those of int_producer_pairs."""
    rows = connection.execute(f"""
        with consumers as (select consumer_id, count(*) as degree from {follows} group by 1),
        sizes as (
            select position, sum(degree) as row_count, count(*) as followers
            from {follows} inner join consumers using (consumer_id) group by 1
        ),
        estimates as (
            select position, row_count * (1.0 - sum(followers) over (order by position) / sum(followers) over ()) as row_count
            from sizes
        ),
        numbered as (select position, sum(row_count) over (order by position) - row_count as before from estimates)
        select max(position) from numbered group by floor(before / {rows_per_bucket}) order by 1
    """).fetchall()
    lasts = [last for (last,) in rows]
    return list(zip([-1, *lasts[:-1]], lasts, strict=True))


def group(name: str, folder: Path) -> str:
    """Counts the pairs of all buckets; returns buckets, distinct pairs and pairs."""
    _, parts, follows, rows_per_bucket = GROUPINGS[name]
    buckets, distinct, pairs = 0, 0, 0
    with connect(folder) as connection:
        connection.execute(parts.get("setting", "select 1"))
        producers = connection.execute(f"select max(position) + 1 from {follows}").fetchone()[0]
        for after, last in ranges(connection, follows, rows_per_bucket):
            limits = {"after": after, "last": last, "producers": producers}
            sql = PAIRS.format(
                select=parts["select"].format(**limits),
                keys=parts["keys"],
                follows=follows,
                condition=parts.get("condition", ONE_TRIANGLE),
                where=parts.get("where", "").format(**limits),
                **limits,
            )
            found = connection.execute(f"select count(*), coalesce(sum(pair_count), 0) from ({sql})").fetchone()
            buckets, distinct, pairs = buckets + 1, distinct + found[0], pairs + int(found[1])
    return f"{buckets} {distinct} {pairs}"


def rank(name: str, folder: Path) -> str:
    """The nearest neighbours of each producer, from the stored pairs; returns how many rows."""
    with connect(folder) as connection:
        connection.execute(f"create or replace temp table nearest as {RANKINGS[name][1]}")
        return str(connection.execute("select count(*) from nearest").fetchone()[0])


def plain(folder: Path) -> str:
    """From follows to neighbours with one group by, as an analyst would write it."""
    with connect(folder) as connection:
        connection.execute(f"""
            create or replace table plain_neighbors as
            with followers as (select producer_id, count(*) as followers from graph.int_eligible_follows group by 1),
            pairs as (
                select left_follow.producer_id, right_follow.producer_id as neighbor_producer_id, count(*) as pair_count
                from graph.int_eligible_follows as left_follow
                inner join graph.int_eligible_follows as right_follow using (consumer_id)
                where left_follow.producer_id <> right_follow.producer_id
                group by 1, 2
            )
            select pairs.*, pair_count / sqrt(left_count.followers * right_count.followers) as cosine_similarity
            from pairs
            inner join followers as left_count on pairs.producer_id = left_count.producer_id
            inner join followers as right_count on pairs.neighbor_producer_id = right_count.producer_id
            where round(cosine_similarity, 10) >= {FLOOR}
            qualify row_number() over (
                partition by pairs.producer_id order by round(cosine_similarity, 10) desc, neighbor_producer_id
            ) <= {NEIGHBORS}
        """)
        return rows_and_sum(connection, "plain_neighbors")


def sparse_dot_topn(folder: Path) -> str:
    """From follows to neighbours with the compiled peer; ties at the cut fall as they may."""
    import scipy.sparse as sp
    from sparse_dot_topn import sp_matmul_topn

    with connect(folder) as connection:
        follows = connection.execute("select consumer_id, producer_id from graph.int_eligible_follows").fetchnumpy()
        consumer_ids, consumers = np.unique(follows["consumer_id"], return_inverse=True)
        producer_ids, producers = np.unique(follows["producer_id"], return_inverse=True)
        weights = 1 / np.sqrt(np.bincount(producers))[producers]
        matrix = sp.csr_matrix((weights, (producers, consumers)), shape=(len(producer_ids), len(consumer_ids)))
        # One more, because every producer is nearest to itself.
        cosines = sp_matmul_topn(matrix, sp.csr_matrix(matrix.T), top_n=NEIGHBORS + 1, threshold=FLOOR, n_threads=THREADS)
        rows = np.repeat(np.arange(len(producer_ids)), np.diff(cosines.indptr))
        others = rows != cosines.indices
        connection.register(
            "found",
            {
                "producer_id": producer_ids[rows[others]],
                "neighbor_producer_id": producer_ids[cosines.indices[others]],
                "cosine_similarity": cosines.data[others],
            },
        )
        connection.execute("create or replace table peer_neighbors as select * from found")
        return rows_and_sum(connection, "peer_neighbors")


def rows_and_sum(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Rows of a table of neighbours and the sum of their cosines."""
    rows, total = connection.execute(f"select count(*), sum(cosine_similarity) from {table}").fetchone()
    return f"{rows} {total:.6f}"


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    if what in GROUPINGS:
        print(group(what, where))
    elif what in RANKINGS:
        print(rank(what, where))
    else:
        print({"prepare": prepare, "plain": plain, "sparse_dot_topn": sparse_dot_topn}[what](where))
