//! A saved model at work: outputs, predictions and metrics for new rows.

use crate::Error;
use crate::backprop::{self, Order, Training};
use crate::checkpoint::Model;
use crate::dataset::{Dataset, Targets};
use crate::device::Device;
use crate::kernels::correct::largest;
use crate::metrics::Metrics;
use crate::optimizer::Optimizer;
use crate::plan::{Buffer, Phase, Session};
use crate::real::Real;
use crate::schedule::{self, Rows};

/// Rows of a batch.
const BATCH: usize = 1024;

/// A model and some rows on a device.
pub struct Inference<'a> {
    model: &'a Model,
    session: Box<dyn Session<f32>>,
    rows: usize,
}

/// What the model says of some rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Predictions {
    /// The most probable class of each row, and the probability of every class (rows, classes).
    Classes {
        /// Class numbers (rows).
        labels: Vec<u32>,
        /// Probabilities; each row's sum is 1.
        probabilities: Vec<f32>,
    },
    /// Values (rows, O), in the data's own units.
    Values(Vec<f32>),
}

impl<'a> Inference<'a> {
    /// Loads `model` and the rows of `data` onto `device`.
    pub fn new(device: &Device, model: &'a Model, data: &Dataset) -> Result<Inference<'a>, Error> {
        let (inputs, wanted) = (data.width(), model.mlp.inputs());
        if inputs != wanted {
            return Err(Error::Model(format!(
                "the model takes {wanted} inputs a row, {} has {inputs}; use the data that it was trained on, or train again",
                data.name
            )));
        }
        let classes = !model.schema.classes.is_empty();
        let training = Training {
            loss: model.loss,
            optimizer: Optimizer::sgd(0.0),
            batch: 1,
            classes,
            order: Order::Simultaneous,
            train_bias: false,
        };
        let plan = backprop::train(&model.mlp, &training).evaluating(BATCH.min(data.rows));
        let mut session = device.load(&plan, data.rows)?;
        let mut scaled = data.inputs.clone();
        model.input_scale.apply(&mut scaled);
        session.write(Buffer::DataInputs, &scaled)?;
        session.write(Buffer::Parameters, &model.mlp.parameters)?;
        if let Some(targets) = &data.targets {
            session.write(Buffer::DataTargets, &scaled_targets(model, targets))?;
        }
        Ok(Inference {
            model,
            session,
            rows: data.rows,
        })
    }

    /// The network's outputs (rows, O).
    pub fn outputs(&mut self) -> Result<Vec<f32>, Error> {
        let width = self.model.mlp.outputs();
        let last = Buffer::Out(self.model.mlp.layers.len());
        let mut all = Vec::with_capacity(self.rows * width);
        for step in schedule::pass(self.all(), BATCH, 0) {
            self.session.run(Phase::Predict, &[step])?;
            let out = self.session.read(last)?;
            all.extend_from_slice(&out[..step.rows as usize * width]);
        }
        Ok(all)
    }

    /// What the model says of the rows.
    pub fn predictions(&mut self) -> Result<Predictions, Error> {
        let mut outputs = self.outputs()?;
        if self.model.schema.classes.is_empty() {
            self.model.target_scale.invert(&mut outputs);
            return Ok(Predictions::Values(outputs));
        }
        let width = self.model.mlp.outputs();
        let rows = outputs.chunks(width);
        let labels = rows.map(|row| largest(row) as u32).collect();
        outputs
            .chunks_mut(width)
            .for_each(|row| self.probabilities(row));
        Ok(Predictions::Classes {
            labels,
            probabilities: outputs,
        })
    }

    /// Softmax of logits; sigmoid outputs are only brought to the sum 1.
    fn probabilities(&self, row: &mut [f32]) {
        if self.model.loss == crate::loss::Loss::CrossEntropy {
            let largest = row[largest(row)];
            row.iter_mut()
                .for_each(|v| *v = Real::exponential(*v - largest));
        }
        let sum: f32 = row.iter().sum();
        if sum > 0.0 {
            row.iter_mut().for_each(|v| *v /= sum);
        }
    }

    /// Mean error and accuracy; the data must have targets.
    pub fn metrics(&mut self) -> Result<Metrics, Error> {
        let steps = schedule::pass(self.all(), BATCH, 0);
        self.session.run(Phase::Evaluate, &steps)?;
        let mut sum = |buffer| -> Result<f64, Error> {
            let values = self.session.read(buffer)?;
            Ok(values.iter().map(|v| f64::from(*v)).sum())
        };
        let (error, hits) = (sum(Buffer::Error)?, sum(Buffer::Hits)?);
        let rows = self.rows as f64;
        let classes = !self.model.schema.classes.is_empty();
        Ok(Metrics {
            loss: error / rows,
            accuracy: classes.then_some(hits / rows),
        })
    }

    fn all(&self) -> Rows {
        Rows {
            first: 0,
            count: self.rows,
        }
    }
}

fn scaled_targets(model: &Model, targets: &Targets) -> Vec<f32> {
    match targets {
        Targets::Classes { labels, .. } => labels.iter().map(|&label| label as f32).collect(),
        Targets::Values { values } => {
            let mut values = values.clone();
            model.target_scale.apply(&mut values);
            values
        }
    }
}
