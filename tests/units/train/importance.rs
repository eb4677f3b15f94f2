//! Permutation importance of columns.

use wgrad::dataset::{ReadOptions, read};
use wgrad::device::Device;
use wgrad::train::{Importance, importance};
use wgrad::{Config, Dataset, Error, Model};

/// Values that follow the first of three columns, and a little the third.
fn data() -> Dataset {
    let part = |i: u32, k: u32| f64::from(i * k % 997) / 997.0;
    let inputs: Vec<[f64; 3]> = (0..400)
        .map(|i| [part(i, 7919), part(i, 104_729), part(i, 1_299_709)])
        .collect();
    let values: Vec<f64> = inputs.iter().map(|[a, _, c]| 10.0 * a + c).collect();
    Dataset::with_values(&inputs, &values).unwrap()
}

fn model(data: &Dataset) -> Model {
    let config = Config::default().hidden([8]).max_steps(2000).device("cpu");
    config.fit(data).unwrap().model
}

fn found(model: &Model, data: &Dataset, seed: u64) -> Vec<Importance> {
    importance(&Device::Cpu, model, data, 5, seed, &mut |_, _| true).unwrap()
}

#[test]
fn columns_that_matter_come_first_and_others_cost_nothing() {
    let data = data();
    let model = model(&data);
    let all = found(&model, &data, 0);
    let names: Vec<&str> = all.iter().map(|own| own.column.as_str()).collect();
    assert_eq!(
        names,
        [&data.columns[0], &data.columns[2], &data.columns[1]]
    );
    // Shuffled, the column adds twice its variance to the error: R² falls by about 2, less the share of the other.
    assert!((1.7..2.2).contains(&all[0].mean), "{all:?}");
    assert!((0.005..0.05).contains(&all[1].mean), "{all:?}");
    assert!(
        all[2].mean.abs() < 0.01 && all[2].deviation < 0.01,
        "{all:?}"
    );
    assert_eq!(all, found(&model, &data, 0));
    assert_ne!(all, found(&model, &data, 1));
}

#[test]
fn categories_and_classes_have_an_importance_too() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/penguins.csv");
    let data = read(path, &ReadOptions::default(), 0).unwrap();
    let model = Config::default()
        .max_steps(500)
        .device("cpu")
        .fit(&data)
        .unwrap()
        .model;
    let all = found(&model, &data, 0);
    assert_eq!(all.len(), 7);
    let of = |name: &str| all.iter().find(|own| own.column == name).unwrap().mean;
    assert!(of("bill_length_mm") > 0.1 && of("year") < 0.03, "{all:?}");
}

#[test]
fn an_importance_that_cannot_be_computed_is_an_error() {
    let data = data();
    let model = model(&data);
    let of = |data: &Dataset| importance(&Device::Cpu, &model, data, 1, 0, &mut |_, _| true);
    let mut constant = data.clone();
    constant.targets = Some(wgrad::dataset::Targets::Values {
        values: vec![1.0; 400],
    });
    let why = of(&constant).unwrap_err().to_string();
    assert!(why.contains("targets that differ"), "{why}");
    let stopped = importance(&Device::Cpu, &model, &data, 1, 0, &mut |done, _| done < 1);
    assert!(matches!(stopped, Err(Error::Interrupted)));
}
