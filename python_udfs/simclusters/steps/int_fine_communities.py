from simclusters.steps import int_communities


def model(dbt, session):
    return int_communities.model(dbt, session, "int_fine_community_edges", "fine_communities_k")
