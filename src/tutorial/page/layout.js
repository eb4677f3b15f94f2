// Where neurons and labels stand in the drawing. The places hold for every round and step: nothing moves while the reader
// goes through them. The room across is given; the room down grows until no text covers another one.

/** @import { Data, Num } from "./types.js" */
import { at } from "./lists.js";
import { brief } from "./format.js";

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** A neuron or an input; `l` is -1 for inputs.
 * @typedef {{ name: string, l: number, k: number, x: number, y: number }} Node */
/** @typedef {{ from: Node, to: Node, name: string, l: number, o: number, i: number }} Edge */
/** `labels` are the centres of the weights' labels, by name, where there is room for them.
 * @typedef {{ nodes: Node[], edges: Edge[], labels: Map<string, { x: number, y: number }>, height: number }} Layout */
/** An edge with the size of its label, and the places along it where the label may be.
 * @typedef {{ edge: Edge, width: number, height: number, first: number, t: number }} Label */

/** Most weights of a layer that have labels. */
const MOST_LABELS = 16;
/** Least and largest distance between neurons of a layer. */
const GAPS = { few: 130, many: 92, most: 330 };
/** Most of a label that may be covered: it has room for the widest numbers. Else a layer has none, at this cost. */
const MOST_COVERED = 0.09;
const HIDDEN = 100;
/** Room between two texts. */
const MARGIN = 3;

/**
 * Sizes in pixels: of a neuron's radius, a line of text, and its letters. Where there is little room across, the name of a
 * weight stands above its value.
 * @param {number} width
 */
export function sizesFor(width) {
    return width < 440
        ? { radius: 17, line: 13, letters: 11, isNarrow: true }
        : { radius: 21, line: 15, letters: 12.5, isNarrow: false };
}

/** @type {CanvasRenderingContext2D | null} */
let ruler = null;

/**
 * How wide a bold text is.
 * @param {string} text
 * @param {number} letters
 */
function widthOf(text, letters) {
    ruler ??= document.createElement("canvas").getContext("2d");
    if (ruler === null) return 0.7 * letters * text.length;
    ruler.font = `600 ${letters}px ${getComputedStyle(document.body).fontFamily}`;
    return ruler.measureText(text).width;
}

/** @type {Map<number, Layout>} */
const known = new Map();

/**
 * Lays a network out, `width` pixels wide.
 * @param {Data} data
 * @param {number} width
 * @returns {Layout}
 */
export function layoutOf(data, width) {
    const found = known.get(width);
    if (found) return found;
    const texts = textsOf(data, width);
    const most = Math.max(data.network.inputs.length, ...data.network.layers.map((layer) => layer.neurons.length));
    let best = placed(data, width, most > 6 ? GAPS.many : GAPS.few, texts);
    for (let gap = GAPS.few + 10; best.cost > 0 && gap <= GAPS.most; gap += 10) {
        const next = placed(data, width, gap, texts);
        if (next.cost < best.cost) best = next;
    }
    known.set(width, best.layout);
    return best.layout;
}

/** The widest texts of every round: under and above a neuron, and on an edge.
 * @typedef {{ under: (node: Node) => { width: number, lines: number }, above: (node: Node) => number,
 *     label: (edge: Edge) => { width: number, lines: number } }} Texts */

/**
 * @param {Data} data
 * @param {number} width
 * @returns {Texts}
 */
function textsOf(data, width) {
    const { letters, isNarrow } = sizesFor(width);
    const last = data.network.layers.length - 1;
    /** @param {string} before @param {Num[]} values @param {number} decimals */
    const widest = (before, values, decimals = 3) =>
        Math.max(0, ...values.map((value) => widthOf(before + brief(value, decimals), letters)));
    return {
        under({ l, k }) {
            if (l < 0) return { width: widest("", data.rows.map(({ input }) => at(input, k))), lines: 1 };
            const rows = data.passes.flatMap((pass) => pass.rows);
            const of = (/** @type {"net" | "out" | "delta"} */ what) => rows.map((row) => at(at(row[what], l), k));
            const widths = [widest("net ", of("net")), widest("out ", of("out")), widest("δ ", of("delta"))];
            if (l === last) widths.push(widest("→ ", data.rows.map(({ target }) => at(target, k))));
            return { width: Math.max(...widths), lines: widths.length };
        },
        above({ l, k }) {
            const name = l < 0 ? undefined : at(data.network.layers, l).biases[k];
            if (name === undefined) return 0;
            const { update_biases: isNew } = data.network;
            const values = data.passes.map((pass) => at(at(isNew ? pass.after : pass.layers, l).bias, k));
            return widest(isNew ? `${name}+ ` : `${name} `, values, isNew ? 4 : 3);
        },
        label({ name, l, o, i }) {
            const of = (/** @type {"layers" | "after" | "gradient"} */ what) =>
                data.passes.map((pass) => at(at(at(pass[what], l).weight, o), i));
            const before = (/** @type {string} */ text) => (isNarrow ? "" : `${text} `);
            const widths = [
                widthOf(`${name}+`, letters),
                widest(before(name), of("layers")),
                widest(before(`${name}+`), of("after"), 4),
                widest("∂ ", of("gradient")),
            ];
            return { width: Math.max(...widths), lines: isNarrow ? 3 : 2 };
        },
    };
}

/**
 * Lays a network out with so much room between neurons. The cost says how much of the labels is covered.
 * @param {Data} data
 * @param {number} width
 * @param {number} gap
 * @param {Texts} texts
 * @returns {{ layout: Layout, cost: number }}
 */
