"""Every representation a second time, with polars, from the tables that the embeddings start from.

The formulas are written as the original defines them, not as the models compute them: plain joins and sums, no shared SQL.
Ranks follow the project's rule: scores rounded to ten decimals, then ids.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from frames import Tables

SCORES = ("follow_score", "follow_score_producer_normalized", "fav_score", "fav_score_producer_normalized", "log_fav_score")
NORMALIZED = {
    "follow_score": "follow_score_cluster_normalized",
    "follow_score_producer_normalized": "follow_score_cluster_and_producer_normalized",
    "fav_score": "fav_score_cluster_normalized",
    "fav_score_producer_normalized": "fav_score_cluster_and_producer_normalized",
    "log_fav_score": "log_fav_score_cluster_normalized",
}


def keep_best(
    frame: pl.DataFrame, groups: Sequence[str], scores: Sequence[str], ties: Sequence[str], k: int, rank: str
) -> pl.DataFrame:
    """The k best rows of each group with their rank from 1: by falling rounded scores, then rising ties."""
    keys = [pl.col(score).round(10).alias(f"key_{score}") for score in scores]
    order = [*groups, *(f"key_{score}" for score in scores), *ties]
    falling = [False] * len(groups) + [True] * len(scores) + [False] * len(ties)
    ranked = frame.with_columns(keys).sort(order, descending=falling)
    ranked = ranked.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(groups).alias(rank))
    return ranked.filter(pl.col(rank) <= k).drop([f"key_{score}" for score in scores])


def norm(column: str, groups: Sequence[str]) -> pl.Expr:
    """The L2 norm of a column over the rows of each group."""
    return (pl.col(column) ** 2).sum().over(groups).sqrt()


def interests(graph: pl.DataFrame, memberships: pl.DataFrame, proof: str, minimum_proof: int | str) -> pl.DataFrame:
    """U = A K with every norm (section 5.1). ``memberships``: producer_id, cluster_id, membership. ``proof``: union or sum."""
    joined = graph.join(memberships, on="producer_id")
    followed, faved = pl.col("is_followed"), pl.col("fav_score") > 0
    sums = joined.group_by("consumer_id", "cluster_id").agg(
        pl.when(followed).then(pl.col("membership")).otherwise(0.0).sum().alias("follow_score"),
        *((pl.col(score) * pl.col("membership")).sum().alias(score) for score in SCORES[1:]),
        followed.sum().cast(pl.Int64).alias("followed_producer_count"),
        faved.sum().cast(pl.Int64).alias("faved_producer_count"),
        (followed | faved).sum().cast(pl.Int64).alias("union_count"),
    )
    counted = pl.col("union_count")
    if proof == "sum":
        counted = pl.col("followed_producer_count") + pl.col("faved_producer_count")
    if minimum_proof == "auto":
        is_proven = (counted >= pl.min_horizontal(2, counted.max().over("consumer_id"))) & (counted.sum().over("consumer_id") >= 2)
    else:
        is_proven = counted >= minimum_proof
    proven = sums.filter(is_proven).with_columns(pl.len().over("cluster_id").cast(pl.Int64).alias("interested_consumer_count"))
    return proven.with_columns(
        pl.when(norm(score, ["cluster_id"]) > 0).then(pl.col(score) / norm(score, ["cluster_id"])).otherwise(0.0).alias(column)
        for score, column in NORMALIZED.items()
    )


def without_opt_outs(frame: pl.DataFrame, tables: Tables, user: str, kind: str) -> pl.DataFrame:
    """Leaves out the communities whose legible topics the user opted out of (section 13.3)."""
    legible = tables["cluster_topics"].filter(
        pl.col("cluster_topic_score").round(10) >= tables.limit("cluster_topics", "minimum_score")
    )
    gone = tables["stg_opt_outs"].filter(pl.col("opt_out_kind") == kind).join(legible, on="topic_id")
    return frame.join(gone.rename({"user_id": user}), on=[user, "cluster_id"], how="anti")


def best_interests(frame: pl.DataFrame, tables: Tables, k: int, by_favs: bool = True) -> pl.DataFrame:
    """The k best communities of each consumer, by the published scores that need no norms, and then the opt-outs."""
    order = ["fav_score", "log_fav_score", "follow_score", "follow_score_producer_normalized"]
    order = order if by_favs else order[1:]
    kept = keep_best(frame, ["consumer_id"], order, ["cluster_id"], k, "cluster_rank")
    kept = without_opt_outs(kept, tables, "consumer_id", "interested_in").drop("cluster_rank")
    return keep_best(kept, ["consumer_id"], order, ["cluster_id"], k, "cluster_rank").drop("union_count")


def known_for_memberships(tables: Tables) -> pl.DataFrame:
    return tables["known_for"].select("producer_id", "cluster_id", membership=pl.col("known_for_score").clip(0))


def interested_in(tables: Tables) -> pl.DataFrame:
    graph, variables = tables["user_user_graph"], tables.variables
    proven = interests(graph, known_for_memberships(tables), "union", variables["minimum_social_proof"])
    return best_interests(proven, tables, variables["clusters_per_consumer"])


def interested_in_variants(tables: Tables) -> pl.DataFrame:
    """Sections 5.2 to 5.4."""
    graph, proof = tables["user_user_graph"], tables.variables["minimum_social_proof"]
    proof = 2 if proof == "auto" else proof
    embeddings = tables["producer_embeddings"].rename({"producer_score": "membership"})
    lite = best_interests(interests(graph, known_for_memberships(tables), "sum", proof), tables, 200)

    fav_based = embeddings.filter(pl.col("embedding_type") == "fav_based_producer", pl.col("cluster_rank") <= 25)
    from_fav_based = best_interests(interests(graph, fav_based, "union", proof), tables, 50)
    # Ours: the original has no variant from follow-based embeddings.
    follow_based = embeddings.filter(pl.col("embedding_type") == "follow_based_producer", pl.col("cluster_rank") <= 20)
    from_follow_based = best_interests(interests(graph, follow_based, "union", proof), tables, 50)

    aggregatable = embeddings.filter(pl.col("embedding_type") == "aggregatable_log_fav_producer").with_columns(
        membership=pl.col("membership").log1p()
    )
    aggregatable = aggregatable.with_columns(membership=pl.col("membership") / norm("membership", ["producer_id"]))
    aggregatable = keep_best(aggregatable.drop("cluster_rank"), ["producer_id"], ["membership"], ["cluster_id"], 5, "cluster_rank")
    from_aggregatable = best_interests(interests(graph, aggregatable, "union", proof), tables, 200, by_favs=False)
    return pl.concat(
        [
            lite.with_columns(interest_type=pl.lit("lite")),
            from_fav_based.with_columns(interest_type=pl.lit("from_producer_embeddings")),
            from_follow_based.with_columns(interest_type=pl.lit("from_follow_based_producer_embeddings")),
            from_aggregatable.with_columns(interest_type=pl.lit("from_aggregatable_producer_embeddings")),
        ]
    )


def producer_scores(tables: Tables) -> pl.DataFrame:
    """Sections 7.1 and 7.2, before the cut to the best communities of a producer."""
    graph, interested, variables = tables["user_user_graph"], tables["interested_in"], tables.variables
    counts = tables["producers"].select("producer_id", "follower_count", "faver_count")
    floor, audience = variables["producer_embedding_floor"], variables["producer_embedding_minimum_audience"]
    scored = []
    for name, edge, interest, count in (
        ("fav_based_producer", "fav_score_producer_normalized", "fav_score_cluster_normalized", "faver_count"),
        ("follow_based_producer", "follow_score_producer_normalized", "follow_score_cluster_normalized", "follower_count"),
    ):
        known = counts.filter(pl.col(count) > audience).select("producer_id")
        products = (
            graph.filter(pl.col(edge) > 0)
            .join(known, on="producer_id")
            .join(interested.filter(pl.col(interest) > 0), on="consumer_id", suffix="_interest")
            .group_by("producer_id", "cluster_id")
            .agg(producer_score=(pl.col(edge) * pl.col(interest)).sum())
        )
        scored.append(products.filter(pl.col("producer_score").round(10) >= floor).with_columns(embedding_type=pl.lit(name)))

    cap = variables["recipe_minimum_cap"]
    for name, edge, interest, favers in (
        ("aggregatable_log_fav_producer", "log_fav_score", "log_fav_score", 101),
        ("relaxed_aggregatable_log_fav_producer", "log_fav_score", "log_fav_score", 16),
        ("aggregatable_fav_producer", "fav_score", "fav_score", 101),
        ("aggregatable_follow_producer", "follow_score_producer_normalized", "follow_score_cluster_normalized", 101),
    ):
        known = counts.filter(pl.col("faver_count") >= min(favers, cap)).select("producer_id")
        rows = graph.filter(pl.col(edge) > 0).join(known, on="producer_id")
        rows = rows.select("consumer_id", "producer_id", edge=pl.col(edge), producer_norm=norm(edge, ["producer_id"]))
        columns = interested.filter(pl.col(interest) > 0)
        columns = columns.select("consumer_id", "cluster_id", interest=pl.col(interest) / norm(interest, ["cluster_id"]))
        products = (
            rows.join(columns, on="consumer_id")
            .group_by("producer_id", "cluster_id")
            .agg(
                cosine=(pl.col("edge") / pl.col("producer_norm") * pl.col("interest")).sum(),
                producer_norm=pl.col("producer_norm").first(),
            )
        )
        scored.append(
            products.filter(pl.col("cosine").round(10) > floor).select(
                "producer_id", "cluster_id", producer_score=pl.col("cosine") * pl.col("producer_norm"), embedding_type=pl.lit(name)
            )
        )
    columns = ["embedding_type", "producer_id", "cluster_id", "producer_score"]
    return pl.concat([frame.select(columns) for frame in scored])


def producer_embeddings(tables: Tables) -> pl.DataFrame:
    k = tables.variables["clusters_per_producer"]
    fine = tables["fine_known_for"].select("cluster_id", "parent_cluster_id").unique()
    opt_outs = (
        tables["opted_out_clusters"].filter(pl.col("opt_out_kind") == "known_for").select("user_id", parent_cluster_id="cluster_id")
    )
    fitted = (
        tables["int_fitted_vectors"]
        .join(fine, on="cluster_id", how="left")
        .with_columns(pl.coalesce("parent_cluster_id", "cluster_id"))
    )
    fitted = fitted.join(opt_outs, left_on=["producer_id", "parent_cluster_id"], right_on=["user_id", "parent_cluster_id"], how="anti")
    columns = ["embedding_type", "producer_id", "cluster_id", "producer_score"]
    scores = pl.concat(
        [producer_scores(tables).select(columns), fitted.with_columns(embedding_type=pl.lit("fitted_producer")).select(columns)]
    )
    return keep_best(scores, ["embedding_type", "producer_id"], ["producer_score"], ["cluster_id"], k, "cluster_rank")


def cluster_top_producers(tables: Tables) -> pl.DataFrame:
    k = tables.limit("cluster_top_producers")
    inactive = tables["stg_users"].filter(~pl.col("is_active")).select(producer_id="user_id")
    active = producer_scores(tables).join(inactive, on="producer_id", how="anti")
    return keep_best(active, ["embedding_type", "cluster_id"], ["producer_score"], ["producer_id"], k, "producer_rank")


def consumer_topic_favs(tables: Tables, half_life_days: float) -> pl.DataFrame:
    """Standing favs on tweets of each topic, fading with their age: consumer_id, topic_id, weight."""
    as_of = tables["stg_as_of"]["as_of"][0]
    favs = tables["int_fav_states"].filter(pl.col("is_faved"))
    age = (pl.lit(as_of) - pl.col("faved_at")).dt.total_milliseconds() / 86_400_000
    return (
        favs.with_columns(weight=0.5 ** (age / half_life_days))
        .join(tables["stg_tweet_topics"], on="tweet_id")
        .group_by(consumer_id="user_id", topic_id="topic_id")
        .agg(pl.col("weight").sum())
    )


LOCALE = ["topic_id", "consumer_language", "consumer_country"]


def topic_followers(tables: Tables) -> pl.DataFrame:
    """Follows of topics, of all and by the language of the account: the columns of LOCALE, consumer_id, weight."""
    follows = tables["stg_topic_follows"].select("topic_id", "consumer_id")
    languages = tables["stg_users"].select(consumer_id="user_id", consumer_language="language").drop_nulls()
    both = [follows.with_columns(consumer_language=pl.lit("all")), follows.join(languages, on="consumer_id")]
    rows = pl.concat([rows.select("topic_id", "consumer_id", "consumer_language") for rows in both])
    return rows.with_columns(consumer_country=pl.lit("all"), weight=pl.lit(1.0))


def topic_readers(tables: Tables) -> pl.DataFrame:
    """Follows of topics, of all, by the languages that consumers read, and by these in their country. Columns as above."""
    follows = tables["stg_topic_follows"].select("topic_id", "consumer_id")
    users = tables["stg_users"].select(consumer_id="user_id", account="language", consumer_country="country")
    given = tables["base_user_languages"].filter(pl.col("rejection_reason").is_null())
    given = given.group_by(consumer_id="user_id", consumer_language="language").agg(
        weight=pl.col("language_weight").fill_null(1.0).max()
    )
    accounts = users.join(given, on="consumer_id", how="anti").filter(pl.col("account").is_not_null())
    accounts = accounts.select("consumer_id", consumer_language="account", weight=pl.lit(1.0))
    languages = pl.concat([given, accounts])
    everywhere = follows.join(languages, on="consumer_id").with_columns(consumer_country=pl.lit("all"))
    at_home = everywhere.drop("consumer_country").join(users.drop("account").drop_nulls(), on="consumer_id")
    everybody = follows.with_columns(consumer_language=pl.lit("all"), consumer_country=pl.lit("all"), weight=pl.lit(1.0))
    columns = [*LOCALE, "consumer_id", "weight"]
    return pl.concat([rows.select(columns) for rows in (everybody, everywhere, at_home)])


def cosines_with_interests(
    rows: pl.DataFrame, keys: Sequence[str], interested: pl.DataFrame, score: str, floor: float
) -> pl.DataFrame:
    """The generic job (section 8.1): rows and interests with norm 1, their product, what exceeds the floor."""
    unit_rows = rows.with_columns(weight=pl.col("weight") / norm("weight", keys))
    columns = interested.filter(pl.col(score) > 0)
    columns = columns.select("consumer_id", "cluster_id", interest=pl.col(score) / norm(score, ["cluster_id"]))
    products = unit_rows.join(columns, on="consumer_id").group_by(*keys, "cluster_id")
    cosines = products.agg(score=(pl.col("weight") * pl.col("interest")).sum())
    return cosines.filter(pl.col("score").round(10) > floor)


def topic_embeddings(tables: Tables) -> pl.DataFrame:
    """The documentation's topics, and sections 8.5 and 8.6."""
    variables = tables.variables
    keys = LOCALE
    everybody = {"consumer_language": pl.lit("all"), "consumer_country": pl.lit("all")}
    favs = consumer_topic_favs(tables, variables["topic_fav_half_life_days"]).with_columns(**everybody)
    enough = topic_followers(tables).filter(pl.len().over(keys) >= min(100, variables["recipe_minimum_cap"]))
    needed = pl.when(pl.col("consumer_country") == "all").then(100).otherwise(10_000)
    readers = topic_readers(tables)
    readers = readers.filter(
        pl.col("weight").sum().over(keys).round(10) >= pl.min_horizontal(needed, pl.lit(variables["recipe_minimum_cap"]))
    )
    named = {"fav": "fav_score", "log_fav": "log_fav_score", "follow": "follow_score"}
    found = []
    for name, rows, score in (
        ("log_fav_topic", favs, "log_fav"),
        ("fav_tfg_topic", enough, "fav"),
        ("log_fav_tfg_topic", enough, "log_fav"),
        ("fav_inferred_language_tfg_topic", readers, "fav"),
    ):
        column = named[variables["consumer_score"] or score]
        cosines = cosines_with_interests(rows, keys, tables["interested_in"], column, 0.001)
        found.append(cosines.with_columns(embedding_type=pl.lit(name)).rename({"score": "topic_score"}))
    groups = ["embedding_type", *keys]
    [k] = tables["topic_embedding_recipes"]["clusters_per_topic"].unique()
    return keep_best(pl.concat(found), groups, ["topic_score"], ["cluster_id"], k, "cluster_rank")


