// What a step computes: formulas with the numbers of the round filled in.

/** @import { Data, Num, Pass, Step, View } from "./types.js" */
import { digits, escape, fraction, number, result, slopeOf, symbol, toNumber } from "./format.js";
import { at } from "./lists.js";
import { activationOf, errorFormula, errorSlope, slopeAt } from "./rules.js";
import { fill, words } from "./words.js";

/** A quantity with its formula.
 * @typedef {{ name: string, value: Num, lines: string[], say: string }} Card */

/** Terms of a sum that are written out. */
const MOST_TERMS = 6;

/**
 * The quantities that a step computes.
 * @param {Data} data
 * @param {Step} step
 * @param {View} view
 * @returns {Card[]}
 */
export function cardsOf(data, step, view) {
    const pass = /** @type {Pass} */ (data.passes[view.pass]);
    return step.layers.flatMap((l) => {
        const place = { data, pass, view, l };
        switch (step.kind) {
            case "forward":
                return forward(place);
            case "error":
                return errors(place);
            case "delta":
                return l + 1 === data.network.layers.length ? outputDeltas(place) : hiddenDeltas(place);
            case "gradient":
                return parameters(place).map((p) => gradient(place, p));
            case "update":
                return parameters(place).map((p) => update(place, p));
        }
    });
}

/** Where a formula takes its numbers from: a round, a row (in the view), a layer.
 * @typedef {{ data: Data, pass: Pass, view: View, l: number }} Place */
/** A weight (i is its input), or a bias (i is -1), of neuron o.
 * @typedef {{ name: string, o: number, i: number }} Parameter */

/** @param {Place} place */
const rowOf = ({ pass, view }) => at(pass.rows, view.row);
/** The error of the row, as the formulas name it.
 * @param {Place} place */
const errorOf = ({ data }) => (data.rows.length > 1 ? "E_row" : "E_total");
/** @param {Place} place */
const layerOf = ({ data, l }) => at(data.network.layers, l);

/**
 * What layer l reads: names and values.
 * @param {Place} place
 * @returns {{ names: string[], values: Num[] }}
 */
function below(place) {
    const { data, view, l } = place;
    if (l === 0) return { names: data.network.inputs, values: at(data.rows, view.row).input };
    const names = at(data.network.layers, l - 1).neurons.map((neuron) => `out_${neuron}`);
    return { names, values: at(rowOf(place).out, l - 1) };
}

/**
 * A sum of terms, with an ellipsis where there are many.
 * @param {string[]} terms
 */
function sum(terms) {
    if (terms.length <= MOST_TERMS) return terms.join(" + ");
    return [...terms.slice(0, MOST_TERMS - 2), "…", terms.at(-1)].join(" + ");
}

/**
 * Says that a quantity is a mean over the rows.
 * @param {Place} place
 * @param {string} name
 * @param {Num} value this row's part
 */
function meanOf({ data, view }, name, value) {
    const { meanOfRows } = words(view.lang);
    return fill(meanOfRows, { name, n: data.rows.length, value: digits(value) });
}

/**
 * @param {Place} place
 * @returns {Card[]}
 */
function forward(place) {
    const layer = layerOf(place);
    const before = at(place.pass.layers, place.l);
    const { names, values } = below(place);
    return layer.neurons.map((neuron, o) => {
        const [net, out] = [`net_${neuron}`, `out_${neuron}`];
        const weights = at(before.weight, o);
        const weightNames = at(layer.weights, o);
        const bias = layer.biases[o];
        const plain = names.map((name, i) => `${symbol(at(weightNames, i))} × ${symbol(name)}`);
        const filled = names.map(
            (name, i) => `${number(at(weights, i), at(weightNames, i))} × ${number(at(values, i), name)}`,
        );
        if (bias !== undefined) {
            plain.push(symbol(bias));
            filled.push(number(at(before.bias, o), bias));
        }
        const netValue = at(at(rowOf(place).net, place.l), o);
        const outValue = at(at(rowOf(place).out, place.l), o);
        const lines = [`${symbol(net)} = ${sum(plain)}`, `= ${sum(filled)}`, `= ${result(netValue)}`];
        if (layer.activation === "softmax") {
            const power = (/** @type {string} */ x) => `<i>e</i><sup>${x}</sup>`;
            const all = sum(layer.neurons.map((name) => power(symbol(`net_${name}`))));
            lines.push(
                `${symbol(out)} = ${fraction(power(symbol(net)), all)}`,
            );
        } else {
            const { value } = activationOf(layer.activation);
            lines.push(`${symbol(out)} = ${value(symbol(net))} = ${value(number(netValue, net))}`);
        }
        lines.push(`= ${result(outValue)}`);
        return { name: out, value: outValue, lines, say: "" };
    });
}

