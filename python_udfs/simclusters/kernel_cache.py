"""Compiles the kernels into numba's cache, in a process beside a first run, which loads them from there.

    python -m simclusters.kernel_cache

runs each kernel on a few rows, in the order in which models need them. It prints the name of each model whose kernels are ready, and
ends when its standard input does, so that it outlives no run. The steps import what they call, because the run reads this module too.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from threading import Event, Thread

# A model that waits longer compiles its kernels itself.
MOST_SECONDS = 30.0
# Ids that are far apart, as people's are.
GAP = 1_000_003


def _follows() -> tuple:
    """Nine producers, of whom each consumer follows some, as the models of similarity give them."""
    import numpy as np
    import pyarrow as pa

    consumers, producers = np.nonzero(np.arange(12)[:, None] % (np.arange(9) + 2) < 2)
    follows = pa.table({"consumer_id": consumers * GAP, "producer_position": producers + 1})
    counts = np.bincount(producers)
    columns = {"producer_id": np.arange(9) * GAP, "producer_position": np.arange(1, 10), "follower_count": counts}
    return follows, pa.table(columns | {"sampled_share": np.ones(9)})


def _neighbors() -> None:
    from simclusters.similarity import FollowMatrix, nearest_neighbors

    nearest_neighbors(FollowMatrix.from_tables(*_follows()), 0.01, 2).read_all()


def _trial_hits() -> None:
    import numpy as np
    import pyarrow as pa

    from simclusters.similarity import FollowMatrix, co_follow_trial_hits

    follows, producers = _follows()
    asked = pa.array([row % 4 == 0 for row in range(len(follows))])
    recipe = {"preference": [1], "known_power": [0.5], "activity_power": [0.5], "popularity_power": [0.5], "added_means": [1.0]}
    recipe |= {"deducted_followers": [0.5], "crowding_power": [0.5]}
    recipes = [recipe | {"regression_penalty": [0.0]}]
    none = dict.fromkeys(("known_power", "deducted_followers"), [0.0])
    recipes.append(recipes[0] | none | {"regression_penalty": [1.0]})
    trial_follows = follows.append_column("is_held_out", asked).append_column("fold_number", pa.array(np.ones(len(follows), np.int64)))
    recipes = pa.concat_tables(map(pa.table, recipes))
    crowdings = np.ones(len(producers))
    co_follow_trial_hits(FollowMatrix.from_tables(follows, producers), trial_follows, recipes, crowdings).read_all()


def _co_followed() -> None:
    import numpy as np

    from simclusters.similarity import FollowMatrix, Recipe, co_followed_producers

    matrix = FollowMatrix.from_tables(*_follows())
    for recipe in (Recipe(0.5, 0.5, 0.5, 1.0, 0.5, 0.5), Recipe(0.0, 0.5, 0.5, 0.0, 0.0, 0.0, 1.0)):
        co_followed_producers(matrix, recipe, np.full(9, 2), np.ones(9), 3).read_all()


def _communities() -> None:
    import numpy as np

    from simclusters.communities import Settings, detect_communities

    # Eight rings of six, whose neighbours are linked, found too coarse and too fine on the way to four.
    nodes = np.arange(48)
    source = np.concatenate([nodes, nodes, nodes])
    target = np.concatenate([nodes // 6 * 6 + (nodes + step) % 6 for step in (1, 2)] + [(nodes + 6) % 48])
    weight = np.repeat([1.0, 0.8, 0.1], 48)
    settings = Settings(k=4, seed=1, epochs=2, blocks=2, start_temperature=0.25, cooling_ratio=0.7)
    first = detect_communities(source * GAP, target * GAP, weight, settings)
    detect_communities(source * GAP, target * GAP, weight, settings, previous=(first.producer_ids, first.cluster_ids))


def _products() -> None:
    import numpy as np
    import pyarrow as pa

    from simclusters.products import Vectors, best_products
    from simclusters.scores import log_one_plus_each

    entries = pa.table({"id": np.arange(12) // 2 * GAP, "cluster_id": np.arange(12) % 3, "weight": np.ones(12)})
    vectors = Vectors(*entries.columns)
    norms = entries["weight"].to_numpy()
    for weights in (norms, norms.copy()):
        list(best_products(vectors, vectors, 2, divisors=log_one_plus_each(weights), known_row_ids=[0], known_item_ids=[GAP]))


def _interests() -> None:
    import numpy as np

    from simclusters.embeddings import Edges, Memberships, OptOuts, Recipe, ranked_interests

    ids = np.arange(12)
    edges = Edges(ids // 2 * GAP, ids % 3 * GAP, ids > 3, np.ones((12, 4)))
    recipe = Recipe(Memberships(ids % 3 * GAP, ids, np.ones(12)), True, True, 1)
    list(ranked_interests([edges], [recipe], OptOuts(ids[:1], ids[:1]), minimum_proof=1))


def _groups() -> None:
    import numpy as np

    from simclusters.embeddings import Members, Producers, producer_groups

    ids = np.arange(12)
    producers = Producers(ids % 3 * GAP, ids // 3, np.ones(12), ids[:1] * GAP, ids[1:2] * GAP)
    producer_groups(Members(ids // 2 * GAP, ids % 3 * GAP, ids // 4), producers)


def _topics() -> None:
    import numpy as np

    from simclusters.embeddings import Audiences, Follows, TopicFollows, own_topics

    ids = np.arange(12)
    follows, topics = Follows(ids // 2 * GAP, ids % 3 * GAP), TopicFollows(ids // 2 * GAP, ids % 2 + ids // 6, np.ones(12))
    list(own_topics(follows, topics, Audiences(np.arange(3) // 2, np.ones(3)), 2))


STEPS = {
    "int_producer_neighbors": _neighbors,
    "int_co_follow_trial_hits": _trial_hits,
    "int_communities": _communities,
    "co_followed_producers": _co_followed,
    "similar_producers": _products,
    "int_interest_variant_scores": _interests,
    "int_multi_embedding_members": _groups,
    "producer_top_topics": _topics,
}
# They call the same kernels.
STEPS |= dict.fromkeys(
    ["int_tweet_candidates", "producer_candidates", "ann_candidates", "user_topic_embeddings", "topic_top_producers"], _products
)


class KernelCompiler:
    """The process that compiles, if the cache has not yet what the present code needs."""

    def __init__(self) -> None:
        self.ready = {model: Event() for model in STEPS}
        self.process: subprocess.Popen | None = None
        if is_compiled():
            self._let_all_go()
            return
        self.process = subprocess.Popen(
            # Not from the folder where somebody keeps data.
            [sys.executable, "-P", "-m", "simclusters.kernel_cache"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        Thread(target=self._read, daemon=True).start()

    def wait_for(self, model: str) -> None:
        """Return when the kernels of a model are compiled, or will not be, so that no two processes compile the same."""
        if model in self.ready and not self.ready[model].wait(MOST_SECONDS):
            self.process.kill()
            self._let_all_go()

    def _read(self) -> None:
        for line in self.process.stdout:
            if line.strip() in self.ready:
                self.ready[line.strip()].set()
        self._let_all_go()

    def _let_all_go(self) -> None:
        for event in self.ready.values():
            event.set()


def _mark() -> Path:
    """The file that says for which code the cache is complete."""
    return Path(os.environ.get("NUMBA_CACHE_DIR") or Path(__file__).parent / "__pycache__") / "simclusters_kernels"


def forget_older_kernels() -> None:
    """Delete what is compiled of other code. numba looks at the file of a kernel, not at those of functions that it inlines."""
    package = Path(__file__).parent
    sources = [path.read_bytes() for path in sorted(package.rglob("*.py"))]
    code = hashlib.sha256(b"".join(source for source in sources if b"njit" in source)).hexdigest()
    stamp = _mark().with_name("simclusters_code")
    if stamp.exists() and stamp.read_text() == code:
        return
    try:
        for folder in (package, stamp.parent):
            for compiled in (*folder.rglob("*.nbi"), *folder.rglob("*.nbc")):
                compiled.unlink(missing_ok=True)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(code)
    except OSError:  # who may not write there has no cache there
        return


def _present_code() -> str:
    """What changes when kernels must be compiled again."""
    newest = max(path.stat().st_mtime_ns for path in Path(__file__).parent.rglob("*.py"))
    return f"{sys.version}, numba {version('numba')}, {newest}"


def is_compiled() -> bool:
    """Whether the cache has what the present code needs."""
    return _mark().exists() and _mark().read_text() == _present_code()


def mark_compiled() -> None:
    """Say that the cache has it."""
    _mark().parent.mkdir(parents=True, exist_ok=True)
    _mark().write_text(_present_code())


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Compile all, and say which are ready."""
    Thread(target=_end_with_input, daemon=True).start()
    os.nice(5)
    done = set()
    for model, step in STEPS.items():
        if step not in done:
            step()
            done.add(step)
        print(model, flush=True)
    mark_compiled()


if __name__ == "__main__":
    main()
