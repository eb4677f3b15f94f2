//! Tests of the structure of ONNX files. `tests/export.py` runs them.

use super::*;
use crate::dataset::{ColumnEncoder, Encoder, Form, Scale, Schema, TimePart};
use crate::model::{Activation, Loss, Mlp};
use crate::train::Model;
use proto::{DataType, GraphProto, NodeProto, Size, ValueInfoProto};
use std::collections::HashSet;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A model of columns of every kind, with the names of outputs.
fn model(classes: &[&str], loss: Loss, networks: usize) -> Model {
    let encoder = Encoder {
        columns: vec![
            ColumnEncoder::Number {
                fill: 2.0,
                missing: true,
                unit: String::new(),
                edges: vec![0.0, 1.0, 3.0],
            },
            ColumnEncoder::Flag {
                levels: ["no", "yes"].map(str::to_owned),
                fill: 1.0,
                missing: true,
            },
            ColumnEncoder::Category {
                levels: texts(&["a", "b"]),
                other: true,
                missing: false,
            },
            ColumnEncoder::Time {
                format: "iso".to_owned(),
                parts: vec![
                    TimePart::Elapsed,
                    TimePart::Month,
                    TimePart::Weekday,
                    TimePart::Hour,
                ],
                fill: 0.0,
                missing: true,
            },
        ],
        marks: texts(&["-999", "?"]),
    };
    let inputs = encoder.width();
    let outputs = classes.len().max(2);
    let network = |seed| {
        let (hidden, output) = (Activation::LeakyRelu, Activation::Identity);
        Mlp::random(&[inputs, 5, outputs], hidden, output, seed)
    };
    Model {
        mlp: network(0),
        others: (1..networks as u64).map(network).collect(),
        loss,
        quantile: None,
        input_scale: Scale {
            shift: vec![1.0; inputs],
            factor: vec![2.0; inputs],
        },
        target_scale: Scale {
            shift: vec![5.0; outputs],
            factor: vec![0.0; outputs],
        },
        schema: Schema {
            form: Form::Table,
            columns: texts(&["label", "prediction", "numbers", "a\nb"]),
            target_names: texts(&["t", "u"]),
            classes: texts(classes),
            inputs,
            encoder: Some(encoder),
        },
        endings: Vec::new(),
    }
}

fn decoded(model: &Model, matrix: bool) -> ModelProto {
    let pipeline = Pipeline::new(model, matrix).unwrap();
    ModelProto::decode(&bytes(&pipeline).unwrap()[..]).unwrap()
}

/// Returns names, types and shapes; 0 stands for any number of rows.
fn signature(values: &[ValueInfoProto]) -> Vec<(&str, DataType, Vec<i64>)> {
    let each = values.iter().map(|value| {
        let of = value
            .r#type
            .as_ref()
            .and_then(|t| t.tensor_type.as_ref())
            .unwrap();
        let dims = of.shape.as_ref().unwrap().dim.iter();
        let dims = dims.map(|dim| match dim.value.as_ref().unwrap() {
            Size::DimValue(size) => *size,
            Size::DimParam(name) => i64::from(name != "N"),
        });
        (&value.name[..], of.elem_type(), dims.collect())
    });
    each.collect()
}

/// Asserts that each node uses what is there before it, and that no name is there twice.
#[track_caller]
fn check_order(graph: &GraphProto) {
    let mut known: HashSet<&str> = HashSet::new();
    let inputs = graph.input.iter().map(|input| &input.name);
    for name in inputs.chain(graph.initializer.iter().map(|tensor| &tensor.name)) {
        assert!(known.insert(name), "{name} is there twice");
    }
    for node in &graph.node {
        for input in &node.input {
            assert!(known.contains(&input[..]), "{} uses {input}", node.name);
        }
        for output in &node.output {
            assert!(known.insert(output), "{output} is there twice");
        }
    }
    for output in &graph.output {
        assert!(known.contains(&output.name[..]), "no {}", output.name);
    }
}

