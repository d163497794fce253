// Data, addresses, search and frame. The other scripts stand before this one.

async function unpack() {
    const bytes = Uint8Array.from(atob(PACKED.textContent), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}
async function ask(path) {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error((await answer.text()) || `the server says ${answer.status}`);
    const found = await answer.json();
    merge(found.names);
    return found;
}
function merge(names) {
    for (const [kind, known] of Object.entries(names || {})) Object.assign(NAMES[kind], known);
}
function color() {
    // Neighbours on the map have like colours: the hue is the angle from its middle.
    HUES = {};
    for (const row of bubbleRows())
        HUES[row.community] =
            Math.round((Math.atan2(row.map_y, row.map_x) * 180) / Math.PI + 360 + 40 * Math.hypot(row.map_x, row.map_y)) % 360;
}
function sections(kind, page, columns) {
    return Object.fromEntries(
        Object.entries(page).map(([name, rows]) => [
            name,
            rows.map((row) => Object.fromEntries(columns[name].map((column, place) => [column, row[place]]))),
        ]),
    );
}
async function load(kind, id) {
    if (LIVE) {
        const found = await ask(`/api/page/${kind}/${encodeURIComponent(id)}`);
        await refresh(found.run_id);
        return found.page ? { id: found.id, page: sections(kind, found.page, found.columns) } : null;
    }
    const found = idOf(kind, id);
    return found ? { id: found, page: sections(kind, DATA.pages[kind][found], DATA.columns[kind]) } : null;
}
function idOf(kind, wanted) {
    // As the server finds it (id_of in pages.py): a text id, a number, or a name, of which the same letters and small numbers come first.
    const ids = Object.keys(DATA.pages[kind] || {});
    const name = (id) => (NAMES[kindOfName(kind)][id] || [])[0] || "";
    const isName = kind !== "tweet" && !/^-?[0-9]+$/.test(wanted);
    const named = ids
        .filter((id) => isName && name(id).toLowerCase() === wanted.toLowerCase())
        .sort((left, right) => (name(right) === wanted) - (name(left) === wanted) || (BigInt(left) < BigInt(right) ? -1 : 1));
    return ids.find((id) => keyOf(kind, id) === wanted) || (has(kind, wanted) ? wanted : named[0]);
}
async function refresh(runId) {
    // A new run has been published since the map was read.
    if (DATA.about && DATA.about.run_id === runId) return;
    const found = await ask("/api/map");
    DATA.map = found.map;
    DATA.about = { ...found.about, run_id: found.run_id };
    color();
    foot();
}

const path = () => (LIVE ? location.pathname : location.hash.slice(1) || "/");
let current = 0;
async function show() {
    const mine = ++current;
    const [kind, id] = path().split("/").slice(1).map(decodeURIComponentSafe);
    const main = document.getElementById("page");
    redraw = () => {};
    let content,
        title = "Map",
        filter = null;
    try {
        if (LIVE && (!kind || !DATA.map)) await refresh(kind ? undefined : (await ask("/api/run")).run_id);
        if (!kind) {
            content = mapPage();
            filter = content.filter;
        } else if (kind === "health") {
            title = "Health";
            const found = LIVE ? await ask("/api/health") : DATA;
            content = healthPage(found.health, found.warnings);
        } else if (PAGES[kind]) {
            const found = await load(kind, id);
            title = nameOf(kind, found ? found.id : id);
            content = found ? PAGES[kind](found.id, found.page) : missing(kind, id);
        } else content = missing("page", path());
    } catch (problem) {
        content = [el("h1", {}, "This page cannot be shown"), el("p", {}, text(problem.message))];
    }
    if (mine !== current) return;
    main.classList.toggle("wide", !kind);
    main.replaceChildren(...[content].flat());
    main.dataset.path = path();
    document.title = `${cut(title, 60)} · SimClusters`;
    for (const one of document.querySelectorAll("nav a")) {
        if (one.dataset.page === (kind || "map")) one.setAttribute("aria-current", "page");
        else one.removeAttribute("aria-current");
    }
    mapFilter = filter;
}
let mapFilter = null;
function decodeURIComponentSafe(part) {
    try {
        return decodeURIComponent(part);
    } catch {
        return part;
    }
}
function missing(kind, id) {
    const about = DATA.about;
    return [
        el("h1", {}, "Nothing to show here"),
        el("p", {}, "There is no ", kind, " ", text(cut(String(id), 200)), LIVE ? " in the published tables." : " in this file."),
        LIVE || !PAGES[kind]
            ? null
            : el(
                  "p",
                  { class: "quiet" },
                  `It shows ${grouped.format(about.shown[kind] || 0)} of ${grouped.format(about.counts[kind] || 0)} ${PLURAL[kind]}. \`make explore LIVE=1\` shows all.`,
              ),
        el("p", {}, el("a", { href: address("/") }, "To the map")),
    ].filter(Boolean);
}
function go(kind, id) {
    if (LIVE) {
        history.pushState(null, "", href(kind, id));
        show();
    } else location.hash = `/${kind}/${encodeURIComponent(id)}`;
    window.scrollTo(0, 0);
}

function searchIndex() {
    const index = [];
    for (const kind of ["community", "topic", "producer", "person", "tweet"]) {
        for (const id of Object.keys(DATA.pages[kind] || {})) {
            const topics =
                kind === "community"
                    ? (DATA.pages.community[id].topics || [])
                          .map((row) => row[DATA.columns.community.topics.indexOf("topic_name")])
                          .join("\n")
                    : "";
            index.push({
                kind,
                id,
                name: nameOf(kind, id).toLowerCase(),
                words: `${kind === "tweet" ? "" : nameOf(kind, id)}\n${keyOf(kind, id)}\n${topics}`.toLowerCase(),
            });
        }
    }
    return index;
}
let INDEX = null;
async function find(typed) {
    if (LIVE) return (await ask(`/api/search?q=${encodeURIComponent(typed)}`)).found.map(([kind, id]) => ({ kind, id }));
    INDEX ||= searchIndex();
    const rank = (one) => (one.id === typed || one.name === typed ? 0 : one.name.startsWith(typed) ? 1 : 2);
    return INDEX.filter((one) => one.words.includes(typed) || one.id === typed)
        .map((one, place) => [rank(one), place, one])
        .sort((left, right) => left[0] - right[0] || left[1] - right[1])
        .slice(0, 12)
        .map(([, , one]) => one);
}
function communityOf(found) {
    const page = found.kind === "producer" && DATA.pages.producer && DATA.pages.producer[found.id];
    return page && page.facts ? page.facts[0][DATA.columns.producer.facts.indexOf("community")] : null;
}
function search() {
    const input = document.getElementById("search"),
        list = document.getElementById("found");
    let results = [],
        picked = -1,
        asked = 0;
    const close = () => {
        list.hidden = true;
        input.setAttribute("aria-expanded", "false");
        input.removeAttribute("aria-activedescendant");
        picked = -1;
    };
    const open = (one) => {
        close();
        input.value = "";
        input.blur();
        if (mapFilter) mapFilter("");
        go(one.kind, one.id);
    };
    function mark() {
        [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === picked)));
        if (picked >= 0) {
            input.setAttribute("aria-activedescendant", `found-${picked}`);
            list.children[picked].scrollIntoView({ block: "nearest" });
        }
    }
    input.addEventListener("input", async () => {
        const typed = input.value.trim().toLowerCase(),
            mine = ++asked;
        if (mapFilter) mapFilter(typed);
        if (!typed) {
            results = [];
            close();
            return;
        }
        const found = await find(typed).catch(() => []);
        if (mine !== asked) return;
        results = found;
        if (mapFilter) mapFilter(typed, results.map(communityOf));
        picked = results.length ? 0 : -1;
        list.replaceChildren(
            ...(results.length
                ? results.map((one, place) =>
                      el(
                          "li",
                          {
                              id: `found-${place}`,
                              role: "option",
                              onpointerdown: (event) => {
                                  event.preventDefault();
                                  open(one);
                              },
                          },
                          el("span", { class: "kind" }, one.kind),
                          one.kind === "community" ? dot(one.id) : null,
                          text(cut(nameOf(one.kind, one.id), 120)),
                      ),
                  )
                : [el("li", { class: "quiet" }, "Nothing found")]),
        );
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
        mark();
    });
    input.addEventListener("keydown", (event) => {
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            if (results.length) {
                picked = (picked + (event.key === "ArrowDown" ? 1 : results.length - 1)) % results.length;
                mark();
            }
            event.preventDefault();
        }
        if (event.key === "Enter" && results[picked]) open(results[picked]);
        if (event.key === "Escape") {
            input.value = "";
            if (mapFilter) mapFilter("");
            close();
        }
    });
    input.addEventListener("blur", close);
    document.addEventListener("keydown", (event) => {
        if (event.key === "/" && document.activeElement !== input) {
            event.preventDefault();
            input.focus();
        }
    });
}

