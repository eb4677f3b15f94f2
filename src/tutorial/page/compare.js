// What the reader's GPU computed, beside the exact values.

/** @import { Bound, Compared, Data, Figure, Num, Pass, Source } from "./types.js" */
/** @import { Rounds } from "./gpu.js" */
import { at } from "./lists.js";
import { toNumber } from "./format.js";

/** Relative distance that a few roundings to 24 bits explain, and the same of the largest value that went in. */
const RELATIVE = 1e-5;
const OF_LARGEST = 5e-7;

/**
 * Every value of a round that the GPU computed, by its name.
 * @param {Data} data
 * @param {Pass} pass
 * @param {Map<string, number[][]>} buffers
 * @returns {Map<string, Compared>}
 */
export function compareRound(data, pass, buffers) {
    const largest = largestOf(data, pass);
    /** @type {Map<string, Compared>} */
    const all = new Map();
    /** @param {string} name @param {Num} exact @param {number | undefined} gpu */
    const add = (name, exact, gpu) => {
        const reference = toNumber(exact);
        if (gpu === undefined || !Number.isFinite(reference)) return;
        const bound = RELATIVE * Math.abs(reference) + OF_LARGEST * largest;
        all.set(name, { name, reference, gpu, ok: Math.abs(gpu - reference) <= bound });
    };
    const count = data.rows.length;
    const errors = buffers.get("Error")?.[0] ?? [];
    add("E_total", pass.error, errors.slice(0, count).reduce((sum, error) => sum + error, 0) / count);
    for (const [l, layer] of data.network.layers.entries()) {
        const width = layer.neurons.length;
        for (const [n, row] of pass.rows.entries()) {
            for (const [o, neuron] of layer.neurons.entries()) {
                const k = n * width + o;
                const of = (/** @type {string} */ buffer) => buffers.get(buffer)?.[0]?.[k];
                const tag = rowTag(n);
                add(`net_${neuron}${tag}`, at(at(row.net, l), o), of(`Scratch(${l})`));
                if (layer.activation !== "softmax") {
                    add(`out_${neuron}${tag}`, at(at(row.out, l), o), of(`Out(${l + 1})`));
                }
                // The kernels' deltas are those of the mean over the rows.
                const delta = of(`Delta(${l})`);
                add(`delta_${neuron}${tag}`, at(at(row.delta, l), o), delta === undefined ? delta : delta * count);
            }
        }
        // Without the optimizer's memory a later round cannot be begun anew.
        const hasAfter = data.shaders.alike || pass.round === 0;
        for (const [name, o, i] of parametersOf(data, l)) {
            const slot = i < 0 ? 2 * l + 1 : 2 * l;
            const k = i < 0 ? o : o * at(layer.weights, o).length + i;
            const of = (/** @type {string} */ buffer) => buffers.get(buffer)?.[slot]?.[k];
            const exact = (/** @type {Pass["layers"]} */ tensors) => {
                const own = at(tensors, l);
                return i < 0 ? at(own.bias, o) : at(at(own.weight, o), i);
            };
            add(`dE/d${name}`, exact(pass.gradient), of("Gradient"));
            if (hasAfter) add(`${name}+`, exact(pass.after), of("Parameters"));
        }
    }
    return all;
}

/**
 * What stands behind a name that each row has.
 * @param {number} row
 */
export function rowTag(row) {
    return ` [${row + 1}]`;
}

/**
 * Names and places of a layer's parameters. A bias that several neurons share has the name of each neuron behind it.
 * @param {Data} data
 * @param {number} l
 * @returns {[string, number, number][]}
 */
export function parametersOf(data, l) {
    const layer = at(data.network.layers, l);
    /** @type {[string, number, number][]} */
    const all = layer.weights.flatMap((names, o) => names.map((name, i) => /** @type {[string, number, number]} */ ([name, o, i])));
    if (data.network.update_biases) layer.biases.forEach((name, o) => all.push([name, o, -1]));
    return all;
}

/**
 * The largest magnitude among what a round adds up.
 * @param {Data} data
 * @param {Pass} pass
 */
function largestOf(data, pass) {
    const values = [
        ...data.rows.flatMap(({ input, target }) => [...input, ...target]),
        ...pass.rows.flatMap(({ net, out }) => [...net.flat(), ...out.flat()].map(toNumber)),
    ];
    return Math.max(1, ...values.map(Math.abs).filter(Number.isFinite));
}

/** @param {Bound} bound @param {number} reference @param {number} value */
function isWithin({ relative, absolute }, reference, value) {
    const distance = Math.abs(value - reference);
    return distance <= (absolute ?? (relative ?? 0) * Math.abs(reference));
}

/**
 * The value of each of the article's figures as the GPU computed it, with the verdict.
 * @param {Source[]} sources
 * @param {Figure[]} figures
 * @param {Rounds} rounds
 * @returns {{ value: number, verdict: string }[]}
 */
export function judgeFigures(sources, figures, rounds) {
    return sources.map((source, k) => {
        const values = rounds.get(source.rounds)?.get(source.buffer)?.flat();
        const value = source.sign * (values?.[source.index] ?? NaN);
        const isGood = isWithin(source.bound, at(figures, k).reference, value);
        return { value, verdict: isGood ? source.print : "mismatch" };
    });
}
