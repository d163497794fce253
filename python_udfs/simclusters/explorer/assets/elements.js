"use strict";
// Elements, numbers and names. Data come from the file itself, or from the server that served the page. Whatever they hold is put into
// the page as text (textContent), never as markup.

const PACKED = document.getElementById("data");
const LIVE = !PACKED;
const SVG = "http://www.w3.org/2000/svg";
const PLURAL = { community: "communities", person: "people", producer: "producers", tweet: "tweets", topic: "topics" };
const NAMES = { community: {}, user: {}, tweet: {}, topic: {} };
let DATA = { pages: {}, columns: {} };
let HUES = {};
let redraw = () => {};

function put(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
        if (value === null || value === undefined || value === false) continue;
        if (name === "hue") element.style.setProperty("--hue", value);
        else if (name === "width%") element.style.width = `${Math.max(0, Math.min(100, value))}%`;
        else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
}
const el = (tag, attributes, ...children) => put(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) => put(document.createElementNS(SVG, tag), attributes, children);
const text = (value) => el("bdi", {}, String(value));

const grouped = new Intl.NumberFormat("en");
const count = (value) => el("data", { value }, value === null ? "–" : grouped.format(value));
const share = (value) => el("data", { value }, percent(value));
const score = (value) => el("data", { value }, short(value));
function short(value) {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size < 0.0001 || size >= 1e7)) return value.toExponential(2);
    return size >= 1000 ? grouped.format(Math.round(value)) : String(Number(value.toPrecision(3)));
}
function percent(value) {
    if (value === null || value === undefined) return "–";
    const hundredth = value * 100;
    return `${hundredth >= 9.95 || hundredth === 0 ? Math.round(hundredth) : Number(hundredth.toPrecision(2))} %`;
}
const plain = (name) => (name || "").replaceAll("_", " ");
const cut = (value, length) => {
    const letters = Array.from(value);
    return letters.length > length ? `${letters.slice(0, length - 1).join("")}…` : value;
};
function calledInEnglish(type, code) {
    // "es" is Spanish, "ES" is Spain; what is no such code stays as it is.
    try {
        return new Intl.DisplayNames("en", { type, fallback: "code" }).of(code) || code;
    } catch {
        return code;
    }
}
const REGIONS = { language: "language", country: "region" };
const when = (moment) => (moment ? `${moment.slice(0, 16)} UTC` : "–");

const kindOfName = (kind) => (kind === "person" || kind === "producer" ? "user" : kind);
function nameOf(kind, id) {
    const known = NAMES[kindOfName(kind)][id];
    if (kind === "tweet") return known && known[0] ? `tweet by ${nameOf("user", known[0])}` : `tweet ${(known && known[2]) || id}`;
    if (known && known[0]) return known[0];
    if (known && known[1] && kind !== "community") return known[1];
    return kind === "community" ? `community ${id}` : kind === "topic" ? `topic ${id}` : String(id);
}
function keyOf(kind, id) {
    const known = NAMES[kindOfName(kind)][id];
    return (known && (kind === "tweet" ? known[2] : kind === "community" ? null : known[1])) || id;
}
const hueOf = (id) => HUES[id];
const dot = (id) => el("i", { class: `dot${hueOf(id) === undefined ? " none" : ""}`, hue: hueOf(id), "aria-hidden": "true" });
const has = (kind, id) => LIVE || Boolean(DATA.pages[kind] && Object.hasOwn(DATA.pages[kind], id));
const address = (path) => (LIVE ? path : `#${path}`);
const href = (kind, id) => address(`/${kind}/${encodeURIComponent(id)}`);
function link(kind, id, label) {
    if (id === null || id === undefined) return el("span", { class: "quiet" }, "none");
    let target = kind;
    if (kind === "user") target = has("producer", id) ? "producer" : "person";
    const shown = [kind === "community" ? dot(id) : null, label || text(nameOf(kind, id))];
    if (!has(target, id)) return el("span", { class: "clamp" }, shown);
    const created = kind === "tweet" && NAMES.tweet[id] ? when(NAMES.tweet[id][1]) : "";
    return el(
        "a",
        { href: href(target, id), class: "clamp", title: kind === "tweet" ? `${keyOf(kind, id)}, ${created}` : null },
        shown,
    );
}

function card(title, note, ...content) {
    const shown = content.flat().filter(Boolean);
    return el(
        "section",
        { class: "card" },
        el("h2", {}, title),
        note ? el("p", { class: "note" }, note) : null,
        shown.length ? shown : el("p", { class: "quiet small" }, "No rows."),
    );
}
function bars(rows, note) {
    if (!rows.length) return null;
    const most = Math.max(...rows.map((row) => row.size ?? 0), 1e-12);
    return el(
        "ol",
        { class: "bars", "aria-label": note || null },
        rows.map((row) =>
            el(
                "li",
                {},
                el("span", {}, row.label),
                el(
                    "span",
                    { class: "track", "aria-hidden": "true" },
                    el("i", {
                        "width%": (100 * (row.size ?? 0)) / most,
                        hue: row.hue,
                        class: row.hue === undefined && row.isOff ? "none" : null,
                    }),
                ),
                row.value,
            ),
        ),
    );
}
function pairBars(headings, rows) {
    if (!rows.length) return null;
    const most = [0, 1].map((side) => Math.max(...rows.map((row) => row.sizes[side] ?? 0), 1e-12));
    return el(
        "ol",
        { class: "bars pair" },
        el(
            "li",
            { class: "head" },
            headings.map((heading) => el("span", {}, heading)),
        ),
        rows.map((row) =>
            el(
                "li",
                {},
                el("span", {}, row.label),
                [0, 1].map((side) => [
                    el(
                        "span",
                        { class: "track", "aria-hidden": "true" },
                        el("i", { "width%": (100 * (row.sizes[side] ?? 0)) / most[side], hue: row.hue }),
                    ),
                    row.values[side],
                ]),
            ),
        ),
    );
}
const communityBars = (rows, column, show = score) =>
    bars(
        (rows || []).map((row) => ({
            label: link("community", row.community),
            size: row[column],
            value: show(row[column]),
            hue: hueOf(row.community),
            isOff: true,
        })),
    );
