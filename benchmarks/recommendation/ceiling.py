"""How much of the sample's held out follows anybody could find: who knows how the follows were drawn ranks producers by their chance.

    python benchmarks/recommendation/ceiling.py [--seeds 1 2 3] [--keep]

Two are asked, on the hold-outs of run.py. One knows what every consumer is interested in, which no data say. The other knows the
producers, their communities and their popularity, and learns the interests of a consumer from its follows. No method can do better
than the second but by luck.
"""

from __future__ import annotations

import resource
import sys
import time
from itertools import permutations
from pathlib import Path

import numpy as np

from simclusters.sample.network import (
    CELEBRITY_SHARE,
    INTEREST_COUNT_SHARES,
    INTEREST_SIZE_POWER,
    INTEREST_WEIGHTS,
    MUTUAL_DRAWS,
    OWN_INTEREST_WEIGHT,
    STRANGER_SHARE,
    Network,
    celebrity_shares,
    make_network,
)
from simclusters.sample.parameters import SampleParameters

HERE = Path(__file__).resolve().parent
# Communities that a consumer may be interested in: those with most of its follows. Others have next to no chance.
COMMUNITIES_TRIED = 7
HALVINGS = 60


def popularity_in_community(network: Network) -> np.ndarray:
    """The chance of each producer among its community: float64[producers]."""
    totals = np.add.reduceat(network.producer_weight, network.community_start[:-1])
    return network.producer_weight / totals[network.producer_community]


def chances(network: Network, interests: np.ndarray) -> np.ndarray:
    """The chance that a drawn follow goes to each producer: float64[users, producers]; ``interests`` are shares of communities."""
    leaders = network.community_start[:-1]
    anybody = STRANGER_SHARE * network.producer_weight / network.producer_weight.sum()
    shares = celebrity_shares(len(leaders))
    anybody[leaders] += CELEBRITY_SHARE * shares / shares.sum()
    inside = interests[:, network.producer_community] * popularity_in_community(network)
    return (1 - CELEBRITY_SHARE - STRANGER_SHARE) * inside + anybody


def planted_interests(network: Network) -> np.ndarray:
    """The share of each community in the interests of each user: float64[users, communities]."""
    weights = np.zeros((len(network.user_ids), len(network.community_start) - 1))
    weights[network.interest_user, network.interest_community] = network.interest_weight
    return weights / weights.sum(axis=1, keepdims=True)


def learned_interests(network: Network, known: np.ndarray) -> np.ndarray:
    """What the follows of each user say of its interests: the mean over all lists of one to four communities, by their chance."""
    communities = len(network.community_start) - 1
    tried = min(COMMUNITIES_TRIED, communities)
    lists = [chosen for size in range(1, min(len(INTEREST_WEIGHTS), tried) + 1) for chosen in permutations(range(tried), size)]
    sizes, first = np.array([len(chosen) for chosen in lists]), np.array([chosen[0] for chosen in lists])
    is_in = np.zeros((len(lists), tried))
    weights = np.zeros((len(lists), tried))
    for row, chosen in enumerate(lists):
        is_in[row, list(chosen)] = 1
        weights[row, list(chosen)] = INTEREST_WEIGHTS[: len(chosen)]
    own_weights = weights.copy()
    own_weights[np.arange(len(lists)), first] = OWN_INTEREST_WEIGHT
    drawn = np.diff(network.community_start) ** INTEREST_SIZE_POWER
    drawn = drawn / drawn.sum()
    list_chance = np.log(np.array(INTEREST_COUNT_SHARES)[sizes - 1])

    popularity = popularity_in_community(network)
    anybody = chances(network, np.zeros((1, communities)))[0]
    learned = np.zeros((len(known), communities))
    for user, producer in enumerate(network.producer_of_user):
        followed = np.flatnonzero(known[user])
        seen = np.bincount(network.producer_community[followed], minlength=communities) + drawn / 2
        own = network.producer_community[producer] if producer >= 0 else -1
        if own >= 0:
            seen[own] = np.inf
        some = np.argsort(-seen, kind="stable")[:tried]
        shares = own_weights if own >= 0 else weights
        shares = shares / shares.sum(axis=1, keepdims=True)
        inside = (network.producer_community[followed] == some[:, None]) * popularity[followed]
        evidence = np.log((1 - CELEBRITY_SHARE - STRANGER_SHARE) * shares @ inside + anybody[followed]).sum(axis=1)
        evidence += list_chance + is_in @ np.log(drawn[some])
        if own >= 0:
            evidence[first > 0] = -np.inf
        belief = np.exp(evidence - evidence.max())
        learned[user, some] = belief @ shares / belief.sum()
    return learned


