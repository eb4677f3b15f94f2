//! Ensembles: their networks, their means, their rows, and what is left when they are stopped.

use std::collections::HashSet;
use wgrad::dataset::{ReadOptions, read};
use wgrad::device::Device;
use wgrad::model::Loss;
use wgrad::train::{EndReason, Epoch, Inference, Metrics, Predictions, Progress, Watcher};
use wgrad::{Config, Dataset, Error, Model};

fn iris() -> Dataset {
    read("iris", &ReadOptions::default(), 0).unwrap()
}

fn short() -> Config {
    Config::default().max_steps(200).hidden([8]).device("cpu")
}

/// Returns the outputs of a model for all rows of `data`.
fn outputs(model: &Model, data: &Dataset) -> Vec<f32> {
    let mut inference = Inference::new(&Device::Cpu, model, data).unwrap();
    inference.outputs().unwrap()
}

/// Returns a model of each network alone.
fn alone(model: &Model) -> Vec<Model> {
    let one = |mlp: &wgrad::Mlp| Model {
        mlp: mlp.clone(),
        others: Vec::new(),
        ..model.clone()
    };
    model.networks().map(one).collect()
}

#[test]
fn networks_differ_and_a_run_repeats_to_the_bit() {
    let data = iris();
    let [first, second] = [0, 1].map(|_| short().ensemble(5).fit(&data).unwrap().model);
    assert_eq!(first, second);
    let different: HashSet<Vec<u32>> = first
        .networks()
        .map(|mlp| mlp.parameters.iter().map(|p| p.to_bits()).collect())
        .collect();
    assert_eq!(different.len(), 5);
    assert_eq!(first.endings.len(), 5);
}

#[test]
fn the_file_has_all_networks_and_is_read_back() {
    let model = short().ensemble(3).fit(&iris()).unwrap().model;
    let bytes = model.to_bytes().unwrap();
    assert_eq!(Model::from_bytes(&bytes).unwrap(), model);
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut names = tensors.names();
    names.sort_unstable();
    assert_eq!(names.len(), 12);
    assert_eq!(names[0], "networks.0.layers.0.bias");
    assert_eq!(names[11], "networks.2.layers.1.weight");
    let tensor = tensors.tensor("networks.2.layers.0.weight").unwrap();
    let expected = bytemuck::cast_slice::<f32, u8>(&model.others[1].parameters[..32]);
    assert_eq!(tensor.data(), expected);
}

#[test]
fn probabilities_are_the_means_of_those_of_the_networks() {
    let data = iris();
    let model = short().ensemble(3).fit(&data).unwrap().model;
    let probabilities = |model: &Model| {
        let mut inference = Inference::new(&Device::Cpu, model, &data).unwrap();
        match inference.predictions().unwrap() {
            Predictions::Classes { probabilities, .. } => probabilities,
            Predictions::Values(_) => panic!("iris has classes"),
        }
    };
    let each: Vec<Vec<f32>> = alone(&model).iter().map(probabilities).collect();
    for (i, found) in probabilities(&model).into_iter().enumerate() {
        let mean = each.iter().map(|own| own[i]).sum::<f32>() / 3.0;
        assert!((found - mean).abs() < 1e-6, "{found} and {mean}");
    }
}

#[test]
fn values_are_the_means_of_those_of_the_networks_and_have_their_loss() {
    let inputs: Vec<[f64; 1]> = (0..60).map(|i| [f64::from(i)]).collect();
    let values: Vec<f64> = inputs.iter().map(|[x]| (x / 9.0).sin() * 50.0).collect();
    let data = Dataset::with_values(&inputs, &values).unwrap();
    let model = short().ensemble(2).fit(&data).unwrap().model;
    let each: Vec<Vec<f32>> = alone(&model).iter().map(|m| outputs(m, &data)).collect();
    let found = outputs(&model, &data);
    let mut loss = 0.0;
    for (i, out) in found.iter().enumerate() {
        let mean = (each[0][i] + each[1][i]) / 2.0;
        assert!((out - mean).abs() < 1e-6);
        let target = model.target_scale.apply(&values, i..i + 1)[0];
        loss += f64::from((out - target) * (out - target)) / 60.0;
    }
    assert_eq!(model.loss, Loss::Mse);
    let mut inference = Inference::new(&Device::Cpu, &model, &data).unwrap();
    let metrics = inference.metrics().unwrap();
    assert!((metrics.loss - loss).abs() < 1e-6 * loss);
}

