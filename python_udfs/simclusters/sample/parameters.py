"""How large a generated network is."""

from __future__ import annotations

from dataclasses import dataclass

from simclusters.sample.names import THEMES

DEFAULT_USERS = 2_000
FOLLOWS_PER_USER = 13
ENGAGEMENTS_PER_USER = 25
PRODUCERS_PER_USER = 0.17
SMALLEST_COMMUNITY = 8
ENGAGEMENTS_PER_TWEET = 14
SMALLEST_NETWORK = 100


@dataclass(frozen=True)
class SampleParameters:
    """Size and seed of a generated network; all counts are rows.

    ``tweets`` and ``communities`` may be None: about 14 engagements per tweet, and 24 communities (more for large
    networks, fewer for tiny ones).

    Raises ValueError when the counts cannot be met together.
    """

    users: int = DEFAULT_USERS
    follows: int = DEFAULT_USERS * FOLLOWS_PER_USER
    engagements: int = DEFAULT_USERS * ENGAGEMENTS_PER_USER
    tweets: int | None = None
    communities: int | None = None
    seed: int = 7

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")
        if self.users < SMALLEST_NETWORK:
            raise ValueError(f"users must be at least {SMALLEST_NETWORK}, got {self.users}")
        if self.follows < 3 * self.users:
            raise ValueError(f"follows must be at least 3 per user ({3 * self.users} for {self.users} users), got {self.follows}")
        if self.engagements < 0 or (self.tweets is not None and self.tweets < 1):
            raise ValueError("engagements must not be negative and tweets must be positive")
        if not 1 <= self.community_count <= self.producer_count // SMALLEST_COMMUNITY:
            raise ValueError(
                f"{self.producer_count} producers can make 1 to {self.producer_count // SMALLEST_COMMUNITY} "
                f"communities, not {self.community_count}"
            )

    @property
    def producer_count(self) -> int:
        return int(self.users * PRODUCERS_PER_USER)

    @property
    def community_count(self) -> int:
        if self.communities is not None:
            return self.communities
        few = min(len(THEMES), self.producer_count // SMALLEST_COMMUNITY)
        # A community must be larger than what one consumer follows in it, or the asked number of follows has no room.
        producers_per_community = max(17, 2 * self.follows // self.users)
        return few if self.users <= 10_000 else max(few, self.producer_count // producers_per_community)

    @property
    def tweet_count(self) -> int:
        return self.tweets if self.tweets is not None else max(1, self.engagements // ENGAGEMENTS_PER_TWEET)
