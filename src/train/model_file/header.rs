//! The header of a model file: what its metadata says.

use crate::config::MOST_NETWORKS;
use crate::dataset::{Scale, Schema};
use crate::model::{Layer, Loss, mlp::check_layers};
use crate::text::counted;
use crate::train::Ending;
use serde::{Deserialize, Serialize};

/// The content of the metadata. An unknown field is an error: it may be a damaged name of the checksum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    /// Version of this structure.
    pub(super) format: u32,
    /// The CRC-32 of the file with zeros in place of these digits; `None` in older models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) crc32: Option<String>,
    pub(super) layers: Vec<Layer>,
    pub(super) loss: Loss,
    /// Since format 4, with the loss of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) quantile: Option<f64>,
    pub(super) input_scale: Scale,
    pub(super) target_scale: Scale,
    pub(super) schema: Schema,
    /// Since format 3, of a model with one network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ending: Option<Ending>,
    /// Since format 4: an ensemble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ensemble: Option<Ensemble>,
}

/// The version of a header.
#[derive(Deserialize)]
pub(super) struct Version {
    pub(super) format: u32,
}

/// What the header of an ensemble says of its networks.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ensemble {
    /// Their number.
    pub(super) networks: usize,
    /// How the training of each ended.
    pub(super) endings: Vec<Ending>,
}

/// The newest version. Version 2 brought the encoder of columns, version 3 how the training ended, version 4 ensembles,
/// bins, the losses mae, huber and quantile, and the activations with kernels of their own.
pub(super) const FORMAT: u32 = 4;
/// The version of a model without these, so that older programs read it.
pub(super) const FORMAT_WITHOUT: u32 = 3;

impl Header {
    /// Checks that layers, scales, loss and schema fit together.
    pub(super) fn check(&self) -> Result<(), String> {
        let fail = |why: String| {
            Err(format!(
                "its metadata does not fit together: {why}; train again"
            ))
        };
        let schema = &self.schema;
        check_layers(&self.layers)
            .and_then(|()| schema.check())
            .or_else(fail)?;
        if let Some(Ensemble { networks, endings }) = &self.ensemble {
            if !(2..=MOST_NETWORKS).contains(networks) {
                return fail(format!(
                    "an ensemble of {networks}, expected 2 to {MOST_NETWORKS} networks"
                ));
            }
            if ![0, *networks].contains(&endings.len()) {
                return fail(format!("{} endings of {networks} networks", endings.len()));
            }
        }
        let classes = schema.classes.len();
        let outputs = match classes {
            0 => schema.target_names.len(),
            _ => classes,
        };
        let found = [
            self.layers[0].inputs,
            self.layers[self.layers.len() - 1].outputs,
        ];
        if found != [schema.inputs, outputs] {
            return fail(format!(
                "layers from {} to {} for data of {} and {outputs}",
                counted(found[0], "input"),
                counted(found[1], "output"),
                schema.inputs
            ));
        }
        let is_share = |q: f64| q > 0.0 && q < 1.0;
        if self.quantile.is_some_and(|q| !is_share(q)) {
            return fail("a quantile that is not between 0 and 1".to_owned());
        }
        if self.loss.needs_classes() && classes == 0 {
            return fail("a loss for classes, and there are none".to_owned());
        }
        let targets = match classes {
            0 => outputs,
            // Classes are not scaled.
            _ => self.target_scale.shift.len(),
        };
        self.input_scale
            .check(schema.inputs)
            .or_else(|why| fail(format!("input_scale has {why}")))?;
        self.target_scale
            .check(targets)
            .or_else(|why| fail(format!("target_scale has {why}")))
    }
}
