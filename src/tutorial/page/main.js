// The page: what it shows, and what the reader does with it.

/** @import { Compared, Data, Lang, Pass, View, Step } from "./types.js" */
import { cardsOf } from "./cards.js";
import { drawCurve } from "./chart.js";
import { compareRound, judgeFigures, rowTag } from "./compare.js";
import { digits, escape, symbol, thousands, toNumber } from "./format.js";
import { computeRounds, computeTraining, openGpu } from "./gpu.js";
import { at } from "./lists.js";
import { drawNetwork, isDrawable } from "./network.js";
import { stepOfFigure, stepsOf, titleOf, whyOf } from "./steps.js";
import { drawTables } from "./tables.js";
import { fill, words } from "./words.js";

/**
 * An element of the page's own HTML.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
function element(id, type) {
    const found = document.getElementById(id);
    if (!(found instanceof type)) throw new TypeError(`no ${id} in the page`);
    return found;
}

const data = /** @type {Data} */ (JSON.parse(element("data", HTMLScriptElement).text));
const steps = stepsOf(data);
/** @type {View} */
const view = { pass: 0, step: 0, row: 0, lang: document.documentElement.lang === "zh" ? "zh" : "en", marked: "" };
/** What the GPU computed in each round, by the round's number. @type {Map<number, Map<string, Compared>>} */
const compared = new Map();
/** What the page says about the GPU, in the language that is asked for. @type {(lang: Lang) => string} */
let gpuSays = (lang) => words(lang).gpuRuns;

const parts = {
    round: element("round", HTMLInputElement),
    roundName: element("round-name", HTMLOutputElement),
    rounds: element("round-marks", HTMLElement),
    steps: element("steps", HTMLElement),
    back: element("back", HTMLButtonElement),
    on: element("on", HTMLButtonElement),
    row: element("row", HTMLSelectElement),
    rowLabel: element("row-label", HTMLElement),
    drawing: element("drawing", HTMLElement),
    legend: element("legend", HTMLElement),
    curve: element("curve", HTMLElement),
    title: element("step-title", HTMLElement),
    why: element("step-why", HTMLElement),
    cards: element("cards", HTMLElement),
    printed: element("printed", HTMLElement),
    gpu: element("gpu", HTMLElement),
    numbers: element("numbers-body", HTMLElement),
};

const passNow = () => /** @type {Pass} */ (at(data.passes, view.pass));

/** Shows everything anew. */
function show() {
    document.documentElement.lang = view.lang;
    const text = words(view.lang);
    const { round } = passNow();
    const all = thousands(data.rounds);
    const name = round < data.rounds ? fill(text.round, { n: thousands(round + 1), all }) : fill(text.end, { all });
    parts.round.value = String(view.pass);
    parts.round.setAttribute("aria-valuetext", name);
    parts.roundName.value = name;
    parts.rounds.textContent = text.roundNote;
    parts.rowLabel.textContent = text.row;
    showSteps();
    showStep();
    draw();
    parts.gpu.textContent = gpuSays(view.lang);
    parts.numbers.innerHTML = drawTables(data, passNow(), view, compared.get(round));
}

function showSteps() {
    for (const [k, button] of [...parts.steps.querySelectorAll("button")].entries()) {
        const { title, short } = titleOf(data, at(steps, k), view);
        button.textContent = short;
        button.title = title;
        button.setAttribute("aria-pressed", String(k === view.step));
    }
    parts.back.disabled = view.step === 0 && view.pass === 0;
    parts.on.disabled = view.step + 1 === steps.length && view.pass + 1 === data.passes.length;
}

function showStep() {
    const step = at(steps, view.step);
    const text = words(view.lang);
    parts.title.textContent = titleOf(data, step, view).title;
    parts.why.textContent = [whyOf(data, step, view), ofBiases(step)].filter(Boolean).join(view.lang === "zh" ? "" : " ");
    const gpu = compared.get(passNow().round);
    const cards = cardsOf(data, step, view).map(({ name, value, lines, say }, k) => {
        const own = gpu?.get(name) ?? gpu?.get(name + rowTag(view.row));
        const computed = own
            ? `<p class="gpu${own.ok ? "" : " bad"}">${escape(fill(text.gpuValue, { value: own.gpu.toPrecision(8).replace(/-/g, "−") }))}</p>`
            : "";
        const formula = lines.map((line) => `<div class="line">${line}</div>`).join("");
        const head = name.startsWith("dE/d") ? `∂<i>E</i>/∂${symbol(name.slice(4))}` : symbol(name);
        return `<details${k === 0 || view.marked === markOf(name) ? " open" : ""} data-mark="${escape(markOf(name))}"><summary>${head} = <b class="n">${digits(value)}</b></summary><div class="formula">${formula}</div>${say ? `<p>${say}</p>` : ""}${computed}</details>`;
    });
    parts.cards.innerHTML = cards.join("");
    parts.printed.innerHTML = printedHere();
}

