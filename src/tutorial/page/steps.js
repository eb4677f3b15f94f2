// The steps within a round: their order, their names, and why each is done.

/** @import { Data, Step, View } from "./types.js" */
import { digits } from "./format.js";
import { fill, words } from "./words.js";

/**
 * The steps of a round, in order.
 * @param {Data} data
 * @returns {Step[]}
 */
export function stepsOf(data) {
    const layers = data.network.layers.map((_, l) => l);
    /** @type {Step[]} */
    const steps = layers.map((l) => ({ kind: "forward", layers: [l] }));
    steps.push({ kind: "error", layers: [layers.length - 1] });
    const inPlace = data.network.order === "sequential";
    for (const l of layers.toReversed()) {
        steps.push({ kind: "delta", layers: [l] }, { kind: "gradient", layers: [l] });
        if (inPlace) steps.push({ kind: "update", layers: [l] });
    }
    if (!inPlace) steps.push({ kind: "update", layers: layers.toReversed() });
    return steps;
}

/**
 * The letters that the names of a layer's neurons begin with, for short labels.
 * @param {Data} data
 * @param {number} l
 */
export function letter(data, l) {
    const names = data.network.layers.map((layer) => /^\p{L}*/u.exec(layer.neurons[0] ?? "")?.[0] ?? "");
    const own = names[l] ?? "";
    return own !== "" && names.indexOf(own) === names.lastIndexOf(own) ? own : String(l + 1);
}

/**
 * The title of a step, or its short label.
 * @param {Data} data
 * @param {Step} step
 * @param {View} view
 */
export function titleOf(data, step, view) {
    const text = words(view.lang);
    const l = step.layers[0] ?? 0;
    const layers = data.network.layers.length;
    let layer = text.layers.output;
    if (l + 1 < layers) layer = fill(layers > 2 ? text.layers.hiddenN : text.layers.hidden, { n: l + 1 });
    const inPlace = step.kind === "update" && step.layers.length === 1;
    const title = fill(text.steps[step.kind], { layer });
    const short = fill(text.short[step.kind], { l: letter(data, l) });
    return {
        title: inPlace ? `${title}: ${layer}` : title,
        short: inPlace ? `${short} ${letter(data, l)}` : short,
    };
}

/**
 * Why a step is done.
 * @param {Data} data
 * @param {Step} step
 * @param {View} view
 */
export function whyOf(data, step, view) {
    const why = words(view.lang).why;
    const l = step.layers[0] ?? 0;
    const layer = data.network.layers[l];
    switch (step.kind) {
        case "forward":
            return fill(why.forward, { activation: layer?.activation ?? "" });
        case "error":
            return why.error;
        case "delta": {
            if (l + 1 === data.network.layers.length) return fill(why.deltaOutput, { slope: slopeSaid(data, l, view) });
            const order = data.network.order === "sequential" ? why.sequential : why.simultaneous;
            return fill(why.deltaHidden, { order });
        }
        case "gradient":
            return why.gradient;
        case "update":
            return fill(why.update, { w: layer?.weights[0]?.[0] ?? "w", rate: digits(data.network.learning_rate) });
    }
}

/**
 * How steep the activation of a layer is, and why.
 * @param {Data} data
 * @param {number} l
 * @param {View} view
 */
function slopeSaid(data, l, view) {
    const { slopes } = words(view.lang);
    const name = data.network.layers[l]?.activation ?? "identity";
    return slopes[/** @type {keyof typeof slopes} */ (name)] ?? "";
}

/**
 * The step that computes a figure of the article, by its symbol.
 * @param {Step[]} steps
 * @param {string} name
 */
export function stepOfFigure(steps, name) {
    const last = Math.max(...steps.flatMap((step) => step.layers));
    const find = (/** @type {Step["kind"]} */ kind, /** @type {number} */ l) =>
        steps.findIndex((step) => step.kind === kind && step.layers.includes(l));
    if (/^(w\d|learning rate)/.test(name)) return find("update", last);
    if (/^(net|out)_h/.test(name)) return find("forward", 0);
    if (/^(net|out)_o/.test(name)) return find("forward", last);
    if (/^E_/.test(name)) return find("error", last);
    if (/\/dw[1-4]/.test(name)) return find("gradient", 0);
    if (/\/dw/.test(name)) return find("gradient", last);
    if (/\/dout_h|dout_h\d\//.test(name)) return find("delta", 0);
    return find("delta", last);
}