def user_topic_embeddings(tables: Tables) -> pl.DataFrame:
    """Section 8.7."""
    variables = tables.variables
    favs = consumer_topic_favs(tables, variables["topic_fav_half_life_days"])
    favs = keep_best(favs, ["consumer_id"], ["weight"], ["topic_id"], tables.limit("int_consumer_topic_shares"), "topic_rank")
    languages = tables["stg_users"].select(consumer_id="user_id", consumer_language="language")
    shares = favs.with_columns(share=pl.col("weight") / pl.col("weight").sum().over("consumer_id")).join(
        languages, on="consumer_id", how="left"
    )
    topics = tables["topic_embeddings"].filter(pl.col("embedding_type") == "fav_tfg_topic")
    sums = (
        shares.with_columns(pl.col("consumer_language").fill_null("all"))
        .join(topics, on=["topic_id", "consumer_language"])
        .group_by("consumer_id", "cluster_id")
        .agg(user_topic_score=(pl.col("share") * pl.col("topic_score")).sum())
    )
    k = variables["clusters_per_consumer"]
    return keep_best(sums, ["consumer_id"], ["user_topic_score"], ["cluster_id"], k, "cluster_rank")


def entity_scores(tables: Tables) -> pl.DataFrame:
    """Sections 8.2 and 8.4, over interests before opt-outs."""
    variables = tables.variables
    memberships = tables["known_for_before_opt_outs"].select("producer_id", "cluster_id", membership="known_for_score")
    proven = interests(tables["user_user_graph"], memberships, "union", variables["minimum_social_proof"])
    order = ["fav_score", "log_fav_score", "follow_score", "follow_score_producer_normalized"]
    before = keep_best(proven, ["consumer_id"], order, ["cluster_id"], variables["clusters_per_consumer"], "cluster_rank")
    favs = consumer_topic_favs(tables, variables["entity_fav_half_life_days"]).rename({"topic_id": "entity_id"})
    unit_favs = favs.with_columns(weight=pl.col("weight") / norm("weight", ["entity_id"]))
    found = []
    for name, column in (
        ("fav_based_entity", "fav_score_cluster_normalized"),
        ("follow_based_entity", "follow_score_cluster_normalized"),
    ):
        sums = unit_favs.join(before, on="consumer_id").group_by("entity_id", "cluster_id")
        sums = sums.agg(entity_score=(pl.col("weight") * pl.col(column)).sum())
        sums = sums.filter(pl.col("entity_score").round(10) > 0)
        found.append(sums.with_columns(embedding_type=pl.lit(name), consumer_language=pl.lit("all")))

    languages = tables["stg_users"].select(consumer_id="user_id", consumer_language="language").drop_nulls()
    local_favs = favs.with_columns(weight=pl.col("weight").log1p()).join(languages, on="consumer_id")
    local = cosines_with_interests(local_favs, ["entity_id", "consumer_language"], before, "log_fav_score", 0.001)
    found.append(local.rename({"score": "entity_score"}).with_columns(embedding_type=pl.lit("log_fav_locale_entity")))
    columns = ["embedding_type", "entity_id", "consumer_language", "cluster_id", "entity_score"]
    return pl.concat([frame.select(columns) for frame in found])


