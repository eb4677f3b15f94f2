// The formulas of activations and losses.

import { fraction } from "./format.js";

/** The activations: f(net) of a neuron, and its slope in terms of out. */
const ACTIVATIONS = {
    sigmoid: {
        /** @param {string} net */
        value: (net) =>
            fraction("1", `1 + <i>e</i><sup>−${net}</sup>`),
        /** @param {string} out */
        slope: (out) => `${out} × (1 − ${out})`,
    },
    tanh: {
        /** @param {string} net */
        value: (net) => `tanh ${net}`,
        /** @param {string} out */
        slope: (out) => `(1 − ${out}<sup>2</sup>)`,
    },
    relu: {
        /** @param {string} net */
        value: (net) => `max(${net}, 0)`,
        /** @param {string} _ @param {boolean} isOn */
        slope: (_, isOn) => (isOn ? "1" : "0"),
    },
    leaky_relu: {
        /** @param {string} net */
        value: (net) => `max(${net}, 0.01 × ${net})`,
        /** @param {string} _ @param {boolean} isOn */
        slope: (_, isOn) => (isOn ? "1" : "0.01"),
    },
    identity: {
        /** @param {string} net */
        value: (net) => net,
        slope: () => "1",
    },
};

/** @param {string} name */
export function activationOf(name) {
    return ACTIVATIONS[/** @type {keyof typeof ACTIVATIONS} */ (name)] ?? ACTIVATIONS.identity;
}

/**
 * The slope of a neuron's activation as a number.
 * @param {string} activation
 * @param {number} out
 */
export function slopeAt(activation, out) {
    switch (activation) {
        case "sigmoid":
            return out * (1 - out);
        case "tanh":
            return 1 - out * out;
        case "relu":
            return out > 0 ? 1 : 0;
        case "leaky_relu":
            return out > 0 ? 1 : 0.01;
        default:
            return 1;
    }
}

/**
 * The error of one output.
 * @param {string} loss
 * @param {string} target
 * @param {string} out
 * @param {number} outputs
 */
export function errorFormula(loss, target, out, outputs) {
    const mean = outputs > 1 ? `${fraction("1", String(outputs))} ` : "";
    switch (loss) {
        case "half-sse":
            return `${fraction("1", "2")} (${target} − ${out})<sup>2</sup>`;
        case "mse":
            return `${mean}(${target} − ${out})<sup>2</sup>`;
        case "mae":
            return `${mean}|${target} − ${out}|`;
        case "huber":
            return `${mean}huber(${target} − ${out})`;
        default:
            return `−${target} × ln ${out}`;
    }
}

/**
 * How fast the error follows an output.
 * @param {string} loss
 * @param {string} target
 * @param {string} out
 * @param {number} outputs
 */
export function errorSlope(loss, target, out, outputs) {
    const share = outputs > 1 ? `${fraction("1", String(outputs))} ` : "";
    switch (loss) {
        case "mse":
            return `${fraction("2", String(outputs))} (${out} − ${target})`;
        case "mae":
            return `${share}sign(${out} − ${target})`;
        case "huber":
            return `${share}clamp(${out} − ${target}, −1, 1)`;
        default:
            return `(${out} − ${target})`;
    }
}