function foot() {
    const { counts, run, shown } = DATA.about;
    const cutKinds = shown ? Object.keys(PLURAL).filter((kind) => kind !== "tweet" && shown[kind] < counts[kind]) : [];
    const parts = cutKinds.map((kind) => `${grouped.format(shown[kind])} of ${grouped.format(counts[kind])} ${PLURAL[kind]}`);
    document
        .getElementById("foot")
        .replaceChildren(
            el(
                "p",
                {},
                run ? `Run ${run.run_id.slice(0, 8)}, ${run.run_state}. The window ends ${when(run.as_of)}. Model version ` : "",
                run ? text(run.model_version) : "",
                LIVE ? ". Served live from what is published." : ".",
            ),
            ...(parts.length
                ? [
                      el(
                          "p",
                          { id: "cut" },
                          `This file is cut: it shows ${parts.join(", ")}. Communities are the largest, producers the best known, people a sample. \`make explore LIVE=1\` shows all.`,
                      ),
                  ]
                : []),
            ...(DATA.map.bubbles.length < counts.community
                ? [
                      el(
                          "p",
                          {},
                          `The map shows the ${grouped.format(DATA.map.bubbles.length)} largest of ${grouped.format(counts.community)} communities.`,
                      ),
                  ]
                : []),
        );
}
async function start() {
    document.getElementById("brand").setAttribute("href", address("/"));
    document
        .getElementById("nav")
        .append(
            el("a", { href: address("/"), "data-page": "map" }, "Map"),
            el("a", { href: address("/health"), "data-page": "health" }, "Health"),
        );
    if (!LIVE) {
        DATA = await unpack();
        merge(DATA.names);
        color();
        foot();
    }
    search();
    document.querySelector(".skip").addEventListener("click", (event) => {
        event.preventDefault();
        document.getElementById("page").focus();
    });
    window.addEventListener(LIVE ? "popstate" : "hashchange", () => {
        show();
        window.scrollTo(0, 0);
    });
    if (LIVE) {
        document.addEventListener("click", (event) => {
            const target = event.target.closest && event.target.closest("a[href^='/']");
            if (!target || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
            event.preventDefault();
            history.pushState(null, "", target.getAttribute("href"));
            show();
            window.scrollTo(0, 0);
        });
    }
    new ResizeObserver(() => redraw()).observe(document.getElementById("page"));
    await show();
}
start().catch((problem) => {
    const old = "DecompressionStream" in window ? "" : "This browser is too old: any from 2023 on opens the file. ";
    document
        .getElementById("page")
        .replaceChildren(el("h1", {}, "These pages cannot be shown"), el("p", {}, old, text(problem.message)));
});
