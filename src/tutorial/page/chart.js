// The error by round, as a line chart with logarithmic axes.

/** @import { Data } from "./types.js" */
import { escape, toNumber } from "./format.js";
import { at } from "./lists.js";

const HEIGHT = 186;
const TOP = 26;
const LEFT = 52;
const RIGHT = 30;
const BOTTOM = 34;

/**
 * Draws the curve, `width` pixels wide, with a mark at a round.
 * @param {Data} data
 * @param {number} round
 * @param {number} width
 * @param {{ description: string, rounds: string, error: string }} text
 */
export function drawCurve(data, round, width, text) {
    const points = data.curve.map(([n, error]) => ({ n, error: toNumber(error) }));
    const shown = points.filter(({ error }) => Number.isFinite(error) && error > 0);
    const last = Math.max(1, ...shown.map(({ n }) => n));
    const [low, high] = [
        Math.floor(Math.log10(Math.min(...shown.map(({ error }) => error)))),
        Math.ceil(Math.log10(Math.max(...shown.map(({ error }) => error)))),
    ];
    const top = high === low ? high + 1 : high;
    const x = (/** @type {number} */ n) => LEFT + ((width - LEFT - RIGHT) * Math.log10(n + 1)) / Math.log10(last + 1);
    const y = (/** @type {number} */ error) => TOP + ((HEIGHT - BOTTOM - TOP) * (top - Math.log10(error))) / (top - low);
    const path = shown.map(({ n, error }, k) => `${k > 0 ? "L" : "M"}${x(n).toFixed(1)} ${y(error).toFixed(1)}`);
    const across = decades(low, top, 6).map((power) => {
        const place = y(10 ** power);
        return `<line class="grid" x1="${LEFT}" y1="${place}" x2="${width - RIGHT}" y2="${place}"/><text x="${LEFT - 6}" y="${place + 4}" text-anchor="end">${tick(power)}</text>`;
    });
    const ticks = [0, ...decades(0, Math.floor(Math.log10(last)), width < 420 ? 4 : 7).map((power) => 10 ** power)];
    if (x(last) - x(at(ticks, ticks.length - 1)) > 45) ticks.push(last);
    const down = ticks.map((n) => {
        const place = x(n);
        return `<line class="grid" x1="${place}" y1="${TOP}" x2="${place}" y2="${HEIGHT - BOTTOM}"/><text x="${place}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${n.toLocaleString("en")}</text>`;
    });
    const here = data.passes.find((pass) => pass.round === round);
    const error = here ? toNumber(here.error) : NaN;
    const dot = error > 0 ? `<circle class="here" cx="${x(Math.min(round, last))}" cy="${y(error)}" r="5"/>` : "";
    return `<svg viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${escape(text.description)}">
${across.join("")}${down.join("")}<path class="curve" d="${path.join("")}"/>${dot}
<text x="${width - RIGHT}" y="${HEIGHT - 3}" text-anchor="end">${escape(text.rounds)}</text><text x="4" y="13" class="name">${escape(text.error)}</text></svg>`;
}

/**
 * Powers of ten from `low` to `high`, not more than `most`.
 * @param {number} low
 * @param {number} high
 * @param {number} most
 */
function decades(low, high, most) {
    const stride = Math.max(1, Math.ceil((high - low + 1) / most));
    const powers = [];
    for (let power = low; power <= high; power += stride) powers.push(power);
    return powers;
}

/** @param {number} power */
function tick(power) {
    return power >= -4 && power <= 3 ? String(10 ** power).replace(/^1e-4$/, "0.0001") : `1e${power}`;
}
