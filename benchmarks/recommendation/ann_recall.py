"""Recall@10 of SimClusters-ANN against brute force over the full vectors, on Ciao: published configurations, and N by M.

Then milliseconds of one query of the project's own configurations, on Ciao and the sample.

    python benchmarks/recommendation/ann_recall.py --datasets FOLDER [--work FOLDER] [--consumers 150] [--speed]

Builds both with nothing set but the input, once; a kept work folder is measured again without a build. Then it cuts the vectors of a
sample of consumers to their first N communities and the lists of the communities to their first M tweets, as `tweet_candidates` and
`ann_candidates` do (tests hold those to brute force), and writes ANN_RECALL.md from ann_recall.template.md.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "datasets")]

import load  # noqa: E402  (scripts in other folders)
from load import command_line, explains_absent_data  # noqa: E402
from measure import WITHOUT_TESTS, dbt  # noqa: E402
from pages import filled  # noqa: E402
from pages import table as table_lines  # noqa: E402

ALL = 10**9
N_MEASURED = (5, 20, 50)
M_MEASURED = (50, 100, 200, 400, 800, 1600, 2000, ALL)
# The norm of a source is the same for all of its tweets, so it is left out; with it both cosines of the service rank alike.
SCORES = {
    "dot_product": "dot_product",
    "cosine": "dot_product / sqrt(squared_norm)",
    "log_cosine": "dot_product / ln(1 + squared_norm)",
}
RANKED_AS = {"cosine_without_source_norm": "cosine"}
# What a list can be ordered by: the score, as published, and what the score adds to cosine and log-cosine.
ORDERS = {
    "s": "tweet_score",
    "s / ‖t‖": "tweet_score / sqrt(whole_squared_norm)",
    "s / ln(1 + ‖t‖²)": "tweet_score / ln(1 + whole_squared_norm)",
}
# The index before it is cut to its length, so that brute force sees all of every vector.
VECTORS = {
    "offline": "select tweet_id, cluster_id, tweet_score from tweet_embeddings where embedding_type = 'log_fav_8h'",
    "service": "select tweet_id, cluster_id, tweet_score from int_index_tweet_scores where index_name = 'stream' and tweet_score > 0",
}
NORMS = {"whole": "any_value(whole_squared_norm)", "scanned": "sum(tweet_score * tweet_score)"}

SOURCES = """
create or replace temp table sources as
with vectors as (
    select source_id as consumer_id, cluster_id, source_score as interested_in_score from int_ann_source_vectors
    where source_kind = '{kind}' and source_embedding_type = '{embedding}' and source_language = 'all' and source_country = 'all'
)
select *, row_number() over (partition by consumer_id order by round(interested_in_score, 10) desc, cluster_id) as cluster_rank
from vectors
where consumer_id in (select consumer_id from vectors group by consumer_id order by hash(consumer_id) limit {consumers})
"""
# Of the own configurations, but for the consumers and producers of Ciao, where no fav reaches a producer.
SOURCE_VECTORS = {
    "ciao": {"consumer": "follow", "tweet": "log_fav_longest_l2", "producer": "follow_based_producer"},
    "sample": {"consumer": "log_fav", "tweet": "log_fav_longest_l2", "producer": "fav_based_producer", "topic": "fav_tfg_topic"},
}
LISTS = """
create or replace temp table lists as
with vectors as ({vectors}),
norms as (select tweet_id, sum(tweet_score * tweet_score) as whole_squared_norm from vectors group by tweet_id)
select *, row_number() over (
    partition by cluster_id order by round({order}, 10) desc, round(tweet_score, 10) desc, tweet_id
) as tweet_rank
from vectors join norms using (tweet_id)
"""
FOUND = """
create or replace temp table found as
select consumer_id, tweet_id, sum(interested_in_score * tweet_score) as dot_product, {norm} as squared_norm
from sources join lists using (cluster_id)
where cluster_rank <= {n} and tweet_rank <= {m}
group by consumer_id, tweet_id
"""
BEST = """
create or replace temp table {name} as
select consumer_id, tweet_id from found
qualify row_number() over (partition by consumer_id order by round({score}, 10) desc, round(dot_product, 10) desc, tweet_id) <= 10
"""
RECALL = """
select avg(share) from (
    select count({got}.tweet_id) / count(*) as share
    from {wanted} as wanted left join {got} using (consumer_id, tweet_id) group by wanted.consumer_id
)
"""
# The first and last place that a wanted tweet has in the lists of the consumer: with a smaller M than the first it is not found, from
# the last on its dot product is whole.
DEPTHS = """
select quantile_disc(first, 0.5), quantile_disc(first, 0.95), quantile_disc(last, 0.5), quantile_disc(last, 0.95) from (
    select min(tweet_rank) as first, max(tweet_rank) as last
    from {wanted} as wanted join sources using (consumer_id) join lists using (cluster_id, tweet_id)
    group by wanted.consumer_id, wanted.tweet_id
)
"""
PUBLISHED = """
select
    replace(algorithm, '_by_source_norm', ''), clusters_scanned, configs.tweets_per_cluster,
    least(configs.tweets_per_cluster, coalesce(limits.tweets_per_cluster, configs.tweets_per_cluster)) as served,
    count(*), string_agg(distinct source_kind, ', ' order by source_kind)
