// The texts of the page that change with the step. Names in braces are filled in.

/** @import { Lang } from "./types.js" */

/** @typedef {typeof EN} Words */

const EN = {
    layers: { hidden: "hidden layer", hiddenN: "hidden layer {n}", output: "output layer" },
    steps: {
        forward: "Forward: {layer}",
        error: "Error",
        delta: "Delta: {layer}",
        gradient: "Gradient: {layer}",
        update: "Update",
    },
    short: { forward: "forward {l}", error: "error", delta: "delta {l}", gradient: "gradient {l}", update: "update" },
    why: {
        forward:
            "Each neuron adds up what reaches it, every value times the weight on its way, and its bias. That sum is its net input, net. The activation function ({activation}) makes of it the neuron's output, out.",
        error: "How far are the outputs from their targets? Each distance becomes an error, and together they are the total error, E_total: the one number that training makes smaller.",
        deltaOutput:
            "Now backwards. The delta of an output neuron says how fast the error changes when the neuron's net input grows. It is a product (the chain rule): how fast the error follows the output, times how fast the output follows the net input. {slope}",
        deltaHidden:
            "A neuron in a hidden layer acts on every neuron of the next layer, so its part in the error comes back from all of them. Each sends its delta back through the weight that leads to it, and these are added up. Times the slope of the neuron's own activation, that is its delta. {order}",
        simultaneous: "The weights are those from before the update.",
        sequential: "In this order of updates, the weights of the next layer are already the new ones.",
        gradient:
            "The partial derivative of the error with respect to a weight says how fast the error changes when that weight grows. The net input follows the weight as fast as the value that the weight multiplies. So the partial derivative is the delta of the neuron that the weight leads to, times the value that comes in. All partial derivatives together are the gradient.",
        update: "{w}+ is weight {w} after this round. Each weight moves against its partial derivative: if more weight means more error, it becomes smaller; if more weight means less error, it becomes larger. The learning rate {rate} says how far. All weights do this in each round, and the error usually shrinks.",
    },
    slopes: {
        sigmoid:
            "The latter is the slope of the logistic function: derived, 1 / (1 + e^−net) becomes e^−net / (1 + e^−net)², and that is out × (1 − out).",
        tanh: "The latter is the slope of tanh, which is 1 − out².",
        relu: "The latter is the slope of relu: 1 where net is above 0, and 0 elsewhere.",
        leaky_relu: "The latter is the slope of leaky relu: 1 where net is above 0, and 0.01 elsewhere.",
        identity: "The latter is 1, as the output is the net input itself.",
        softmax: "With softmax and cross-entropy, the product is the output less the target.",
    },
    grows: "The partial derivative is positive: a larger {w} would make the error larger. So {w} becomes smaller, by {by}.",
    shrinks: "The partial derivative is negative: a larger {w} would make the error smaller. So {w} becomes larger, by {by}.",
    still: "The partial derivative is 0: {w} stays as it is.",
    meanOfRows: "{name} is the mean over all {n} rows. This row alone gives {value}.",
    rate: "rate",
    frozen: "Biases stay as they are in this network.",
    trained: "Biases are trained, too. Each neuron has its own, with a name of its own ({biases}), since each takes its own step.",
    optimizer: "The step is that of {optimizer}, which also looks at earlier gradients.",
    round: "Round {n} of {all}",
    end: "After {all} rounds",
    roundNote: "The slider stops at some of the rounds.",
    row: "Row",
    printed: "In the article",
    reference: "exact value",
    network: "Network with the values of this step: {step}. {values}",
    legend: "Under a neuron: net and out, its target (→), its delta (δ). Above it: its bias. On a line: the weight, and the partial derivative of the error with respect to it (∂).",
    curve: "E_total, the total error, by round, both on logarithmic scales. At round {n} it is {error}.",
    curveRounds: "round",
    curveError: "E_total, log scale",
    neurons: "Neurons",
    weights: "Weights and biases",
    neuron: "neuron",
    weight: "weight",
    from: "from",
    to: "to",
    before: "before",
    gradientHead: "∂E/∂w",
    after: "after",
    gpu: "your GPU",
    gpuValue: "your GPU: {value}",
    bias: "bias",
    too_large: "This network is too large to be drawn so that it can be read. The tables below have its numbers.",
    gpuNone:
        "This browser has no WebGPU, so your GPU cannot run the shaders. All values here are those that wgrad computed.",
    gpuNoAdapter:
        "This browser has WebGPU, but found no GPU that it may use. All values here are those that wgrad computed.",
    gpuFailed: "Your browser could not run the shaders: {why}. All values here are those that wgrad computed.",
    gpuRuns: "Your GPU is running the shaders …",
    gpuDone:
        "Your GPU ({adapter}) ran wgrad's own shaders in this page and computed {count} values of {rounds} rounds. {verdict}",
    gpuGood: "All are as close to the exact values as rounding to 7 digits explains.",
    gpuBad: "{bad} are further off than rounding explains, the first is {name}: expected {reference}, computed {gpu}. Doubt the browser or the driver.",
    gpuFigures: "Of the article's {all} figures: {match} match, {misprint} misprint, {sequential} sequential, {mismatch} mismatch (the list at the end says what these mean).",
    gpuLate: "After {rounds} rounds in one invocation, its total error is {gpu}; the exact value is {reference}.",
    verdicts: { match: "match", misprint: "misprint", sequential: "sequential", mismatch: "mismatch" },
};

