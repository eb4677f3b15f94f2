//! The error of each output, and the derivatives that the chain rule begins with: the factors that kernels multiply at
//! once, for a reader who wants to see them one by one.

use crate::model::Loss;

/// The losses that a walk has formulas for, in the order of its words.
pub const LOSSES: [Loss; 5] = [
    Loss::HalfSse,
    Loss::Mse,
    Loss::Mae,
    Loss::Huber,
    Loss::CrossEntropy,
];

/// Returns each output's part of the error of a row.
pub fn errors(loss: Loss, out: &[f64], target: &[f64]) -> Vec<f64> {
    let outputs = out.len() as f64;
    let pairs = out.iter().zip(target);
    pairs.map(|(y, t)| error(loss, *y, *t, outputs)).collect()
}

fn error(loss: Loss, out: f64, target: f64, outputs: f64) -> f64 {
    let d = out - target;
    match loss {
        Loss::HalfSse => d * d / 2.0,
        Loss::Mse => d * d / outputs,
        Loss::Mae => d.abs() / outputs,
        Loss::Huber if d.abs() <= 1.0 => d * d / 2.0 / outputs,
        Loss::Huber => (d.abs() - 0.5) / outputs,
        // A target of 0 has no part in it, whatever the output.
        Loss::CrossEntropy if target == 0.0 => 0.0,
        Loss::CrossEntropy => -target * out.ln(),
        // Of these a walk has no formulas.
        Loss::Quantile => d.abs() / 2.0 / outputs,
        Loss::Poisson => (out.exp() - target * out) / outputs,
        Loss::BinaryCrossEntropy => (out.exp().ln_1p() - target * out) / outputs,
    }
}

/// Returns dE/dout of each output of a row; with cross-entropy, dE/dnet.
pub fn slopes(loss: Loss, out: &[f64], target: &[f64]) -> Vec<f64> {
    let outputs = out.len() as f64;
    let slope = |(y, t): (&f64, &f64)| {
        let d = y - t;
        match loss {
            Loss::HalfSse | Loss::CrossEntropy => d,
            Loss::Mse => 2.0 * d / outputs,
            Loss::Huber if d.abs() <= 1.0 => d / outputs,
            Loss::Mae | Loss::Huber => sign(d) / outputs,
            Loss::Quantile => sign(d) / 2.0 / outputs,
            Loss::Poisson => (y.exp() - t) / outputs,
            Loss::BinaryCrossEntropy => (1.0 / (1.0 + (-y).exp()) - t) / outputs,
        }
    };
    out.iter().zip(target).map(slope).collect()
}

/// Returns -1, 0 or 1.
fn sign(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value.signum() }
}

/// Returns e^net of each output, as a share of their sum.
pub fn softmax(net: &[f64]) -> Vec<f64> {
    let largest = net.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = net.iter().map(|net| (net - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}