/**
 * @param {Place} place
 * @returns {Card[]}
 */
function errors(place) {
    const { data, pass } = place;
    const row = rowOf(place);
    const names = layerOf(place).neurons;
    const target = at(data.rows, place.view.row).target;
    const own = names.map((neuron, o) => {
        const [goal, out] = [`target_${neuron}`, `out_${neuron}`];
        const value = at(at(row.out, place.l), o);
        const plain = errorFormula(data.network.loss, symbol(goal), symbol(out), names.length);
        const filled = errorFormula(
            data.network.loss,
            number(at(target, o), goal),
            number(value, out),
            names.length,
        );
        const name = `E_${neuron}`;
        const error = at(row.errors, o);
        const lines = [`${symbol(name)} = ${plain}`, `= ${filled}`, `= ${result(error)}`];
        return { name, value: error, lines, say: "" };
    });
    const several = data.rows.length > 1;
    const lines = [
        `${symbol(errorOf(place))} = ${sum(names.map((n) => symbol(`E_${n}`)))}`,
        `= ${sum(names.map((n, o) => number(at(row.errors, o), `E_${n}`)))}`,
        `= ${result(row.error)}`,
    ];
    if (several) lines.push(`${symbol("E_total")} = ${result(pass.error)}`);
    const say = several ? meanOf(place, "E_total", row.error) : "";
    return [{ name: "E_total", value: pass.error, lines, say }, ...own];
}

/**
 * @param {Place} place
 * @returns {Card[]}
 */
function outputDeltas(place) {
    const { data } = place;
    const layer = layerOf(place);
    const row = rowOf(place);
    return layer.neurons.map((neuron, o) => {
        const [goal, out, net, name] = [`target_${neuron}`, `out_${neuron}`, `net_${neuron}`, `delta_${neuron}`];
        const value = at(at(row.out, place.l), o);
        const isOn = toNumber(at(at(row.net, place.l), o)) > 0;
        const delta = at(at(row.delta, place.l), o);
        const target = at(at(data.rows, place.view.row).target, o);
        const loss = data.network.loss;
        const count = layer.neurons.length;
        const { slope } = activationOf(layer.activation);
        const chain =
            loss === "cross-entropy"
                ? slopeOf(errorOf(place), net)
                : `${slopeOf(errorOf(place), out)} × ${slopeOf(out, net)}`;
        const factor = (/** @type {string} */ text) => (layer.activation === "softmax" ? "" : ` × ${text}`);
        const lines = [
            `${symbol(name)} = ${chain}`,
            `= ${errorSlope(loss, symbol(goal), symbol(out), count)}${factor(slope(symbol(out), isOn))}`,
            `= ${errorSlope(loss, number(target, goal), number(value, out), count)}${factor(slope(number(value, out), isOn))}`,
            `= ${result(delta)}`,
        ];
        return { name, value: delta, lines, say: "" };
    });
}

/**
 * @param {Place} place
 * @returns {Card[]}
 */
function hiddenDeltas(place) {
    const { data, pass, l } = place;
    const [layer, above] = [layerOf(place), at(data.network.layers, l + 1)];
    const row = rowOf(place);
    const tensors = data.network.order === "sequential" ? pass.after : pass.layers;
    const weights = at(tensors, l + 1).weight;
    const plus = data.network.order === "sequential" ? "+" : "";
    const deltas = at(row.delta, l + 1);
    return layer.neurons.map((neuron, i) => {
        const [out, net, name] = [`out_${neuron}`, `net_${neuron}`, `delta_${neuron}`];
        const value = at(at(row.out, l), i);
        const isOn = toNumber(at(at(row.net, l), i)) > 0;
        const delta = at(at(row.delta, l), i);
        const slope = slopeAt(layer.activation, toNumber(value));
        const shared = above.neurons.reduce(
            (total, _, o) => total + toNumber(at(deltas, o)) * toNumber(at(at(weights, o), i)),
            0,
        );
        const term = (/** @type {number} */ o) => ({
            delta: `delta_${at(above.neurons, o)}`,
            weight: at(at(above.weights, o), i) + plus,
        });
        const plain = above.neurons.map((_, o) => `${symbol(term(o).delta)} × ${symbol(term(o).weight)}`);
        const filled = above.neurons.map(
            (_, o) => `${number(at(deltas, o), term(o).delta)} × ${number(at(at(weights, o), i), term(o).weight)}`,
        );
        const { slope: formula } = activationOf(layer.activation);
        const lines = [
            `${slopeOf(errorOf(place), out)} = ${sum(plain)}`,
            `= ${sum(filled)}`,
            `= ${result(shared)}`,
            `${symbol(name)} = ${slopeOf(errorOf(place), out)} × ${slopeOf(out, net)} = ${slopeOf(errorOf(place), out)} × ${formula(symbol(out), isOn)}`,
            `= ${number(shared, "dE/dout")} × ${number(slope, "dout/dnet")}`,
            `= ${result(delta)}`,
        ];
        return { name, value: delta, lines, say: "" };
    });
}

