"""SimClusters-ANN by the project's own configurations: recall@10 against brute force over the full vectors, and milliseconds.

    python benchmarks/recommendation/ann.py recall speed [--datasets FOLDER] [--sources 150] [--keep]

Builds the sample and Ciao with nothing set but the input, once; a kept work folder is measured again without a build. Brute force goes
over every community of a source, every tweet, and the norm of the whole tweet.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "datasets")]

import load  # noqa: E402  (scripts in other folders)
from measure import WITHOUT_TESTS, command_line, dbt, machine, report  # noqa: E402

PAGE = HERE / "ANN.md"
# The configurations, and what they rank by.
SCORES = {
    "dot_product": "dot_product",
    "cosine": "dot_product / sqrt(squared_norm)",
    "log_cosine": "dot_product / ln(1 + squared_norm)",
}
M_MEASURED = (50, 100, 200)
SOURCES = """
create or replace temp table sources as
with vectors as (
    select source_id, cluster_id, source_score from int_ann_source_vectors
    where source_kind = '{kind}' and source_embedding_type = '{embedding}' and source_language = 'all' and source_country = 'all'
)
select * from vectors
where source_id in (select source_id from vectors group by source_id order by hash(source_id) limit {count})
"""
# Of the own configurations, but for the consumers and producers of Ciao, where no fav reaches a producer.
SOURCE_VECTORS = {
    "ciao": {"consumer": "follow", "tweet": "log_fav_longest_l2", "producer": "follow_based_producer"},
    "sample": {"consumer": "log_fav", "tweet": "log_fav_longest_l2", "producer": "fav_based_producer", "topic": "fav_tfg_topic"},
}
# The index before it is cut to its length, so that brute force sees all of every vector. The norm of a source is the same for all.
LISTS = """
create or replace temp table lists as
with vectors as (
    select tweet_id, cluster_id, tweet_score from int_index_tweet_scores where index_name = 'stream' and tweet_score > 0
),
norms as (select tweet_id, sum(tweet_score * tweet_score) as squared_norm from vectors group by tweet_id)
select * from vectors join norms using (tweet_id)
"""
FOUND = """
create or replace temp table found as
select source_id, tweet_id, sum(source_score * tweet_score) as dot_product, any_value(squared_norm) as squared_norm
from sources join lists using (cluster_id)
group by source_id, tweet_id
"""
BEST = """
create or replace temp table exact_{config} as
select source_id, tweet_id from found
qualify row_number() over (partition by source_id order by round({score}, 10) desc, round(dot_product, 10) desc, tweet_id) <= 10
"""
# What nobody recommends: the tweet itself, and what is hidden from the source or from all.
NOT_RECOMMENDED = """
delete from found where ('{kind}' = 'tweet' and source_id = tweet_id)
or tweet_id in (select tweet_id from int_hidden_tweets where user_id is null)
or ('{kind}' = 'consumer' and (source_id, tweet_id) in (select (user_id, tweet_id) from int_hidden_tweets where user_id is not null))
"""
# The functions read it. A function has no argument for the vectors of a source, nor for the tweets of a list.
ASKED_WITH = """
update int_ann_configs set source_embedding_type = '{embedding}', tweets_per_cluster = {m}
where source_kind = '{kind}' and config_name in ('dot_product', 'cosine', 'log_cosine')
"""
# Recall, and recall with ties aside, where any tweet as good as the tenth will do.
RECALL_OF_FUNCTION = """
with tenths as (
    select source_id, count(*) as wanted_count, min(round({score}, 10)) as tenth
    from exact_{config} join found using (source_id, tweet_id) group by source_id
)
select avg(same / wanted_count), avg(least(1, as_good / wanted_count)) from (
    select
        source_id, any_value(wanted_count) as wanted_count, count(exact_{config}.tweet_id) as same,
        count(case when round({score}, 10) >= tenth then 1 end) as as_good
    from tenths left join asked using (source_id) left join found using (source_id, tweet_id)
    left join exact_{config} using (source_id, tweet_id) group by source_id
)
"""

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


def recall_rows(name: str, database: Path, count: int) -> list[list[object]]:
    """A row per kind of source and configuration: recall of what the function itself returns, by M."""
    rows = []
    with duckdb.connect(str(database), config={"threads": 2}) as connection:
        connection.execute(LISTS)
        for function, (arguments, kind) in FUNCTIONS.items():
            if kind not in SOURCE_VECTORS[name]:
                continue
            embedding = SOURCE_VECTORS[name][kind]
            connection.execute(SOURCES.format(kind=kind, embedding=embedding, count=count))
            connection.execute(FOUND)
            connection.execute(NOT_RECOMMENDED.format(kind=kind))
            for config, score in SCORES.items():
                connection.execute(BEST.format(config=config, score=score))
            ids = connection.execute("select distinct source_id from found order by all").fetchall()
            recalls: dict[str, list[str]] = {config: [] for config in SCORES}
            for m in M_MEASURED:
                connection.execute(ASKED_WITH.format(kind=kind, embedding=embedding, m=m))
                for config, score in SCORES.items():
                    asked = f"select ? as source_id, tweet_id from {function}({arguments.format(config)}) where candidate_rank <= 10"
                    connection.execute("create or replace temp table asked (source_id bigint, tweet_id bigint)")
                    for (source,) in ids:
                        connection.execute(f"insert into asked {asked}", [source, source])
                    found = connection.execute(RECALL_OF_FUNCTION.format(config=config, score=score)).fetchone()
                    recalls[config] += [f"{share:.3f}" for share in found]
            rows += [[name, kind, f"`{config}`", len(ids), *by_m[::2], by_m[-1]] for config, by_m in recalls.items()]
    return rows


def build(folder: Path, variables: dict[str, str]) -> None:
    """As far as the indexes and the functions that search them."""
    wanted = ("+int_ann_source_vectors", "+cluster_top_tweets", *(f"+{function}" for function in FUNCTIONS))
    dbt("build", "--select", *wanted, *WITHOUT_TESTS, folder=folder, variables=variables)


def ask(connection: duckdb.DuckDBPyConnection, call: str, sources: list[tuple[int]]) -> list[str]:
    """Milliseconds of a call, one after another: the fastest tenth, the median and the 95th of 100; CPU; tweets."""
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


def speed_rows(name: str, database: Path) -> list[list[object]]:
    """A row per kind of source and configuration."""
    rows = []
    with duckdb.connect(str(database), read_only=True, config={"threads": 2}) as connection:
        for function, (arguments, kind) in FUNCTIONS.items():
            asked = connection.execute(SOURCES_OF_KIND, [kind, WARM_UP + ASKED]).fetchall()
            if not asked:
                continue
            repeated = (asked * (WARM_UP + ASKED))[: WARM_UP + ASKED]
            for config in (*SCORES, "default"):
                rows.append(
                    [name, f"`{function}`", f"`{config}`", *ask(connection, f"{function}({arguments.format(config)})", repeated)]
                )
    return rows


@load.explains_absent_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry."""
    parser = command_line(__doc__, "ann")
    parser.add_argument("parts", nargs="+", choices=["recall", "speed"])
    parser.add_argument("--names", nargs="+", choices=["sample", "ciao"], default=["sample", "ciao"])
    parser.add_argument("--sources", type=int, default=150, help="of each kind, by hash")
    options = parser.parse_args(arguments)
    print(machine())
    for name in options.names:
        folder = options.work.resolve() / name
        database = folder / "simclusters.duckdb"
        if not database.exists():
            if name == "ciao":
                load.write_tables(load.ciao_tables(options.datasets / "ciao"), folder / "input")
            build(folder, {"input_dir": str(folder / "input")} if name == "ciao" else {})
        if "recall" in options.parts:
            columns = ["data", "source", "configuration", "sources", *(f"M = {m}" for m in M_MEASURED), "ties aside"]
            report(PAGE, "## What the functions return", columns, recall_rows(name, database, options.sources), 3, options.keep)
        if "speed" in options.parts:
            times = ["fastest tenth, ms", "median, ms", "95 of 100, ms", "CPU ms", "tweets"]
            report(PAGE, "## How fast", ["data", "function", "configuration", *times], speed_rows(name, database), 3, options.keep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
