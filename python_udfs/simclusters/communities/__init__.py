"""Community detection: one community, or none, for each producer of a similarity graph. See docs/community_detection.md."""

from simclusters.communities.detection import Communities, CommunityReport, detect_communities

__all__ = ["Communities", "CommunityReport", "detect_communities"]