#[test]
fn each_network_has_other_rows_for_validation_and_all_have_the_same_test() {
    struct Rows(Vec<(usize, usize)>);
    impl Watcher for Rows {
        fn network(&mut self, k: usize) {
            self.0.push((k, 0));
        }
        fn progress(&mut self, _: Progress) -> bool {
            true
        }
        fn epoch(&mut self, epoch: &Epoch, val: Option<Metrics>) -> Result<(), Error> {
            let last = self.0.last_mut().unwrap();
            // Of one network after the other, in the order of their epochs.
            assert_eq!((last.1 + 1, val.is_some()), (epoch.epoch, true));
            last.1 = epoch.epoch;
            Ok(())
        }
    }
    let mut rows = Rows(Vec::new());
    let fit = short().ensemble(6).fit_while(&iris(), &mut rows).unwrap();
    let numbers: Vec<usize> = rows.0.iter().map(|(k, _)| *k).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5]);
    let epochs: usize = rows.0.iter().map(|(_, epochs)| epochs).sum();
    assert_eq!(fit.epochs, epochs);
}

#[test]
fn without_validation_rows_the_networks_share_their_rows() {
    let config = short().epochs(3).split(0.0, 0.2).ensemble(2);
    let model = config.fit(&iris()).unwrap().model;
    assert_ne!(model.mlp, model.others[0]);
    assert!(model.endings.iter().all(|ending| ending.epochs == 3));
}

#[test]
fn a_stopped_ensemble_has_the_networks_that_ended() {
    /// Stops at the first progress of the second network.
    struct Second(usize);
    impl Watcher for Second {
        fn network(&mut self, k: usize) {
            self.0 = k;
        }
        fn progress(&mut self, _: Progress) -> bool {
            self.0 < 1
        }
    }
    // Long enough to be stopped in the middle.
    let config = short().max_steps(10_000_000).epochs(100_000).ensemble(4);
    let fit = config
        .clone()
        .epochs(300)
        .fit_while(&iris(), &mut Second(0));
    let ended = fit.unwrap().model.endings;
    // On two threads or more, others may have ended by then.
    assert!(!ended.is_empty());
    let is_whole = |ending: &wgrad::train::Ending| ending.reason == EndReason::Epochs;
    assert!(ended.iter().all(is_whole), "{ended:?}");
    // Before one has ended, the first is the model.
    let stop = &mut |_: Progress| false;
    let fit = config.fit_while(&iris(), stop).unwrap();
    assert_eq!(fit.model.others.len(), 0);
    assert_eq!(fit.ending.reason, EndReason::Interrupted);
}

#[test]
fn the_error_of_a_watcher_ends_an_ensemble() {
    struct Full;
    impl Watcher for Full {
        fn progress(&mut self, _: Progress) -> bool {
            true
        }
        fn epoch(&mut self, _: &Epoch, _: Option<Metrics>) -> Result<(), Error> {
            Err(Error::Config("the disk is full".to_owned()))
        }
    }
    let why = short().ensemble(4).fit_while(&iris(), &mut Full);
    assert_eq!(why.unwrap_err().to_string(), "the disk is full");
}

#[test]
fn networks_of_different_layers_are_no_ensemble() {
    let data = iris();
    let mut model = short().ensemble(2).fit(&data).unwrap().model;
    model.others[0] = short().hidden([9]).fit(&data).unwrap().model.mlp;
    let why = Inference::new(&Device::Cpu, &model, &data).err().unwrap();
    assert!(why.to_string().contains("found 4-9-3"), "{why}");
}