/**
 * What an update says of biases.
 * @param {Step} step
 */
function ofBiases(step) {
    const text = words(view.lang);
    const biases = data.network.layers.flatMap((layer) => layer.biases);
    if (step.kind !== "update" || biases.length === 0) return "";
    if (!data.network.update_biases) return text.frozen;
    const few = biases.length > 4 ? [...biases.slice(0, 2), "…", at(biases, biases.length - 1)] : biases;
    return fill(text.trained, { biases: few.join(view.lang === "zh" ? "、" : ", ") });
}

/**
 * The part of the drawing that a quantity belongs to: a neuron or a weight.
 * @param {string} name
 */
function markOf(name) {
    return name.replace(/^(dE\/d|net_|out_|delta_|E_)/, "").replace(/\+$/, "");
}

/** The article's figures of this step, in the rounds that the article tells of. */
function printedHere() {
    const text = words(view.lang);
    const here = (data.figures ?? []).filter(({ symbol: name }, k) => {
        const rounds = data.shaders.article?.figures[k]?.rounds;
        return rounds === passNow().round && stepOfFigure(steps, name) === view.step;
    });
    if (here.length === 0) return "";
    const rows = here.map((figure) => {
        const note = figure.note ? `<p class="note">${escape(figure.note[view.lang])}</p>` : "";
        const verdict = /** @type {keyof typeof text.verdicts} */ (figure.verdict);
        return `<li><span>${escape(figure.label[view.lang])}</span> <b class="n">${escape(figure.printed)}</b> <span class="verdict ${escape(figure.verdict)}">${escape(text.verdicts[verdict] ?? figure.verdict)}</span>${note}</li>`;
    });
    return `<h3>${escape(text.printed)}</h3><ul class="printed">${rows.join("")}</ul>`;
}

/** Draws what depends on the width of the window. */
function draw() {
    const text = words(view.lang);
    const step = at(steps, view.step);
    const pass = passNow();
    const width = Math.max(280, Math.floor(parts.drawing.clientWidth));
    if (isDrawable(data)) {
        const values = cardsOf(data, step, view).map(({ name, value }) => `${name} = ${digits(value)}`);
        const { title } = titleOf(data, step, view);
        const description = fill(text.network, { step: title, values: values.join(", ") });
        parts.legend.textContent = text.legend;
        parts.drawing.innerHTML = drawNetwork({ data, pass, view, steps, width }, description);
    } else {
        parts.drawing.textContent = text.too_large;
    }
    const description = fill(text.curve, { n: thousands(pass.round), error: digits(pass.error) });
    const curve = Math.max(280, Math.floor(parts.curve.clientWidth));
    parts.curve.innerHTML = drawCurve(data, pass.round, curve, { description, rounds: text.curveRounds, error: text.curveError });
}

/**
 * Goes some steps on, or back, into the next rounds too.
 * @param {number} by
 */
function go(by) {
    const next = view.step + by;
    if (next >= 0 && next < steps.length) {
        view.step = next;
    } else if (next < 0 && view.pass > 0) {
        view.pass -= 1;
        view.step = steps.length - 1;
    } else if (next >= steps.length && view.pass + 1 < data.passes.length) {
        view.pass += 1;
        view.step = 0;
    }
    view.marked = "";
    show();
}

/** @param {string} name */
function mark(name) {
    view.marked = view.marked === name ? "" : name;
    draw();
    for (const card of parts.cards.querySelectorAll("details")) {
        if (card.dataset["mark"] === view.marked) card.open = true;
    }
}

function listen() {
    parts.round.max = String(data.passes.length - 1);
    parts.round.addEventListener("input", () => {
        view.pass = Number(parts.round.value);
        show();
    });
    parts.steps.innerHTML = steps.map(() => `<button type="button"></button>`).join("");
    for (const [k, button] of [...parts.steps.querySelectorAll("button")].entries()) {
        button.addEventListener("click", () => {
            view.step = k;
            view.marked = "";
            show();
        });
    }
    parts.back.addEventListener("click", () => go(-1));
    parts.on.addEventListener("click", () => go(1));
    parts.row.innerHTML = data.rows.map((_, n) => `<option value="${n}">${n + 1}</option>`).join("");
    parts.row.addEventListener("change", () => {
        view.row = Number(parts.row.value);
        show();
    });
    element("row-control", HTMLElement).hidden = data.rows.length < 2;
    for (const button of document.querySelectorAll("button[data-lang]")) {
        button.addEventListener("click", () => {
            view.lang = button.getAttribute("data-lang") === "zh" ? "zh" : "en";
            show();
        });
    }
    parts.drawing.addEventListener("click", (event) => {
        const target = event.target instanceof Element ? event.target.closest("[data-name]") : null;
        if (target) mark(target.getAttribute("data-name") ?? "");
    });
    parts.cards.addEventListener("focusin", (event) => {
        const card = event.target instanceof Element ? event.target.closest("details") : null;
        const name = card?.dataset["mark"] ?? "";
        if (name !== view.marked) {
            view.marked = name;
            draw();
        }
    });
    document.addEventListener("keydown", (event) => {
        const isTyped = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
        if (isTyped || event.altKey || event.ctrlKey || event.metaKey) return;
        if (event.key === "ArrowRight") go(1);
        if (event.key === "ArrowLeft") go(-1);
    });
    let width = 0;
    new ResizeObserver(() => {
        if (width === parts.drawing.clientWidth) return;
        width = parts.drawing.clientWidth;
        draw();
    }).observe(parts.drawing);
}

