// Checks the page of `wgrad tutorial --page` in Chromium, on its software adapter for WebGPU.
//
//   node browser.js [--shots DIR]
//
// WGRAD is the program (target/release/wgrad), CHROMIUM the browser. With --shots, pictures of the page are written to DIR.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

/** @import { Browser, BrowserContextOptions, Page } from "playwright-core" */
/** @import { Data } from "../../src/tutorial/page/types.js" */

const WGRAD = process.env["WGRAD"] ?? resolve(import.meta.dirname, "../../target/release/wgrad");
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
const shots = process.argv[2] === "--shots" ? process.argv[3] : undefined;
const folder = mkdtempSync(join(tmpdir(), "wgrad-page-"));

/** @param {string[]} args */
const wgrad = (...args) => execFileSync(WGRAD, ["tutorial", ...args], { encoding: "utf8", stdio: "pipe" });

/** @param {string} name @param {string[]} args */
function write(name, ...args) {
    const path = join(folder, name);
    wgrad("--page", path, "--lang", "en", ...args);
    assert.ok(statSync(path).size < 1e6, `${name}: under 1 MB`);
    return path;
}

/**
 * Opens a page, and fails for a request, an error or a warning.
 * @param {Browser} browser
 * @param {string} path
 * @param {BrowserContextOptions} options
 * @param {string} [init]
 */
async function open(browser, path, options = {}, init) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const url = pathToFileURL(path).href;
    /** @type {string[]} */
    const faults = [];
    page.on("request", (request) => {
        if (request.url() !== url && !request.url().startsWith("data:")) faults.push(`request: ${request.url()}`);
    });
    page.on("pageerror", (error) => faults.push(String(error.stack)));
    page.on("console", (message) => {
        if (message.type() === "error") faults.push(message.text());
    });
    if (init) await page.addInitScript(init);
    await page.goto(url);
    if (options.javaScriptEnabled !== false) {
        await page.waitForFunction(() => document.documentElement.dataset["gpu"], undefined, { timeout: 120_000 });
    }
    return { page, faults, close: () => context.close() };
}

/** @param {Page} page */
const state = (page) => page.evaluate(() => document.documentElement.dataset["gpu"]);
/** @param {Page} page @param {string} selector */
const textOf = (page, selector) => page.locator(selector).innerText();

/** The texts of the drawing that cover others, or leave it; and where the labels of weights are.
 * @param {Page} page */
async function drawing(page) {
    return page.locator("#drawing svg").evaluate((svg) => {
        const lines = [...svg.querySelectorAll("tspan, text:not(:has(tspan))")].map((line) => {
            const { left, right, top, bottom } = line.getBoundingClientRect();
            // Lines are higher than their letters.
            const rest = 0.2 * (bottom - top);
            return { text: line.textContent, owner: line.closest("g"), left, right, top: top + rest, bottom: bottom - rest };
        });
        const whole = svg.getBoundingClientRect();
        const covered = lines.flatMap((a, k) => {
            const over = lines.slice(k + 1).filter((b) => {
                const apart = a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
                return a.owner !== b.owner && !apart;
            });
            const isOutside = a.left < whole.left - 1 || a.right > whole.right + 1 || a.bottom > whole.bottom;
            return [...over.map((b) => `${a.text} / ${b.text}`), ...(isOutside ? [`${a.text} leaves it`] : [])];
        });
        const labels = [...svg.querySelectorAll(".weight")].map((label) => ({
            name: label.getAttribute("data-name") ?? "",
            x: label.querySelector("tspan")?.getAttribute("x") ?? "",
        }));
        return { covered, labels };
    });
}

/** The figures as the shaders computed them in the browser.
 * @param {Page} page */
async function figures(page) {
    const rows = page.locator("#figures tr[data-figure]");
    return rows.evaluateAll((all) =>
        all.map((row) => ({
            value: Number(row.getAttribute("data-gpu-value")),
            verdict: row.getAttribute("data-gpu-verdict"),
        })),
    );
}

/** Compiles every module of the page with the browser's compiler, and returns all that it says.
 * @param {Page} page */