// What a reason is a page of, and the words before its name; a community needs none.
const REASONS = { community: ["community", ""], user: ["producer", "followers of "], author: ["producer", "you follow "], tweet: ["tweet", "you faved "] };
function because(reasons) {
    if (!reasons || !reasons.length) return null;
    const rest = 1 - reasons.reduce((sum, [, , part]) => sum + part, 0);
    const stack = el(
        "span",
        { class: "stack", "aria-hidden": "true" },
        reasons.map(([kind, id, part]) =>
            el("i", {
                "width%": part * 100,
                hue: kind === "community" ? hueOf(id) : undefined,
                class: kind !== "community" ? "other" : hueOf(id) === undefined ? "none" : null,
            }),
        ),
    );
    const words = reasons.map(([kind, id, part], place) => {
        const [page, before] = REASONS[kind];
        const name = text(nameOf(page, id));
        return el(
            "span",
            { class: "part" },
            place ? ", " : "",
            before,
            has(page, id) ? el("a", { href: href(page, id) }, name) : name,
            " ",
            share(part),
        );
    });
    return [stack, el("div", { class: "because" }, "because of ", words, rest > 0.005 ? [", others ", share(rest)] : null)];
}
function tweetLine(row, show) {
    const known = NAMES.tweet[row.tweet];
    return el(
        "li",
        {},
        el(
            "div",
            { class: "top" },
            el(
                "span",
                {},
                row.rank ? el("span", { class: "rank" }, row.rank) : null,
                link("tweet", row.tweet),
                el("div", { class: "quiet small" }, known && known[1] ? when(known[1]) : `id ${row.tweet}`),
            ),
            show,
        ),
        because(row.reasons),
    );
}
const tweetList = (rows, column, show = score) =>
    rows && rows.length
        ? el(
              "ol",
              { class: "list" },
              rows.map((row, place) => tweetLine({ ...row, rank: place + 1 }, show(row[column]))),
          )
        : null;
const userBars = (rows, column, show = score) =>
    bars((rows || []).map((row) => ({ label: link("user", row.user), size: row[column], value: show(row[column]) })));
const tiles = (pairs) =>
    el(
        "div",
        { class: "tiles" },
        pairs.filter(Boolean).map(([label, value]) => el("div", {}, el("span", {}, label), value)),
    );
function table(columns, rows) {
    if (!rows.length) return null;
    const isNumber = columns.map((_, place) =>
        rows.every((row) => row[place] instanceof HTMLDataElement || typeof row[place] === "number"),
    );
    return el(
        "div",
        { class: "scroll" },
        el(
            "table",
            {},
            el(
                "thead",
                {},
                el(
                    "tr",
                    {},
                    columns.map((name, place) => el("th", { scope: "col", class: isNumber[place] ? "number" : null }, name)),
                ),
            ),
            el(
                "tbody",
                {},
                rows.map((row) =>
                    el(
                        "tr",
                        {},
                        row.map((cell, place) =>
                            el(
                                "td",
                                { class: isNumber[place] ? "number" : null },
                                cell instanceof Node ? cell : cell === null || cell === undefined ? "–" : text(cell),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    );
}
function line(points, label) {
    // One value per run, from left to right; the axis starts at 0.
    const now = el("figcaption", { class: "small quiet" }, label, " ", count(points.at(-1).value));
    if (points.length === 1) return now;
    const most = Math.max(...points.map((point) => point.value), 1e-12);
    const place = (index) => 20 + (index / (points.length - 1)) * 360;
    const height = (value) => 100 - (80 * value) / most;
    return el(
        "figure",
        { style: "margin:0" },
        now,
        svg(
            "svg",
            {
                class: "line",
                viewBox: "0 0 400 120",
                role: "img",
                "aria-label": `${label}: ${points.map((point) => `${point.at.slice(0, 10)} ${point.value}`).join(", ")}`,
            },
            svg("polyline", { points: points.map((point, index) => `${place(index)},${height(point.value)}`).join(" ") }),
            points.map((point, index) => svg("circle", { cx: place(index), cy: height(point.value), r: 3 })),
            svg("text", { x: 20, y: 116 }, points[0].at.slice(0, 10)),
            svg("text", { x: 380, y: 116, "text-anchor": "end" }, points.at(-1).at.slice(0, 10)),
        ),
    );
}
function chosen(groups, label, draw) {
    // One of several lists, by name.
    const names = Object.keys(groups);
    if (!names.length) return null;
    const place = el("div", {}, draw(groups[names[0]]));
    if (names.length === 1) return [el("h3", {}, plain(names[0])), place];
    const choice = el(
        "select",
        { "aria-label": label, onchange: () => place.replaceChildren(draw(groups[choice.value])) },
        names.map((name) => el("option", { value: name }, plain(name))),
    );
    return [el("p", { style: "margin:4px 0 8px" }, choice), place];
}
const by = (rows, column) =>
    (rows || []).reduce((groups, row) => {
        (groups[row[column]] ||= []).push(row);
        return groups;
    }, {});
const hero = (over, title, under, facts, picture) =>
    el(
        "div",
        { class: "hero" },
        el(
            "div",
            {},
            el("p", { class: "over" }, over),
            el("h1", {}, title),
            under ? el("p", { class: "under quiet" }, under) : null,
            facts,
        ),
        picture,
    );
