//! A training run for any executor.

use super::case::U;
use crate::kernels::{Buffer, HasTwin, Step};
use crate::math::{Random, Stream};
use crate::model::{Activation, Loss, Mlp, Optimizer};
use crate::plan::{
    Order, Phase, Plan, RateSchedule, Rates, Rows, Schedule, Session, Training, backprop,
};

/// A network, its training settings, and the data.
#[derive(Clone)]
pub struct TrainingRun {
    /// Description.
    pub name: &'static str,
    /// The network.
    pub mlp: Mlp,
    /// The training settings.
    pub training: Training,
    /// Inputs (rows, I).
    pub inputs: Vec<f32>,
    /// Targets (rows, T).
    pub targets: Vec<f32>,
    /// Number of rows in the data set.
    pub rows: usize,
    /// Whether to shuffle the rows in each epoch.
    pub shuffle: bool,
    /// What changes over the run.
    pub rates: Rates,
}

/// Writes name and widths: `the article, 2-2-2`.
impl std::fmt::Display for TrainingRun {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}, {}", self.name, self.mlp.inputs())?;
        let outputs = self.mlp.layers.iter().map(|layer| layer.outputs);
        outputs
            .into_iter()
            .try_for_each(|width| write!(f, "-{width}"))
    }
}

impl TrainingRun {
    /// Creates a run over `rows` rows of random data: class numbers or values, depending on the loss.
    pub fn new(
        name: &'static str,
        widths: &[usize],
        loss: Loss,
        optimizer: Optimizer,
        [batch, rows]: [usize; 2],
    ) -> TrainingRun {
        let classes = loss.needs_classes();
        let mlp = Mlp::random(widths, Activation::Tanh, loss.output_activation(classes), 1);
        let random = Random::new(2, Stream::Data, rows as u32);
        let outputs = mlp.outputs() as u32;
        let inputs = (0..(rows * mlp.inputs()) as u32).map(|i| random.normal(i) as f32);
        let targets: Vec<f32> = match classes {
            true => (0..rows as u32)
                .map(|i| (random.bits(i) % outputs) as f32)
                .collect(),
            false => (0..rows as u32 * outputs)
                .map(|i| random.uniform(i) as f32)
                .collect(),
        };
        TrainingRun {
            name,
            inputs: inputs.collect(),
            targets,
            mlp,
            training: Training {
                loss,
                optimizer,
                batch_size: batch,
                classes,
                order: Order::Simultaneous,
                train_bias: true,
                ..Training::default()
            },
            rows,
            shuffle: batch > 1,
            rates: Rates::default(),
        }
    }

    /// Returns the run with another activation of the hidden layers, and other weights.
    pub fn hidden(self, activation: Activation) -> TrainingRun {
        let layers = &self.mlp.layers;
        let outputs = layers.iter().map(|layer| layer.outputs);
        let widths: Vec<usize> = [self.mlp.inputs()].into_iter().chain(outputs).collect();
        let output = layers[layers.len() - 1].activation;
        let mlp = Mlp::random(&widths, activation, output, 3);
        TrainingRun { mlp, ..self }
    }

    /// Returns the run with dropout, which lanes do not have.
    pub fn dropping(mut self, rate: f64) -> TrainingRun {
        self.training.dropout = rate;
        self
    }

    /// Returns the run with weight decay and dropout, if it has them, that change over `steps` steps.
    pub fn scheduled(mut self, steps: usize) -> TrainingRun {
        self.rates = Rates {
            steps,
            decay: RateSchedule::Cosine,
            dropout: RateSchedule::OneCycle,
            ..self.rates
        };
        self
    }

    /// Returns the run with a limit of the gradient's norm, and of its values; 0 is none.
    pub fn clipped(mut self, [norm, value]: [f64; 2]) -> TrainingRun {
        (self.training.clip_norm, self.training.clip_value) = (norm, value);
        self
    }

    /// Returns the run with smoothed labels, and rows of different weights.
    pub fn weighted(mut self) -> TrainingRun {
        let random = Random::new(4, Stream::Data, self.rows as u32);
        let width = self.targets.len() / self.rows;
        let rows = self.targets.chunks(width).zip(0..);
        let weighted = rows.flat_map(|(row, n)| {
            let weight = 0.5 + random.uniform(n) as f32;
            row.iter().copied().chain([weight])
        });
        self.targets = weighted.collect();
        self.training = Training {
            weighted: true,
            label_smoothing: 0.1,
            ..self.training
        };
        self
    }

    /// Returns the plan.
    pub fn plan(&self) -> Plan {
        backprop::train(&self.mlp, &self.training)
    }

    /// Returns the steps of the first epochs.
    pub fn steps(&self, epochs: usize) -> Vec<Step> {
        let schedule = Schedule {
            rates: self.rates,
            dropout: self.training.dropout,
            rows: Rows {
                first: 0,
                count: self.rows,
            },
            batch_size: self.training.batch_size,
            seed: 3,
            shuffle: self.shuffle,
            optimizer: self.training.optimizer,
        };
        (0..epochs).flat_map(|e| schedule.epoch(e)).collect()
    }

    /// Uploads the data and the parameters, and trains.
    pub fn train<T: HasTwin>(
        &self,
        session: &mut dyn Session<T>,
        parameters: &[f32],
        steps: &[Step],
    ) -> Result<Vec<T>, crate::Error> {
        for (buffer, values) in [
            (Buffer::DataInputs, &self.inputs[..]),
            (Buffer::DataTargets, &self.targets),
            (Buffer::Parameters, parameters),
        ] {
            let values: Vec<T> = values.iter().map(|v| T::of(f64::from(*v))).collect();
            session.write(buffer, &values)?;
        }
        session.run(Phase::Train, steps)?;
        session.read(Buffer::Parameters)
    }
}

/// Returns the bound for parameters after some steps. Each step rounds a parameter once, by at most U of it, and its
/// update, which is smaller. With a stable learning rate, later steps do not enlarge earlier errors.
pub(super) fn bound(exact: &[f64], steps: usize) -> f64 {
    let largest = exact.iter().fold(1.0, |a: f64, p| a.max(p.abs()));
    2.0 * steps as f64 * U * largest
}