/** @type {Words} */
const ZH = {
    layers: { hidden: "隐藏层", hiddenN: "第 {n} 隐藏层", output: "输出层" },
    steps: {
        forward: "前向：{layer}",
        error: "误差",
        delta: "delta：{layer}",
        gradient: "梯度：{layer}",
        update: "更新",
    },
    short: { forward: "前向 {l}", error: "误差", delta: "delta {l}", gradient: "梯度 {l}", update: "更新" },
    why: {
        forward:
            "每个神经元把传来的每个值乘以途中的权重，全部相加，再加上偏置：这就是净输入 net。激活函数（{activation}）由它得出神经元的输出 out。",
        error: "输出与目标值相差多少？每个差距化为一个误差，合起来就是总误差 E_total：训练所要减小的，就是这一个数。",
        deltaOutput:
            "现在往回走。输出神经元的 delta 表示：它的净输入增大时，误差变化得多快。它是一个乘积（链式法则）：误差随输出变化的快慢，乘以输出随净输入变化的快慢。{slope}",
        deltaHidden:
            "隐藏层的神经元影响下一层的每个神经元，所以它对误差的影响要从它们全部传回来：每个神经元把自己的 delta 沿着相连的权重传回，再相加。乘以这个神经元自己激活函数的斜率，就是它的 delta。{order}",
        simultaneous: "这里用的是更新之前的权重。",
        sequential: "按这种更新次序，下一层的权重这时已经是新的了。",
        gradient:
            "误差对权重的偏导数表示：这个权重增大时，误差变化得多快。净输入随权重变化的快慢，正好等于权重所乘的那个值。所以偏导数等于权重通向的神经元的 delta，乘以传入的值。所有偏导数合起来就是梯度。",
        update: "{w}+ 是这一轮之后的权重 {w}。每个权重都朝自己偏导数的反方向走一步：如果权重增大会使误差变大，它就变小；如果权重增大会使误差变小，它就变大。学习率 {rate} 决定走多远。每一轮里所有权重都这样更新，误差就越来越小。",
    },
    slopes: {
        sigmoid: "后者是逻辑斯谛函数的斜率：对 1 / (1 + e^−net) 求导，得到 e^−net / (1 + e^−net)²，也就是 out × (1 − out)。",
        tanh: "后者是 tanh 的斜率 1 − out²。",
        relu: "后者是 relu 的斜率：net 大于 0 时是 1，否则是 0。",
        leaky_relu: "后者是 leaky relu 的斜率：net 大于 0 时是 1，否则是 0.01。",
        identity: "后者是 1，因为输出就是净输入。",
        softmax: "用 softmax 和交叉熵时，这个乘积就是输出减去目标值。",
    },
    grows: "偏导数为正：{w} 增大会使误差变大，所以 {w} 变小，减小了 {by}。",
    shrinks: "偏导数为负：{w} 增大会使误差变小，所以 {w} 变大，增大了 {by}。",
    still: "偏导数为 0：{w} 不变。",
    meanOfRows: "{name} 是全部 {n} 行的平均值。只看这一行，得到 {value}。",
    rate: "学习率",
    frozen: "这个网络的偏置保持不变。",
    trained: "偏置也参与训练。每个神经元有自己的偏置，各有名字（{biases}），因为每个都走自己的一步。",
    optimizer: "更新的步子由 {optimizer} 决定，它还会参考以前的梯度。",
    round: "第 {n} 轮，共 {all} 轮",
    end: "{all} 轮之后",
    roundNote: "滑块停在其中的一些轮次上。",
    row: "行",
    printed: "文章中的数值",
    reference: "精确值",
    network: "网络图，显示这一步的数值：{step}。{values}",
    legend: "神经元下方：net 和 out、目标值（→）、delta（δ）；上方：偏置。连线上：权重，以及误差对它的偏导数（∂）。",
    curve: "总误差 E_total 随轮次的变化，两轴都是对数刻度。第 {n} 轮时为 {error}。",
    curveRounds: "轮次",
    curveError: "E_total，对数刻度",
    neurons: "神经元",
    weights: "权重和偏置",
    neuron: "神经元",
    weight: "权重",
    from: "来自",
    to: "通向",
    before: "更新前",
    gradientHead: "∂E/∂w",
    after: "更新后",
    gpu: "您的 GPU",
    gpuValue: "您的 GPU：{value}",
    bias: "偏置",
    too_large: "这个网络太大，画出来看不清楚。它的数值见下面的表格。",
    gpuNone: "这个浏览器没有 WebGPU，您的 GPU 无法运行着色器。这里的数值都是 wgrad 算出来的。",
    gpuNoAdapter: "这个浏览器有 WebGPU，但没有找到可用的 GPU。这里的数值都是 wgrad 算出来的。",
    gpuFailed: "浏览器未能运行着色器：{why}。这里的数值都是 wgrad 算出来的。",
    gpuRuns: "您的 GPU 正在运行着色器……",
    gpuDone: "您的 GPU（{adapter}）在本页中运行了 wgrad 自己的着色器，算出了 {rounds} 个轮次的 {count} 个数值。{verdict}",
    gpuGood: "它们与精确值的差距都在 7 位有效数字的舍入误差之内。",
    gpuBad: "有 {bad} 个数值与精确值的差距超出了舍入误差的范围，第一个是 {name}：应为 {reference}，算出的是 {gpu}。请检查浏览器或驱动程序。",
    gpuFigures: "文章的 {all} 个数值中：{match} 个相符，{misprint} 个笔误，{sequential} 个逐层更新，{mismatch} 个不符（含义见文末的列表）。",
    gpuLate: "在单个线程里运行 {rounds} 轮之后，总误差为 {gpu}；精确值为 {reference}。",
    verdicts: { match: "相符", misprint: "笔误", sequential: "逐层更新", mismatch: "不符" },
};

/**
 * @param {Lang} lang
 * @returns {Words}
 */
export function words(lang) {
    return lang === "zh" ? ZH : EN;
}

/**
 * Fills in the names in braces.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
