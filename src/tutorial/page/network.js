// The network as a drawing: neurons in columns, weights on the edges, and the values that are known at a step.

/** @import { Data, Num, Pass, Step, View } from "./types.js" */
/** @import { Edge, Layout, Node } from "./layout.js" */
import { at } from "./lists.js";
import { brief, escape, toNumber } from "./format.js";
import { layoutOf, sizesFor } from "./layout.js";

/** What is drawn at a step: which round, how many steps are done.
 * @typedef {{ data: Data, pass: Pass, view: View, steps: Step[], width: number }} Scene */

/** Neurons of a layer, and layers, that can still be read. */
const MOST = { neurons: 12, columns: 7 };

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
    const { nodes, edges, labels, height } = layoutOf(scene.data, width);
    const step = at(scene.steps, scene.view.step);
    const now = edges.map((edge) => isActive(scene, step, edge));
    const lines = edges.map((edge, e) => edgeLine(scene, edge, now[e] === true, step));
    const texts = edges.map((edge, e) => edgeLabel(scene, edge, now[e] === true, labels));
    const circles = nodes.map((node) => nodeCircle(scene, node, step));
    return `<svg class="${sizesFor(width).isNarrow ? "small" : ""}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(description)}">
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>
${lines.join("")}${texts.join("")}${circles.join("")}</svg>`;
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
    const value = isNew ? brief(of(pass.after), 4) : brief(of(pass.layers));
    const shown = isNew ? `${name}+` : name;
    const lines = sizesFor(scene.width).isNarrow ? [shown, value] : [`${shown} ${value}`];
    if (isDone(scene, "gradient", l) && !isNew) lines.push(`∂ ${brief(of(pass.gradient))}`);
    return lines;
}

/**
 * @param {Scene} scene
 * @param {Edge} edge
 * @param {boolean} isNow
 * @param {Layout["labels"]} labels
 */
function edgeLabel(scene, edge, isNow, labels) {
    const marked = scene.view.marked === edge.name;
    const { from, to } = edge;
    // Of many weights only the marked one has a label.
    const middle = marked ? { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 } : undefined;
    const place = labels.get(edge.name) ?? middle;
    if (place === undefined) return "";
    const { line: step } = sizesFor(scene.width);
    const lines = labelLines(scene, edge);
    const top = place.y - (step * lines.length) / 2;
    const text = lines.map((line, k) => {
        const slope = line.startsWith("∂") ? ' class="slope"' : "";
        return `<tspan x="${place.x}" y="${top + step * (k + 0.8)}"${slope}>${escape(line)}</tspan>`;
    });
    const kind = (isNow ? " now" : "") + (marked ? " marked" : "");
    return `<g class="weight${kind}" data-name="${escape(edge.name)}"><text text-anchor="middle">${text.join("")}</text></g>`;
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
