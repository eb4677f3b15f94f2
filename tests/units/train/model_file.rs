//! The model file: damage is found, and a model that does not fit together is refused.

use serde_json::{Value, json};
use std::fs::write;
use wgrad::dataset::{Dataset, Scale};
use wgrad::model::{Activation, Loss, Mlp};
use wgrad::{Error, Model};

/// A model of two inputs and two classes.
fn model() -> Model {
    let rows: Vec<[f64; 2]> = (0..4).map(|i| [f64::from(i), f64::from(i * i)]).collect();
    let data = Dataset::with_labels(&rows, &["a", "b", "a", "b"]).unwrap();
    let mut mlp = Mlp::zeros(&[2, 1, 2], Activation::Relu, Activation::Identity);
    mlp.parameters = vec![0.5, -1.25, 0.1, 1.0, 2.0, -3.5, 0.75];
    Model {
        mlp,
        others: Vec::new(),
        loss: Loss::CrossEntropy,
        quantile: None,
        input_scale: Scale::identity(2),
        target_scale: Scale::identity(1),
        schema: data.schema(),
        endings: Vec::new(),
    }
}

/// Returns the file of [`model`] with another header, and without a checksum.
fn edited(edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let bytes = model().to_bytes().unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut head: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let inner = &mut head["__metadata__"]["wgrad"];
    let mut header: Value = serde_json::from_str(inner.as_str().unwrap()).unwrap();
    header.as_object_mut().unwrap().remove("crc32").unwrap();
    edit(&mut header);
    *inner = header.to_string().into();
    let head = head.to_string();
    let length = (head.len() as u64).to_le_bytes();
    [
        &length,
        head.as_bytes(),
        &bytes[8 + bytes_of_head(&bytes)..],
    ]
    .concat()
}

fn bytes_of_head(bytes: &[u8]) -> usize {
    u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize
}

/// Asserts that the file is refused as a bad model.
#[track_caller]
fn refused(bytes: &[u8], what: &str) -> String {
    match Model::from_bytes(bytes) {
        Err(why @ Error::Model(_)) => why.to_string(),
        other => panic!("{what}: {other:?}"),
    }
}

#[test]
fn every_bit_flip_and_every_truncation_is_found() {
    let whole = model().to_bytes().unwrap();
    assert_eq!(Model::from_bytes(&whole).unwrap(), model());
    for bit in 0..8 * whole.len() {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        refused(&flipped, &format!("bit {bit}"));
    }
    for length in 0..whole.len() {
        refused(&whole[..length], &format!("{length} bytes"));
    }
    refused(&[&whole[..], &[0]].concat(), "a byte more");
    let last = whole.len() - 1;
    let mut weight = whole;
    weight[last] ^= 1;
    assert!(refused(&weight, "a weight").contains("do not match its checksum"));
}

#[test]
fn a_model_without_a_checksum_is_read_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.safetensors");
    write(&path, edited(|_| {})).unwrap();
    let (read, note) = Model::open(&path).unwrap();
    assert_eq!(read, model());
    let note = note.unwrap();
    assert!(note.contains("old.safetensors: no checksum"), "{note}");
    model().save(&path).unwrap();
    assert_eq!(Model::open(&path).unwrap(), (model(), None));
}

#[test]
fn what_does_not_fit_together_is_refused_and_named() {
    type Edit = fn(&mut Value);
    let edits: [(Edit, &str); 17] = [
        (
            |h| h["schema"]["columns"] = json!(["x1", "x1"]),
            "the column x1 is there twice",
        ),
        (
            |h| h["schema"]["columns"] = json!(["x1", "class"]),
            "class is both an input and a target",
        ),
        (
            |h| h["schema"]["columns"] = json!(["x1"]),
            "2 inputs per row, and a table of 1 column",
        ),
        (
            |h| h["schema"]["target_names"] = json!([]),
            "classes of 0 targets; expected one",
        ),
        (
            |h| h["schema"]["target_names"] = json!(["y", "z"]),
            "classes of 2 targets; expected one",
        ),
        (
            |h| h["schema"]["classes"] = json!(["a", "a"]),
            "the class a is there twice",
        ),
        (
            |h| h["schema"]["classes"] = json!(["a", "b", "c"]),
            "layers from 2 inputs to 2 outputs for data of 2 and 3",
        ),
        (
            |h| h["schema"]["form"] = json!({"images": {"height": 1, "width": 2}}),
            "images of 1 x 2 with 2 columns",
        ),
        (
            |h| h["schema"]["form"] = json!({"images": {"height": u64::MAX, "width": 2}}),
            "2 inputs per row",
        ),
        (
            |h| h["input_scale"]["factor"] = json!([1.0, -1.0]),
            "input_scale has a factor of -1",
        ),
        (
            |h| h["input_scale"]["shift"] = json!([1.0]),
            "input_scale has 1 shifts and 2 factors",
        ),
        (
            |h| h["target_scale"]["factor"] = json!([-0.5]),
            "target_scale has a factor of -0.5",
        ),
        (|h| h["layers"] = json!([]), "a network needs a layer"),
        (
            |h| h["layers"][0]["outputs"] = json!(3),
            "a layer of 3 outputs below one of 1 inputs",
        ),
        (
            |h| h["layers"][0]["outputs"] = json!(u64::MAX),
            "outputs below one of",
        ),
        (|h| h["more"] = json!(1), "unknown field `more`"),
        (
            |h| {
                h["schema"]["classes"] = json!([]);
                h["schema"]["target_names"] = json!(["y", "z"]);
            },
            "a loss for classes, and there are none",
        ),
    ];
    for (edit, part) in edits {
        let why = refused(&edited(edit), part);
        assert!(why.contains(part), "{part}: {why}");
    }
    // Zero is the factor of a constant column.
    let constant = edited(|h| h["input_scale"]["factor"] = json!([0.0, 1.0]));
    assert_eq!(
        Model::from_bytes(&constant).unwrap().input_scale.factor[0],
        0.0
    );
}

#[test]
fn twenty_thousand_layers_are_refused_at_once() {
    let start = std::time::Instant::now();
    let layer = json!({"inputs": 1, "outputs": 1, "activation": "relu"});
    let deep = edited(|h| h["layers"] = vec![layer; 20_000].into());
    let why = refused(&deep, "20,000 layers");
    assert!(why.contains("20000 layers; expected at most 1000"), "{why}");
    assert!(start.elapsed().as_secs_f64() < 1.0);
}

#[test]
fn of_a_file_without_an_end_no_more_is_read_than_its_header_declares() {
    #[cfg(target_os = "linux")]
    {
        let why = Model::load("/dev/zero").unwrap_err();
        assert!(matches!(why, Error::Model(_)), "{why}");
    }
    let bytes = model().to_bytes().unwrap();
    let declared = json!({"layers.0.weight": {"dtype": "U8", "shape": [u64::MAX / 16], "data_offsets": [0, u64::MAX / 16]}});
    let head = declared.to_string();
    let length = (head.len() as u64).to_le_bytes();
    refused(
        &[&length, head.as_bytes(), &bytes].concat(),
        "more than there is memory",
    );
}