def cluster_top_entities(tables: Tables) -> pl.DataFrame:
    k = tables.limit("cluster_top_entities")
    ties = ["entity_id", "consumer_language"]
    return keep_best(entity_scores(tables), ["embedding_type", "cluster_id"], ["entity_score"], ties, k, "entity_rank")


def entity_embeddings(tables: Tables) -> pl.DataFrame:
    """Sections 8.2, 8.4 and 8.8."""
    best = tables["topic_top_producers"].filter(
        pl.col("consumer_language") == "all", pl.col("producer_rank") <= tables.limit("entity_embeddings", item="producers")
    )
    share = pl.col("topic_producer_similarity") / pl.col("topic_producer_similarity").sum().over("topic_id")
    embedded = tables["producer_embeddings"].filter(pl.col("embedding_type").is_in(["fav_based_producer", "follow_based_producer"]))
    means = (
        best.with_columns(share=share)
        .join(embedded, on="producer_id", suffix="_embedding")
        .group_by("embedding_type", "topic_id", "cluster_id")
        .agg(entity_score=(pl.col("share") * pl.col("producer_score")).sum())
        .select(
            (pl.col("embedding_type") + "_entity").alias("embedding_type"),
            pl.col("topic_id").alias("entity_id"),
            pl.lit("all").alias("consumer_language"),
            "cluster_id",
            "entity_score",
        )
    )
    groups = ["embedding_type", "entity_id", "consumer_language"]
    k = tables.limit("entity_embeddings", item="clusters")
    return keep_best(pl.concat([entity_scores(tables), means]), groups, ["entity_score"], ["cluster_id"], k, "cluster_rank")


