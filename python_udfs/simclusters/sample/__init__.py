"""Seeded generator of a small social network with planted communities.

Run ``python -m simclusters.sample --output seeds --seed 7`` to write the sample that the project ships, or
``python -m simclusters.sample --users 1000000 --follows 30000000 --engagements 10000000 --format parquet --output FOLDER``
to make data for scale tests. The same arguments always give the same bytes.

What is planted:

- Producers (about one user in six) belong to one community each; community sizes and popularity are heavy-tailed.
- Every user has one to four interests. A producer's first interest is its own community, and producers follow back.
- Most follows stay inside the interests of the consumer; the rest go to celebrities and to random producers.
  The least known producers have too few followers to be eligible.
- A tweet has the community of one of its author's interests. Engagements come mostly from users interested in that
  community, whether or not they follow the author, so tweets can be recommended from interests.
- The number of engagements of a tweet halves every ``ENGAGEMENT_HALF_LIFE_HOURS`` after its creation.
- Impressions are a sample, as in any real log: a fav without an impression exists.

Times are UTC, between ``WINDOW_START`` and ``WINDOW_END``; the clock is never read.

Memory is bounded by the number of users and tweets, a sample of the follows and one chunk of rows, not by the number of
follows or engagements.

Where to find things: ``parameters`` (sizes), ``names`` (topics and names), ``network`` (users, communities, follows),
``tweets``, ``engagements``, ``tables`` (all of it as input tables), ``writing`` (files), ``drawing`` (random numbers).
"""