fn count(graph: &GraphProto, operator: &str) -> usize {
    let is = |node: &&NodeProto| node.op_type == operator;
    graph.node.iter().filter(is).count()
}

#[test]
fn there_is_an_input_for_each_column_and_columns_keep_their_names() {
    let found = decoded(&model(&["x", "y", "z"], Loss::CrossEntropy, 1), false);
    assert_eq!((found.ir_version, &found.producer_name[..]), (8, "wgrad"));
    let classes = &found.metadata_props[1];
    assert_eq!(
        (&classes.key[..], &classes.value[..]),
        ("classes", r#"["x","y","z"]"#)
    );
    let graph = found.graph.unwrap();
    check_order(&graph);
    assert_eq!(
        signature(&graph.input),
        [
            ("label", DataType::Double, vec![0, 1]),
            ("prediction", DataType::String, vec![0, 1]),
            ("numbers", DataType::String, vec![0, 1]),
            ("a\nb", DataType::Double, vec![0, 1]),
        ]
    );
    assert_eq!(
        signature(&graph.output),
        [
            ("label_output", DataType::String, vec![0]),
            ("probabilities", DataType::Float, vec![0, 3]),
        ]
    );
    assert_eq!(
        [count(&graph, "LabelEncoder"), count(&graph, "Gemm")],
        [2, 2]
    );
    let weight = graph
        .initializer
        .iter()
        .find(|t| t.name == "layers.1.weight")
        .unwrap();
    assert_eq!(weight.dims, [3, 5]);
    assert_eq!(weight.raw_data.as_ref().unwrap().len(), 4 * 15);
}

#[test]
fn an_ensemble_has_all_networks_and_values_have_one_output() {
    let found = decoded(&model(&[], Loss::Mse, 3), false);
    let graph = found.graph.unwrap();
    check_order(&graph);
    assert_eq!(
        signature(&graph.output),
        [("prediction_output", DataType::Double, vec![0, 2])]
    );
    assert_eq!(
        [
            count(&graph, "Gemm"),
            count(&graph, "Sum"),
            count(&graph, "Softmax")
        ],
        [6, 1, 0]
    );
    assert!(
        graph
            .initializer
            .iter()
            .any(|t| t.name == "networks.2.layers.0.bias")
    );
}

#[test]
fn pixels_and_arrays_are_one_input() {
    let mut images = model(&["x", "y"], Loss::HalfSse, 1);
    let inputs = images.schema.inputs;
    images.schema.encoder = None;
    images.schema.columns = Vec::new();
    images.schema.form = Form::Images {
        height: 1,
        width: inputs,
        channels: 1,
    };
    let graph = decoded(&images, false).graph.unwrap();
    check_order(&graph);
    assert_eq!(
        signature(&graph.input),
        [("input", DataType::Float, vec![0, inputs as i64])]
    );
    let mut array = images.clone();
    array.schema.form = Form::Table;
    array.schema.columns = (1..=inputs).map(|c| format!("x{c}")).collect();
    let graph = decoded(&array, false).graph.unwrap();
    assert_eq!(
        signature(&graph.input),
        [("input", DataType::Double, vec![0, inputs as i64])]
    );
    array.schema.columns[0] = "named".to_owned();
    assert_eq!(decoded(&array, false).graph.unwrap().input.len(), inputs);
    assert_eq!(decoded(&array, true).graph.unwrap().input.len(), 1);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let mut odd = model(&[], Loss::Mse, 1);
    assert!(Pipeline::new(&odd, true).is_err());
    if let ColumnEncoder::Flag { fill, .. } = &mut odd.schema.encoder.as_mut().unwrap().columns[1] {
        *fill = 0.5;
    }
    let why = Pipeline::new(&odd, false).err().unwrap().to_string();
    assert!(
        why.contains("the column prediction: a fill of 0.5"),
        "{why}"
    );
    let mut odd = model(&[], Loss::Mse, 1);
    odd.schema.inputs += 1;
    assert!(Pipeline::new(&odd, false).is_err());
}
