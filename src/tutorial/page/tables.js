// The numbers of a round as tables: neurons, and weights and biases.

/** @import { Compared, Data, Num, Pass, View } from "./types.js" */
import { at } from "./lists.js";
import { rowTag } from "./compare.js";
import { digits, escape, symbol } from "./format.js";
import { words } from "./words.js";

/** Rows of a table that are shown. */
const MOST_ROWS = 300;

/**
 * Both tables.
 * @param {Data} data
 * @param {Pass} pass
 * @param {View} view
 * @param {Map<string, Compared> | undefined} gpu what the reader's GPU computed in this round
 */
export function drawTables(data, pass, view, gpu) {
    const text = words(view.lang);
    const tag = rowTag(view.row);
    /** @param {string} name @param {Num} value */
    const cell = (name, value) => {
        const own = gpu?.get(name);
        const second = own
            ? `<small class="${own.ok ? "gpu" : "gpu bad"}" title="${escape(text.gpu)}">${escape(own.gpu.toPrecision(7).replace(/-/g, "−"))}</small>`
            : "";
        return `<td>${digits(value)}${second}</td>`;
    };
    const row = at(pass.rows, view.row);
    const neurons = data.network.layers.flatMap((layer, l) =>
        layer.neurons.map((neuron, o) => {
            const cells = [
                cell(`net_${neuron}${tag}`, at(at(row.net, l), o)),
                cell(`out_${neuron}${tag}`, at(at(row.out, l), o)),
                cell(`delta_${neuron}${tag}`, at(at(row.delta, l), o)),
            ];
            return `<tr><th scope="row">${symbol(neuron)}</th>${cells.join("")}</tr>`;
        }),
    );
    const weights = data.network.layers.flatMap((layer, l) => {
        const sources = l === 0 ? data.network.inputs : at(data.network.layers, l - 1).neurons;
        const [before, slopes, after] = [at(pass.layers, l), at(pass.gradient, l), at(pass.after, l)];
        const rows = layer.weights.flatMap((names, o) =>
            names.map((name, i) => {
                const of = (/** @type {Num[][]} */ tensor) => at(at(tensor, o), i);
                const way = `${symbol(at(sources, i))} → ${symbol(at(layer.neurons, o))}`;
                return `<tr><th scope="row">${symbol(name)}</th><td class="way">${way}</td><td>${digits(of(before.weight))}</td>${cell(`dE/d${name}`, of(slopes.weight))}${cell(`${name}+`, of(after.weight))}</tr>`;
            }),
        );
        const biases = layer.biases.map((name, o) => {
            const own = data.network.update_biases
                ? cell(`dE/d${name}`, at(slopes.bias, o)) + cell(`${name}+`, at(after.bias, o))
                : `<td>–</td><td>${digits(at(after.bias, o))}</td>`;
            return `<tr><th scope="row">${symbol(name)}</th><td class="way">${escape(text.bias)} → ${symbol(at(layer.neurons, o))}</td><td>${digits(at(before.bias, o))}</td>${own}</tr>`;
        });
        return [...rows, ...biases];
    });
    const heads = ["net", "out", "delta"].map((head) => `<th scope="col"><i>${head}</i></th>`).join("");
    const columns = [text.before, text.gradientHead, text.after];
    const more = columns.map((head) => `<th scope="col">${escape(head)}</th>`).join("");
    return `<div class="scroll"><table><caption>${escape(text.neurons)}</caption><thead><tr><th scope="col">${escape(text.neuron)}</th>${heads}</tr></thead><tbody>${shown(neurons, 4)}</tbody></table></div>
<div class="scroll"><table><caption>${escape(text.weights)}</caption><thead><tr><th scope="col">${escape(text.weight)}</th><th scope="col"></th>${more}</tr></thead><tbody>${shown(weights, 5)}</tbody></table></div>`;
}

/**
 * The first rows of a table, and an ellipsis where there are more.
 * @param {string[]} rows
 * @param {number} columns
 */
function shown(rows, columns) {
    if (rows.length <= MOST_ROWS) return rows.join("");
    return `${rows.slice(0, MOST_ROWS).join("")}<tr><td colspan="${columns}">… ${rows.length - MOST_ROWS}</td></tr>`;
}
