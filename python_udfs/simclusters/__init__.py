"""SimClusters for the warehouse: the parts that are not SQL."""
