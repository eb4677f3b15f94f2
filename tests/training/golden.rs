//! The golden run: three epochs on iris, compared with a program in f64 that shares no code with wgrad
//! (`tests/data/golden.py`, which prints `golden.json`).

use libtest_mimic::Failed;
use serde_json::Value;
use std::sync::Arc;
use wgrad::config::Recipe;
use wgrad::dataset;
use wgrad::dataset::ReadOptions;
use wgrad::gpu::Gpu;
use wgrad::train::{Epoch, Metrics, Progress, Watcher};

const GOLDEN: &str = include_str!("../data/golden.json");

/// Bound on the distance from f64, as a share of the largest weight, or of the loss.
const BOUND: f64 = 4e-6;

/// Keeps the metrics of each epoch.
#[derive(Default)]
struct Record(Vec<(f64, Option<Metrics>)>);

impl Watcher for Record {
    fn progress(&mut self, _: Progress) -> bool {
        true
    }

    fn epoch(&mut self, epoch: &Epoch, val: Option<Metrics>) -> Result<(), wgrad::Error> {
        self.0.push((epoch.train_loss, val));
        Ok(())
    }
}

pub(crate) fn on_an_adapter(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    agrees(&gpu.info.name)
}

/// Trains on a device, and compares losses, accuracies and parameters.
pub(crate) fn agrees(device: &str) -> Result<(), Failed> {
    let golden: Value = serde_json::from_str(GOLDEN)?;
    let data = dataset::read("iris", &ReadOptions::default(), 0)?;
    let config = Recipe::Plain.config().hidden([6]).learning_rate(0.01);
    let mut record = Record::default();
    let fit = config
        .epochs(3)
        .device(device)
        .fit_while(&data, &mut record)?;
    let epochs = golden["epochs"].as_array().ok_or("no epochs")?;
    assert_eq!(epochs.len(), record.0.len());
    for (expected, (train_loss, val)) in epochs.iter().zip(record.0) {
        loss("train_loss", train_loss, &expected["train_loss"])?;
        metrics("val", val, &expected["val"])?;
    }
    metrics("test", fit.test, &golden["test"])?;
    let expected = golden["parameters"].as_array().ok_or("no parameters")?;
    let expected: Vec<f64> = expected.iter().filter_map(Value::as_f64).collect();
    let found = &fit.model.mlp.parameters;
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0, |most: f64, p| most.max(p.abs()));
    let apart = found.iter().zip(&expected);
    let apart = apart.map(|(f, e)| (f64::from(*f) - e).abs() / largest);
    match apart.fold(0.0, f64::max) {
        near if near <= BOUND => Ok(()),
        far => Err(format!("parameters are {far:.1e} of the largest from f64").into()),
    }
}

fn metrics(name: &str, found: Option<Metrics>, expected: &Value) -> Result<(), Failed> {
    let found = found.ok_or("there are no rows")?;
    loss(name, found.loss, &expected["loss"])?;
    let accuracy = found.accuracy.ok_or("there is no accuracy")?;
    match expected["accuracy"].as_f64() {
        Some(expected) if (accuracy - expected).abs() < 1e-12 => Ok(()),
        other => Err(format!("{name}: accuracy {accuracy}, expected {other:?}").into()),
    }
}

fn loss(name: &str, found: f64, expected: &Value) -> Result<(), Failed> {
    let expected = expected.as_f64().ok_or("no loss")?;
    match (found / expected - 1.0).abs() <= BOUND {
        true => Ok(()),
        false => Err(format!("{name}: loss {found}, expected {expected}").into()),
    }
}
