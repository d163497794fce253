"""Similar producers on a generated graph of 4 million follows: both engines beside peers, and what sampling hubs loses.

    python benchmarks/similarity/run.py engines [--follows 4000000] [--keep]
    python benchmarks/similarity/run.py sampling [--caps 1000 5000] [--keep]

Seconds of an engine are those of its models, without dbt's own start. A peer is a process of its own: one `group by` in DuckDB, and
sparse_dot_topn.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from measure import Taken, command_line, dbt, machine, process, query, report, write_network  # noqa: E402  (in the folder above)

PAGE = HERE / "README.md"
# 131 million pairs of eligible producers with a common follower, of 4 million follows.
FOLLOWS_PER_USER = 55
# What an engine does between the follows and the neighbours.
MODELS = "int_similarity_producers+,+int_producer_neighbors"
NEAREST, NEIGHBORS, FLOOR = 20, 100, 0.02
FOUND = "select count(*), sum(cosine_similarity) from "
RANKED = """
select *, row_number() over (
    partition by producer_id order by round(cosine_similarity, 10) desc, neighbor_producer_id
) as neighbor_rank
from int_producer_neighbors
"""
ACCURACY = f"""
select
    avg(case when exact.neighbor_rank <= {NEAREST} then case when sampled.neighbor_rank <= {NEAREST} then 1.0 else 0.0 end end),
    avg(abs(sampled.cosine_similarity - exact.cosine_similarity)),
    avg(sampled.cosine_similarity - exact.cosine_similarity)
from exact_neighbors as exact left join ({RANKED}) as sampled using (producer_id, neighbor_producer_id)
"""
PLAIN = f"""
with followers as (select producer_id, count(*) as followers from built.int_eligible_follows group by 1),
pairs as (
    select left_follow.producer_id, right_follow.producer_id as neighbor_producer_id, count(*) as pair_count
    from built.int_eligible_follows as left_follow inner join built.int_eligible_follows as right_follow using (consumer_id)
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
"""


def run_peer(name: str, folder: Path) -> None:
    """Prints the rows of a peer and the sum of their cosines."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"attach '{folder / 'simclusters.duckdb'}' as built (read_only)")
        if name == "plain":
            print(*connection.execute(f"{FOUND} ({PLAIN})").fetchone())
            return
        import scipy.sparse as sp
        from sparse_dot_topn import sp_matmul_topn

        follows = connection.execute("select consumer_id, producer_id from built.int_eligible_follows").fetchnumpy()
        consumers, producers = (np.unique(follows[name], return_inverse=True)[1] for name in ("consumer_id", "producer_id"))
        weights = 1 / np.sqrt(np.bincount(producers))[producers]
        matrix = sp.csr_matrix((weights, (producers, consumers)))
        # One more, because every producer is nearest to itself. Ties at the cut fall as they may.
        cosines = sp_matmul_topn(matrix, sp.csr_matrix(matrix.T), top_n=NEIGHBORS + 1, threshold=FLOOR, n_threads=2)
        others = np.repeat(np.arange(cosines.shape[0]), np.diff(cosines.indptr)) != cosines.indices
        print(others.sum(), cosines.data[others].sum())


def run_engine(engine: str, folder: Path, variables: dict) -> tuple[float, Taken]:
    """Seconds of the models, and what the process took."""
    variables = variables | {"engines": {"similarity": engine}}
    taken = dbt("run", "--no-partial-parse", "--select", MODELS, folder=folder, variables=variables)
    return sum(taken.model_seconds.values()), taken


def report_engines(folder: Path, variables: dict, is_kept: bool) -> None:
    rows = []
    for engine in ("sql", "kernel"):
        seconds, taken = run_engine(engine, folder, variables)
        [(count, cosines)] = query(folder, f"{FOUND} int_producer_neighbors")
        rows.append([f"`engine: {engine}`", f"{seconds:.1f}", f"{taken.peak_bytes / 2**30:.2f}", count, f"{cosines:.6f}"])
    for name, words in (("plain", "one plain `group by` in DuckDB"), ("sparse_dot_topn", "sparse_dot_topn")):
        taken = process([sys.executable, __file__, "peer", name, "--work", str(folder)], folder / "peer.log")
        count, cosines = taken.output.split()[-2:]
        peak = f"{taken.peak_bytes / 2**30:.2f}"
        rows.append([words, f"{taken.wall_seconds:.1f}", peak, int(count), f"{float(cosines):.6f}"])
    report(PAGE, "## From follows to the hundred nearest", ["", "wall s", "peak GB", "rows", "sum of cosines"], rows, 1, is_kept)


def report_sampling(folder: Path, variables: dict, caps: list[int], is_kept: bool) -> None:
    """Recall of the exact nearest, and errors of the cosines, by follower cap; none is exact. Both engines give the same rows."""
    rows = []
    for cap in (0, *caps):
        seconds, _ = run_engine("kernel", folder, variables | {"similarity_follower_cap": cap})
        if cap == 0:
            with duckdb.connect(str(folder / "simclusters.duckdb")) as connection:
                connection.execute(f"create or replace table exact_neighbors as {RANKED}")
        [(recall, error, bias)] = query(folder, ACCURACY)
        [(cut,)] = query(folder, "select count(*) from int_similarity_producers where sampled_share < 1")
        rows.append([str(cap or "none"), cut, f"{seconds:.1f}", f"{recall:.4f}", f"{error:.5f}", f"{bias:+.5f}"])
    columns = ["cap", "sampled producers", "kernel, s", "recall", "mean error", "bias"]
    report(PAGE, "## Sampling the followers of hubs", columns, rows, 1, is_kept)


def main() -> None:
    parser = command_line(__doc__, "similarity")
    parser.add_argument("part", choices=["engines", "sampling", "peer"])
    parser.add_argument("name", nargs="?", help="of a peer")
    parser.add_argument("--follows", type=int, default=4_000_000)
    parser.add_argument("--caps", type=int, nargs="+", default=[1000, 2000, 5000, 10000, 20000])
    options = parser.parse_args()
    if options.part == "peer":
        run_peer(options.name, options.work)
        return
    folder = options.work.resolve()
    variables = {"input_dir": str(folder / "inputs")}
    if not (folder / "simclusters.duckdb").is_file():
        variables = write_network(options.follows, folder / "inputs", FOLLOWS_PER_USER)
        dbt("seed", folder=folder, variables=variables)
        dbt("run", "--select", "+int_producer_neighbors", folder=folder, variables=variables)
    print(machine())
    if options.part == "engines":
        report_engines(folder, variables, options.keep)
    else:
        report_sampling(folder, variables, options.caps, options.keep)


if __name__ == "__main__":
    main()
