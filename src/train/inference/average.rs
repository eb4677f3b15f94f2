//! The mean over the networks of an ensemble.

use crate::model::{Link, Loss};

/// Adds up the outputs of networks, in f64.
pub(super) struct Average {
    sums: Vec<f64>,
    networks: usize,
    width: usize,
    /// Whether the outputs are logits: then probabilities are averaged.
    logits: bool,
    /// What an output stands for: that is averaged.
    link: Link,
}

impl Average {
    /// Begins the mean of outputs (rows, `width`).
    pub(super) fn new(rows: usize, width: usize, loss: Loss) -> Average {
        Average {
            sums: vec![0.0; rows * width],
            networks: 0,
            width,
            logits: loss.needs_classes(),
            link: loss.link(),
        }
    }

    /// Adds the outputs of a network.
    pub(super) fn add(&mut self, outputs: &[f32]) {
        self.networks += 1;
        let sums = &mut self.sums[..];
        if !self.logits {
            let pairs = sums.iter_mut().zip(outputs);
            let value = |out: &f32| self.link.value(f64::from(*out));
            return pairs.for_each(|(sum, out)| *sum += value(out));
        }
        let rows = outputs.chunks(self.width).zip(sums.chunks_mut(self.width));
        for (row, sums) in rows {
            let largest = f64::from(row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
            let power = |out: &f32| (f64::from(*out) - largest).exp();
            let total: f64 = row.iter().map(power).sum();
            let pairs = sums.iter_mut().zip(row);
            pairs.for_each(|(sum, out)| *sum += power(out) / total);
        }
    }

    /// Returns what a network with the mean answers would have as outputs: for logits of classes, the logarithms of the
    /// mean probabilities.
    pub(super) fn outputs(self) -> Vec<f32> {
        let count = self.networks as f64;
        let mean = self.sums.into_iter().map(|sum| sum / count);
        match self.logits {
            true => mean.map(|p| logarithm(p) as f32).collect(),
            false => mean.map(|value| self.link.output(value) as f32).collect(),
        }
    }
}

/// Returns ln p; of 0, that of the smallest number above it.
fn logarithm(p: f64) -> f64 {
    match p {
        0.0 => f64::MIN_POSITIVE.ln(),
        p => p.ln(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_averaged_and_not_logits() {
        let mut average = Average::new(1, 2, Loss::CrossEntropy);
        for logits in [[0.0, 0.0], [1000.0, 0.0]] {
            average.add(&logits);
        }
        let found: Vec<f32> = average.outputs().iter().map(|v| v.exp()).collect();
        assert_eq!(found, [0.75, 0.25]);
    }
}