async function compile(page) {
    return page.evaluate(async () => {
        /** @type {Data} */
        const data = JSON.parse(document.getElementById("data")?.textContent ?? "");
        const { round, rounds, article } = data.shaders;
        const replays = [round, rounds, article?.round, article?.rounds];
        const modules = replays.flatMap((replay) => replay?.modules ?? []);
        const adapter = await navigator.gpu.requestAdapter();
        const device = await adapter?.requestDevice();
        const said = [];
        for (const { label, source: code } of modules) {
            const info = await device?.createShaderModule({ code }).getCompilationInfo();
            if (!info) throw new Error("no device");
            said.push(...info.messages.map(({ lineNum, message }) => `${label}:${lineNum}: ${message}`));
        }
        return { count: modules.length, said };
    });
}

/** @type {[string, (browser: Browser) => Promise<void>][]} */
const onGpu = [
    [
        "every figure of the article comes out of the shaders in the browser, with the program's verdict",
        async (browser) => {
            const expected = JSON.parse(wgrad("--json")).figures;
            for (const order of ["simultaneous", "sequential"]) {
                const { page, faults, close } = await open(browser, write(`${order}.html`, "--order", order));
                assert.equal(await state(page), "done", await textOf(page, "#gpu"));
                const found = await figures(page);
                const wanted = order === "simultaneous" ? expected : JSON.parse(wgrad("--json", "--order", order)).figures;
                assert.equal(found.length, 38);
                assert.deepEqual(
                    found.map(({ verdict }) => verdict),
                    wanted.map((/** @type {{ verdict: string }} */ figure) => figure.verdict),
                );
                for (const [k, { value }] of found.entries()) {
                    const { symbol, reference } = wanted[k];
                    assert.ok(Math.abs(value / reference - 1) < 5e-5, `${symbol}: ${value} for ${reference}`);
                }
                assert.equal(await page.locator(".gpu.bad").count(), 0);
                assert.deepEqual(faults, []);
                await close();
            }
        },
    ],
    [
        "Tint compiles every module without a word",
        async (browser) => {
            for (const path of [write("article.html"), write("homework.html", "--network", homework("mixed"))]) {
                const { page, close } = await open(browser, path);
                const { count, said } = await compile(page);
                assert.ok(count >= 6, `${count} modules`);
                assert.deepEqual(said, []);
                await close();
            }
        },
    ],
    [
        "homework of several rows, layers and losses runs in the browser",
        async (browser) => {
            for (const name of /** @type {const} */ (["mixed", "xor", "adam", "wide"])) {
                const { page, faults, close } = await open(browser, write(`${name}.html`, "--network", homework(name)));
                assert.equal(await state(page), "done", await textOf(page, "#gpu"));
                assert.match(await textOf(page, "#gpu"), /as close to the exact values as rounding/, name);
                assert.deepEqual(faults, []);
                await close();
            }
        },
    ],
    [
        "a fault in a shader is a mismatch",
        async (browser) => {
            const text = readFileSync(write("whole.html"), "utf8");
            const faulty = text.replaceAll("var net = load(b, o);", "var net = 0.0;");
            assert.notEqual(text, faulty);
            const path = join(folder, "faulty.html");
            writeFileSync(path, faulty);
            const { page, close } = await open(browser, path);
            const [netH1, ...rest] = await figures(page);
            assert.equal(netH1?.verdict, "mismatch");
            assert.equal(rest.find(({ value }) => Math.abs(value - 0.05) < 1e-9)?.verdict, "match", "dnet_h1/dw1");
            assert.match(await textOf(page, "#gpu"), /further off than rounding explains/);
            await close();
        },
    ],
    [
        "pictures",
        async (browser) => {
            if (!shots) return;
            mkdirSync(shots, { recursive: true });
            const article = write("pictures.html");
            const own = write("pictures-own.html", "--network", homework("mixed"));
            for (const [name, path] of Object.entries({ article, own })) {
                for (const width of [360, 768, 1280, 1920]) {
                    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
                        const { page, close } = await open(browser, path, { viewport: { width, height: 900 }, colorScheme });
                        await page.keyboard.press("End");
                        for (let k = 0; k < 4; k++) await page.keyboard.press("ArrowRight");
                        await page.screenshot({ path: join(shots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
                        await close();
                    }
                }
            }
        },
    ],
];

/** @type {[string, (browser: Browser) => Promise<void>][]} */
const anywhere = [
    [
        "the arrow keys, the slider and the buttons go through the rounds",
        async (browser) => {
            const { page, faults, close } = await open(browser, write("keys.html"));
            for (let k = 0; k < 7; k++) await page.keyboard.press("ArrowRight");
            assert.equal(await textOf(page, "#step-title"), "Update");
            assert.match(await textOf(page, "#cards"), /0\.35891648/);
            assert.match(await textOf(page, "#step-why"), /w5\+ is weight w5 after this round/);
            await page.keyboard.press("ArrowRight");
            assert.match(await textOf(page, "#round-name"), /^Round 2 of 10,000/);
            await page.keyboard.press("ArrowLeft");
            await page.locator("#round").focus();
            await page.keyboard.press("End");
            assert.match(await textOf(page, "#round-name"), /^After 10,000 rounds/);
            await page.locator("#back").focus();
            // The button that goes on is off at the end.
            await page.keyboard.press("Tab");
            await page.keyboard.press("Enter");
            assert.equal(await textOf(page, "#step-title"), "Forward: hidden layer");
            assert.match(await textOf(page, "#cards"), /0\.606978129/);
            assert.deepEqual(faults, []);
            await close();
        },
    ],
    [
        "nothing is wider than the window, and both languages are whole",
        async (browser) => {
            for (const path of [write("narrow.html"), write("narrow-own.html", "--network", homework("mixed"))]) {
                for (const width of [360, 768, 1280, 1920]) {
                    const { page, close } = await open(browser, path, { viewport: { width, height: 800 } });
                    for (const lang of ["en", "zh"]) {
                        await page.locator(`button[data-lang=${lang}]`).click();
                        const whole = await page.evaluate(() => document.documentElement.scrollWidth);
                        assert.ok(whole <= width, `${path}: ${whole} in ${width}`);
                        const text = await textOf(page, "main");
                        assert.equal(/[\u4e00-\u9fff]/.test(text), lang === "zh");
                        assert.doesNotMatch(text, /undefined|NaN|\{\w+\}/);
                    }
                    await close();
                }
            }
        },
    ],
    [
        "no text of a drawing covers another one, and labels stay where they are",
        async (browser) => {
            const own = /** @type {const} */ (["mixed", "three"]).map((name) => write(`${name}.html`, "--network", homework(name)));
            for (const path of [write("labels.html"), write("trained.html", "--biases", "trained"), ...own]) {
                for (const width of [360, 800, 1280]) {
                    const { page, close } = await open(browser, path, { viewport: { width, height: 800 } });
                    const places = new Map();
                    for (const button of await page.locator("#steps button").all()) {
                        await button.click();
                        const { covered, labels } = await drawing(page);
                        assert.deepEqual(covered, [], `${path}, ${width} pixels, ${await textOf(page, "#step-title")}`);
                        for (const { name, x } of labels) assert.equal(x, places.get(name) ?? x, name);
                        for (const { name, x } of labels) places.set(name, x);
                    }
                    await close();
                }
            }
        },
    ],
    [
        "without WebGPU the page says so, and shows the program's values",
        async (browser) => {
            const { page, faults, close } = await open(browser, write("none.html"), {}, "delete Navigator.prototype.gpu");
            assert.equal(await state(page), "none");
            assert.match(await textOf(page, "#gpu"), /no WebGPU.*wgrad computed/);
            assert.match(await textOf(page, "#cards"), /0\.593269992/);
            assert.match(await textOf(page, "#figures"), /0\.35891647972/);
            assert.deepEqual(faults, []);
            await close();
        },
    ],
    [
        "without scripts the first round and the figures can be read",
        async (browser) => {
            const { page, close } = await open(browser, write("static.html"), { javaScriptEnabled: false });
            assert.equal(await page.locator("#live").isVisible(), false);
            const numbers = await textOf(page, "#numbers");
            for (const value of ["0.593269992", "0.138498562", "0.082167041", "0.35891648"]) {
                assert.ok(numbers.includes(value), value);
            }
            assert.equal(await page.locator("#figures tr[data-figure]").count(), 38);
            assert.match(await textOf(page, "main"), /Scripts are off/);
            await close();
        },
    ],
];

/** A network's file: several rows, layers and activations; four rows; a loss with softmax, and an optimizer with memory. */
const NETWORKS = {
    mixed: `
learning_rate = 0.1
rounds = 50
train_bias = true
[[rows]]
input = [0.5, -0.2, 0.1]
target = [0.3, -0.1]
[[rows]]
input = [0.1, 0.4, -0.3]
target = [0.2, 0.7]
[[layers]]
activation = "tanh"
weights = [[0.1, 0.2, 0.3], [0.4, -0.5, 0.6]]
bias = [0.1, -0.1]
[[layers]]
activation = "leaky_relu"
weights = [[0.3, 0.2], [0.1, -0.2], [0.7, 0.6]]
bias = [0.2, 0.1, -0.9]
[[layers]]
activation = "identity"
weights = [[0.1, 0.2, -0.3], [0.3, 0.1, 0.2]]
bias = [0.0, 0.05]
`,
    xor: `
learning_rate = 2.0
rounds = 3000
loss = "mse"
order = "sequential"
[[rows]]
input = [0, 0]
target = [0]
[[rows]]
input = [0, 1]
target = [1]
[[rows]]
input = [1, 0]
target = [1]
[[rows]]
input = [1, 1]
target = [0]
[[layers]]
activation = "sigmoid"
weights = [[0.8, -0.7], [-0.6, 0.9], [0.5, 0.4]]
bias = [0.1, 0.1, -0.2]
[[layers]]
activation = "sigmoid"
weights = [[0.7, 0.8, -0.5]]
bias = 0.1
`,
    three: `
learning_rate = 0.3
[[rows]]
input = [-0.35, -0.7, 0.3]
target = [0.16, 0.53]
[[layers]]
activation = "tanh"
weights = [[-0.269, -0.884, 0.015], [-0.925, -0.133, -0.86], [-0.819, -0.151, 0.654]]
bias = [-0.38, -0.28, 0.13]
[[layers]]
activation = "tanh"
weights = [[0.895, 0.154, -0.207], [0.953, -0.907, 0.717]]
bias = [-0.21, -0.36]
`,
    adam: `
learning_rate = 0.01
rounds = 100
loss = "cross-entropy"
optimizer = "adam"
[[rows]]
input = [0.2, 0.7]
target = [0, 1, 0]
[[layers]]
activation = "tanh"
weights = [[0.1, 0.2], [-0.3, 0.4]]
[[layers]]
activation = "softmax"
weights = [[0.5, -0.6], [0.2, 0.1], [-0.4, 0.3]]
`,
    wide: wide(14, 20),
};

/**
 * The file of a network that is too large to be drawn.
 * @param {number} inputs
 * @param {number} hidden
 */
function wide(inputs, hidden) {
    const numbers = (/** @type {number} */ count, /** @type {number} */ seed) =>
        Array.from({ length: count }, (_, k) => (Math.sin(seed + 7 * k) / 2).toFixed(3));
    const rows = Array.from({ length: hidden }, (_, o) => `[${numbers(inputs, o).join(", ")}]`);
    return `
learning_rate = 0.2
rounds = 10
[[rows]]
input = [${numbers(inputs, 3).join(", ")}]
target = [0.4]
[[layers]]
activation = "tanh"
weights = [${rows.join(", ")}]
[[layers]]
activation = "sigmoid"
weights = [[${numbers(hidden, 5).join(", ")}]]
`;
}

/**
 * Writes the file of a network.
 * @param {keyof typeof NETWORKS} name
 */
function homework(name) {
    const path = join(folder, `${name}.toml`);
    writeFileSync(path, NETWORKS[name]);
    return path;
}

/**
 * @param {string[]} args
 * @param {[string, (browser: Browser) => Promise<void>][]} checks
 */
async function run(args, checks) {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: process.getuid?.() === 0 ? [...args, "--no-sandbox"] : args });
    try {
        for (const [sentence, check] of checks) {
            await check(browser);
            console.log(`ok: ${sentence}`);
        }
    } finally {
        await browser.close();
    }
}

for (const [what, path] of Object.entries({ WGRAD, CHROMIUM })) {
    assert.ok(existsSync(path), `${what}: expected a program, found nothing at ${path}`);
}
try {
    await run(WEBGPU, onGpu);
    await run([], anywhere);
} finally {
    rmSync(folder, { recursive: true });
}
