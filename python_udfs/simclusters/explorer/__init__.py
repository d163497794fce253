"""Something to look at: the pages that show communities, people and why, as one file or served on this machine."""
