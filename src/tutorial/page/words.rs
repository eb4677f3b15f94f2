//! The texts of the page that need no script, in English and in Chinese. Those that change with the step are in `words.js`.

/// The texts. Names in braces are placeholders for values.
pub(super) struct Words {
    /// Under the title of a learner's network.
    pub(super) homework: [&'static str; 2],
    /// What the page is about, with names and numbers of the first row.
    pub(super) lead: [&'static str; 2],
    /// How to use it.
    pub(super) how: [&'static str; 2],
    /// What a page without scripts lacks.
    pub(super) noscript: [&'static str; 2],
    /// The label of the slider.
    pub(super) round: [&'static str; 2],
    /// The names of the two buttons, and of the buttons between them.
    pub(super) back: [&'static str; 2],
    pub(super) on: [&'static str; 2],
    pub(super) steps: [&'static str; 2],
    /// The heading of the tables.
    pub(super) numbers: [&'static str; 2],
    /// Above the tables of the first round, if no script replaces them.
    pub(super) first: [&'static str; 2],
    /// The heading of the article's figures, and what the table says.
    pub(super) figures: [&'static str; 2],
    pub(super) figures_text: [&'static str; 2],
    /// The column of the reader's GPU.
    pub(super) here: [&'static str; 2],
    /// Captions and heads of the tables.
    pub(super) neurons: [&'static str; 2],
    pub(super) weights: [&'static str; 2],
    pub(super) row: [&'static str; 2],
    pub(super) bias: [&'static str; 2],
    pub(super) before: [&'static str; 2],
    pub(super) gradient: [&'static str; 2],
    pub(super) after: [&'static str; 2],
    /// The end of the page.
    pub(super) footer: [&'static str; 2],
}

pub(super) static WORDS: Words = Words {
    homework: [
        "Your own network, with every number of its rounds",
        "您自己的网络，以及每一轮的每一个数值",
    ],
    lead: [
        "A neural network is a formula with adjustable numbers: a weight for every line between two neurons, and a bias for every neuron. This one is given {inputs} and should answer {targets}. With its first weights it answers {outputs}. Backpropagation finds out for every weight which way to move it, and how far, so that the answer comes closer; a round of it moves all weights once. The learning rate, here {rate}, scales all these moves. {w}+ is the weight {w} after a round: here {old} becomes {new}. The steps below show why.",
        "神经网络是一个带有可调数值的公式：两个神经元之间的每条连线有一个权重，每个神经元有一个偏置。给这个网络的输入是 {inputs}，它应该回答 {targets}；用最初的权重，它回答的是 {outputs}。反向传播找出每个权重应该朝哪个方向、移动多少，使回答更接近目标；每一轮把所有权重移动一次。学习率（这里是 {rate}）按比例决定每一步的大小。{w}+ 就是一轮之后的权重 {w}：这里 {old} 变成 {new}。下面一步一步说明为什么。",
    ],
    how: [
        "The buttons, or the left and right arrow keys, go through a round step by step; the slider goes to later rounds. Click a neuron or a line to mark it.",
        "用按钮或左右方向键，一步一步走完一轮；用滑块跳到后面的轮次。点击神经元或连线可以标出它。",
    ],
    noscript: [
        "Scripts are off: the drawing, the steps and the shaders need them. The tables below have the numbers of the first round.",
        "脚本已关闭：网络图、分步演示和着色器都需要脚本。下面的表格列出了第一轮的数值。",
    ],
    round: ["Round", "轮次"],
    back: ["Step back", "上一步"],
    on: ["Step on", "下一步"],
    steps: ["Steps of the round", "这一轮的各个步骤"],
    numbers: ["All Numbers of the Round", "这一轮的全部数值"],
    first: [
        "The first round. net is what reaches a neuron, out what it makes of it, and delta how fast the error changes with net. The partial derivative ∂E/∂w says how fast the error changes with a weight w; the new weight is the old one less the learning rate, {rate}, times that.",
        "第一轮。net 是传到神经元的值，out 是它的输出，delta 是误差随 net 变化的快慢。偏导数 ∂E/∂w 是误差随权重 w 变化的快慢；新的权重等于旧的权重减去学习率 {rate} 与它的乘积。",
    ],
    figures: ["Every Figure of the Article", "文章的每一个数值"],
    figures_text: [
        "As the article prints it, the exact value, the value that wgrad computed when it wrote this page, and a verdict: first on the print, then on the computed value:",
        "文章印出的数值、精确值、wgrad 写出本页时算出的值，以及判定：先看原文，再看计算值：",
    ],
    here: ["your GPU", "您的 GPU"],
    neurons: ["Neurons", "神经元"],
    weights: ["Weights and biases", "权重和偏置"],
    row: ["row", "行"],
    bias: ["bias", "偏置"],
    before: ["before", "更新前"],
    gradient: ["∂E/∂w", "∂E/∂w"],
    after: ["after", "更新后"],
    footer: [
        "Written by wgrad {version} with {adapter} ({backend}). This file is complete: it loads nothing, and sends nothing.",
        "由 wgrad {version} 使用 {adapter}（{backend}）写成。这个文件是完整的：不加载任何东西，也不发送任何东西。",
    ],
};
