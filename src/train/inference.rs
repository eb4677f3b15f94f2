//! Runs a saved model on new rows: outputs, predictions and metrics.

mod average;
mod evaluation;
mod predictions;

use crate::Error;
use crate::dataset::{Dataset, Targets, memory, network_inputs};
use crate::device::{Choice, Device, Request, choose};
use crate::kernels::{Buffer, Step, correct::largest};
use crate::math::Real;
use crate::model::{Link, Mlp, Optimizer};
use crate::plan::{Order, Phase, Rows, Session, Training, backprop, schedule};
use crate::text::counted;
use crate::train::{DataStream, Metrics, Model};
use average::Average;
use evaluation::{batch, read_metrics};
pub use predictions::Predictions;

/// A model and some rows on a device.
pub struct Inference<'a> {
    model: &'a Model,
    session: Box<dyn Session<f32>>,
    inputs: Vec<f32>,
    targets: Vec<f32>,
    device: Device,
    rows: usize,
    has_targets: bool,
}

impl<'a> Inference<'a> {
    /// Loads `model` and the rows of `data` onto `device`.
    ///
    /// # Errors
    /// Returns an error if `data` does not fit the model (columns by name and order, classes), has no rows or
    /// inconsistent parts, or if the device cannot hold it.
    pub fn new(device: &Device, model: &'a Model, data: &Dataset) -> Result<Inference<'a>, Error> {
        check(model, data)?;
        check_networks(model)?;
        require_memory(model, data)?;
        let classes = !model.schema.classes.is_empty();
        let training = Training {
            loss: model.loss,
            quantile: model.quantile.unwrap_or(0.5),
            optimizer: Optimizer::sgd(0.0),
            batch_size: 1,
            classes,
            order: Order::Simultaneous,
            train_bias: false,
            ..Training::default()
        };
        let plan = backprop::train(&model.mlp, &training).evaluating(batch(data.rows));
        let (inputs, targets) = scaled(model, data);
        let feed = DataStream::new(device, &inputs, &targets, data.rows, batch(data.rows), None);
        let mut session = device.load(&plan, feed.rows_on_device())?;
        feed.load(&mut *session)?;
        session.write(Buffer::Parameters, &model.mlp.parameters)?;
        Ok(Inference {
            model,
            session,
            inputs,
            targets,
            device: device.clone(),
            rows: data.rows,
            has_targets: data.targets.is_some(),
        })
    }

    /// Replaces the rows by those of `data`, if they are as many. Returns whether they are. This takes less time than a
    /// new [`Inference`], which compiles its kernels on some devices, and the results have the same bits.
    ///
    /// # Errors
    /// As [`Inference::new`].
    pub fn replace_rows(&mut self, data: &Dataset) -> Result<bool, Error> {
        if data.rows != self.rows {
            return Ok(false);
        }
        check(self.model, data)?;
        require_memory(self.model, data)?;
        (self.inputs, self.targets) = scaled(self.model, data);
        self.has_targets = data.targets.is_some();
        let (inputs, targets, batch) = (&self.inputs, &self.targets, batch(self.rows));
        let feed = DataStream::new(&self.device, inputs, targets, self.rows, batch, None);
        feed.load(&mut *self.session)?;
        Ok(true)
    }

    /// Replays a phase over all rows. Calls `after` after each step.
    fn pass(
        &mut self,
        phase: Phase,
        mut after: impl FnMut(&mut dyn Session<f32>, &Step) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (inputs, targets) = (&self.inputs, &self.targets);
        let feed = DataStream::new(
            &self.device,
            inputs,
            targets,
            self.rows,
            batch(self.rows),
            None,
        );
        let all = Rows {
            first: 0,
            count: self.rows,
        };
        for step in schedule::pass(all, batch(self.rows), 0) {
            feed.run(&mut *self.session, phase, &[step])?;
            after(&mut *self.session, &step)?;
        }
        Ok(())
    }

    /// Returns the network's outputs (rows, O). Of an ensemble, they are those of a network with the mean answers: means
    /// of values, or logarithms of mean probabilities.
    pub fn outputs(&mut self) -> Result<Vec<f32>, Error> {
        let model = self.model;
        if model.others.is_empty() {
            return self.outputs_of_one();
        }
        let mut average = Average::new(self.rows, model.mlp.outputs(), model.loss);
        for mlp in model.networks() {
            self.session.write(Buffer::Parameters, &mlp.parameters)?;
            average.add(&self.outputs_of_one()?);
        }
        Ok(average.outputs())
    }

    /// Returns the outputs (rows, O) of the network whose parameters are on the device.
    fn outputs_of_one(&mut self) -> Result<Vec<f32>, Error> {
        let width = self.model.mlp.outputs();
        let last = Buffer::Out(self.model.mlp.layers.len());
        let mut all = Vec::with_capacity(self.rows * width);
        self.pass(Phase::Predict, |session, step| {
            let out = session.read(last)?;
            all.extend_from_slice(&out[..step.rows as usize * width]);
            Ok(())
        })?;
        Ok(all)
    }

    /// Returns the predictions for the rows.
    pub fn predictions(&mut self) -> Result<Predictions, Error> {
        let mut outputs = self.outputs()?;
        if self.model.schema.classes.is_empty() {
            let link = self.model.loss.link();
            if link != Link::Identity {
                let values = outputs.iter_mut();
                values.for_each(|out| *out = link.value(f64::from(*out)) as f32);
            }
            let values = self.model.target_scale.invert(&outputs);
            return Ok(Predictions::Values(values));
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

    /// Applies softmax to logits. Only normalises sigmoid outputs to the sum 1.
    fn probabilities(&self, row: &mut [f32]) {
        if self.model.loss.needs_classes() {
            let largest = row[largest(row)];
            row.iter_mut()
                .for_each(|v| *v = Real::exponential(*v - largest));
        }
        let sum: f32 = row.iter().sum();
        if sum > 0.0 {
            row.iter_mut().for_each(|v| *v /= sum);
        }
    }

    /// Returns mean loss and accuracy.
    ///
    /// # Errors
    /// Returns an error if the data has no targets, or the device failed.
    pub fn metrics(&mut self) -> Result<Metrics, Error> {
        if !self.has_targets {
            return Err(Error::Config(
                "the rows have no targets to compare with".to_owned(),
            ));
        }
        let (model, classes) = (self.model, !self.model.schema.classes.is_empty());
        if model.others.is_empty() {
            self.pass(Phase::Evaluate, |_, _| Ok(()))?;
            return read_metrics(&mut *self.session, self.rows, classes);
        }
        let outputs = self.outputs()?;
        let width = model.mlp.outputs();
        let loss = (model.loss, model.quantile);
        evaluation::metrics(&outputs, &self.targets, width, loss, classes)
    }
}

impl Model {
    /// Predicts `rows` (rows, inputs), unscaled and in the order of the model's columns, on the device that should be
    /// fastest. Use [`Inference`] for data sets, or to choose the device.
    ///
    /// # Errors
    /// Returns an error if there are no rows, a row does not fit the model
    /// ([`Schema::dataset`](crate::dataset::Schema::dataset)), or the device failed.
    pub fn predict(&self, rows: &[impl AsRef<[f64]>]) -> Result<Predictions, Error> {
        let rows = self.schema.dataset(rows)?;
        let device = self.choose(&Request::Auto, None, rows.rows)?.device;
        Inference::new(&device, self, &rows)?.predictions()
    }

    /// Chooses the device for a pass over so many rows.
    ///
    /// # Errors
    /// Returns an error if there is no such device.
    pub fn choose(
        &self,
        request: &Request,
        backend: Option<&str>,
        rows: usize,
    ) -> Result<Choice, Error> {
        let networks = self.networks().count();
        let work = networks * self.mlp.multiply_adds() * batch(rows);
        choose(request, backend, work)
    }
}

/// Checks that inputs and outputs of all rows fit into memory: inputs here and on the device, outputs as the network
/// computes them and as predictions.
fn require_memory(model: &Model, data: &Dataset) -> Result<(), Error> {
    let numbers = 2 * (model.mlp.inputs() + model.mlp.outputs());
    let bytes = 4 * data.rows as u128 * numbers as u128;
    let what = format!("{}: {}", data.name, counted(data.rows, "row"));
    let cure = "split the rows over several files, or free some memory";
    Ok(memory::require(bytes, 1, &what, cure)?)
}

/// Returns the inputs and targets of a network, encoded and scaled.
fn scaled(model: &Model, data: &Dataset) -> (Vec<f32>, Vec<f32>) {
    let (schema, scale) = (&model.schema, &model.input_scale);
    let inputs = network_inputs(schema, scale, &data.inputs, 0..data.rows);
    let width = match schema.classes.is_empty() {
        true => model.mlp.outputs(),
        false => 1,
    };
    let targets = match &data.targets {
        Some(targets) => scaled_targets(model, targets, data.rows),
        None => vec![0.0; data.rows * width],
    };
    (inputs, targets)
}

/// Checks that `data` fits `model`.
fn check(model: &Model, data: &Dataset) -> Result<(), Error> {
    let wanted = match &model.schema.encoder {
        Some(encoder) => encoder.columns.len(),
        None => model.mlp.inputs(),
    };
    let inputs = data.width();
    if inputs != wanted {
        return Err(Error::Model(format!(
            "the model takes {} per row, {} has {inputs}; use the data that it was trained on, or train again",
            counted(wanted, "input"),
            data.name
        )));
    }
    data.check()?;
    let (name, schema) = (&data.name, &model.schema);
    let refused = |why: String| Err(Error::Model(format!("{name}: {why}")));
    if data.rows == 0 {
        return refused("there are no rows".to_owned());
    }
    if data.columns != schema.columns {
        return refused(format!(
            "the model takes the columns {}, in this order; found {}",
            schema.columns.join(", "),
            data.columns.join(", ")
        ));
    }
    let (outputs, targets) = (model.mlp.outputs(), data.target_names.len());
    match &data.targets {
        Some(Targets::Values { .. }) if schema.classes.is_empty() && targets != outputs => {
            refused(format!(
                "the model predicts {}; found {targets}",
                counted(outputs, "value")
            ))
        }
        Some(Targets::Classes { names, .. }) if *names != schema.classes => refused(format!(
            "the model knows {}; found {}",
            counted(schema.classes.len(), "class"),
            names.join(", ")
        )),
        Some(Targets::Values { .. }) if !schema.classes.is_empty() => {
            refused("the model predicts classes; found values".to_owned())
        }
        _ => Ok(()),
    }
}

/// Checks that all networks have the same layers.
fn check_networks(model: &Model) -> Result<(), Error> {
    let differs = |mlp: &&Mlp| mlp.layers != model.mlp.layers || mlp.check().is_err();
    match model.networks().find(differs) {
        None => Ok(()),
        Some(mlp) => Err(Error::Model(format!(
            "the ensemble begins with the network {}; found {mlp}, which has other layers or activations",
            model.mlp
        ))),
    }
}

fn scaled_targets(model: &Model, targets: &Targets, rows: usize) -> Vec<f32> {
    match targets {
        Targets::Classes { labels, .. } => labels.iter().map(|&label| label as f32).collect(),
        Targets::Values { values } => model.target_scale.apply(values, 0..rows),
    }
}