def cluster_topics(tables: Tables) -> pl.DataFrame:
    """Section 13.1; a community without legible topics keeps its best."""
    described_by = "follow_based_entity" if tables.variables["consumer_score"] == "follow" else "fav_based_entity"
    best = tables["cluster_top_entities"].filter(pl.col("embedding_type") == described_by)
    legible = pl.col("entity_score").round(10) >= tables.limit("cluster_topics", "minimum_score")
    return best.filter(legible | (pl.col("entity_rank") == 1)).select(
        "cluster_id", topic_id="entity_id", topic_rank="entity_rank", cluster_topic_score="entity_score", is_legible=legible
    )


def known_for(tables: Tables) -> pl.DataFrame:
    left = without_opt_outs(tables["known_for_before_opt_outs"], tables, "producer_id", "known_for")
    return keep_best(left, ["cluster_id"], ["known_for_score"], ["producer_id"], left.height, "producer_rank")


def language_embeddings(tables: Tables) -> pl.DataFrame:
    """Section 8.9."""
    as_of = tables["stg_as_of"]["as_of"][0]
    window = pl.lit(as_of) - pl.duration(days=tables.limit("language_embeddings", "window_days"))
    events = tables["stg_engagements"].filter(pl.col("engagement_type") == "fav", pl.col("engaged_at") > window)
    languages = tables["stg_users"].select("user_id", "language").drop_nulls()
    interested = tables["interested_in"].filter(pl.col("log_fav_score") > 0).rename({"consumer_id": "user_id"})
    sums = events.join(languages, on="user_id").join(interested, on="user_id").group_by("language", "cluster_id")
    sums = sums.agg(pl.col("log_fav_score").sum()).join(languages.group_by("language").len("users"), on="language")
    scores = sums.with_columns(language_score=pl.col("log_fav_score") / pl.col("users"))
    k = tables.limit("language_embeddings")
    return keep_best(scores, ["language"], ["language_score"], ["cluster_id"], k, "cluster_rank")


