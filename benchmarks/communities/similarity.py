"""The community graph of a table of follows, with the pipeline's default settings."""

from __future__ import annotations

import duckdb
import numpy as np

SMALLEST_FOLLOWERS = 5
FLOOR = 0.02
NEIGHBORS = 100

SIMILARITY_SQL = """
with follows as (
    select distinct consumer_id, producer_id from read_parquet($follows) where consumer_id <> producer_id
),

producers as (
    select producer_id, count(*) as follower_count from follows group by producer_id having count(*) >= $smallest_followers
),

eligible as (
    select follows.consumer_id, follows.producer_id, 1 / sqrt(producers.follower_count) as share
    from follows inner join producers using (producer_id)
),

pairs as (
    select
        left_follows.producer_id as source,
        right_follows.producer_id as target,
        sum(left_follows.share * right_follows.share) as cosine
    from eligible as left_follows
    inner join eligible as right_follows
        on left_follows.consumer_id = right_follows.consumer_id and left_follows.producer_id < right_follows.producer_id
    group by all
    having cosine >= $floor
),

listed as (
    select source, target, cosine, owner
    from (select *, source as owner from pairs union all select *, target as owner from pairs)
    qualify row_number() over (partition by owner order by round(cosine, 10) desc, source + target - owner) <= $neighbors
)

select distinct source, target, cosine from listed order by source, target
"""


def similarity_graph(follows_file: str, squared: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(source, target, weight): positions int64[m] from 0, and the cosine, or ten times its square, float64[m]."""
    parameters = {"follows": follows_file, "smallest_followers": SMALLEST_FOLLOWERS, "floor": FLOOR, "neighbors": NEIGHBORS}
    with duckdb.connect(config={"threads": 2, "memory_limit": "4GB"}) as connection:
        edges = connection.execute(SIMILARITY_SQL, parameters).fetchnumpy()
    ends = np.unique(np.concatenate([edges["source"], edges["target"]]), return_inverse=True)[1]
    source, target = ends[: len(edges["source"])], ends[len(edges["source"]) :]
    # The sum of a group may differ in its last digits from run to run.
    cosine = np.round(edges["cosine"], 10)
    return source, target, 10 * cosine**2 if squared else cosine
