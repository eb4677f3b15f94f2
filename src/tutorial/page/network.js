// The network as a drawing: neurons in columns, weights on the edges, and the values that are known at a step.

/** @import { Data, Num, Pass, Step, View } from "./types.js" */
import { at } from "./lists.js";
import { brief, escape, toNumber } from "./format.js";

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** A neuron or an input; `l` is -1 for inputs.
 * @typedef {{ name: string, l: number, k: number, x: number, y: number }} Node */
/** @typedef {{ from: Node, to: Node, name: string, l: number, o: number, i: number }} Edge */
/** What is drawn at a step: which round, how many steps are done.
 * @typedef {{ data: Data, pass: Pass, view: View, steps: Step[], width: number }} Scene */

/**
 * Sizes in pixels: a neuron's radius, a line of text, a character's width.
 * @param {number} width
 */
function sizesFor(width) {
    return width < 440 ? { radius: 17, line: 13, character: 6.1 } : { radius: 21, line: 15, character: 7 };
}

/** Neurons of a layer, layers, and weights of a layer that can still be read. */
const MOST = { neurons: 12, columns: 7, labels: 16 };

/**
 * Whether a network can be drawn so that it can be read.
 * @param {Data} data
 */
export function isDrawable({ network }) {
    const widths = [network.inputs.length, ...network.layers.map((layer) => layer.neurons.length)];
    return widths.every((width) => width <= MOST.neurons) && widths.length <= MOST.columns;
}

/**
 * Whether a step has been done, or is being done.
 * @param {Scene} scene
 * @param {Step["kind"]} kind
 * @param {number} l
 */
function isDone({ steps, view }, kind, l) {
    return steps.slice(0, view.step + 1).some((step) => step.kind === kind && step.layers.includes(l));
}

/**
 * Draws the network.
 * @param {Scene} scene
 * @param {string} description
 */
export function drawNetwork(scene, description) {
    const { width } = scene;
    const { radius, line } = sizesFor(width);
    const columns = nodesOf(scene.data, width);
    const edges = edgesOf(scene.data, columns);
    const nodes = columns.flat();
    const height = Math.max(...nodes.map((node) => node.y)) + radius + 4.7 * line;
    const step = at(scene.steps, scene.view.step);
    const now = edges.map((edge) => isActive(scene, step, edge));
    /** @type {Box[]} */
    const taken = nodes.flatMap((node) => [boxAround(node, radius), ...captionBoxes(scene, node)]);
    const lines = edges.map((edge, e) => edgeLine(scene, edge, now[e] === true, step));
    // Those of this step have the first choice of places.
    const order = [...edges.keys()].toSorted((a, b) => Number(now[b]) - Number(now[a]));
    const labels = order.map((e) => edgeLabel(scene, at(edges, e), now[e] === true, edges, taken));
    const circles = nodes.map((node) => nodeCircle(scene, node, step));
    return `<svg class="${width < 440 ? "small" : ""}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(description)}">
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>
${lines.join("")}${labels.join("")}${circles.join("")}</svg>`;
}

/**
 * @param {Data} data
 * @param {number} width
 * @returns {Node[][]}
 */
function nodesOf({ network }, width) {
    const names = [network.inputs, ...network.layers.map((layer) => layer.neurons)];
    const { radius } = sizesFor(width);
    const margin = Math.min(70, width / 8);
    const most = Math.max(...names.map((column) => column.length));
    const gap = most > 6 ? 92 : 150;
    const middle = radius + 26 + ((most - 1) * gap) / 2;
    return names.map((column, c) => {
        const x = names.length === 1 ? width / 2 : margin + (c * (width - 2 * margin)) / (names.length - 1);
        const top = middle - ((column.length - 1) * gap) / 2;
        return column.map((name, k) => ({ name, l: c - 1, k, x, y: top + k * gap }));
    });
}

/**
 * @param {Data} data
 * @param {Node[][]} columns
 * @returns {Edge[]}
 */
function edgesOf({ network }, columns) {
    return network.layers.flatMap((layer, l) =>
        layer.weights.flatMap((names, o) =>
            names.map((name, i) => {
                const [from, to] = [at(at(columns, l), i), at(at(columns, l + 1), o)];
                return { from, to, name, l, o, i };
            }),
        ),
    );
}