/** Runs the shaders on the reader's GPU, and shows what comes out. */
async function useGpu() {
    const gpu = await openGpu();
    if ("none" in gpu) {
        gpuSays = (lang) => words(lang)[gpu.none];
        return "none";
    }
    const { device, name } = gpu;
    const rounds = await computeRounds(device, data);
    for (const pass of data.passes) {
        const buffers = rounds.get(pass.round);
        if (buffers) compared.set(pass.round, compareRound(data, pass, buffers));
    }
    const figures = await useFigures(device);
    gpuSays = (lang) => summary(lang, name, figures, undefined);
    show();
    const trained = await computeTraining(device, data.shaders, [data.rounds]);
    gpuSays = (lang) => summary(lang, name, figures, trained.get(data.rounds));
    return "done";
}

/**
 * Computes the article's figures, and fills their column in the table.
 * @param {GPUDevice} device
 */
async function useFigures(device) {
    const { article } = data.shaders;
    if (!article || !data.figures) return [];
    const marks = article.figures.map(({ rounds }) => rounds);
    const judged = judgeFigures(article.figures, data.figures, await computeTraining(device, article, marks));
    for (const row of document.querySelectorAll("#figures tr[data-figure]")) {
        const { value, verdict } = at(judged, Number(row.getAttribute("data-figure")));
        const cell = row.querySelector(".here");
        const sign = verdict === "mismatch" ? " ✗" : "";
        if (cell) cell.textContent = value.toFixed(10).replace(/-/g, "−") + sign;
        row.setAttribute("data-gpu-value", String(value));
        row.setAttribute("data-gpu-verdict", verdict);
        row.classList.toggle("bad", verdict === "mismatch");
    }
    element("figures", HTMLElement).classList.add("has-gpu");
    return judged;
}

/**
 * @param {Lang} lang
 * @param {string} adapter
 * @param {{ verdict: string }[]} figures
 * @param {Map<string, number[][]> | undefined} trained the buffers after all rounds
 */
function summary(lang, adapter, figures, trained) {
    const text = words(lang);
    const all = [...compared.values()].flatMap((values) => [...values.values()]);
    const bad = all.filter(({ ok }) => !ok);
    const first = bad[0];
    const verdict = first
        ? fill(text.gpuBad, {
              bad: thousands(bad.length),
              name: first.name,
              reference: digits(first.reference),
              gpu: digits(first.gpu),
          })
        : text.gpuGood;
    const said = [
        fill(text.gpuDone, { adapter, count: thousands(all.length), rounds: compared.size, verdict }),
    ];
    const last = data.passes.at(-1);
    const late = trained?.get("Error")?.[0];
    if (last && last.round === data.rounds && late) {
        const gpu = late.reduce((sum, error) => sum + error, 0) / data.rows.length;
        const reference = digits(toNumber(last.error));
        said.push(fill(text.gpuLate, { rounds: thousands(last.round), gpu: digits(Number(gpu.toPrecision(7))), reference }));
    }
    if (figures.length > 0) {
        const count = (/** @type {string} */ name) => figures.filter((figure) => figure.verdict === name).length;
        const counts = Object.fromEntries(Object.keys(text.verdicts).map((name) => [name, count(name)]));
        said.push(fill(text.gpuFigures, { all: figures.length, ...counts }));
    }
    return said.join(lang === "zh" ? "" : " ");
}

element("live", HTMLElement).hidden = false;
element("languages", HTMLElement).hidden = false;
listen();
show();
useGpu()
    .catch((/** @type {unknown} */ fault) => {
        const why = fault instanceof Error ? fault.message : String(fault);
        gpuSays = (lang) => fill(words(lang).gpuFailed, { why });
        return "failed";
    })
    .then((state) => {
        document.documentElement.dataset["gpu"] = state;
        show();
    });
