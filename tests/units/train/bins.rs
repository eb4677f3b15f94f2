//! Bins of numbers: when they are there, what the model keeps of them, and that predictions use them.

use serde_json::Value;
use wgrad::config::Recipe;
use wgrad::dataset::{ColumnEncoder, usual_bins};
use wgrad::train::Predictions;
use wgrad::{Config, Dataset, Model};

/// Rows of a number and of noise; the target jumps where the number passes 0.3 and 0.7.
fn steps(rows: u32) -> Dataset {
    let number = |i: u32| f64::from(i * 7919 % rows) / f64::from(rows);
    let inputs: Vec<[f64; 2]> = (0..rows).map(|i| [number(i), f64::from(i % 13)]).collect();
    let jumps = |[x, _]: &[f64; 2]| f64::from(u8::from((0.3..0.7).contains(x))) * 10.0;
    let values: Vec<f64> = inputs.iter().map(jumps).collect();
    Dataset::with_values(&inputs, &values).unwrap()
}

fn short() -> Config {
    Config::default().max_steps(300).device("cpu")
}

/// Returns the number of bins of each column of a model.
fn bins(model: &Model) -> Vec<usize> {
    let Some(encoder) = &model.schema.encoder else {
        return Vec::new();
    };
    let of = |column: &ColumnEncoder| match column {
        ColumnEncoder::Number { edges, .. } => edges.len().saturating_sub(1),
        _ => 0,
    };
    encoder.columns.iter().map(of).collect()
}

/// Returns the format in a model file.
fn format(model: &Model) -> u64 {
    let bytes = model.to_bytes().unwrap();
    let (_, head) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let header: Value = serde_json::from_str(&head.metadata().as_ref().unwrap()["wgrad"]).unwrap();
    header["format"].as_u64().unwrap()
}

#[test]
fn tables_of_enough_rows_have_bins_by_default_and_the_model_keeps_them() {
    let fit = short().fit(&steps(1000)).unwrap();
    // 800 rows to learn from; the noise has 13 values, so 12 bins.
    assert_eq!(bins(&fit.model), [16, 12]);
    assert_eq!(fit.model.mlp.inputs(), 2 + 16 + 12);
    assert_eq!(format(&fit.model), 4);
    let bytes = fit.model.to_bytes().unwrap();
    assert_eq!(Model::from_bytes(&bytes).unwrap(), fit.model);
    let few = short().fit(&steps(100)).unwrap();
    assert_eq!((bins(&few.model), format(&few.model)), (vec![], 3));
}

#[test]
fn predictions_encode_rows_as_training_did() {
    let data = steps(1000);
    let fit = short().epochs(60).fit(&data).unwrap();
    let rows = [[0.1, 3.0], [0.5, 3.0], [0.9, 3.0]];
    let Predictions::Values(found) = fit.model.predict(&rows).unwrap() else {
        panic!("values are predicted");
    };
    for (found, expected) in found.iter().zip([0.0, 10.0, 0.0]) {
        assert!((found - expected).abs() < 1.5, "{found} for {expected}");
    }
}

#[test]
fn bins_are_given_by_a_setting_and_plain_has_none() {
    let with = |config: &Config, given| {
        let mut config = config.clone();
        config.data.bins = given;
        bins(&config.epochs(1).fit(&steps(1000)).unwrap().model)
    };
    assert_eq!(with(&short(), Some(3)), [3, 3]);
    assert!(with(&short(), Some(0)).is_empty());
    let plain = Recipe::Plain.config().device("cpu");
    assert!(with(&plain, None).is_empty());
    assert_eq!(with(&plain, Some(2)), [2, 2]);
}

#[test]
fn a_saved_configuration_of_an_older_version_has_no_bins() {
    let old = "[data]\nsource = \"iris\"\n[run]\nrecipe = \"tabular\"\nrefit = true\n";
    assert_eq!(
        Config::parse(old, "config.toml").unwrap().data.bins,
        Some(0)
    );
    let typed = "[data]\nsource = \"iris\"\n[run]\nrecipe = \"tabular\"\n";
    assert_eq!(Config::parse(typed, "mine.toml").unwrap().data.bins, None);
}

#[test]
fn the_usual_number_of_bins_follows_rows_and_columns() {
    for (rows, numbers, expected) in [
        (199, 4, 0),
        (200, 4, 4),
        (400, 4, 8),
        (100_000, 4, 16),
        (100_000, 64, 8),
        (100_000, 784, 0),
        (100_000, 0, 0),
        (1_000_000, 20, 6),
        (10_000_000, 20, 0),
    ] {
        assert_eq!(
            usual_bins(rows, numbers),
            expected,
            "{rows} rows, {numbers}"
        );
    }
}

#[test]
fn damaged_edges_are_refused() {
    let model = short().epochs(1).fit(&steps(1000)).unwrap().model;
    let mut bad = model.clone();
    let encoder = bad.schema.encoder.as_mut().unwrap();
    if let ColumnEncoder::Number { edges, .. } = &mut encoder.columns[0] {
        edges.swap(0, 1);
    }
    let why = Model::from_bytes(&bad.to_bytes().unwrap()).unwrap_err();
    assert!(why.to_string().contains("edges of bins"), "{why}");
}