/**
 * Whether a step uses or makes what an edge shows.
 * @param {Scene} scene
 * @param {Step} step
 * @param {Edge} edge
 */
function isActive({ data }, step, { l }) {
    const own = step.layers.includes(l);
    if (step.kind === "delta") return step.layers.includes(l - 1) && l < data.network.layers.length;
    return own && step.kind !== "error";
}

/**
 * @param {Scene} scene
 * @param {Edge} edge
 * @param {boolean} isNow
 * @param {Step} step
 */
function edgeLine({ view, width }, edge, isNow, step) {
    const { radius } = sizesFor(width);
    const { from, to } = edge;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    const [dx, dy] = [((to.x - from.x) / length) * radius, ((to.y - from.y) / length) * radius];
    const backward = step.kind === "delta" || step.kind === "gradient";
    const tips = { forward: ' marker-end="url(#tip)"', delta: ' marker-start="url(#tip)"', error: "", gradient: "", update: "" };
    const marker = isNow ? tips[step.kind] : "";
    const marked = view.marked === edge.name ? " marked" : "";
    const kind = isNow ? (backward ? " back" : " now") : "";
    return `<line class="edge${kind}${marked}" data-name="${escape(edge.name)}" x1="${from.x + dx}" y1="${from.y + dy}" x2="${to.x - dx}" y2="${to.y - dy}"${marker}/>`;
}

/**
 * The lines of an edge's label.
 * @param {Scene} scene
 * @param {Edge} edge
 */
function labelLines(scene, { l, o, i, name }) {
    const { pass } = scene;
    const of = (/** @type {Pass["layers"]} */ tensors) => at(at(at(tensors, l).weight, o), i);
    const isNew = isDone(scene, "update", l);
    const lines = isNew ? [`${name}+ ${brief(of(pass.after), 4)}`] : [`${name} ${brief(of(pass.layers))}`];
    if (isDone(scene, "gradient", l) && !isNew) lines.push(`∂ ${brief(of(pass.gradient))}`);
    return lines;
}

/**
 * A label where it covers as little as possible.
 * @param {Scene} scene
 * @param {Edge} edge
 * @param {boolean} isNow
 * @param {Edge[]} edges
 * @param {Box[]} taken
 */
function edgeLabel(scene, edge, isNow, edges, taken) {
    const own = edges.filter(({ l }) => l === edge.l).length;
    const marked = scene.view.marked === edge.name;
    const { radius, line: step, character } = sizesFor(scene.width);
    const lines = labelLines(scene, edge);
    const width = character * Math.max(...lines.map((line) => line.length)) + 4;
    const height = step * lines.length;
    const { from, to } = edge;
    const room = to.x - from.x - 2 * radius;
    if ((own > MOST.labels || room < width) && !marked) return "";
    // Slanted edges cross in the middle.
    const along = edge.from.y === edge.to.y ? [0.5, 0.4, 0.6, 0.3, 0.7] : [0.3, 0.7, 0.25, 0.75, 0.36, 0.64, 0.42, 0.58, 0.5];
    const places = along.map((t) => ({
        x: from.x + t * (to.x - from.x) - width / 2,
        y: from.y + t * (to.y - from.y) - height / 2,
        width,
        height,
    }));
    const costs = places.map((box, k) => taken.reduce((sum, other) => sum + overlap(box, other), 0) + k / 10);
    const box = at(places, costs.indexOf(Math.min(...costs)));
    taken.push(box);
    const text = lines.map((line, k) => {
        const y = box.y + step * (k + 0.8);
        return `<tspan x="${box.x + width / 2}" y="${y}"${k > 0 ? ' class="slope"' : ""}>${escape(line)}</tspan>`;
    });
    const kind = (isNow ? " now" : "") + (marked ? " marked" : "");
    const back = `<rect class="behind" x="${box.x}" y="${box.y}" width="${width}" height="${height}" rx="3"/>`;
    return `<g class="weight${kind}" data-name="${escape(edge.name)}">${back}<text text-anchor="middle">${text.join("")}</text></g>`;
}

