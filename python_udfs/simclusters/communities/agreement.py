"""How far two partitions of the same things agree."""

from __future__ import annotations

import numpy as np


def normalized_mutual_information(left: np.ndarray, right: np.ndarray) -> float:
    """Mutual information of two labelings over the mean of their entropies, in [0, 1]; 1 when both have one part only.

    left, right : [n]   labels of the same n things, of any type that sorts

    Raises ValueError for unequal lengths. Source: Danon et al., J. Stat. Mech. 2005, P09008. O(n log n).
    """
    if len(left) != len(right):
        raise ValueError(f"both labelings must have the same length, got {len(left)} and {len(right)}")
    if len(left) == 0:
        return 1.0
    left_parts, left = np.unique(left, return_inverse=True)
    right_parts, right = np.unique(right, return_inverse=True)
    pairs, pair_counts = np.unique(left.astype(np.int64) * len(right_parts) + right, return_counts=True)
    left_share = np.bincount(left) / len(left)
    right_share = np.bincount(right) / len(left)
    pair_share = pair_counts / len(left)
    independent = left_share[pairs // len(right_parts)] * right_share[pairs % len(right_parts)]
    mutual = float((pair_share * np.log(pair_share / independent)).sum())
    entropy = -float((left_share * np.log(left_share)).sum() + (right_share * np.log(right_share)).sum()) / 2
    return 1.0 if entropy == 0 else max(0.0, mutual / entropy)
