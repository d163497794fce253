"""Who engages with which tweet, how, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simclusters.sample.drawing import (
    DRAWING_ROUNDS,
    WeightedGroups,
    draw_from_shares,
    first_occurrences,
    group_starts,
    split_rows,
    uniform_stream,
)
from simclusters.sample.network import Network
from simclusters.sample.parameters import SampleParameters
from simclusters.sample.tweets import (
    ENGAGEMENT_HALF_LIFE_HOURS,
    LAST_FIRST_EVENT_SECONDS,
    LAST_UNDO_SECONDS,
    TWEET_KINDS,
    WINDOW_END_SECONDS,
    Tweets,
    share_of_life,
)

ENGAGEMENT_TYPES = (
    "fav",
    "unfav",
    "retweet",
    "unretweet",
    "reply",
    "unreply",
    "video_playback_50",
    "video_playback_95",
    "notification_open",
    "click",
    "impression",
    "ad_fav",
    "ad_click",
)
TYPE_CODE = {name: code for code, name in enumerate(ENGAGEMENT_TYPES)}

# The share of each type among first events, by kind of tweet. Companions (a fav with a reply, an impression before a
# fav, 95 % of a video after 50 %) and undos are added later.
FIRST_EVENT_SHARES = {
    "plain": {"impression": 40, "fav": 38, "click": 7, "retweet": 5, "reply": 5, "notification_open": 5},
    "video": {"impression": 24, "fav": 28, "video_playback_50": 31, "click": 4, "retweet": 4, "reply": 4, "notification_open": 5},
    "promoted": {"impression": 36, "fav": 20, "click": 4, "retweet": 3, "reply": 3, "ad_fav": 14, "ad_click": 20},
}


@dataclass(frozen=True)
class FollowerSample:
    """Followers of each producer, at most ``FOLLOWERS_KEPT_FOR_ENGAGEMENTS`` in all.

    ``follower`` (user positions) is ordered by producer and bounded by ``follower_start`` (int64[producers + 1]).
    """

    follower: np.ndarray
    follower_start: np.ndarray


def draw_readers(
    tweet: np.ndarray,
    tweets: Tweets,
    network: Network,
    followers: FollowerSample,
    community_audience: tuple[WeightedGroups, np.ndarray],
    random,
) -> np.ndarray:
    """A user position for each entry of ``tweet``: a follower of the author, someone interested, or anyone."""
    count = len(tweet)
    audience, audience_user = community_audience
    reader = audience_user[audience.draw(tweets.community[tweet], random(count))]
    producer = network.producer_of_user[tweets.author[tweet]]
    start, after_last = followers.follower_start[producer], followers.follower_start[producer + 1]
    source = random(count)
    chance, other = random(count), draw_from_shares(network.activity, random(count))
    from_followers = np.flatnonzero((source < 0.3) & (producer >= 0) & (after_last > start))
    picked = start + np.floor(chance * (after_last - start)).astype(np.int64)
    reader[from_followers] = followers.follower[picked[from_followers]]
    return np.where(source >= 0.92, other, reader)


def generate_engagements(
    network: Network, tweets: Tweets, followers: FollowerSample, parameters: SampleParameters
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Chunks of (user position, tweet position, type code, engaged at in seconds), ordered by time inside a chunk.

    A user, tweet and type occur once, except that a fav that was taken back may be given again. An undo comes after
    what it undoes, and a 95 % playback after a 50 % playback of the same user.

    Raises ValueError when there are too few users and tweets for the asked number of engagements.
    """
    if parameters.engagements == 0:
        return
    order = np.argsort(network.interest_community, kind="stable")
    audience_weight = (network.interest_weight * network.activity[network.interest_user])[order]
    audience_start = group_starts(network.interest_community[order], parameters.community_count)
    community_audience = (WeightedGroups(audience_weight, audience_start), network.interest_user[order])
    shares = np.array(
        [[kind.get(name, 0) for name in ENGAGEMENT_TYPES] for kind in (FIRST_EVENT_SHARES[name] for name in TWEET_KINDS)]
    )
    type_of_kind = WeightedGroups(shares.reshape(-1).astype(np.float64), np.arange(len(TWEET_KINDS) + 1) * len(ENGAGEMENT_TYPES))
    cumulative = np.concatenate([[0.0], np.cumsum(tweets.expected_share)])

    def event_key(tweet: np.ndarray, user: np.ndarray, code: np.ndarray) -> np.ndarray:
        return (tweet * len(network.user_ids) + user) * len(ENGAGEMENT_TYPES) + code

    for chunk, (first, after_last, rows) in enumerate(split_rows(cumulative, parameters.engagements)):
        random = uniform_stream(parameters.seed, "engagements", chunk).random
        tweet = user = code = np.empty(0, dtype=np.int64)
        for _ in range(DRAWING_ROUNDS):
            draws = int(1.15 * (rows - len(tweet))) + 16
            more = first + draw_from_shares(tweets.expected_share[first:after_last], random(draws))
            kind = tweets.kind[more]
            tweet = np.concatenate([tweet, more])
            user = np.concatenate([user, draw_readers(more, tweets, network, followers, community_audience, random)])
            code = np.concatenate([code, type_of_kind.draw(kind, random(draws)) % len(ENGAGEMENT_TYPES)])
            distinct = first_occurrences(event_key(tweet, user, code))
            tweet, user, code = tweet[distinct], user[distinct], code[distinct]
            if len(tweet) >= rows:
                break
        else:
            raise ValueError(
                f"{parameters.users} users and {parameters.tweet_count} tweets have no room for "
                f"{parameters.engagements} engagements: ask for more users or tweets"
            )
        tweet, user, code = tweet[:rows], user[:rows], code[:rows]
        created = -(-tweets.created_milliseconds[tweet] // 1000)
        lived = share_of_life(created.astype(np.float64))
        age_hours = -ENGAGEMENT_HALF_LIFE_HOURS * np.log2(1.0 - random(rows) * lived)
        seconds = np.minimum(created + 2 + np.floor(age_hours * 3600).astype(np.int64), LAST_FIRST_EVENT_SECONDS)

        events = with_companions(tweet, user, code, seconds, created, random)
        kept = first_occurrences(event_key(events[0], events[1], events[2]))
        events = with_undos(tuple(column[kept] for column in events), rows, random)
        tweet, user, code, seconds = events
        order = np.lexsort((code, tweets.tweet_ids[tweet], network.user_ids[user], seconds))
        yield user[order], tweet[order], code[order], seconds[order]


def with_companions(
    tweet: np.ndarray, user: np.ndarray, code: np.ndarray, seconds: np.ndarray, created: np.ndarray, random
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The events (tweet, user, code, seconds), each directly followed by the companions it brought.

    Half of the retweets and replies come with a fav, two favs in five with an earlier impression, and nearly half of
    the viewers who reach 50 % of a video reach 95 %.
    """
    chance = random(len(tweet))
    delay = np.floor(1 + 59 * random(len(tweet))).astype(np.int64)
    is_fav = code == TYPE_CODE["fav"]
    is_reaction = (code == TYPE_CODE["retweet"]) | (code == TYPE_CODE["reply"])
    is_view = code == TYPE_CODE["video_playback_50"]
    companion = np.full(len(tweet), -1, dtype=np.int64)
    companion[is_reaction & (chance < 0.5)] = TYPE_CODE["fav"]
    companion[is_fav & (chance < 0.4)] = TYPE_CODE["impression"]
    companion[is_view & (chance < 0.45)] = TYPE_CODE["video_playback_95"]
    companion_seconds = np.where(is_fav, np.maximum(seconds - delay, created + 1), seconds + delay)

    position = np.arange(len(tweet))
    extra = np.flatnonzero(companion >= 0)
    order = np.argsort(np.concatenate([position, position[extra]]), kind="stable")
    return (
        np.concatenate([tweet, tweet[extra]])[order],
        np.concatenate([user, user[extra]])[order],
        np.concatenate([code, companion[extra]])[order],
        np.concatenate([seconds, companion_seconds[extra]])[order],
    )


def with_undos(events: tuple[np.ndarray, ...], rows: int, random) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Exactly ``rows`` events: the first ones given, and about 3 % that take some of them back.

    One undo in four that hits a fav is followed by a second fav. Needs at least ``rows`` events.
    """
    wanted = int(0.03 * rows)
    tweet, user, code, seconds = (column[: rows - wanted] for column in events)
    revocable = np.flatnonzero(np.isin(code, [TYPE_CODE["fav"], TYPE_CODE["retweet"], TYPE_CODE["reply"]]))
    revocable = revocable[np.argsort(random(len(revocable)), kind="stable")]
    favs = revocable[code[revocable] == TYPE_CODE["fav"]]
    faved_again = favs[: wanted // 5]
    undone = np.concatenate([faved_again, np.setdiff1d(revocable, faved_again, assume_unique=True)])
    undone = undone[: wanted - len(faved_again)]

    delay = 5 + np.floor(7200 * random(len(undone)) ** 3).astype(np.int64)
    undo_seconds = np.minimum(seconds[undone] + delay, LAST_UNDO_SECONDS)
    again_delay = 5 + np.floor(1800 * random(len(faved_again)) ** 3).astype(np.int64)
    again_seconds = np.minimum(undo_seconds[: len(faved_again)] + again_delay, WINDOW_END_SECONDS)

    rest = slice(rows - wanted, rows - len(undone) - len(faved_again))
    return (
        np.concatenate([tweet, tweet[undone], tweet[faved_again], events[0][rest]]),
        np.concatenate([user, user[undone], user[faved_again], events[1][rest]]),
        # The code of an undo is the one after the code of what it undoes.
        np.concatenate([code, code[undone] + 1, code[faved_again], events[2][rest]]),
        np.concatenate([seconds, undo_seconds, again_seconds, events[3][rest]]),
    )
