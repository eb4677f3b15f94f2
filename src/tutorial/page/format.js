// Numbers and formulas as HTML.

/** @import { Num } from "./types.js" */

/**
 * Escapes text for HTML.
 * @param {string} text
 */
export function escape(text) {
    return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** @param {Num} value */
export function toNumber(value) {
    return typeof value === "number" ? value : Number(value.replace("inf", "Infinity"));
}

/**
 * A number with the digits that the article prints.
 * @param {Num} value
 */
export function digits(value) {
    const x = toNumber(value);
    if (!Number.isFinite(x)) return String(value);
    if (x === 0) return "0";
    const size = Math.abs(x);
    if (size >= 1e9 || size < 1e-6) return minus(x.toExponential(5));
    const text = size >= 1e-3 ? x.toFixed(9) : x.toPrecision(6);
    return minus(text.replace(/\.?0+$/, ""));
}

/**
 * A number that is short enough to stand in a drawing.
 * @param {Num} value
 * @param {number} decimals
 */
export function brief(value, decimals = 3) {
    const x = toNumber(value);
    if (!Number.isFinite(x)) return String(value);
    if (x === 0) return "0";
    const size = Math.abs(x);
    if (size >= 1e5 || size < 1e-4) return minus(x.toExponential(1));
    return minus(size >= 0.1 ? String(Number(x.toFixed(size >= 100 ? 1 : decimals))) : String(Number(x.toPrecision(2))));
}

/** @param {string} text */
function minus(text) {
    return text.replace(/-/g, "−");
}

/**
 * A whole number with separators.
 * @param {number} count
 */
export function thousands(count) {
    return count.toLocaleString("en");
}

/**
 * A name with its index below the line: net_h1, w5, w5+, dE.
 * @param {string} name
 */
export function symbol(name) {
    const text = escape(name).replace(/^delta(?=_)/, "δ");
    const [head, ...rest] = text.split("_");
    const plus = text.endsWith("+") ? "<sup>+</sup>" : "";
    if (rest.length > 0) {
        return `<i>${head}</i><sub>${rest.join("_").replace(/\+$/, "")}</sub>${plus}`;
    }
    const parts = /^([A-Za-z]+)(\d+(?:_\d+)?)\+?$/.exec(name);
    return parts ? `<i>${parts[1]}</i><sub>${parts[2]}</sub>${plus}` : `<i>${text}</i>`;
}

/**
 * A fraction.
 * @param {string} above
 * @param {string} below
 */
export function fraction(above, below) {
    return `<span class="frac"><span>${above}</span><span class="slash">/</span><span>${below}</span></span>`;
}

/**
 * A derivative, of `above` with respect to `below`, as a fraction.
 * @param {string} above
 * @param {string} below
 */
export function slopeOf(above, below) {
    return fraction(`∂${symbol(above)}`, `∂${symbol(below)}`);
}

/**
 * A number in a formula. Its name shows when it is pointed at.
 * @param {Num} value
 * @param {string} name
 */
export function number(value, name) {
    const text = digits(value);
    const shown = text.startsWith("−") ? `(${text})` : text;
    return `<span class="n" title="${escape(name)}">${shown}</span>`;
}

/**
 * The end of a formula.
 * @param {Num} value
 */
export function result(value) {
    return `<b class="n">${digits(value)}</b>`;
}
