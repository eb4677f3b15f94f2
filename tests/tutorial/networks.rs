//! Learners' networks.

use wgrad::plan::Order;
use wgrad::tutorial::network::Network;
use wgrad::tutorial::{article, homework};

/// Three inputs, three tanh neurons, two outputs; trained biases.
pub(crate) const TANH: &str = r#"
learning_rate = 0.1
loss = "mse"
rounds = 60
[[rows]]
input = [0.5, -1.2, 0.3]
target = [0.4, -0.7]
[[layers]]
activation = "tanh"
weights = [[0.1, -0.4, 0.25], [0.7, 0.2, -0.35], [-0.6, 0.15, 0.9]]
bias = [0.05, -0.1, 0.2]
[[layers]]
activation = "tanh"
weights = [[0.3, -0.8, 0.45], [0.55, 0.12, -0.2]]
bias = [0.15, -0.25]
"#;

/// xor.
pub(crate) const XOR: &str = r#"
learning_rate = 0.7
rounds = 200
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
weights = [[0.8, -0.5], [-0.3, 0.9], [0.4, 0.6]]
bias = [0.1, -0.2, 0.05]
[[layers]]
weights = [[0.7, -0.4, 0.35]]
bias = 0.15
"#;

/// One neuron after the other, without biases, updated layer by layer.
pub(crate) const CHAIN: &str = r#"
learning_rate = 0.35
order = "sequential"
inputs = ["x"]
[[rows]]
input = [1.5]
target = [0.2]
[[layers]]
neurons = ["a"]
weights = [[-0.7]]
[[layers]]
neurons = ["y"]
activation = "identity"
weights = [[1.3]]
"#;

/// Softmax, three layers, four rows.
pub(crate) const CLASSES: &str = r#"
learning_rate = 0.2
loss = "cross-entropy"
[[rows]]
input = [0.5, -0.5]
target = [1, 0, 0]
[[rows]]
input = [-0.4, 0.8]
target = [0, 0.25, 0.75]
[[layers]]
activation = "relu"
weights = [[0.5, 0.1], [-0.3, 0.8]]
bias = 0.1
[[layers]]
activation = "leaky_relu"
weights = [[0.2, -0.6], [0.9, 0.4], [-0.5, 0.3]]
bias = 0
[[layers]]
activation = "softmax"
weights = [[0.1, 0.2, 0.3], [-0.4, 0.5, -0.6], [0.7, -0.8, 0.9]]
bias = [0.1, 0.2, 0.3]
"#;

pub(crate) const ALL: [(&str, &str); 4] = [
    ("3-3-2", TANH),
    ("2-3-1", XOR),
    ("1-1-1", CHAIN),
    ("2-2-3-3", CLASSES),
];

pub(crate) fn network(text: &str) -> Network {
    homework::parse("net.toml", text).unwrap_or_else(|why| panic!("{why}"))
}

/// A network of 10 inputs, 16 hidden neurons and 5 outputs.
pub(crate) fn large() -> Network {
    let weights = |o: usize, i: usize| {
        let weight = |k: usize| format!("{:.3}", ((k * 37 % 101) as f64 - 50.0) / 60.0);
        let row = |j: usize| {
            let row: Vec<String> = (0..i).map(|k| weight(j * i + k)).collect();
            format!("[{}]", row.join(", "))
        };
        let rows: Vec<String> = (0..o).map(row).collect();
        format!("[[layers]]\nweights = [{}]\nbias = 0.5\n", rows.join(", "))
    };
    let inputs: Vec<String> = (0..10).map(|k| format!("0.{k}")).collect();
    let row = format!(
        "[[rows]]\ninput = [{}]\ntarget = [0, 1, 0, 1, 0]\n",
        inputs.join(", ")
    );
    let text = format!(
        "learning_rate = 0.5\n{row}{}{}",
        weights(16, 10),
        weights(5, 16)
    );
    network(&text)
}

pub(crate) fn networks() -> Vec<(&'static str, Network)> {
    let mut all: Vec<(&str, Network)> = ALL.map(|(name, text)| (name, network(text))).into();
    all.push(("10-16-5", large()));
    all.push(("article", article::network(Order::Simultaneous, false, 100)));
    all
}
