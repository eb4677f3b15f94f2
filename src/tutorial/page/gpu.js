// Runs wgrad's shaders with WebGPU: the modules, buffers and dispatches that the program put into the page, unchanged.

/** @import { Data, Dispatch, Replay, StoredBuffer } from "./types.js" */
import { at } from "./lists.js";

/**
 * The reader's GPU, or why there is none.
 * @returns {Promise<{ device: GPUDevice, name: string } | { none: "gpuNone" | "gpuNoAdapter" }>}
 */
export async function openGpu() {
    if (!("gpu" in navigator)) return { none: "gpuNone" };
    const adapter = await navigator.gpu.requestAdapter();
    if (adapter === null) return { none: "gpuNoAdapter" };
    const { vendor, architecture, device: model, description } = adapter.info;
    const name = description || [vendor, architecture, model].filter((part) => part !== "").join(" ");
    return { device: await adapter.requestDevice(), name: name || "WebGPU" };
}

/** Dispatches of many steps in a submission. */
const AT_ONCE = 10;

/** Rounds that the page does in one invocation: some seconds. */
const MOST_ROUNDS = 100_000;

/** A replay that is loaded on a GPU. */
export class Program {
    /** @type {GPUDevice} */
    #device;
    /** @type {Replay} */
    #replay;
    /** @type {GPUBuffer[]} */
    #buffers;
    /** @type {{ pipeline: GPUComputePipeline, group: GPUBindGroup, dispatch: Dispatch }[]} */
    #dispatches;

    /**
     * Compiles the modules and creates the buffers. Throws what the browser says against a module.
     * @param {GPUDevice} device
     * @param {Replay} replay
     */
    static async load(device, replay) {
        device.pushErrorScope("validation");
        const modules = replay.modules.map(({ label, source: code }) => device.createShaderModule({ label, code }));
        for (const [m, module] of modules.entries()) {
            const { messages } = await module.getCompilationInfo();
            const error = messages.find(({ type }) => type === "error");
            if (error) throw new Error(`${at(replay.modules, m).label}:${error.lineNum}: ${error.message}`);
        }
        const buffers = replay.buffers.map((buffer) => createBuffer(device, buffer));
        const dispatches = await Promise.all(
            replay.dispatches.map(async (dispatch) => {
                const { module, entry: entryPoint, constants, label } = dispatch;
                const pipeline = await device.createComputePipelineAsync({
                    label,
                    layout: "auto",
                    compute: { module: at(modules, module), entryPoint, constants },
                });
                const entries = dispatch.bindings.map(({ binding, buffer, offset, size }) => ({
                    binding,
                    resource: { buffer: at(buffers, buffer), offset, size },
                }));
                const group = device.createBindGroup({ label, layout: pipeline.getBindGroupLayout(0), entries });
                return { pipeline, group, dispatch };
            }),
        );
        const fault = await device.popErrorScope();
        if (fault) throw new Error(fault.message);
        const program = new Program(device, replay, buffers, dispatches);
        program.reset();
        return program;
    }

    /**
     * @param {GPUDevice} device
     * @param {Replay} replay
     * @param {GPUBuffer[]} buffers
     * @param {{ pipeline: GPUComputePipeline, group: GPUBindGroup, dispatch: Dispatch }[]} dispatches
     */
    constructor(device, replay, buffers, dispatches) {
        this.#device = device;
        this.#replay = replay;
        this.#buffers = buffers;
        this.#dispatches = dispatches;
    }

    /** The names of the buffers that hold tensors. */
    get tensors() {
        return this.#replay.buffers.filter(({ tensors }) => tensors.length > 0).map(({ name }) => name);
    }

    /** Gives every buffer its first contents. */
    reset() {
        for (const [b, { bytes, words }] of this.#replay.buffers.entries()) {
            const all = new Uint32Array(bytes / 4);
            all.set(words);
            this.#device.queue.writeBuffer(at(this.#buffers, b), 0, all);
        }
    }

