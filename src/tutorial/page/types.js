// The data of the page: what the program writes into it (src/tutorial/data.rs, src/tutorial/page/shaders.rs). Types only;
// this file does not go into the page.

/** @typedef {"en" | "zh"} Lang */
/** @typedef {Record<Lang, string>} Text */
/** A number that is not finite comes as a text.
 * @typedef {number | string} Num */

/** @typedef {{ weight: Num[][], bias: Num[] }} Tensors */
/** @typedef {{ net: Num[][], out: Num[][], errors: Num[], error: Num, delta: Num[][] }} RowPass */
/** @typedef {{ round: number, layers: Tensors[], rows: RowPass[], error: Num, gradient: Tensors[], after: Tensors[] }} Pass */
/** @typedef {{ neurons: string[], activation: string, weights: string[][], biases: string[] }} Layer */
/** @typedef {{ inputs: string[], layers: Layer[], loss: string, optimizer: string, momentum: number, learning_rate: number,
 *     order: string, update_biases: boolean }} Network */
/** @typedef {{ where: string, symbol: string, label: Text, printed: string, reference: number, computed: number,
 *     verdict: string, note: Text | null }} Figure */

/** @typedef {{ label: string, source: string }} Module */
/** @typedef {{ name: string, bytes: number, uniform: boolean, words: number[], tensors: [number, number][] }} StoredBuffer */
/** @typedef {{ binding: number, buffer: number, offset: number, size: number }} Binding */
/** @typedef {{ label: string, module: number, entry: string, constants: Record<string, number>, bindings: Binding[],
 *     groups: [number, number], steps: number }} Dispatch */
/** @typedef {{ modules: Module[], buffers: StoredBuffer[], dispatches: Dispatch[] }} Replay */
/** @typedef {{ relative?: number, absolute?: number }} Bound */
/** Where a figure is found: an element of a buffer, in the round that follows some rounds; and the verdict on its print.
 * @typedef {{ buffer: string, index: number, sign: number, rounds: number, bound: Bound, print: string }} Source */
/** @typedef {{ round: Replay, rounds: Replay | null, figures: Source[] }} ArticleShaders */
/** @typedef {{ round: Replay, rounds: Replay | null, alike: boolean, article?: ArticleShaders }} Shaders */

/** @typedef {{ wgrad: string, kind: "article" | "homework", title: Text, network: Network,
 *     rows: { input: number[], target: number[] }[], rounds: number, passes: Pass[], curve: [number, Num][],
 *     figures?: Figure[], machine: { adapter: string, backend: string }, shaders: Shaders }} Data */

/** One step within a round.
 * @typedef {{ kind: "forward" | "error" | "delta" | "gradient" | "update", layers: number[] }} Step */
/** What the page shows.
 * @typedef {{ pass: number, step: number, row: number, lang: Lang, marked: string }} View */
/** A value that the reader's GPU computed, beside the reference.
 * @typedef {{ name: string, reference: number, gpu: number, ok: boolean }} Compared */

export {};