def similar_producers(tables: Tables) -> pl.DataFrame:
    """Section 8.10: first the candidates, then the cosine of each."""
    variables = tables.variables
    found = []
    for name in ("fav_based_producer", "follow_based_producer"):
        vectors = tables["producer_embeddings"].filter(
            pl.col("embedding_type") == name, pl.col("cluster_rank") <= variables["similar_producers_clusters"]
        )
        vectors = vectors.select("producer_id", "cluster_id", unit=pl.col("producer_score") / norm("producer_score", ["producer_id"]))
        lists = tables["cluster_top_producers"].filter(pl.col("embedding_type") == name)
        lists = lists.select("cluster_id", similar_producer_id="producer_id")
        candidates = vectors.join(lists, on="cluster_id").select("producer_id", "similar_producer_id").unique()
        candidates = candidates.filter(pl.col("producer_id") != pl.col("similar_producer_id"))
        others = vectors.rename({"producer_id": "similar_producer_id", "unit": "other_unit"})
        cosines = (
            candidates.join(vectors, on="producer_id")
            .join(others, on=["similar_producer_id", "cluster_id"])
            .group_by("producer_id", "similar_producer_id")
            .agg(producer_similarity=(pl.col("unit") * pl.col("other_unit")).sum())
        )
        found.append(cosines.with_columns(embedding_type=pl.lit(name)))
    groups = ["embedding_type", "producer_id"]
    k = variables["similar_producers_per_producer"]
    return keep_best(pl.concat(found), groups, ["producer_similarity"], ["similar_producer_id"], k, "producer_rank")


