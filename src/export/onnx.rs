//! ONNX files, which take raw columns: the graph holds the encoder, the scaling and the networks.
//!
//! `proto` has the messages of the format, `graph` builds a graph of them, `features` and `networks` are its two halves.
//! Operators are those of opset 17, from 2022, and `ai.onnx.ml` 3.
//!
//! All is computed as `wgrad predict` does, and in the same precision: in f64 up to the scaled inputs of the networks, in
//! f32 from there. In f32, times and years would lose what distinguishes them.

mod features;
mod graph;
mod networks;
mod proto;
mod times;

use super::pipeline::Pipeline;
use crate::Error;
use graph::{Graph, ML};
use prost::Message;
use proto::{ModelProto, OperatorSetIdProto, StringStringEntryProto};
use serde_json::json;

/// The version of the format of the file, that which came with the opset.
const IR_VERSION: i64 = 8;
/// The versions of the sets of operators.
const OPSETS: [(&str, i64); 2] = [("", 17), (ML, 3)];
/// The largest file: messages of protobuf have lengths of 31 bits.
const LARGEST: usize = i32::MAX as usize;

/// Returns the ONNX file.
///
/// # Errors
/// Returns an error if the networks are too large for the format.
pub fn bytes(pipeline: &Pipeline) -> Result<Vec<u8>, Error> {
    let parameters = pipeline.parameters();
    let too_large = |bytes: usize| {
        Error::Model(format!(
            "{bytes} bytes, expected at most {LARGEST} in an ONNX file; export NumPy arrays, or train fewer networks"
        ))
    };
    if parameters.saturating_mul(4) > LARGEST {
        return Err(too_large(parameters.saturating_mul(4)));
    }
    let model = model(pipeline);
    match model.encoded_len() {
        bytes if bytes > LARGEST => Err(too_large(bytes)),
        _ => Ok(model.encode_to_vec()),
    }
}

fn model(pipeline: &Pipeline) -> ModelProto {
    let mut graph = Graph::default();
    let inputs = features::add(&mut graph, pipeline);
    networks::add(&mut graph, pipeline, &inputs);
    let opset = |(domain, version): (&str, i64)| OperatorSetIdProto {
        domain: domain.to_owned(),
        version,
    };
    let property = |(key, value): (&str, serde_json::Value)| StringStringEntryProto {
        key: key.to_owned(),
        value: value.to_string(),
    };
    ModelProto {
        ir_version: IR_VERSION,
        producer_name: "wgrad".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        doc_string: pipeline.summary(),
        graph: Some(graph.finish("wgrad")),
        opset_import: OPSETS.map(opset).to_vec(),
        metadata_props: [
            ("targets", json!(pipeline.targets)),
            ("classes", json!(pipeline.answer.classes())),
        ]
        .map(property)
        .to_vec(),
    }
}

#[cfg(test)]
mod tests;
