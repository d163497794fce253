"""Every metric a second time, in plain Python, from the tables that it is about.

The formulas are written as the original defines them (ClusterEvaluation, BipartiteClusterEvaluation, CompareClusters and
ClusterDetailsJob): loops over edges and members, no SQL and no code of the project.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import groupby

import polars as pl

Values = dict[str, float | int | None]
HASH_PRIME = 2_147_483_647
SAMPLED_EDGES = 5_000


def pearson(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Correlation of two lists; 0 when one does not vary. Two passes: means first, so no large numbers cancel."""
    if len(xs) < 2:
        return 0.0
    mean_x, mean_y = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    xx = math.fsum((x - mean_x) ** 2 for x in xs)
    yy = math.fsum((y - mean_y) ** 2 for y in ys)
    if min(xx, yy) * len(xs) <= 1e-12:
        return 0.0
    return math.fsum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / math.sqrt(xx * yy)


def ratio(numerator: float, denominator: float) -> float:
    """The quotient; 0 over 0 is 0."""
    return numerator / denominator if denominator else 0.0


def distribution(values: Iterable[float], percents: Sequence[int]) -> dict[str, float]:
    """Mean, deviation, extremes and percentiles; the index of a percentile is round(n p), the half up, at most n - 1."""
    ordered = sorted(values)
    count = len(ordered)
    mean = math.fsum(ordered) / count
    summary = {
        "mean": mean,
        "deviation": math.sqrt(math.fsum((value - mean) ** 2 for value in ordered) / count),
        "minimum": ordered[0],
        "maximum": ordered[-1],
    }
    return summary | {f"percentile_{p}": ordered[min((2 * count * p + 100) // 200, count - 1)] for p in percents}


def memberships(known_for: pl.DataFrame) -> tuple[dict[int, int], dict[int, float]]:
    """Producer -> community, and producer -> score."""
    rows = known_for.select("producer_id", "cluster_id", "known_for_score").rows()
    return {p: c for p, c, _ in rows}, {p: score for p, _, score in rows}


def pair_hash(left: int, right: int) -> int:
    """The number by which the edges of large communities are drawn."""
    first = left % HASH_PRIME * 48_271 + right % HASH_PRIME * 69_621 + 1
    second = left % HASH_PRIME * 16_807 + right % HASH_PRIME * 39_373 + 2
    return first % HASH_PRIME * (second % HASH_PRIME) % HASH_PRIME * 39_373 % HASH_PRIME


def cluster_quality(edges: pl.DataFrame, known_for: pl.DataFrame) -> dict[int, Values]:
    """Community -> quality on the similarity graph (section 9.2). ``edges``: both directions of each pair."""
    cluster_of, score_of = memberships(known_for)
    rows = edges.select("producer_id", "neighbor_producer_id", "cosine_similarity").rows()
    nodes = {producer for producer, _, _ in rows}
    mean_pair = math.fsum(weight for _, _, weight in rows) / (len(nodes) * (len(nodes) - 1))
    touching: dict[int, list] = defaultdict(list)
    inside: dict[int, list] = defaultdict(list)
    for producer, neighbor, weight in rows:
        if producer in cluster_of:
            cluster = cluster_of[producer]
            touching[cluster].append(weight)
            if cluster_of.get(neighbor) == cluster:
                product = score_of[producer] * score_of[neighbor]
                inside[cluster].append((pair_hash(producer, neighbor), producer, neighbor, weight, product))
    quality = {}
    for cluster, size in Counter(cluster_of.values()).items():
        within = math.fsum(edge[3] for edge in inside[cluster])
        drawn = sorted(inside[cluster])[:SAMPLED_EDGES]
        density = within / (size * (size - 1)) if size > 1 else 0.0
        quality[cluster] = {
            "producer_count": size,
            "edge_count": len(touching[cluster]),
            "inside_edge_count": len(inside[cluster]),
            "edge_weight_sum": math.fsum(touching[cluster]),
            "unweighted_recall": ratio(len(inside[cluster]), len(touching[cluster])),
            "weighted_recall": ratio(within, math.fsum(touching[cluster])),
            "relative_precision": ratio(density, mean_pair),
            "weight_score_correlation": pearson([edge[3] for edge in drawn], [edge[4] for edge in drawn]),
        }
    return quality


def cluster_quality_summary(edges: pl.DataFrame, known_for: pl.DataFrame) -> Values:
    """The overall quality (section 9.3). Producers without a community form one more, which explains nothing."""
    quality = list(cluster_quality(edges, known_for).values())
    cluster_of, _ = memberships(known_for)
    rows = edges.select("producer_id", "neighbor_producer_id", "cosine_similarity").rows()
    nodes = {producer for producer, _, _ in rows}
    loose = [weight for producer, _, weight in rows if producer not in cluster_of]
    loose_quality = {
        "producer_count": len(nodes - cluster_of.keys()),
        "edge_count": len(loose),
        "edge_weight_sum": math.fsum(loose),
        "unweighted_recall": 0.0,
        "weighted_recall": 0.0,
        "relative_precision": 0.0,
        "weight_score_correlation": 0.0,
    }
    every = [*quality, loose_quality]
    total_weight = math.fsum(weight for _, _, weight in rows)

    def mean(metric: str, weight: str) -> float:
        return ratio(math.fsum(c[metric] * c[weight] for c in every), math.fsum(c[weight] for c in every))

    return {
        "cluster_count": len(quality),
        "producer_count": len(nodes),
        "assigned_producer_count": len(cluster_of),
        "largest_cluster_share": max(c["producer_count"] for c in quality) / len(nodes),
        "unweighted_recall": mean("unweighted_recall", "edge_count"),
        "weighted_recall": mean("weighted_recall", "edge_weight_sum"),
        "modularity": mean("weighted_recall", "edge_weight_sum")
        - math.fsum((c["edge_weight_sum"] / total_weight) ** 2 for c in quality),
        "relative_precision": mean("relative_precision", "producer_count"),
        "weight_score_correlation": mean("weight_score_correlation", "producer_count"),
        "singleton_cluster_count": sum(c["producer_count"] == 1 for c in quality),
        "unlinked_cluster_count": sum(c["weighted_recall"] * c["edge_weight_sum"] < 1e-5 for c in quality),
        "negative_correlation_cluster_count": sum(c["weight_score_correlation"] < 0 for c in quality),
        "imprecise_cluster_count": sum(c["relative_precision"] < 1 for c in quality),
    }


def bipartite_cluster_quality(
    graph: pl.DataFrame, follows_and_favs: pl.DataFrame, interested_in: pl.DataFrame, known_for: pl.DataFrame
) -> dict[int, Values]:
    """Community -> how much of its follows and favs it explains (section 9.5).

    ``graph`` is cut to the best producers of each consumer; ``follows_and_favs`` is not, and what members get is counted in it.
    """
    cluster_of, score_of = memberships(known_for)
    interest = {
        (consumer, cluster): (follow, fav)
        for consumer, cluster, follow, fav in interested_in.select("consumer_id", "cluster_id", "follow_score", "fav_score").rows()
    }
    clusters_of: dict[int, list[int]] = defaultdict(list)
    for consumer, cluster in interest:
        clusters_of[consumer].append(cluster)
    sums: dict[str, dict[int, list[float]]] = {
        kind: defaultdict(lambda: [0, 0, 0.0, 0.0]) for kind in ("inside", "incoming", "outgoing")
    }
    predicted: dict[int, tuple[list, list, list, list]] = defaultdict(lambda: ([], [], [], []))

    def add(kind: str, cluster: int, follows: bool, fav: float) -> None:
        entry = sums[kind][cluster]
        entry[0] += follows
        entry[1] += fav > 0
        entry[2] += fav if follows else 0.0
        entry[3] += fav

    columns = ("consumer_id", "producer_id", "is_followed", "fav_score")
    for _, producer, follows, fav in follows_and_favs.select(columns).rows():
        if producer in cluster_of:
            add("incoming", cluster_of[producer], follows, fav)
    for consumer, producer, follows, fav in graph.select(columns).rows():
        for cluster in clusters_of.get(consumer, ()):
            add("outgoing", cluster, follows, fav)
            if cluster_of.get(producer) == cluster:
                add("inside", cluster, follows, fav)
                follow_score, fav_score = interest[consumer, cluster]
                lists = predicted[cluster]
                lists[0].append(follow_score * score_of[producer])
                lists[1].append(fav if follows else 0.0)
                lists[2].append(fav_score * score_of[producer])
                lists[3].append(fav)

    sizes, audiences = Counter(cluster_of.values()), Counter(cluster for _, cluster in interest)
    favs_per_pair = ratio(math.fsum(entry[3] for entry in sums["incoming"].values()), len(clusters_of) * len(cluster_of))
    quality = {}
    for cluster, size in sizes.items():
        inside, incoming, outgoing = (sums[kind][cluster] for kind in ("inside", "incoming", "outgoing"))
        names = ("follow_recall", "fav_recall", "weighted_follow_recall", "weighted_fav_recall")
        values: Values = {"producer_count": size, "consumer_count": audiences[cluster]}
        for place, name in enumerate(names):
            values[f"{name}_of_incoming"] = ratio(inside[place], incoming[place])
            values[f"{name}_of_outgoing"] = ratio(inside[place], outgoing[place])
        lists = predicted[cluster]
        values["follow_correlation"] = pearson(lists[0], lists[1])
        values["fav_correlation"] = pearson(lists[2], lists[3])
        values["relative_precision"] = ratio(ratio(inside[3], audiences[cluster] * size), favs_per_pair)
        quality[cluster] = values
    return quality


def cluster_neighbors(interested_in: pl.DataFrame, floor: float) -> dict[tuple[int, int], Values]:
    """Pair of communities -> cosines of their consumers (section 9.1); scores are normalised here, over the rows of a community."""
    kinds = ("follow", "fav", "log_fav")
    columns = [f"{kind}_score_cluster_normalized" for kind in kinds]
    by_consumer: dict[int, list] = defaultdict(list)
    for consumer, cluster, *scores in interested_in.select("consumer_id", "cluster_id", *columns).rows():
        by_consumer[consumer].append((cluster, scores))
    counts: Counter = Counter()
    products: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for rows in by_consumer.values():
        for left, left_scores in rows:
            for right, right_scores in rows:
                if left != right:
                    counts[left, right] += 1
                    for place in range(3):
                        products[left, right][place] += left_scores[place] * right_scores[place]
    near = {pair: values for pair, values in products.items() if max(values) > floor}
    ordered = sorted(near, key=lambda pair: (pair[0], -round((near[pair][0] + near[pair][2]) / 2, 10), pair[1]))
    ranks: Counter = Counter()
    found = {}
    for pair in ordered:
        ranks[pair[0]] += 1
        found[pair] = {"neighbor_rank": ranks[pair[0]], "common_consumer_count": counts[pair]} | {
            f"{kind}_cosine_similarity": value for kind, value in zip(kinds, near[pair], strict=True)
        }
    return found


def cluster_score_distributions(interested_in: pl.DataFrame) -> dict[tuple[str, int], Values]:
    """Kind of score and community -> distribution of the positive scores (section 9.1)."""
    found = {}
    for kind in ("follow", "fav", "log_fav"):
        scores: dict[int, list[float]] = defaultdict(list)
        for cluster, score in interested_in.select("cluster_id", f"{kind}_score").rows():
            if score > 0:
                scores[cluster].append(score)
        for cluster, values in scores.items():
            found[kind, cluster] = {"consumer_count": len(values)} | named_scores(values, (25, 50, 75, 95))
    return found


def named_scores(values: Sequence[float], percents: Sequence[int]) -> Values:
    """A distribution under the names of columns of scores."""
    summary = distribution(values, percents)
    return {("score_deviation" if name == "deviation" else f"{name}_score"): value for name, value in summary.items()}


def score_report(embeddings: pl.DataFrame) -> dict[str, Values]:
    """Embedding type -> distribution of its scores."""
    found = {}
    for (kind,), rows in embeddings.group_by("embedding_type"):
        scores = rows["embedding_score"].to_list()
        counts = {"score_count": len(scores), "entity_count": len(set(rows["entity_id"].to_list()))}
        found[kind] = counts | named_scores(scores, (5, 25, 50, 75, 95))
    return found


def cluster_member_shares(known_for: pl.DataFrame, users: pl.DataFrame) -> dict[tuple[int, str, str], Values]:
    """Community, attribute and value -> members that have it, and their share of the members in the users table (section 9.1)."""
    attributes = {user: values for user, *values in users.select("user_id", "language", "country").rows()}
    cluster_of, _ = memberships(known_for)
    counts: Counter = Counter()
    sizes: Counter = Counter()
    for producer, cluster in cluster_of.items():
        if producer in attributes:
            sizes[cluster] += 1
            for name, value in zip(("language", "country"), attributes[producer], strict=True):
                counts[cluster, name, value or ""] += 1
    return {key: {"producer_count": n, "producer_share": n / sizes[key[0]]} for key, n in counts.items()}


def runs_of(history: pl.DataFrame) -> dict[datetime, dict[int, tuple[int, float | None]]]:
    """as_of -> producer -> (community, score), in the order of time."""
    runs: dict[datetime, dict] = defaultdict(dict)
    for as_of, producer, cluster, score in history.sort("as_of").rows():
        runs[as_of][producer] = (cluster, score)
    return dict(runs)


def known_for_stability(history: pl.DataFrame) -> dict[tuple[datetime, int], Values]:
    """as_of and community -> cosines of its members with those of the run before (section 9.4)."""
    runs = list(runs_of(history).items())
    found = {}
    for (before, previous), (as_of, current) in zip(runs, runs[1:], strict=False):
        vectors: dict[str, dict[int, dict[int, float | None]]] = {"now": defaultdict(dict), "then": defaultdict(dict)}
        for side, run in (("now", current), ("then", previous)):
            for producer, (cluster, score) in run.items():
                vectors[side][cluster][producer] = score
        for cluster in vectors["now"].keys() | vectors["then"].keys():
            now, then = vectors["now"][cluster], vectors["then"][cluster]
            common = now.keys() & then.keys()
            scores: float | None = None
            if None not in now.values() and None not in then.values():
                norms = math.fsum(v * v for v in now.values()) * math.fsum(v * v for v in then.values())
                scores = ratio(math.fsum(now[p] * then[p] for p in common), math.sqrt(norms))
            found[as_of, cluster] = {
                "previous_as_of": before,
                "producer_count": len(now),
                "previous_producer_count": len(then),
                "common_producer_count": len(common),
                "member_cosine_similarity": ratio(len(common), math.sqrt(len(now) * len(then))),
                "score_cosine_similarity": scores,
            }
    return found


def known_for_changes(history: pl.DataFrame) -> dict[tuple[datetime, str], Values]:
    """as_of and kind of change -> producers (section 9.4)."""
    runs = list(runs_of(history).items())
    found = {}
    for (before, previous), (as_of, current) in zip(runs, runs[1:], strict=False):
        kinds: Counter = Counter()
        for producer in previous.keys() | current.keys():
            now, then = current.get(producer, (None,))[0], previous.get(producer, (None,))[0]
            kinds["joined" if then is None else "left" if now is None else "stayed" if now == then else "moved"] += 1
        for kind, count in kinds.items():
            found[as_of, kind] = {"previous_as_of": before, "producer_count": count, "producer_share": count / kinds.total()}
    return found


def model_version_agreement(members: dict[str, dict[int, int]]) -> dict[tuple[str, str], Values]:
    """Two versions -> how far they put the same producers together, pair by pair. ``members``: version -> producer -> community."""
    found = {}
    for left, ours in members.items():
        for right, theirs in members.items():
            common = sorted(ours.keys() & theirs.keys())
            if left == right or not common:
                continue
            both = either = 0
            for place, first in enumerate(common):
                for second in common[place + 1 :]:
                    together, also = ours[first] == ours[second], theirs[first] == theirs[second]
                    both += together and also
                    either += together or also
            found[left, right] = {
                "common_producer_count": len(common),
                "left_producer_count": len(ours) - len(common),
                "joined_producer_count": len(theirs) - len(common),
                "same_cluster_producer_count": sum(ours[p] == theirs[p] for p in common),
                "pair_agreement": both / either if either else 1.0,
            }
    return found


Items = dict[int, list[int]]
Event = tuple[int, int, str, datetime]
CUTOFFS = (10, 20)


class Holdout:
    """What is known and what is asked for, from the input tables alone.

    ``known`` and ``targets``: kind of item -> consumer -> items; ``hidden``: user -> tweets that are no recommendation to it;
    ``timeline``: tweets of active authors that were there when the rest was known.
    """

    def __init__(
        self,
        follows: pl.DataFrame,
        engagements: pl.DataFrame,
        tweets: pl.DataFrame,
        blocks: pl.DataFrame,
        users: pl.DataFrame,
        follow_share: str,
        event_share: str,
        maximum: int,
        consumer_count: int,
    ) -> None:
        pairs = {(u, p) for u, p in follows.select("consumer_id", "producer_id").rows() if u != p}
        asked_pairs = {pair for pair in pairs if pair_hash(*pair) < Fraction(follow_share) * HASH_PRIME}
        events = set(engagements.select("user_id", "tweet_id", "engagement_type", "engaged_at").rows())
        asked_events = last_events(events, Fraction(event_share))
        # Who favs a tweet saw it before.
        asked_tweets = {(user, tweet) for user, tweet, _, _ in asked_events}
        asked_events |= {event for event in events if event[2] == "impression" and event[:2] in asked_tweets}
        known_events = events - asked_events

        self.hidden: dict[int, set[int]] = defaultdict(set)
        written = by_consumer(tweets.select("author_id", "tweet_id").drop_nulls().unique().rows())
        for author, own in written.items():
            self.hidden[author].update(own)
        for user, blocked in blocks.select("user_id", "blocked_user_id").rows():
            self.hidden[user].update(written.get(blocked, ()))
        # Nobody may be recommended these, so nobody is asked for them.
        inactive = set(users.filter(~pl.col("is_active"))["user_id"])
        refused = {*blocks.select("user_id", "blocked_user_id").rows()}
        as_of = max(event[3] for event in known_events)
        later = set(tweets.filter(pl.col("created_at") > as_of)["tweet_id"])
        gone = {tweet for author in inactive for tweet in written.get(author, ())}
        was_there = (pl.col("created_at") <= as_of) & pl.col("author_id").is_not_null() & ~pl.col("author_id").is_in(inactive)
        self.timeline = tweets.filter(was_there)["tweet_id", "author_id", "created_at"]
        wanted_pairs = {pair for pair in asked_pairs - refused if pair[1] not in inactive}
        latest: dict[tuple[int, int], tuple[datetime, bool]] = {}
        for user, tweet, kind, moment in known_events:
            self.hidden[user].add(tweet)
            if kind in ("fav", "unfav"):
                # Of both at one moment the un-fav counts.
                latest[user, tweet] = max(latest.get((user, tweet), (datetime.min, False)), (moment, kind == "unfav"))
        favs = [pair for pair, (_, is_undone) in latest.items() if not is_undone]
        self.known = {"producers": by_consumer(pairs - asked_pairs), "tweets": by_consumer(favs)}
        asked_favs = {
            (user, tweet) for user, tweet, kind, _ in asked_events if kind == "fav" and tweet not in self.hidden[user] | gone | later
        }
        asked = {"producers": by_consumer(wanted_pairs), "tweets": by_consumer(asked_favs)}
        self.targets = {kind: drawn(targets, maximum, consumer_count) for kind, targets in asked.items()}


def last_events(events: Collection[Event], share: Fraction) -> set[Event]:
    """The events of the last hours, as many hours as hold at most ``share`` of all."""
    left, found = math.floor(share * len(events)), set()
    for _, of_hour in groupby(sorted(events, key=whole_hour, reverse=True), key=whole_hour):
        mine = set(of_hour)
        left -= len(mine)
        if left < 0:
            break
        found |= mine
    return found


def whole_hour(event: Event) -> datetime:
    """The hour that an event is of."""
    return event[3].replace(minute=0, second=0, microsecond=0)


def by_consumer(pairs: Iterable[tuple[int, int]]) -> Items:
    """Pairs (consumer, item) as lists."""
    lists: Items = defaultdict(list)
    for consumer, item in sorted(pairs):
        lists[consumer].append(item)
    return dict(lists)


def drawn(targets: Items, maximum: int, consumer_count: int) -> Items:
    """At most so many consumers, those with the smallest hashes, of twice as many that recipes for comparison are made for."""
    compared = [u for u in targets if pair_hash(u, 1) < HASH_PRIME * Fraction(min(2 * maximum, consumer_count), consumer_count)]
    return {u: targets[u] for u in sorted(compared, key=lambda u: (pair_hash(u, 1), u))[:maximum]}


def popular_lists(known: Items, consumers: Iterable[int]) -> Items:
    """Consumer -> the items of most consumers that are new to it."""
    counts = Counter(item for items in known.values() for item in items)
    ordered = sorted(counts, key=lambda item: (-counts[item], item))
    found = {}
    for consumer in consumers:
        mine = set(known.get(consumer, ()))
        found[consumer] = [item for item in ordered[: len(mine) + max(CUTOFFS)] if item not in mine]
    return found


def timeline_lists(hidden: dict[int, set[int]], followed: Items, consumers: Iterable[int], tweets: pl.DataFrame) -> Items:
    """Consumer -> new tweets of whom it follows, the newest first. Of each author only as many are looked at as are shown."""
    newest: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for tweet, author, moment in tweets.sort("created_at", "tweet_id", descending=[True, False]).rows():
        newest[author].append((moment, tweet))
    found = {}
    for consumer in consumers:
        mine = [pair for author in followed.get(consumer, ()) for pair in newest[author][: max(CUTOFFS)]]
        mine.sort(key=lambda pair: pair[1])
        mine.sort(key=lambda pair: pair[0], reverse=True)
        found[consumer] = [tweet for _, tweet in mine if tweet not in hidden[consumer]]
    return found


def item_cosine_lists(known: Items, consumers: Iterable[int], neighbors_per_item: int) -> Items:
    """Consumer -> new items by the sum of their cosines with what it knows, over the nearest items with a consumer in common."""
    consumers_of = by_consumer((item, consumer) for consumer, items in known.items() for item in items)
    neighbors: dict[int, list[tuple[int, float]]] = {}
    found = {}
    for consumer in consumers:
        mine = known.get(consumer, [])
        sums: dict[int, list[float]] = defaultdict(list)
        for item in mine:
            if item not in neighbors:
                common = Counter(other for user in consumers_of[item] for other in known[user] if other != item)
                cosines = [(other, n / math.sqrt(len(consumers_of[item]) * len(consumers_of[other]))) for other, n in common.items()]
                neighbors[item] = sorted(cosines, key=lambda pair: (-round(pair[1], 10), pair[0]))[:neighbors_per_item]
            for other, cosine in neighbors[item]:
                sums[other].append(cosine)
        scores = {item: round(math.fsum(parts), 10) for item, parts in sums.items() if item not in set(mine)}
        found[consumer] = sorted(scores, key=lambda item: (-scores[item], item))
    return found


def recipe_lists(candidates: pl.DataFrame, known: dict[int, Iterable[int]]) -> dict[str, Items]:
    """Candidate type -> consumer -> recommended items that are new to it; ``candidates``: type, consumer, item, rank."""
    found: dict[str, Items] = defaultdict(lambda: defaultdict(list))
    for kind, consumer, item, _ in sorted(candidates.rows(), key=lambda row: row[3]):
        if item not in known.get(consumer, ()):
            found[kind][consumer].append(item)
    return found


def candidate_recall(
    holdout: Holdout, recipes: dict[str, dict[str, Items]], neighbors_per_item: int
) -> dict[tuple[str, str, int], Values]:
    """Kind of item, method and cutoff -> how well the lists find what was held out. ``recipes``: kind of item -> method -> lists."""
    found: dict[tuple[str, str, int], Values] = {}
    for kind, targets in holdout.targets.items():
        known = holdout.known[kind]
        known_items = {item for items in known.values() for item in items}
        methods = recipes[kind] | {
            "popularity": popular_lists(known, targets),
            "item_cosine": item_cosine_lists(known, targets, neighbors_per_item),
        }
        if kind == "tweets":
            methods["timeline"] = timeline_lists(holdout.hidden, holdout.known["producers"], targets, holdout.timeline)
        for method, lists in methods.items():
            for cutoff in CUTOFFS:
                first = {consumer: lists.get(consumer, [])[:cutoff] for consumer in targets}
                if any(first.values()):
                    values = recall_of_lists(first, targets, cutoff)
                    shown = {item for items in first.values() for item in items} & known_items
                    found[kind, method, cutoff] = values | {"item_coverage": len(shown) / len(known_items)}
    return found


def recall_of_lists(lists: Items, targets: Items, cutoff: int) -> Values:
    """Means over consumers; one without a list counts as one who is shown nothing right."""
    recalls, gains = [], []
    for consumer, wanted in targets.items():
        places = [place for place, item in enumerate(lists[consumer], start=1) if item in set(wanted)]
        best = math.fsum(1 / math.log2(place + 1) for place in range(1, min(cutoff, len(wanted)) + 1))
        recalls.append(len(places) / len(wanted))
        gains.append(math.fsum(1 / math.log2(place + 1) for place in places) / best)
    count = len(targets)
    return {
        "consumer_count": count,
        "target_count": sum(len(wanted) for wanted in targets.values()),
        "recall": math.fsum(recalls) / count,
        "ndcg": math.fsum(gains) / count,
        "hit_rate": sum(recall > 0 for recall in recalls) / count,
        "consumer_coverage": sum(bool(items) for items in lists.values()) / count,
    }