def similar_topics(tables: Tables) -> pl.DataFrame:
    """Section 12.2."""
    follows = tables["stg_topic_follows"].with_columns(followers=pl.len().over("topic_id"))
    others = follows.rename({"topic_id": "similar_topic_id", "followers": "other_followers"})
    pairs = follows.join(others, on="consumer_id").filter(pl.col("topic_id") != pl.col("similar_topic_id"))
    cosines = pairs.group_by("topic_id", "similar_topic_id").agg(
        topic_similarity=pl.len() / (pl.col("followers").first() * pl.col("other_followers").first()).cast(pl.Float64).sqrt()
    )
    cosines = cosines.filter(pl.col("topic_similarity").round(10) > tables.limit("similar_topics", "minimum_score"))
    k = tables.limit("similar_topics")
    return keep_best(cosines, ["topic_id"], ["topic_similarity"], ["similar_topic_id"], k, "topic_rank")


def topic_top_producers(tables: Tables) -> pl.DataFrame:
    """Section 12.3."""
    variables = tables.variables
    followers = topic_readers(tables)
    keys = LOCALE
    known = followers.filter(pl.col("weight").sum().over(keys).round(10) >= variables["minimum_topic_followers"])
    known = known.with_columns(unit=pl.col("weight") / norm("weight", keys))
    producers = tables["producers"].filter("is_eligible")
    edges = (
        tables["user_user_graph"]
        .filter(pl.col("is_followed"))
        .join(producers.select("producer_id"), on="producer_id")
        .join(followers.select("consumer_id").unique(), on="consumer_id")
        .with_columns(producer_followers=pl.len().over("producer_id"))
    )
    common = known.join(edges, on="consumer_id").group_by(*keys, "producer_id")
    cosines = common.agg(topic_producer_similarity=pl.col("unit").sum() / pl.col("producer_followers").first().cast(pl.Float64).sqrt())
    return keep_best(
        cosines, keys, ["topic_producer_similarity"], ["producer_id"], tables.limit("topic_top_producers"), "producer_rank"
    )


