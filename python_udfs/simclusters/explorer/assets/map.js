// The map of communities: large, to move and zoom, or small, to show where something lies.

function bubbleRows() {
    const { columns, bubbles } = DATA.map;
    return bubbles.map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place]])));
}
function bubble(row, attributes, circle) {
    // A link, if the community has a page.
    const isShown = has("community", row.community);
    const link = isShown ? href("community", row.community) : null;
    return svg(isShown ? "a" : "g", { href: link, hue: hueOf(row.community), ...attributes }, circle);
}
function miniMap(lit) {
    // The whole map, small; what is lit has a weight in (0, 1].
    if (!DATA.map.bubbles.length) return null;
    const rows = bubbleRows();
    const shown = rows
        .filter((row) => lit[row.community])
        .sort((left, right) => lit[right.community] - lit[left.community])
        .slice(0, 3);
    const drawn = rows.map((row) =>
        bubble(
            row,
            {
                class: lit[row.community] ? "lit" : "dim",
                tabindex: -1,
                "aria-label": nameOf("community", row.community),
            },
            svg("circle", {
                cx: row.map_x,
                cy: row.map_y,
                r: row.radius,
                "vector-effect": "non-scaling-stroke",
                opacity: lit[row.community] ? 0.35 + 0.65 * lit[row.community] : null,
            }),
        ),
    );
    const [left, top, size] = extent(rows);
    const taken = [];
    const names = shown.map((row) => {
        const name = cut(nameOf("community", row.community), 22),
            wide = ((widthOf(name, 10) / 10) * size * 0.045) / 2 + size * 0.01;
        const x = Math.min(Math.max(row.map_x, left + wide), left + size - wide);
        if (taken.some((other) => Math.abs(other[1] - row.map_y) < size * 0.05 && Math.abs(other[0] - x) < other[2] + wide))
            return null;
        taken.push([x, row.map_y, wide]);
        return svg(
            "text",
            { x, y: row.map_y + size * 0.015, style: `font-size:${size * 0.045}px;stroke-width:${size * 0.014}px` },
            name,
        );
    });
    return svg(
        "svg",
        {
            class: "map mini",
            viewBox: `${left} ${top} ${size} ${size}`,
            role: "img",
            "aria-label": `On the map: ${shown.map((row) => nameOf("community", row.community)).join(", ") || "nothing"}`,
        },
        drawn,
        names,
    );
}
function extent(rows) {
    const low = [Infinity, Infinity],
        high = [-Infinity, -Infinity];
    for (const row of rows) {
        [row.map_x, row.map_y].forEach((value, axis) => {
            low[axis] = Math.min(low[axis], value - row.radius);
            high[axis] = Math.max(high[axis], value + row.radius);
        });
    }
    const size = Math.max(high[0] - low[0], high[1] - low[1]) * 1.04;
    return [(low[0] + high[0] - size) / 2, (low[1] + high[1] - size) / 2, size, low, high];
}
const PEN = document.createElement("canvas").getContext("2d");
const weightOf = (size) => (size < 17 ? 500 : 600);
function widthOf(words, size) {
    PEN.font = `${weightOf(size)} ${size}px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif`;
    return PEN.measureText(words).width;
}
function wrapped(name, size, width) {
    // Lines no wider than this, cut at spaces.
    const lines = [];
    for (const word of name.split(/\s+/)) {
        const last = lines.at(-1);
        if (last !== undefined && widthOf(`${last} ${word}`, size) <= width) lines[lines.length - 1] = `${last} ${word}`;
        else lines.push(word);
    }
    return lines;
}
function drawMap(sheet, rows) {
    const byId = Object.fromEntries(rows.map((row) => [row.community, row]));
    const near = {};
    for (const [left, right] of DATA.map.links) {
        (near[left] ||= new Set()).add(right);
        (near[right] ||= new Set()).add(left);
    }
    const view = { scale: 1, x: 0, y: 0 };
    const links = svg("g"),
        bubbles = svg("g"),
        labels = svg("g");
    const root = svg("svg", { class: "map", role: "group", "aria-label": "Map of the communities" }, links, bubbles, labels);
    const tip = el("div", { class: "tip", hidden: true, "aria-hidden": "true" });
    sheet.append(root, tip);
    const lines = DATA.map.links
        .filter(([left, right]) => byId[left] && byId[right] && (Number(left) < Number(right) || !near[right]?.has(left)))
        .map(([left, right]) => {
            const path = svg("path", { class: "link" });
            links.append(path);
            return { path, left: byId[left], right: byId[right] };
        });
    const largest = Math.max(...rows.map((row) => row.radius));
    const nodes = rows.map((row, place) => {
        const circle = svg("circle");
        const node = bubble(
            row,
            {
                tabindex: place < 60 ? 0 : -1,
                "data-community": row.community,
                "aria-label": `${nameOf("community", row.community)}: ${row.producer_count} producers, ${row.interested_consumer_count} interested people`,
            },
            circle,
        );
        const show = () => {
            tip.hidden = false;
            const producers = (DATA.map.producers[row.community] || []).slice(0, 5).map((id) => cut(nameOf("user", id), 40));
            tip.replaceChildren(
                el("b", {}, text(cut(nameOf("community", row.community), 80))),
                el(
                    "div",
                    { class: "quiet" },
                    `${grouped.format(row.producer_count)} producers, ${grouped.format(row.interested_consumer_count)} interested people`,
                ),
                row.top_topics ? el("div", {}, "About ", text(cut(row.top_topics, 120))) : "",
                producers.length ? el("div", {}, "Best known: ", text(producers.join(", "))) : "",
            );
            for (const other of nodes) other.node.classList.toggle("near", near[row.community]?.has(other.row.community) || false);
            for (const one of lines) one.path.classList.toggle("lit", one.left === row || one.right === row);
        };
        const hide = () => {
            tip.hidden = true;
            for (const other of nodes) other.node.classList.remove("near");
            for (const one of lines) one.path.classList.remove("lit");
        };
        for (const [event, act] of [
            ["pointerenter", show],
            ["focus", show],
            ["pointerleave", hide],
            ["blur", hide],
        ])
            node.addEventListener(event, act);
        bubbles.append(node);
        return { row, node, circle };
    });

    let size = { width: 0, height: 0 };
    const [, , , low, high] = extent(rows);
    function fit() {
        const box = sheet.getBoundingClientRect();
        // Another page may have taken its place before the first frame.
        if (box.width < 100 || box.height < 100) return;
        size = { width: box.width, height: box.height };
        const top = box.width > 560 ? 76 : 58,
            margin = 16;
        view.scale = Math.min(
            (size.width - 2 * margin) / (high[0] - low[0]),
            (size.height - top - 2 * margin) / (high[1] - low[1]),
            900,
        );
        view.x = size.width / 2 - (view.scale * (low[0] + high[0])) / 2;
        view.y = (size.height + top - margin) / 2 - (view.scale * (low[1] + high[1])) / 2;
        draw();
    }
    function draw() {
        for (const { path, left, right } of lines) {
            const [x1, y1, x2, y2] = [at(left, 0), at(left, 1), at(right, 0), at(right, 1)];
            path.setAttribute("d", `M${x1} ${y1}Q${(x1 + x2) / 2 - (y2 - y1) * 0.12} ${(y1 + y2) / 2 + (x2 - x1) * 0.12} ${x2} ${y2}`);
            path.setAttribute("stroke-width", 1.2);
        }
        labels.replaceChildren();
        const taken = [];
        for (const one of nodes) {
            const [x, y, radius] = [at(one.row, 0), at(one.row, 1), one.row.radius * view.scale];
            one.circle.setAttribute("cx", x);
            one.circle.setAttribute("cy", y);
            one.circle.setAttribute("r", radius);
            const isSeen = x + radius > 0 && x - radius < size.width && y + radius > 0 && y - radius < size.height;
            one.node.style.display = isSeen ? "" : "none";
            if (isSeen) label(one, x, y, radius, taken);
        }
    }
    const at = (row, axis) => (axis ? view.y + view.scale * row.map_y : view.x + view.scale * row.map_x);
    function label({ row, node }, x, y, radius, taken) {
        const place = node.classList.contains("dim") ? "dim" : "";
        const name = cut(nameOf("community", row.community), 44);
        if (radius > 105 && (DATA.map.producers[row.community] || []).length) return producers(row, name, x, y, radius, place);
        for (let letter = Math.min(19, Math.max(11, radius / 3)); letter > 9.2; letter -= 1.2) {
            const written = wrapped(name, letter, radius * 1.6);
            const half = (written.length * letter * 1.12) / 2;
            const room = 2 * Math.sqrt(Math.max(0, radius * radius - half * half)) * 0.96;
            if (written.length <= 3 && half < radius * 0.85 && written.every((part) => widthOf(part, letter) <= room)) {
                taken.push([x - radius * 0.8, y - half, x + radius * 0.8, y + half]);
                labels.append(
                    svg(
                        "text",
                        { class: place, style: `font-size:${letter}px;font-weight:${weightOf(letter)}` },
                        written.map((part, index) => svg("tspan", { x, y: y - half + letter * (0.88 + index * 1.12) }, part)),
                    ),
                );
                return;
            }
        }
        const cutName = cut(name, 26),
            width = widthOf(cutName, 11) + 4;
        for (const above of [false, true]) {
            const middle = above ? y - radius - 7 : y + radius + 9;
            const box = [x - width / 2, middle - 7, x + width / 2, middle + 7];
            const isFree =
                box[0] > 2 &&
                box[2] < size.width - 2 &&
                taken.every((other) => box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]) &&
                nodes.every((other) => other.row === row || other.row.radius < row.radius || !touches(box, other.row));
            if (!isFree) continue;
            taken.push(box);
            labels.append(svg("text", { class: `outside ${place}`, x, y: middle + 4, style: "font-size:11px" }, cutName));
            return;
        }
    }
    function touches(box, row) {
        const [x, y, radius] = [at(row, 0), at(row, 1), row.radius * view.scale];
        const [across, along] = [Math.max(box[0] - x, 0, x - box[2]), Math.max(box[1] - y, 0, y - box[3])];
        return across * across + along * along < radius * radius;
    }
    function producers(row, name, x, y, radius, place) {
        // Close up, a bubble lists whom it is known for.
        const room = Math.floor((radius * 1.25 - 30) / 19);
        const names = DATA.map.producers[row.community].slice(0, Math.max(1, room));
        const height = 26 + names.length * 19,
            first = y - height / 2 + 14;
        labels.append(
            svg("text", { class: place, x, y: first, style: "font-size:16px;font-weight:650" }, cut(name, Math.floor(radius / 5.2))),
        );
        names.forEach((id, index) => {
            const written = svg(
                "text",
                { class: `inside-list ${place}`, x, y: first + 24 + index * 19, style: "font-size:13px" },
                cut(nameOf("user", id), Math.floor(radius / 4.4)),
            );
            labels.append(has("producer", id) ? svg("a", { href: href("producer", id) }, written) : written);
        });
    }
    function zoom(factor, x = size.width / 2, y = size.height / 2) {
        const before = view.scale;
        view.scale = Math.min(Math.max(view.scale * factor, 60), (40 / largest) * 100);
        view.x = x - ((x - view.x) * view.scale) / before;
        view.y = y - ((y - view.y) * view.scale) / before;
        later();
    }
    let isWaiting = false;
    function later() {
        if (!isWaiting) {
            isWaiting = true;
            requestAnimationFrame(() => {
                isWaiting = false;
                draw();
            });
        }
    }

    root.addEventListener(
        "wheel",
        (event) => {
            event.preventDefault();
            const box = root.getBoundingClientRect();
            zoom(Math.exp(-event.deltaY * 0.0016), event.clientX - box.left, event.clientY - box.top);
        },
        { passive: false },
    );
    const fingers = new Map();
    let moved = 0;
    root.addEventListener("pointerdown", (event) => {
        fingers.set(event.pointerId, [event.clientX, event.clientY]);
        moved = 0;
    });
    window.addEventListener("pointermove", (event) => {
        const before = fingers.get(event.pointerId);
        if (!before || !root.isConnected) return;
        const now = [event.clientX, event.clientY];
        const others = [...fingers.entries()].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
        if (others.length) {
            const distance = (place) => Math.hypot(place[0] - others[0][0], place[1] - others[0][1]);
            const box = root.getBoundingClientRect();
            zoom(
                distance(now) / Math.max(distance(before), 1),
                (now[0] + others[0][0]) / 2 - box.left,
                (now[1] + others[0][1]) / 2 - box.top,
            );
        } else {
            view.x += now[0] - before[0];
            view.y += now[1] - before[1];
            later();
        }
        moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
        if (moved > 5) root.classList.add("moving");
        fingers.set(event.pointerId, now);
    });
    for (const event of ["pointerup", "pointercancel"])
        window.addEventListener(event, (one) => {
            fingers.delete(one.pointerId);
            root.classList.remove("moving");
        });
    root.addEventListener(
        "click",
        (event) => {
            if (moved > 5) event.preventDefault();
        },
        true,
    );
    root.addEventListener("dragstart", (event) => event.preventDefault());
    sheet.addEventListener("keydown", (event) => {
        const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
        if (event.key === "+" || event.key === "=") zoom(1.3);
        else if (event.key === "-") zoom(1 / 1.3);
        else if (event.key === "0") fit();
        else if (moves[event.key]) {
            view.x += moves[event.key][0];
            view.y += moves[event.key][1];
            later();
        } else return;
        event.preventDefault();
    });
    const button = (sign, label, act) => el("button", { type: "button", "aria-label": label, title: label, onclick: act }, sign);
    sheet.append(
        el(
            "div",
            { class: "tools" },
            button("+", "Zoom in", () => zoom(1.4)),
            button("−", "Zoom out", () => zoom(1 / 1.4)),
            button("⤢", "Show all", fit),
        ),
    );
    redraw = fit;
    requestAnimationFrame(fit);
    return (lit) => {
        for (const one of nodes) one.node.classList.toggle("dim", Boolean(lit) && !lit.has(one.row.community));
        draw();
    };
}
function mapPage() {
    const rows = bubbleRows();
    const { counts, run, example } = DATA.about;
    const sheet = el("div", {
        class: "sheet",
        tabindex: 0,
        role: "region",
        "aria-label": "Map. Plus and minus zoom, arrows move, 0 shows all",
    });
    const words = Object.fromEntries(
        rows.map((row) => [
            row.community,
            [
                nameOf("community", row.community),
                row.top_topics || "",
                ...(DATA.map.producers[row.community] || []).map((id) => nameOf("user", id)),
            ]
                .join("\n")
                .toLowerCase(),
        ]),
    );
    const largest = rows.slice(0, 500);
    const page = el(
        "div",
        { class: "atlas" },
        sheet,
        el(
            "div",
            { class: "side" },
            el("h2", {}, "Communities by size"),
            el("p", { class: "note quiet small" }, "Producers of each. Near bubbles share consumers."),
            bars(
                largest.map((row) => ({
                    label: link("community", row.community),
                    size: row.producer_count,
                    value: count(row.producer_count),
                    hue: hueOf(row.community),
                })),
            ),
            example ? el("p", { class: "small" }, "A person to begin with: ", link("person", example)) : null,
        ),
    );
    if (!rows.length) {
        sheet.append(el("p", { class: "quiet", style: "padding:20px" }, "No communities yet."));
        return page;
    }
    const light = drawMap(sheet, rows);
    sheet.append(
        el(
            "div",
            { class: "title" },
            el("h1", {}, `${grouped.format(counts.community)} communities`),
            el(
                "p",
                { class: "under quiet small", style: "margin:4px 0" },
                `of ${grouped.format(counts.producer)} producers and ${grouped.format(counts.person)} interested people${run && run.input_kind === "sample" ? ", on the invented sample" : ""}`,
            ),
        ),
    );
    // What matches, and the communities of other producers that were found.
    page.filter = (typed, others = []) => {
        const matches = rows.filter((row) => words[row.community].includes(typed)).map((row) => row.community);
        light(typed ? new Set([...matches, ...others]) : null);
    };
    return page;
}
