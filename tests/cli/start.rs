//! Tests of `wgrad train --from`: training that starts from a model, or from weights of other software.

use crate::rig::{Run, folder, wgrad, with_cpu};
use std::collections::HashMap;
use std::path::Path;
use wgrad::Model;

const PENGUINS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/penguins.csv");

fn train(dir: &Path, args: &[&str]) -> Run {
    wgrad(dir, &with_cpu(&[&["train"], args].concat()))
}

fn model(dir: &Path, out: &str) -> Model {
    Model::load(dir.join(out)).unwrap()
}

/// The test accuracy after training for no more than a step.
fn accuracy_at_once(dir: &Path, data: &str, from: &[&str]) -> f64 {
    let short = [
        "--max-steps",
        "1",
        "--lr",
        "1e-9",
        "--weight-decay",
        "0",
        "--json",
        "--out",
        "now",
        "--force",
    ];
    let run = train(dir, &[&[data], from, &short].concat()).ok();
    run.json("end")[0]["test_accuracy"].as_f64().unwrap()
}

#[test]
fn a_model_goes_on_with_its_own_encoding() {
    let dir = folder();
    train(
        dir.path(),
        &[
            PENGUINS,
            "--hidden",
            "16",
            "--activation",
            "relu",
            "--out",
            "first",
        ],
    )
    .ok();
    let short = [
        "--max-steps",
        "1",
        "--lr",
        "1e-9",
        "--weight-decay",
        "0",
        "--out",
        "second",
    ];
    train(
        dir.path(),
        &[&[PENGUINS, "--from", "first"], &short[..]].concat(),
    )
    .ok();
    let [first, second] = ["first", "second"].map(|out| model(dir.path(), out));
    assert_eq!(first.schema, second.schema);
    assert_eq!(first.input_scale, second.input_scale);
    assert_eq!(first.mlp.layers, second.mlp.layers);
    let parameters = first.mlp.parameters.iter().zip(&second.mlp.parameters);
    assert!(parameters.clone().all(|(a, b)| (a - b).abs() < 1e-6));
    assert!(accuracy_at_once(dir.path(), PENGUINS, &["--from", "first"]) > 0.9);
    // Few rows of the same kind: the encoder does not learn from them, and knows the levels that they lack.
    let text = std::fs::read_to_string(PENGUINS).unwrap();
    let few: Vec<&str> = text.lines().take(31).collect();
    let few = few.join("\n").replace("Dream", "Torgersen") + "\n";
    std::fs::write(
        dir.path().join("few.csv"),
        few.replacen("Adelie", "Gentoo", 3),
    )
    .unwrap();
    train(
        dir.path(),
        &[
            "few.csv", "--from", "first", "--epochs", "3", "--out", "tuned",
        ],
    )
    .ok();
    assert_eq!(model(dir.path(), "tuned").schema, first.schema);
    let again = ["--config", "tuned/config.toml", "--out", "again"];
    train(dir.path(), &again).ok();
    assert_eq!(model(dir.path(), "again"), model(dir.path(), "tuned"));
}

#[test]
fn an_ensemble_goes_on_from_its_networks() {
    let dir = folder();
    train(
        dir.path(),
        &[
            "iris",
            "--ensemble",
            "3",
            "--max-steps",
            "200",
            "--out",
            "first",
        ],
    )
    .ok();
    let short = [
        "--ensemble",
        "3",
        "--max-steps",
        "1",
        "--lr",
        "1e-9",
        "--weight-decay",
        "0",
        "--out",
        "second",
    ];
    train(
        dir.path(),
        &[&["iris", "--from", "first"], &short[..]].concat(),
    )
    .ok();
    let [first, second] = ["first", "second"].map(|out| model(dir.path(), out));
    for (a, b) in first.networks().zip(second.networks()) {
        assert!(
            a.parameters
                .iter()
                .zip(&b.parameters)
                .all(|(a, b)| (a - b).abs() < 1e-6)
        );
    }
}

/// Writes the tensors of a network for iris, with these names for its layers.
fn write_weights(dir: &Path, names: [&str; 2], hidden: usize) -> Vec<f32> {
    let values: Vec<f32> = (0..4 * hidden + hidden + 3 * hidden + 3)
        .map(|n| ((n * 37 % 101) as f32 - 50.0) / 100.0)
        .collect();
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let (mut at, mut views) = (0, HashMap::new());
    for (name, shape) in [
        (format!("{}.weight", names[0]), vec![hidden, 4]),
        (format!("{}.bias", names[0]), vec![hidden]),
        (format!("{}.weight", names[1]), vec![3, hidden]),
        (format!("{}.bias", names[1]), vec![3]),
    ] {
        let end = at + 4 * shape.iter().product::<usize>();
        let dtype = safetensors::Dtype::F32;
        let view = safetensors::tensor::TensorView::new(dtype, shape, &bytes[at..end]);
        views.insert(name, view.unwrap());
        at = end;
    }
    let file = safetensors::serialize(views, None).unwrap();
    std::fs::write(dir.join("w.safetensors"), file).unwrap();
    values
}

#[test]
fn weights_of_pytorch_are_taken_in_the_order_of_their_numbers() {
    let dir = folder();
    let short = [
        "--bins",
        "0",
        "--max-steps",
        "1",
        "--lr",
        "1e-9",
        "--weight-decay",
        "0",
        "--no-refit",
        "--force",
        "--out",
        "m",
    ];
    let from = ["iris", "--from", "w.safetensors"];
    for names in [["0", "2"], ["net.2", "net.10"], ["layers.0", "layers.1"]] {
        let values = write_weights(dir.path(), names, 5);
        train(dir.path(), &[&from[..], &short].concat()).ok();
        let model = model(dir.path(), "m");
        assert_eq!(model.mlp.layers[0].outputs, 5);
        let parameters = model.mlp.parameters.iter().zip(&values);
        assert!(
            parameters.clone().all(|(a, b)| (a - b).abs() < 1e-6),
            "{names:?}"
        );
    }
    let refused = train(dir.path(), &["digits", "--from", "w.safetensors"]);
    refused.fails(
        3,
        &["--from", "layers from 4 inputs to 3 outputs", "--bins 0"],
    );
    let other = train(
        dir.path(),
        &[&from[..], &short, &["--hidden", "7"]].concat(),
    );
    other.fails(3, &["--hidden 7: ", "hidden layers of 5; leave it out"]);
    std::fs::write(dir.path().join("w.safetensors"), "no tensors").unwrap();
    let broken = train(dir.path(), &[&from[..], &short].concat());
    broken.fails(3, &["w.safetensors", "not a whole safetensors file"]);
    let nothing = train(dir.path(), &["iris", "--from", "nothing"]);
    nothing.fails(3, &["nothing", "expected a model.safetensors"]);
}