function placed(data, width, gap, texts) {
    const { radius, line } = sizesFor(width);
    const columns = nodesOf(data, width, gap);
    const edges = edgesOf(data, columns);
    const nodes = columns.flat();
    const height = Math.max(...nodes.map((node) => node.y)) + radius + 4.4 * line;
    const fixed = nodes.flatMap((node) => {
        const { width: under, lines } = texts.under(node);
        const above = texts.above(node);
        return [
            { x: node.x - radius, y: node.y - radius, width: 2 * radius, height: 2 * radius },
            { x: node.x - under / 2, y: node.y + radius, width: under, height: lines * line },
            { x: node.x - above / 2, y: node.y - radius - line, width: above, height: line },
        ];
    });
    /** @type {Layout["labels"]} */
    const labels = new Map();
    let cost = 0;
    for (const l of data.network.layers.keys()) {
        const own = edges.filter((edge) => edge.l === l);
        const first = fractionOf(at(columns, l).length, at(columns, l + 1).length);
        const all = own.map((edge) => {
            const { width: label, lines } = texts.label(edge);
            return { edge, width: label + 2, height: lines * line + 1, first, t: first };
        });
        const room = at(own, 0).to.x - at(own, 0).from.x;
        if (own.length > MOST_LABELS || all.some((label) => label.width > room)) continue;
        const covered = settle(all, own, fixed);
        cost += covered.reduce((sum, share) => sum + share, 0);
        if (Math.max(...covered) > MOST_COVERED) {
            cost += HIDDEN;
            continue;
        }
        for (const label of all) labels.set(label.edge.name, centre(label));
        // Those of the next layer keep clear of them.
        fixed.push(...all.map((label) => boxAt(label, label.t)));
    }
    return { layout: { nodes, edges, labels, height }, cost };
}

/**
 * How far along the edges between `below` and `above` neurons no two of them meet, and all are equally far apart: p / (2p + 1).
 * @param {number} below
 * @param {number} above
 */
function fractionOf(below, above) {
    if (below === 1 || above === 1) return 0.5;
    const [near, far] = [Math.min(above - 1, below), Math.min(below - 1, above)];
    return near <= far ? near / (2 * near + 1) : (far + 1) / (2 * far + 1);
}

/**
 * @param {Data} data
 * @param {number} width
 * @param {number} gap
 * @returns {Node[][]}
 */
function nodesOf({ network }, width, gap) {
    const names = [network.inputs, ...network.layers.map((layer) => layer.neurons)];
    const { radius, isNarrow } = sizesFor(width);
    const margin = isNarrow ? 38 : Math.min(70, width / 8);
    const most = Math.max(...names.map((column) => column.length));
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

/** @param {Label} label */
function centre({ edge: { from, to }, t }) {
    return { x: from.x + t * (to.x - from.x), y: from.y + t * (to.y - from.y) };
}

/** @param {Label} label @param {number} t @returns {Box} */
function boxAt(label, t) {
    const { x, y } = centre({ ...label, t });
    const { width, height } = label;
    return { x: x - width / 2, y: y - height / 2, width, height };
}

/**
 * Moves labels along their edges until they cover as little as possible. Returns what share of each is still covered.
 * @param {Label[]} labels
 * @param {Edge[]} edges
 * @param {Box[]} fixed
 */
function settle(labels, edges, fixed) {
    const places = Array.from({ length: 33 }, (_, k) => 0.18 + 0.02 * k);
    /** @param {Label} label @param {number} t */
    const covered = (label, t) => {
        const box = boxAt(label, t);
        const others = labels.filter((other) => other !== label).map((other) => boxAt(other, other.t));
        return [...others, ...fixed].reduce((sum, other) => sum + overlap(box, other), 0);
    };
    /** @param {Label} label @param {number} t */
    const costOf = (label, t) => {
        const box = boxAt(label, t);
        const crossed = edges.reduce((sum, edge) => sum + (edge === label.edge ? 0 : inside(edge, box)), 0);
        return 10 * covered(label, t) + crossed + 60 * Math.abs(t - label.first);
    };
    for (let round = 0; round < 5; round += 1) {
        for (const label of labels) {
            const costs = [label.t, ...places].map((t) => costOf(label, t));
            label.t = at([label.t, ...places], costs.indexOf(Math.min(...costs)));
        }
    }
    return labels.map((label) => covered(label, label.t) / (label.width * label.height));
}

/**
 * How much two texts cover of each other.
 * @param {Box} a
 * @param {Box} b
 */
function overlap(a, b) {
    if (a.width === 0 || b.width === 0) return 0;
    const x = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) + MARGIN;
    const y = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
    return x > 0 && y > 0 ? x * y : 0;
}

/**
 * How many pixels of an edge are in a box.
 * @param {Edge} edge
 * @param {Box} box
 */
function inside({ from, to }, box) {
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const spans = [
        [(box.x - from.x) / dx, (box.x + box.width - from.x) / dx],
        dy === 0
            ? [from.y > box.y && from.y < box.y + box.height ? 0 : 2, 1]
            : [(box.y - from.y) / dy, (box.y + box.height - from.y) / dy].toSorted((a, b) => a - b),
    ];
    const begin = Math.max(0, ...spans.map((span) => at(span, 0)));
    const end = Math.min(1, ...spans.map((span) => at(span, 1)));
    return end > begin ? (end - begin) * Math.hypot(dx, dy) : 0;
}