def held_out_chances(network: Network, interests: np.ndarray, known: np.ndarray, held_out_share: float) -> np.ndarray:
    """The chance that a follow was drawn and then held out: float64[users, producers], for follows that are not known.

    ``known`` (bool[users, producers]) are the follows that were kept. Producers who drew each other follow each other.
    """
    users = network.producer_user
    drawn = chances(network, interests)
    drawn[users, np.arange(len(users))] = 0
    counts = known.sum(axis=1) / (1 - held_out_share)
    low, high = np.zeros(len(known)), np.full(len(known), 1e6)
    for _ in range(HALVINGS):
        draws = (low + high) / 2
        is_much = -np.expm1(-draws[:, None] * drawn).sum(axis=1) > counts
        low, high = np.where(is_much, low, draws), np.where(is_much, draws, high)
    follows = -np.expm1(-low[:, None] * drawn)
    result = held_out_share * follows / (1 - follows + held_out_share * follows)

    community = network.producer_community
    draw = np.where(community[:, None] == community, popularity_in_community(network), 0.0)
    np.fill_diagonal(draw, 0)
    mutual = 1 - ((1 - draw) * (1 - draw.T)) ** MUTUAL_DRAWS
    there, back = follows[users], follows[users].T
    follow_and_back = mutual + (1 - mutual) * there * back
    is_back = known[users].T
    seen_back = np.where(is_back, 1 - held_out_share, held_out_share) * follow_and_back
    seen_back += np.where(is_back, 0.0, (1 - mutual) * there * (1 - back))
    no_follow = (1 - mutual) * (1 - there) * np.where(is_back, (1 - held_out_share) * back, 1 - (1 - held_out_share) * back)
    result[users] = held_out_share * seen_back / (held_out_share * seen_back + no_follow)
    return result


def ceilings(network: Network, known: np.ndarray, held_out_share: float) -> dict[str, np.ndarray]:
    """The chance of each held out follow, float64[users, producers], by who says so."""
    return {
        "ceiling, interests known": held_out_chances(network, planted_interests(network), known, held_out_share),
        "ceiling, interests learned": held_out_chances(network, learned_interests(network, known), known, held_out_share),
    }


def main() -> int:
    """Command line entry."""
    sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "datasets")]
    import polars as pl
    from hold_outs import DATA, HELD_OUT_SHARE, held_out
    from measure import command_line, report
    from peers import Outcome, best_items, measured, without_columns
    from run import COLUMNS, PAGE, rows_of
    from scipy.sparse import csr_matrix

    parser = command_line(__doc__, "recommendation")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    network = make_network(SampleParameters())
    follows = DATA["sample"](HERE)["follows"].select("consumer_id", "producer_id").unique()

    def matrix(pairs: pl.DataFrame) -> csr_matrix:
        consumers, producers = (np.searchsorted(network.user_ids, pairs[name]) for name in ("consumer_id", "producer_id"))
        ones = np.ones(pairs.height, np.float32)
        return csr_matrix((ones, (consumers, network.producer_of_user[producers])), shape=(len(network.user_ids), len(hidden)))

    hidden = ~network.is_active[network.producer_user]
    outcomes = []
    for hold_out in map(str, options.seeds):
        out = held_out("sample", HERE, follows, hold_out)
        train = matrix(follows.join(out, on=["consumer_id", "producer_id"], how="anti"))
        asked = without_columns(matrix(out), np.flatnonzero(hidden))
        users = np.flatnonzero(np.diff(asked.indptr))
        started = time.process_time()
        found = {}
        for method, scores in ceilings(network, train.toarray() > 0, HELD_OUT_SHARE).items():
            figures = measured(best_items(scores[users], train, users, np.flatnonzero(hidden)), asked)
            peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            found[method] = Outcome(*figures, 0.0, time.process_time() - started, peak_bytes, "")
        outcomes.append(found)
    report(PAGE, "## Whom to follow", COLUMNS, rows_of("sample", outcomes), 2, options.keep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