def producer_top_topics(tables: Tables) -> pl.DataFrame:
    """Section 12.4 by expectation maximisation, a step after another, until no share moves."""
    variables = tables.variables
    followers = topic_readers(tables)
    known = followers.group_by(LOCALE).agg(topic_weight=pl.col("weight").sum())
    known = known.filter(pl.col("topic_weight").round(10) >= variables["minimum_topic_followers"])
    of_locale = pl.col("topic_weight").sum().over("consumer_language", "consumer_country")
    known = known.with_columns(background=pl.col("topic_weight") / of_locale)
    producers = tables["producers"].filter(pl.col("active_follower_count") >= variables["minimum_active_followers"])
    edges = tables["user_user_graph"].filter(pl.col("is_followed")).join(producers, on="producer_id", how="semi")
    groups = ["producer_id", "consumer_language", "consumer_country"]
    shares = (
        followers.join(known, on=LOCALE)
        .join(edges.select("consumer_id", "producer_id"), on="consumer_id")
        .group_by(*groups, "topic_id")
        .agg(count=pl.col("weight").sum(), background=pl.col("background").first())
        .sort(*groups, "topic_id")
    )
    if shares.is_empty():
        return shares
    mixed = tables.limit("producer_top_topics", "background_share")
    group = shares.select(group=pl.struct(groups).rank("dense").cast(pl.Int64) - 1)["group"].to_numpy()
    count, background = shares["count"].to_numpy().astype(float), shares["background"].to_numpy()
    share = count / np.bincount(group, count)[group]
    rows = np.arange(len(share))
    while rows.size:
        of_group = np.unique(group[rows], return_inverse=True)[1]
        mine = share[rows]
        for _ in range(100):
            own = (1 - mixed) * mine
            taken = count[rows] * own / (own + mixed * background[rows])
            before, mine = mine, taken / np.bincount(of_group, taken)[of_group]
        share[rows] = mine
        # Most producers are at their end soon.
        rows = rows[np.bincount(of_group, np.abs(mine - before) > 1e-14)[of_group] > 0]
    # What EM has all but emptied would be empty at its end.
    shares = shares.with_columns(producer_topic_share=pl.Series(share)).filter(pl.col("producer_topic_share") > 1e-9)
    k = tables.limit("producer_top_topics")
    return keep_best(shares, groups, ["producer_topic_share"], ["topic_id"], k, "topic_rank").drop("count", "background")


def country_top_topics(tables: Tables) -> pl.DataFrame:
    """Section 12.1."""
    as_of = tables["stg_as_of"]["as_of"][0]
    window = pl.lit(as_of) - pl.duration(days=tables.limit("country_top_topics", "window_days"))
    seen = tables["stg_engagements"].filter(pl.col("engagement_type") == "impression", pl.col("engaged_at") > window)
    countries = tables["stg_users"].select("user_id", "country").drop_nulls()
    counts = seen.join(countries, on="user_id").join(tables["stg_tweet_topics"], on="tweet_id")
    counts = counts.group_by("country", "topic_id").agg(impression_count=pl.len().cast(pl.Int64))
    return keep_best(counts, ["country"], ["impression_count"], ["topic_id"], tables.limit("country_top_topics"), "topic_rank")
