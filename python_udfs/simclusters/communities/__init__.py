"""Community detection: one community, or none, for each producer of a similarity graph. See docs/community_detection.md."""

from simclusters.communities.detection import detect_communities
from simclusters.communities.result import Communities, CommunityReport
from simclusters.communities.settings import Settings

__all__ = ["Communities", "CommunityReport", "Settings", "detect_communities"]