/** @param {Box} a @param {Box} b */
function overlap(a, b) {
    const x = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
    const y = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
    return x > 0 && y > 0 ? x * y : 0;
}

/** @param {Node} node @param {number} radius @returns {Box} */
function boxAround({ x, y }, radius) {
    return { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
}

/**
 * What stands under a neuron: what is known of it at the step.
 * @param {Scene} scene
 * @param {Node} node
 * @returns {{ text: string, kind: string }[]}
 */
function captions(scene, { l, k }) {
    const { data, pass, view } = scene;
    if (l < 0) return [{ text: brief(at(at(data.rows, view.row).input, k)), kind: "" }];
    const row = at(pass.rows, view.row);
    const lines = [];
    const of = (/** @type {Num[][]} */ lists) => brief(at(at(lists, l), k));
    if (isDone(scene, "forward", l)) {
        lines.push({ text: `net ${of(row.net)}`, kind: "" }, { text: `out ${of(row.out)}`, kind: "out" });
    }
    if (l + 1 === data.network.layers.length) {
        lines.push({ text: `→ ${brief(at(at(data.rows, view.row).target, k))}`, kind: "target" });
    }
    if (isDone(scene, "delta", l)) lines.push({ text: `δ ${of(row.delta)}`, kind: "slope" });
    return lines;
}

/** @param {Scene} scene @param {Node} node @returns {Box[]} */
function captionBoxes(scene, node) {
    const { radius, line: height, character } = sizesFor(scene.width);
    const box = (/** @type {string} */ text, /** @type {number} */ y) => {
        const width = character * text.length;
        return { x: node.x - width / 2, y, width, height };
    };
    const boxes = captions(scene, node).map(({ text }, line) => box(text, node.y + radius + height * line));
    const bias = biasText(scene, node);
    return bias === "" ? boxes : [...boxes, box(bias, node.y - radius - height)];
}

/**
 * A neuron's bias with its value, or nothing.
 * @param {Scene} scene
 * @param {Node} node
 */
function biasText(scene, { l, k }) {
    const name = l < 0 ? undefined : at(scene.data.network.layers, l).biases[k];
    if (name === undefined) return "";
    const isNew = scene.data.network.update_biases && isDone(scene, "update", l);
    const tensors = isNew ? scene.pass.after : scene.pass.layers;
    return `${name}${isNew ? "+" : ""} ${brief(at(at(tensors, l).bias, k), isNew ? 4 : 3)}`;
}

/**
 * @param {Scene} scene
 * @param {Node} node
 * @param {Step} step
 */
function nodeCircle(scene, node, step) {
    const { view } = scene;
    const { radius, line: height } = sizesFor(scene.width);
    const own = step.layers.includes(node.l);
    const isNow = own && (step.kind === "forward" || step.kind === "error" || step.kind === "delta");
    const back = step.kind === "delta" ? " back" : " now";
    const bias = biasText(scene, node);
    const lines = captions(scene, node).map(
        ({ text, kind }, line) =>
            `<text class="value ${kind}" x="${node.x}" y="${node.y + radius + height * (line + 0.85)}" text-anchor="middle">${escape(text)}</text>`,
    );
    if (bias !== "") {
        lines.push(
            `<text class="value bias" x="${node.x}" y="${node.y - radius - 4}" text-anchor="middle">${escape(bias)}</text>`,
        );
    }
    const marked = view.marked === node.name ? " marked" : "";
    const fill = node.l < 0 || !isDone(scene, "forward", node.l) ? 0 : shade(scene, node);
    return `<g class="node${isNow ? back : ""}${marked}" data-name="${escape(node.name)}"><circle cx="${node.x}" cy="${node.y}" r="${radius}" style="--fill:${fill}%"/><text x="${node.x}" y="${node.y + 5}" text-anchor="middle">${escape(node.name)}</text>${lines.join("")}</g>`;
}

/** How much of a neuron's colour its output gives it.
 * @param {Scene} scene @param {Node} node */
function shade({ pass, view }, { l, k }) {
    const out = Math.abs(toNumber(at(at(at(pass.rows, view.row).out, l), k)));
    return Math.round(45 * Math.min(1, Number.isFinite(out) ? out : 1));
}
