// What each kind of page shows, from the sections that sections.py queries.

const PAGES = {
    community(id, page) {
        const facts = page.facts[0];
        const neighbors = page.neighbors || [];
        const members = by(page.members, "attribute_name");
        const lists = { ...(page.live_tweets ? { live: page.live_tweets } : {}), ...by(page.tweets, "index_name") };
        const history = page.history || [];
        const stability = (page.stability || [])[0];
        const moves = by(page.moves, "direction");
        const lit = { [id]: 1, ...Object.fromEntries(neighbors.slice(0, 6).map((row) => [row.community, 0.12])) };
        const where = [
            facts.main_language ? `${calledInEnglish("language", facts.main_language)} (${percent(facts.main_language_share)})` : "",
            facts.main_country ? `${calledInEnglish("region", facts.main_country)} (${percent(facts.main_country_share)})` : "",
        ]
            .filter(Boolean)
            .join(", ");
        return [
            hero(
                `Community ${id}`,
                [dot(id), text(nameOf("community", id))],
                where ? text(where) : null,
                tiles([
                    ["producers", count(facts.producer_count)],
                    ["followers of them", count(facts.follower_count)],
                    ["interested people", count(facts.interested_consumer_count)],
                ]),
                miniMap(lit),
            ),
            el(
                "div",
                { class: "grid" },
                card(
                    "What it is about",
                    "Topics of what its people fav, by how well they name it.",
                    bars(
                        (page.topics || []).map((row) => ({
                            label: link("topic", row.topic, text(row.topic_name)),
                            size: row.cluster_topic_score,
                            value: score(row.cluster_topic_score),
                            hue: hueOf(id),
                        })),
                    ),
                ),
                card(
                    "Whom it is known for",
                    "Producers by how well they stand for it.",
                    bars(
                        (page.producers || []).map((row) => ({
                            label: link("user", row.user),
                            size: row.known_for_score,
                            value: score(row.known_for_score),
                            hue: hueOf(id),
                        })),
                    ),
                ),
                card(
                    "Top tweets",
                    "By index: each one lists what the community engages with in its own way.",
                    chosen(lists, "Index", (rows) => tweetList(rows, "tweet_score")),
                ),
                card(
                    "Near communities",
                    "Cosine of their consumers, by follows and by favs.",
                    pairBars(
                        ["", "follows", "favs"],
                        neighbors.map((row) => ({
                            label: link("community", row.community),
                            hue: hueOf(row.community),
                            sizes: [row.follow_cosine_similarity, row.log_fav_cosine_similarity],
                            values: [score(row.follow_cosine_similarity), score(row.log_fav_cosine_similarity)],
                        })),
                    ),
                ),
                card(
                    "Languages and countries",
                    "Of its producers.",
                    Object.entries(members)
                        .map(([name, rows]) => [
                            el("h3", {}, name),
                            bars(
                                rows.map((row) => ({
                                    label: text(calledInEnglish(REGIONS[name], row.attribute_value)),
                                    size: row.producer_share,
                                    value: share(row.producer_share),
                                    hue: hueOf(id),
                                })),
                            ),
                        ])
                        .flat(),
                ),
                card(
                    "How good it is",
                    "Beside the median of all communities.",
                    table(
                        ["measure", "here", "median"],
                        [
                            ["similarity that stays inside", score(facts.weighted_recall), score(facts.median_weighted_recall)],
                            ["times denser than the graph", score(facts.relative_precision), score(facts.median_relative_precision)],
                            [
                                "scores follow similarity",
                                score(facts.weight_score_correlation),
                                score(facts.median_weight_score_correlation),
                            ],
                        ],
                    ),
                ),
                card(
                    "Growth",
                    history.length > 1 ? "One point per run." : "One run so far. Lines come with the next.",
                    history.length
                        ? [
                              line(
                                  history.map((row) => ({ at: row.as_of, value: row.producer_count })),
                                  "producers:",
                              ),
                              line(
                                  history.map((row) => ({ at: row.as_of, value: row.interested_consumer_count })),
                                  "interested people:",
                              ),
                          ]
                        : null,
                ),
                card(
                    "What changed since the run before",
                    stability
                        ? `From ${when(stability.previous_as_of)} to ${when(stability.as_of)}.`
                        : "There is no run before this one.",
                    stability
                        ? [
                              tiles([
                                  ["producers before", count(stability.previous_producer_count)],
                                  ["stayed", count(stability.common_producer_count)],
                                  ["now", count(stability.producer_count)],
                              ]),
                              [
                                  ["came", "from"],
                                  ["left", "to"],
                              ]
                                  .filter(([side]) => moves[side])
                                  .map(([side, word]) => [
                                      el("h3", {}, side),
                                      el(
                                          "ul",
                                          { class: "list" },
                                          moves[side].map((row) =>
                                              el(
                                                  "li",
                                                  {},
                                                  link("user", row.user),
                                                  el("span", { class: "quiet small" }, ` ${word} `),
                                                  row.community
                                                      ? link("community", row.community)
                                                      : el("span", { class: "quiet small" }, "no community"),
                                              ),
                                          ),
                                      ),
                                  ])
                                  .flat(),
                          ]
                        : null,
                ),
            ),
        ];
    },
    person(id, page) {
        const interests = page.interests || [];
        const column = interests.some((row) => row.log_fav_score) ? "log_fav_score" : "follow_score";
        const most = Math.max(...interests.map((row) => row[column] || 0), 1e-12);
        return [
            hero(
                ["Person ", text(keyOf("person", id))],
                text(nameOf("person", id)),
                page.producer
                    ? ["Also a producer, with ", link("producer", id, [count(page.producer[0].follower_count), " followers"])]
                    : null,
                tiles([
                    ["communities", count(interests.length)],
                    ["followed producers in them", count(interests.reduce((sum, row) => sum + (row.followed_producer_count || 0), 0))],
                    ["faved producers", count(interests.reduce((sum, row) => sum + (row.faved_producer_count || 0), 0))],
                ]),
                miniMap(Object.fromEntries(interests.map((row) => [row.community, Math.max((row[column] || 0) / most, 0.05)]))),
            ),
            card(
                "Interests",
                "By what the person favs, and whom it follows.",
                pairBars(
                    ["", "favs", "follows"],
                    interests.map((row) => ({
                        label: link("community", row.community),
                        hue: hueOf(row.community),
                        sizes: [row.log_fav_score, row.follow_score],
                        values: [score(row.log_fav_score), score(row.follow_score)],
                    })),
                ),
            ),
            el(
                "div",
                { class: "thirds" },
                card(
                    "Tweets to read",
                    "The batch list: what the last run recommends and the person has not seen.",
                    tweetList(page.tweets, "candidate_score"),
                ),
                card(
                    "Tweets to read, live",
                    "The same question asked of the live index: interests times the scores of its tweets.",
                    tweetList(page.live_tweets, "dot_product"),
                ),
                card(
                    "Whom to follow",
                    "With the share of each reason.",
                    page.producers
                        ? el(
                              "ol",
                              { class: "list" },
                              page.producers.map((row) =>
                                  el(
                                      "li",
                                      {},
                                      el(
                                          "div",
                                          { class: "top" },
                                          el("span", {}, el("span", { class: "rank" }, row.candidate_rank), link("user", row.user)),
                                          score(row.candidate_score),
                                      ),
                                      because(row.reasons),
                                  ),
                              ),
                          )
                        : null,
                ),
            ),
        ];
    },
    producer(id, page) {
        const facts = (page.facts || [])[0] || {};
        const vectors = by(page.vector, "embedding_type");
        const audience = page.audience || [];
        const first = Object.values(vectors)[0] || [];
        const most = Math.max(...first.map((row) => row.producer_score), 1e-12);
        return [
            hero(
                ["Producer ", text(keyOf("producer", id))],
                text(nameOf("producer", id)),
                [
                    facts.community
                        ? ["Known for ", link("community", facts.community), `, place ${facts.producer_rank}. `]
                        : "Known for no community. ",
                    has("person", id) ? link("person", id, text("What this person reads")) : null,
                ],
                tiles([
                    ["followers", count(facts.follower_count ?? null)],
                    ["people who fav", count(facts.faver_count ?? null)],
                    ["place by popularity", count(facts.popularity_rank ?? null)],
                ]),
                miniMap(Object.fromEntries(first.map((row) => [row.community, row.producer_score / most]))),
            ),
            el(
                "div",
                { class: "grid" },
                card(
                    "Near which communities",
                    "The producer's vector: cosine of its audience and theirs.",
                    chosen(vectors, "Embedding", (rows) => communityBars(rows, "producer_score")),
                ),
                card(
                    "Where the audience comes from",
                    "Followers by the community that interests them most.",
                    communityBars(
                        audience.filter((row) => row.community),
                        "consumer_share",
                        share,
                    ),
                    audience
                        .filter((row) => !row.community)
                        .map((row) => el("p", { class: "quiet small" }, "without an interest: ", share(row.consumer_share))),
                ),
                card("Similar producers", "Cosine of the two vectors.", userBars(page.similar, "producer_similarity")),
                card(
                    "Topics of the followers",
                    "Beyond what everybody follows.",
                    bars(
                        (page.topics || []).map((row) => ({
                            label: link("topic", row.topic),
                            size: row.producer_topic_share,
                            value: share(row.producer_topic_share),
                        })),
                    ),
                ),
            ),
        ];
    },
    tweet(id, page) {
        const vectors = by(page.vector, "embedding_type");
        const first = Object.values(vectors)[0] || [];
        const most = Math.max(...first.map((row) => row.tweet_score), 1e-12);
        const [author, created] = NAMES.tweet[id] || [];
        return [
            hero(
                ["Tweet ", text(keyOf("tweet", id))],
                author ? ["by ", link("user", author)] : text(`tweet ${keyOf("tweet", id)}`),
                created ? `Created ${when(created)}` : null,
                null,
                miniMap(Object.fromEntries(first.map((row) => [row.community, row.tweet_score / most]))),
            ),
            el(
                "div",
                { class: "grid" },
                card(
                    "Where its audience comes from",
                    "Its vector: the interests of those who faved it, summed. Share of each community.",
                    chosen(vectors, "Embedding", (rows) =>
                        pairBars(
                            ["", "score", "share"],
                            rows.map((row) => ({
                                label: link("community", row.community),
                                hue: hueOf(row.community),
                                sizes: [row.tweet_score, row.tweet_score_share],
                                values: [score(row.tweet_score), share(row.tweet_score_share)],
                            })),
                        ),
                    ),
                ),
                card("Similar tweets", "What SimClusters-ANN finds for it.", tweetList(page.similar, "ann_score")),
                card(
                    "Where it is listed",
                    "Best places in the indexes of communities.",
                    table(
                        ["index", "community", "place"],
                        (page.places || []).map((row) => [
                            plain(row.index_name),
                            link("community", row.community),
                            count(row.tweet_rank),
                        ]),
                    ),
                ),
            ),
        ];
    },
    topic(id, page) {
        const vectors = by(page.vector, "embedding_type");
        const first = Object.values(vectors)[0] || [];
        const most = Math.max(...first.map((row) => row.topic_score), 1e-12);
        return [
            hero(
                ["Topic ", text(keyOf("topic", id))],
                text(nameOf("topic", id)),
                null,
                null,
                miniMap(Object.fromEntries(first.map((row) => [row.community, row.topic_score / most]))),
            ),
            el(
                "div",
                { class: "grid" },
                card(
                    "Near which communities",
                    "The topic's vector.",
                    chosen(vectors, "Embedding", (rows) => communityBars(rows, "topic_score")),
                ),
                card("Communities it names", null, communityBars(page.communities, "cluster_topic_score")),
                card(
                    "Producers for it",
                    "Cosine of the producer and the topic.",
                    userBars(page.producers, "topic_producer_similarity"),
                ),
                card(
                    "Similar topics",
                    null,
                    bars(
                        (page.similar || []).map((row) => ({
                            label: link("topic", row.topic),
                            size: row.topic_similarity,
                            value: score(row.topic_similarity),
                        })),
                    ),
                ),
                card("Tweets for it", "What SimClusters-ANN finds for the topic.", tweetList(page.tweets, "ann_score")),
            ),
        ];
    },
};
const METRICS = { communities: "communities:", known_producers: "known producers:", interested_consumers: "interested people:" };
function marked(number, row) {
    // A count that is a fifth away from the run before.
    const change = row.previous_value ? row.metric_value / row.previous_value : row.previous_value === 0 && row.metric_value ? 2 : 1;
    if (Math.abs(change - 1) > 0.2) number.className = "changed";
    return number;
}
function healthPage(health, warnings) {
    const rows = Object.fromEntries(
        Object.entries(health)
            .filter(([, part]) => part && part.columns)
            .map(([name, part]) => [
                name,
                part.rows.map((row) => Object.fromEntries(part.columns.map((column, place) => [column, row[place]]))),
            ]),
    );
    const run = rows.runs[0],
        quality = rows.quality[0],
        stream = rows.stream[0];
    const recall = by(
        rows.recall.map((row) => ({ ...row, list: `${row.item_kind}, first ${row.cutoff}` })),
        "list",
    );
    const isMixed = health.mixed.length > 0;
    return [
        hero(
            "Health",
            run
                ? ["The last run is ", el("span", { class: `state ${run.run_state === "done" ? "good" : "bad"}` }, run.run_state)]
                : "No run is recorded",
            isMixed ? health.mixed.join(" ") : "All tables belong together.",
            run
                ? tiles([
                      ["window ends", el("b", {}, when(run.as_of))],
                      ["built", el("b", {}, when(run.ended_at))],
                      ["inputs", el("b", {}, text(run.input_name || run.input_kind || "unknown"))],
                  ])
                : null,
        ),
        el(
            "div",
            { class: "grid" },
            card(
                "Warnings",
                !warnings
                    ? "Tests of the run are not in what these pages read; `make run` prints them."
                    : "Tests of severity warn in the last run.",
                warnings && warnings.length
                    ? el(
                          "ul",
                          { class: "warnings" },
                          warnings.map((line) => el("li", {}, text(line))),
                      )
                    : warnings
                      ? el("p", { class: "good state" }, "none")
                      : null,
            ),
            card(
                "How good the communities are",
                "Share of the similarity between producers that stays inside communities.",
                quality
                    ? [
                          bars(
                              [
                                  { label: "these communities", size: quality.weighted_recall, value: share(quality.weighted_recall) },
                                  quality.leiden_recall === null
                                      ? null
                                      : {
                                            label: `Leiden, ${grouped.format(quality.leiden_count)} communities`,
                                            size: quality.leiden_recall,
                                            value: share(quality.leiden_recall),
                                            isOff: true,
                                        },
                                  {
                                      label: "random ones of these sizes",
                                      size: quality.random_recall,
                                      value: share(quality.random_recall),
                                      isOff: true,
                                  },
                              ].filter(Boolean),
                          ),
                          quality.leiden_recall === null
                              ? el(
                                    "p",
                                    { class: "quiet small" },
                                    "Leiden is left out: the graph is large. benchmarks/communities compares there.",
                                )
                              : null,
                          tiles([
                              ["communities", count(quality.cluster_count)],
                              ["modularity", score(quality.modularity)],
                              ["largest holds", share(quality.largest_cluster_share)],
                          ]),
                      ]
                    : null,
            ),
            card(
                "Drift",
                rows.changes.length
                    ? `From ${when(rows.changes[0].previous_as_of)} to ${when(rows.changes[0].as_of)}: producers by what happened to them.`
                    : "There is no run before this one.",
                bars(
                    rows.changes.map((row) => ({
                        label: plain(row.change_kind),
                        size: row.producer_share,
                        value: share(row.producer_share),
                    })),
                ),
            ),
            rows.changes.length
                ? [
                      card(
                          "Flows between communities",
                          "Producers who moved since the run before.",
                          rows.flows.length
                              ? el(
                                    "ul",
                                    { class: "list" },
                                    rows.flows.map((row) =>
                                        el(
                                            "li",
                                            { class: "top" },
                                            el(
                                                "span",
                                                {},
                                                link("community", row.community),
                                                el("span", { class: "quiet" }, " → "),
                                                link("community", row.to_community),
                                            ),
                                            count(row.producer_count),
                                        ),
                                    ),
                                )
                              : null,
                      ),
                      card(
                          "Who moved",
                          "The most followed of them.",
                          rows.moved.length
                              ? el(
                                    "ul",
                                    { class: "list" },
                                    rows.moved.map((row) =>
                                        el(
                                            "li",
                                            {},
                                            link("user", row.user),
                                            el(
                                                "div",
                                                { class: "small quiet" },
                                                link("community", row.community),
                                                " → ",
                                                link("community", row.to_community),
                                            ),
                                        ),
                                    ),
                                )
                              : null,
                      ),
                  ]
                : null,
            card(
                "From run to run",
                null,
                Object.entries(by(rows.sizes, "metric_name"))
                    .filter(([name]) => METRICS[name])
                    .map(([name, points]) =>
                        line(
                            points.map((row) => ({ at: row.as_of, value: row.metric_value })),
                            METRICS[name],
                        ),
                    ),
            ),
            card(
                "Recall by recipe",
                Object.keys(recall).length ? "What was held out and recommended." : "Nothing is held out; docs/tuning.md says how to.",
                chosen(recall, "Items", (list) =>
                    bars(list.map((row) => ({ label: plain(row.candidate_type), size: row.recall, value: score(row.recall) }))),
                ),
            ),
            card(
                "Freshness of the stream",
                "The live index, in the time of the events.",
                stream
                    ? tiles([
                          ["newest live tweet", el("b", {}, when(stream.newest_tweet_at))],
                          ["live tweets", count(stream.tweet_count)],
                          ["window of the batch ends", el("b", {}, when(run && run.as_of))],
                      ])
                    : null,
                rows.stream_problems.length
                    ? table(
                          ["source", "rows", "reason"],
                          rows.stream_problems.map((row) => [row.source_name, count(row.row_count), row.reason]),
                      )
                    : null,
            ),
            card(
                "Inputs and results",
                "Rows, and the run before.",
                table(
                    ["count", "rows", "before"],
                    rows.counts.map((row) => [
                        plain(row.metric_name),
                        marked(count(row.metric_value), row),
                        count(row.previous_value),
                    ]),
                ),
            ),
            card(
                "Rows left out",
                "Rows of the inputs that break a rule.",
                rows.rejects.length
                    ? table(
                          ["table", "rows", "reason", "such as"],
                          rows.rejects.map((row) => [row.table_name, count(row.row_count), row.reason, row.example_row]),
                      )
                    : el("p", { class: "good state" }, "none"),
            ),
            card(
                "Settings that the run resolved",
                null,
                rows.settings.length
                    ? el(
                          "ul",
                          { class: "list" },
                          rows.settings.map((row) =>
                              el(
                                  "li",
                                  {},
                                  el("div", { class: "top" }, text(plain(row.setting_name)), el("b", {}, text(row.used))),
                                  el("div", { class: "small quiet" }, "asked: ", text(row.asked), ". ", text(row.reason)),
                              ),
                          ),
                      )
                    : null,
            ),
            card(
                "Tables without rows",
                null,
                rows.empty.length
                    ? el(
                          "ul",
                          { class: "list" },
                          Object.entries(by(rows.empty, "reason")).map(([reason, tables]) =>
                              el(
                                  "li",
                                  {},
                                  tables.map((row) => row.table_name).join(", "),
                                  el("div", { class: "small quiet" }, text(reason)),
                              ),
                          ),
                      )
                    : null,
            ),
            card(
                "The last runs",
                null,
                table(
                    ["started", "state", "window ends", "tables"],
                    rows.runs.map((row) => [when(row.started_at), row.run_state, when(row.as_of), count(row.built_count)]),
                ),
            ),
        ),
    ];
}