    /**
     * Writes the tensors of a buffer.
     * @param {string} name
     * @param {number[][]} tensors
     */
    write(name, tensors) {
        const b = this.#number(name);
        for (const [t, [start, length]] of at(this.#replay.buffers, b).tensors.entries()) {
            const values = new Float32Array(at(tensors, t));
            if (values.length !== length) throw new RangeError(`${name}: ${values.length} of ${length} elements`);
            this.#device.queue.writeBuffer(at(this.#buffers, b), 4 * start, values);
        }
    }

    /** Runs every dispatch, one after the other: one round. */
    run() {
        this.#submit(this.#dispatches);
    }

    /**
     * Runs so many steps, with the dispatches that take the most steps first, and not too many before the GPU rests: a
     * driver ends what takes seconds.
     * @param {number} steps
     */
    async advance(steps) {
        const list = [];
        let rest = steps;
        for (const own of this.#dispatches.toSorted((a, b) => b.dispatch.steps - a.dispatch.steps)) {
            for (; rest >= own.dispatch.steps; rest -= own.dispatch.steps) list.push(own);
        }
        for (let k = 0; k < list.length; k += AT_ONCE) {
            this.#submit(list.slice(k, k + AT_ONCE));
            await this.#device.queue.onSubmittedWorkDone();
        }
    }

    /** @param {{ pipeline: GPUComputePipeline, group: GPUBindGroup, dispatch: Dispatch }[]} list */
    #submit(list) {
        const encoder = this.#device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        for (const { pipeline, group, dispatch } of list) {
            pass.setPipeline(pipeline);
            pass.setBindGroup(0, group);
            pass.dispatchWorkgroups(...dispatch.groups);
        }
        pass.end();
        this.#device.queue.submit([encoder.finish()]);
    }

    /**
     * Reads the tensors of some buffers.
     * @param {string[]} names
     * @returns {Promise<Map<string, number[][]>>}
     */
    async read(names) {
        const regions = names.map((name) => ({ name, number: this.#number(name) }));
        const sizes = regions.map(({ number }) => at(this.#replay.buffers, number).bytes);
        const starts = sizes.map((_, k) => sizes.slice(0, k).reduce((sum, size) => sum + size, 0));
        const size = sizes.reduce((sum, own) => sum + own, 0);
        const staging = this.#device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
        const encoder = this.#device.createCommandEncoder();
        for (const [k, { number }] of regions.entries()) {
            encoder.copyBufferToBuffer(at(this.#buffers, number), 0, staging, at(starts, k), at(sizes, k));
        }
        this.#device.queue.submit([encoder.finish()]);
        await staging.mapAsync(GPUMapMode.READ);
        const values = new Float32Array(staging.getMappedRange().slice(0));
        staging.destroy();
        return new Map(
            regions.map(({ name, number }, k) => {
                const first = at(starts, k) / 4;
                const { tensors } = at(this.#replay.buffers, number);
                const own = tensors.map(([start, length]) => [...values.slice(first + start, first + start + length)]);
                return [name, own];
            }),
        );
    }

    /** @param {string} name */
    #number(name) {
        const number = this.#replay.buffers.findIndex((buffer) => buffer.name === name);
        if (number < 0) throw new RangeError(`no buffer ${name}`);
        return number;
    }
}

/**
 * @param {GPUDevice} device
 * @param {StoredBuffer} buffer
 */
function createBuffer(device, { name: label, bytes: size, uniform }) {
    const { STORAGE, UNIFORM, COPY_SRC, COPY_DST } = GPUBufferUsage;
    return device.createBuffer({ label, size, usage: STORAGE | COPY_SRC | COPY_DST | (uniform ? UNIFORM : 0) });
}

/** The buffers after a round, by the number of rounds before it.
 * @typedef {Map<number, Map<string, number[][]>>} Rounds */

/**
 * Does every round of the page, each begun with the exact parameters.
 * @param {GPUDevice} device
 * @param {Data} data
 * @returns {Promise<Rounds>}
 */
export async function computeRounds(device, data) {
    const round = await Program.load(device, data.shaders.round);
    /** @type {Rounds} */
    const all = new Map();
    for (const pass of data.passes) {
        const parameters = pass.layers.flatMap(({ weight, bias }) => [weight.flat().map(Number), bias.map(Number)]);
        all.set(pass.round, await compute(round, parameters));
    }
    return all;
}

/**
 * Does all rounds up to the last mark in one invocation. At each mark a round, call by call, shows what came out.
 * @param {GPUDevice} device
 * @param {{ round: Replay, rounds: Replay | null }} replays
 * @param {number[]} marks
 * @returns {Promise<Rounds>}
 */
export async function computeTraining(device, replays, marks) {
    /** @type {Rounds} */
    const all = new Map();
    if (replays.rounds === null) return all;
    const round = await Program.load(device, replays.round);
    const lane = await Program.load(device, replays.rounds);
    let done = 0;
    for (const mark of [...new Set(marks)].toSorted((a, b) => a - b)) {
        if (mark > MOST_ROUNDS) break;
        await lane.advance(mark - done);
        done = mark;
        const kept = await lane.read(["networks"]);
        all.set(mark, await compute(round, kept.get("networks") ?? []));
    }
    return all;
}

/**
 * @param {Program} round
 * @param {number[][]} parameters
 */
async function compute(round, parameters) {
    round.reset();
    round.write("Parameters", parameters);
    round.run();
    return round.read(round.tensors);
}