/**
 * The weights of a layer, and its biases if they are trained.
 * @param {Place} place
 * @returns {Parameter[]}
 */
function parameters(place) {
    const layer = layerOf(place);
    const all = layer.weights.flatMap((names, o) => names.map((name, i) => ({ name, o, i })));
    if (!place.data.network.update_biases) return all;
    return [...all, ...layer.biases.map((name, o) => ({ name, o, i: -1 }))];
}

/**
 * The value of a parameter, or of its gradient.
 * @param {Pass["layers"]} tensors
 * @param {number} l
 * @param {Parameter} parameter
 */
function valueOf(tensors, l, { o, i }) {
    const layer = at(tensors, l);
    return i < 0 ? at(layer.bias, o) : at(at(layer.weight, o), i);
}

/**
 * @param {Place} place
 * @param {Parameter} parameter
 * @returns {Card}
 */
function gradient(place, parameter) {
    const { data, pass, l } = place;
    const { name, o, i } = parameter;
    const neuron = at(layerOf(place).neurons, o);
    const [out, net, delta] = [`out_${neuron}`, `net_${neuron}`, `delta_${neuron}`];
    const deltaValue = at(at(rowOf(place).delta, l), o);
    const value = valueOf(pass.gradient, l, parameter);
    const { names, values } = below(place);
    const source = i < 0 ? "1" : symbol(at(names, i));
    const sourceValue = i < 0 ? "1" : number(at(values, i), at(names, i));
    const several = data.rows.length > 1;
    const [left, whole] = [slopeOf(errorOf(place), name), slopeOf("E_total", name)];
    const chain =
        layerOf(place).activation === "softmax"
            ? `${slopeOf(errorOf(place), net)} × ${slopeOf(net, name)}`
            : `${slopeOf(errorOf(place), out)} × ${slopeOf(out, net)} × ${slopeOf(net, name)}`;
    const product = toNumber(deltaValue) * (i < 0 ? 1 : toNumber(at(values, i)));
    const lines = [
        `${left} = ${chain}`,
        `= ${symbol(delta)} × ${source}`,
        `= ${number(deltaValue, delta)} × ${sourceValue}`,
        `= ${result(several ? product : value)}`,
    ];
    if (several) lines.push(`${whole} = ${result(value)}`);
    const say = several ? meanOf(place, `∂E/∂${escape(name)}`, product) : "";
    return { name: `dE/d${name}`, value, lines, say };
}

/**
 * @param {Place} place
 * @param {Parameter} parameter
 * @returns {Card}
 */
function update(place, parameter) {
    const { data, pass, l } = place;
    const { name } = parameter;
    const before = valueOf(pass.layers, l, parameter);
    const after = valueOf(pass.after, l, parameter);
    const slope = valueOf(pass.gradient, l, parameter);
    const rate = data.network.learning_rate;
    const text = words(place.view.lang);
    const isPlain = data.network.optimizer === "sgd" && data.network.momentum === 0;
    const lines = isPlain
        ? [
              `${symbol(`${name}+`)} = ${symbol(name)} − ${text.rate} × ${slopeOf("E_total", name)}`,
              `= ${number(before, name)} − ${number(rate, "learning rate")} × ${number(slope, `dE/d${name}`)}`,
              `= ${result(after)}`,
          ]
        : [`${symbol(`${name}+`)} = ${result(after)}`];
    const change = toNumber(after) - toNumber(before);
    const tells = toNumber(slope) === 0 ? text.still : toNumber(slope) > 0 ? text.grows : text.shrinks;
    const say = isPlain
        ? fill(tells, { w: escape(name), by: digits(Math.abs(change)) })
        : fill(text.optimizer, { optimizer: data.network.optimizer });
    return { name: `${name}+`, value: after, lines, say };
}
