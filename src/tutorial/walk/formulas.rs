//! The formulas of activations and losses: with names, and filled in with numbers.

use super::equation::{number, operand, sum};
use crate::model::{Activation, Loss};
use crate::tutorial::network::Network;
use crate::tutorial::text::WalkWords;

/// Returns out of a neuron as a formula of `net`, a name or a number.
pub(super) fn output(activation: Activation, net: &str, words: &WalkWords) -> String {
    match activation {
        Activation::Identity => net.to_owned(),
        Activation::Sigmoid => format!("1 / (1 + e^-{net})"),
        Activation::Tanh => format!("tanh({})", bare(net)),
        Activation::Relu => format!("max({}, 0)", bare(net)),
        Activation::LeakyRelu => words.leaky.replace("{net}", bare(net)),
        // No homework has one.
        curve => format!("{curve:?}({})", bare(net)),
    }
}

/// Returns dout/dnet of a neuron as a formula of `out`, a name or a number.
pub(super) fn slope(activation: Activation, out: &str, words: &WalkWords) -> String {
    let or = |other: &str| {
        words
            .corner
            .replace("{out}", bare(out))
            .replace("{other}", other)
    };
    match activation {
        Activation::Identity => "1".to_owned(),
        Activation::Sigmoid => format!("{out} * (1 - {out})"),
        Activation::Tanh => format!("1 - {out}^2"),
        Activation::Relu => or("0"),
        Activation::LeakyRelu => or("0.01"),
        curve => format!("{curve:?}'"),
    }
}

/// Returns a number without its parentheses.
fn bare(operand: &str) -> &str {
    let inside = operand
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    inside.unwrap_or(operand)
}

/// Returns softmax of one of `nets`, names or numbers.
pub(super) fn softmax(nets: &[String], own: usize) -> String {
    let powers: Vec<String> = nets.iter().map(|net| format!("e^{net}")).collect();
    format!("{} / ({})", powers[own], sum(&powers))
}

/// A target and an output, as names or as numbers.
pub(super) struct Pair {
    pub(super) target: String,
    pub(super) out: String,
}

impl Pair {
    pub(super) fn named(neuron: &str, tag: &str) -> Pair {
        Pair {
            target: format!("target_{neuron}{tag}"),
            out: format!("out_{neuron}{tag}"),
        }
    }

    pub(super) fn filled(target: f64, out: f64) -> Pair {
        Pair {
            target: operand(target),
            out: operand(out),
        }
    }

    /// Returns `a - b`, of which the first needs no parentheses.
    fn less(a: &str, b: &str) -> String {
        format!("{} - {b}", bare(a))
    }

    fn target_less_out(&self) -> String {
        Pair::less(&self.target, &self.out)
    }

    fn out_less_target(&self) -> String {
        Pair::less(&self.out, &self.target)
    }
}

/// Returns the error of an output as a formula. `far` is whether it is more than 1 off, where a Huber loss has another.
pub(super) fn error(network: &Network, pair: &Pair, far: bool) -> String {
    let d = pair.target_less_out();
    let mean = over_outputs(network);
    match network.loss {
        Loss::HalfSse => format!("({d})^2 / 2"),
        Loss::Mse => format!("({d})^2{mean}"),
        Loss::Mae => format!("|{d}|{mean}"),
        Loss::Huber if far => format!("(|{d}| - 1/2){mean}"),
        Loss::Huber => format!("({d})^2 / 2{mean}"),
        Loss::CrossEntropy => format!("-{} * ln({})", pair.target, bare(&pair.out)),
        // No homework has another one.
        other => format!("{}({}, {})", other.name(), pair.target, pair.out),
    }
}

/// Returns dE/dout of an output as a formula; with cross-entropy, dE/dnet.
pub(super) fn error_slope(network: &Network, pair: &Pair, far: bool) -> String {
    let d = pair.out_less_target();
    let mean = over_outputs(network);
    match network.loss {
        Loss::HalfSse | Loss::CrossEntropy => d,
        Loss::Mse => format!("2 * ({d}){mean}"),
        Loss::Huber if !far && mean.is_empty() => d,
        Loss::Huber if !far => format!("({d}){mean}"),
        Loss::Mae | Loss::Huber => format!("sign({d}){mean}"),
        other => format!("{}'({}, {})", other.name(), pair.target, pair.out),
    }
}

/// Returns the division of a mean over outputs, if there are several.
fn over_outputs(network: &Network) -> String {
    let last = network.layers.len() - 1;
    match network.layers[last].neurons.len() {
        1 => String::new(),
        outputs => format!(" / {outputs}"),
    }
}

/// Returns the new value of a parameter in the first round as a formula of it and of the derivative.
pub(super) fn update(network: &Network, parameter: &str, derivative: &str) -> String {
    let rate = number(network.optimizer.learning_rate());
    match network.optimizer.moments() {
        2 => format!(
            "{} - {rate} * {derivative} / (|{}| + 1e-8)",
            bare(parameter),
            bare(derivative)
        ),
        _ => format!("{} - {rate} * {derivative}", bare(parameter)),
    }
}