from ann_configs as configs left join ann_limits as limits using (search_name) where published_id is not null
group by all order by all
"""
# The project's own configurations: the tweets of the first pass, scored over all of their places.
RESCORED = """
create or replace temp table found as
select consumer_id, tweet_id, sum(interested_in_score * tweet_score) as dot_product, any_value(whole_squared_norm) as squared_norm
from found as first_pass join sources using (consumer_id) join lists using (cluster_id, tweet_id)
where cluster_rank <= {n}
group by consumer_id, tweet_id
"""

# What nobody recommends: the tweet itself, and what is hidden from the source or from all.
NOT_RECOMMENDED = """
delete from found where ('{kind}' = 'tweet' and consumer_id = tweet_id)
or tweet_id in (select tweet_id from int_hidden_tweets where user_id is null)
or ('{kind}' = 'consumer' and (consumer_id, tweet_id) in (select (user_id, tweet_id) from int_hidden_tweets where user_id is not null))
"""
# The functions read it. A function has no argument for the vectors of a source, nor for the tweets of a list.
ASKED_WITH = """
update int_ann_configs set source_embedding_type = '{embedding}', tweets_per_cluster = {m}
where source_kind = '{kind}' and config_name in ('dot_product', 'cosine', 'log_cosine')
"""
# Recall, and recall with ties aside, where any tweet as good as the tenth will do.
RECALL_OF_FUNCTION = """
with tenths as (
    select consumer_id, count(*) as wanted_count, min(round({score}, 10)) as tenth
    from exact_{config} join found using (consumer_id, tweet_id) group by consumer_id
)
select avg(same / wanted_count), avg(least(1, as_good / wanted_count)) from (
    select
        consumer_id, any_value(wanted_count) as wanted_count, count(exact_{config}.tweet_id) as same,
        count(case when round({score}, 10) >= tenth then 1 end) as as_good
    from tenths left join asked using (consumer_id) left join found using (consumer_id, tweet_id)
    left join exact_{config} using (consumer_id, tweet_id) group by consumer_id
)
"""


SPEED_HEADING = "## How fast"
WARM_UP, ASKED = 10, 200
# Arguments after the source, and the kind of source.
FUNCTIONS = {
    "recommend_tweets": ("?, '{}'", "consumer"),
    "similar_tweets": ("?, '{}'", "tweet"),
    "tweets_for_producer": ("?, '{}'", "producer"),
    "tweets_for_topic": ("?, '{}', 'all', 'all'", "topic"),
}
# Sources of a kind that the own configurations can be asked for, in a random order.
SOURCES_OF_KIND = """
select source_id from (
    select distinct vectors.source_id from int_ann_source_vectors as vectors
    join ann_configs as configs using (source_kind, source_embedding_type)
    where source_kind = ? and configs.config_name = 'cosine' and source_language = 'all' and source_country = 'all'
)
order by hash(source_id) limit ?
"""


class Ciao:
    """A built database, and the lists of ten that a cut gives."""

    def __init__(self, database: Path, consumers: int, read_only: bool = True) -> None:
        self.connection = duckdb.connect(str(database), read_only=read_only, config={"threads": 2})
        self.sources("consumer", "follow", consumers)

    def sources(self, kind: str, embedding: str, consumers: int) -> None:
        self.connection.execute(SOURCES.format(kind=kind, embedding=embedding, consumers=consumers))

    def one(self, sql: str) -> tuple:
        return self.connection.execute(sql).fetchone()

    def load(self, vectors: str, order: str = "s") -> None:
        """Makes the lists of the communities, in one of the orders."""
        self.connection.execute(LISTS.format(vectors=VECTORS[vectors], order=ORDERS[order]))

    def search(self, prefix: str, n: int, m: int, norm: str, rescores: bool = False, besides: str = "") -> None:
        """Tables <prefix>_<algorithm> with ten tweets for each consumer; `besides` takes tweets out before."""
        self.connection.execute(FOUND.format(n=n, m=m, norm=NORMS[norm]) + ";" + besides)
        if rescores:
            self.connection.execute(RESCORED.format(n=n))
        for algorithm, score in SCORES.items():
            self.connection.execute(BEST.format(name=f"{prefix}_{algorithm}", score=score))

    def recalls(self, got: str, wanted: str) -> dict[str, float]:
        """By algorithm: the mean over consumers of the share of `wanted` that is in `got`."""
        return {
            algorithm: self.one(RECALL.format(got=f"{got}_{algorithm}", wanted=f"{wanted}_{algorithm}"))[0] for algorithm in SCORES
        }


def own(databases: dict[str, Path], consumers: int) -> str:
    """A row per data set, kind of source and own configuration: recall of what the function itself returns, by M."""
    rows = []
    for name, database in databases.items():
        searched = Ciao(database, consumers, read_only=False)
        searched.load("service")
        for function, (arguments, kind) in FUNCTIONS.items():
            if kind not in SOURCE_VECTORS[name]:
                continue
            embedding = SOURCE_VECTORS[name][kind]
            searched.sources(kind, embedding, consumers)
            searched.search("exact", ALL, ALL, "whole", besides=NOT_RECOMMENDED.format(kind=kind))
            ids = searched.connection.execute("select distinct consumer_id from found order by all").fetchall()
            recalls: dict[str, list[str]] = {config: [] for config in SCORES}
            for m in (50, 100, 200):
                searched.connection.execute(ASKED_WITH.format(kind=kind, embedding=embedding, m=m))
                for config, score in SCORES.items():
                    asked = f"select ? as consumer_id, tweet_id from {function}({arguments.format(config)}) where candidate_rank <= 10"
                    searched.connection.execute("create or replace temp table asked (consumer_id bigint, tweet_id bigint)")
                    for (source,) in ids:
                        searched.connection.execute(f"insert into asked {asked}", [source, source])
                    recalls[config] += [
                        f"{share:.3f}" for share in searched.one(RECALL_OF_FUNCTION.format(config=config, score=score))
                    ]
            rows += [[name, kind, f"`{config}`", str(len(ids)), *by_m[::2], by_m[-1]] for config, by_m in recalls.items()]
        searched.connection.close()
    return table(["data", "source", "configuration", "sources", "M = 50", "M = 100", "M = 200", "ties aside"], rows)


def build(folder: Path, variables: dict[str, str]) -> None:
    """As far as the indexes and the functions that search them."""
    wanted = ("+int_ann_source_vectors", "+cluster_top_tweets", *(f"+{function}" for function in FUNCTIONS))
    dbt("build", "--select", *wanted, *WITHOUT_TESTS, folder=folder, variables=variables)


def ask(connection: duckdb.DuckDBPyConnection, call: str, sources: list[tuple[int]]) -> list[str]:
    """Milliseconds of a call, one after another: the fastest tenth, the median and the 95th of 100; CPU milliseconds; tweets."""
    milliseconds, tweets = [], 0
    for number, source in enumerate(sources):
        if number == WARM_UP:
            cpu = time.process_time()
        started = time.perf_counter()
        answer = connection.execute(f"select * from {call} order by candidate_rank", source).fetchall()
        if number >= WARM_UP:
            milliseconds.append((time.perf_counter() - started) * 1000)
            tweets += len(answer)
    cpu = (time.process_time() - cpu) * 1000 / len(milliseconds)
    tenths = statistics.quantiles(milliseconds, n=20)
    return [*(f"{value:.1f}" for value in (tenths[1], tenths[9], tenths[18], cpu)), f"{tweets / len(milliseconds):.0f}"]


def speed(databases: dict[str, Path]) -> str:
    """A row per data set, kind of source and own configuration."""
    rows = []
    for name, database in databases.items():
        with duckdb.connect(str(database), read_only=True, config={"threads": 2}) as connection:
            for function, (arguments, kind) in FUNCTIONS.items():
                asked = connection.execute(SOURCES_OF_KIND, [kind, WARM_UP + ASKED]).fetchall()
                if not asked:
                    continue
                repeated = (asked * (WARM_UP + ASKED))[: WARM_UP + ASKED]
                for config in ("dot_product", "cosine", "log_cosine", "default"):
                    cells = ask(connection, f"{function}({arguments.format(config)})", repeated)
                    rows.append([name, f"`{function}`", f"`{config}`", *cells])
    header = ["data", "function", "configuration", "fastest tenth, ms", "median, ms", "95 of 100, ms", "CPU ms", "tweets"]
    return table(header, rows)


def table(header: list[str], rows: list[list[str]]) -> str:
    return "\n".join(table_lines(header, rows)).rstrip()


def m_text(m: int) -> str:
    return "all" if m == ALL else str(m)


def grid(recalls: dict[tuple[int, int], dict[str, float]]) -> str:
    """A row per algorithm and N, a column per M."""
    rows = [
        [algorithm.replace("_", "-"), str(n), *(f"{recalls[n, m][algorithm]:.3f}" for m in M_MEASURED)]
        for algorithm in SCORES
        for n in N_MEASURED
    ]
    return table(["score", "N", *(f"M = {m_text(m)}" for m in M_MEASURED)], rows)


def measure(ciao: Ciao) -> dict[str, str]:
    """The sections of the page."""
    sections = {}
    quantiles = "quantile_cont(whole_squared_norm, 0.01), quantile_cont(whole_squared_norm, 0.99)"

    ciao.load("offline")
    ciao.search("exact", ALL, ALL, "whole")
    offline = {}
    for n in N_MEASURED:
        for m in M_MEASURED:
            ciao.search("got", n, m, "whole")
            offline[n, m] = ciao.recalls("got", "exact")
    sections["offline"] = grid(offline)
    smallest, largest = ciao.one(f"select {quantiles} from (select distinct tweet_id, whole_squared_norm from lists)")
    sections["norm_ratio"] = f"{(largest / smallest) ** 0.5:.1f}"
    sections["depths"] = table(
        ["score", "first: median", "95 of 100", "last: median", "95 of 100"],
        [[algorithm.replace("_", "-"), *map(str, ciao.one(DEPTHS.format(wanted=f"exact_{algorithm}")))] for algorithm in SCORES],
    )

    ciao.load("service")
    ciao.search("exact", ALL, ALL, "whole")
    ciao.search("uncut", ALL, ALL, "scanned")
    sections["tied"] = "{:.0%}".format(
        ciao.one("""
            select avg(cast(tied > 10 as int)) from (
                select count(*) as tied from (
                    select consumer_id, round(dot_product / sqrt(squared_norm), 10) as score from found
                    qualify score = max(score) over (partition by consumer_id)
                ) group by consumer_id
            )
        """)[0]
    )
    whole, itself = {}, {}
    for n in N_MEASURED:
        for m in M_MEASURED:
            ciao.search("got", n, m, "scanned")
            whole[n, m], itself[n, m] = ciao.recalls("got", "exact"), ciao.recalls("got", "uncut")
    sections["service_whole"], sections["service_itself"] = grid(whole), grid(itself)
    sections["published"] = published(ciao, offline)

    for section, rescores in (("orders", False), ("rescored", True)):
        rows = []
        for order in ORDERS:
            ciao.load("service", order)
            for m in (50, 200, 800):
                ciao.search("got", 50, m, "whole", rescores)
                rows.append([f"`{order}`", str(m), *(f"{share:.3f}" for share in ciao.recalls("got", "exact").values())])
        sections[section] = table(["order of a list", "M", *(name.replace("_", "-") for name in SCORES)], rows)

    tweets, pairs = ciao.one("select count(distinct tweet_id), count(*) from lists")
    middle, longest = ciao.one("select quantile_disc(n, 0.5), max(n) from (select count(*) as n from lists group by cluster_id)")
    consumers, communities = ciao.one(
        "select count(*), quantile_disc(n, 0.5) from (select count(*) as n from sources group by consumer_id)"
    )
    sections["facts"] = (
        f"{consumers:,} consumers with {communities} communities at the median, and "
        f"{tweets:,} tweets with {pairs / tweets:.0f} communities each. "
        f"A list holds {middle} tweets at the median and {longest:,} at most"
    )
    return sections


def published(ciao: Ciao, offline: dict[tuple[int, int], dict[str, float]]) -> str:
    """A row per distinct configuration: of the offline recommendations, by each of its scores, then of the service."""
    rows = [
        ["offline, all recipes", algorithm.replace("_", "-"), "20", "50", f"{share:.3f}", "", "", ""]
        for algorithm, share in offline[20, 50].items()
    ]
    for algorithm, n, m, served_m, count, kinds in ciao.connection.execute(PUBLISHED).fetchall():
        ranked_as = RANKED_AS.get(algorithm, algorithm)
        cells = []
        for served in (m, served_m):
            ciao.search("got", n, served, "scanned")
            cells += [f"{ciao.recalls('got', wanted)[ranked_as]:.3f}" for wanted in ("exact", "uncut")]
        rows.append([f"{count} of {kinds}", algorithm.replace("_", "-"), str(n), f"{m}, served {served_m}", *cells])
    header = ["configurations", "score", "N", "M", "recall", "of itself uncut"]
    return table([*header, "recall as served", "of itself uncut as served"], rows)


@explains_absent_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = command_line(__doc__)
    parser.add_argument("--work", type=Path, default=Path("data/recommendation/ann_recall"), help="inputs and database")
    parser.add_argument("--consumers", type=int, default=150, help="of those who are interested in something, by hash")
    parser.add_argument("--speed", action="store_true", help="the last section alone; the others stay")
    parser.add_argument("--output", type=Path, default=HERE / "ANN_RECALL.md")
    options = parser.parse_args(arguments)
    databases = {}
    for name in ("sample", "ciao"):
        folder = options.work.resolve() / name
        databases[name] = folder / "simclusters.duckdb"
        if not databases[name].exists():
            if name == "ciao":
                load.write_tables(load.ciao_tables(options.datasets / "ciao"), folder / "input")
            build(folder, {"input_dir": str(folder / "input")} if name == "ciao" else {})
    sections = {"load": f"{os.getloadavg()[0]:.1f}", "speed": speed(databases)}
    if not options.speed:
        sections["own"] = own(databases, options.consumers)
        sections |= measure(Ciao(databases["ciao"], options.consumers))
    page = filled(HERE / "ann_recall.template.md", sections)
    if options.speed:
        page = (
            options.output.read_text().partition(SPEED_HEADING)[0].rstrip() + "\n\n" + SPEED_HEADING + page.partition(SPEED_HEADING)[2]
        )
    options.output.write_text(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
