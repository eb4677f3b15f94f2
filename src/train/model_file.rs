//! The model file: safetensors that PyTorch loads by name, with everything that predictions need in its metadata.
//!
//! The tensors are `layers.0.weight` (O, I), `layers.0.bias` (O), ...; those of an ensemble have `networks.0.`,
//! `networks.1.`, ... in front. The metadata has one key, `wgrad`, which holds a `Header` as JSON. The file does not depend on clock or machine: the same run writes the same bytes. Its checksum
//! covers every byte but itself.

mod header;

use crate::Error;
use crate::dataset::{Scale, Schema, memory};
use crate::file::write_whole;
use crate::model::{Layer, Loss, Mlp, mlp::MOST_PARAMETERS};
use crate::plan::Training;
use crate::text::typed;
use crate::train::{EndReason, Ending, Prepared};
use header::{Ensemble, FORMAT, FORMAT_WITHOUT, Header, Version};
use safetensors::tensor::{Dtype, Metadata, SafeTensors, TensorView};
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// A trained network or ensemble, with the meaning of its inputs and outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The network; the first one of an ensemble.
    pub mlp: Mlp,
    /// The other networks of an ensemble, with the same layers. Predictions are means over all networks.
    pub others: Vec<Mlp>,
    /// The loss that it was trained with.
    pub loss: Loss,
    /// The quantile, if that is the loss.
    pub quantile: Option<f64>,
    /// Scaling from raw inputs to the network's inputs.
    pub input_scale: Scale,
    /// Scaling of target values; the identity for classes.
    pub target_scale: Scale,
    /// Columns, classes and shapes of the data.
    pub schema: Schema,
    /// How the training of each network ended; empty in older models, and for networks that no run trained.
    pub endings: Vec<Ending>,
}

const KEY: &str = "wgrad";
/// What a file has in place of the checksum while it is computed.
const NO_DIGITS: &str = "00000000";
/// What stands before the checksum: JSON within a JSON string.
const BEFORE_DIGITS: &[u8] = br#"\"crc32\":\""#;
/// Maximum size of a safetensors header.
const LONGEST_HEADER: u64 = 100_000_000;

impl Model {
    /// Creates a model from a network trained on `data`.
    pub fn new(mlp: Mlp, training: &Training, data: &Prepared) -> Model {
        let loss = training.loss;
        Model {
            mlp,
            others: Vec::new(),
            loss,
            quantile: (loss == Loss::Quantile).then_some(training.quantile),
            input_scale: data.input_scale.clone(),
            target_scale: data.target_scale.clone(),
            schema: data.schema.clone(),
            endings: Vec::new(),
        }
    }

    /// Returns every network.
    pub fn networks(&self) -> impl Iterator<Item = &Mlp> {
        [&self.mlp].into_iter().chain(&self.others)
    }

    /// Returns whether programs that read formats up to 3 do not know what it has.
    fn is_new(&self) -> bool {
        let mut endings = self.endings.iter();
        let new = [EndReason::MaxTime, EndReason::Diverged];
        let by_time = endings.any(|ending| new.contains(&ending.reason));
        let curves = |layer: &Layer| layer.activation.is_curve();
        let has_new_kinds = self.loss.is_new() || self.mlp.layers.iter().any(curves);
        let has_new_forms = self.schema.has_bins() || self.schema.has_new_forms();
        !self.others.is_empty() || has_new_forms || has_new_kinds || by_time
    }

    /// Returns the bytes of the model file.
    ///
    /// # Errors
    /// Returns an error if the names of columns and classes are too long together for a safetensors file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let networks = 1 + self.others.len();
        let ensemble = (networks > 1).then(|| Ensemble {
            networks,
            endings: self.endings.clone(),
        });
        let ending = self.endings.first().copied();
        let header = Header {
            format: if self.is_new() {
                FORMAT
            } else {
                FORMAT_WITHOUT
            },
            crc32: Some(NO_DIGITS.to_owned()),
            layers: self.mlp.layers.clone(),
            loss: self.loss,
            quantile: self.quantile,
            input_scale: self.input_scale.clone(),
            target_scale: self.target_scale.clone(),
            schema: self.schema.clone(),
            ending: ending.filter(|_| networks == 1),
            ensemble,
        };
        let header = serde_json::to_string(&header).expect("a header is plain data");
        let tensors = self.networks().enumerate().flat_map(|(k, mlp)| {
            let named = move |(name, shape, values): (String, _, _)| {
                (prefix(k, networks) + &name, shape, values)
            };
            mlp.tensors().into_iter().map(named)
        });
        let views = tensors.map(|(name, shape, values): (String, _, &[f32])| {
            let view = TensorView::new(Dtype::F32, shape, bytemuck::cast_slice(values));
            (name, view.expect("a tensor's shape is that of its values"))
        });
        let metadata = HashMap::from([(KEY.to_owned(), header)]);
        let mut bytes = safetensors::serialize(views, Some(metadata)).map_err(|why| {
            Error::Model(format!(
                "the model has no room in a safetensors file ({why}); use fewer columns, or shorter names"
            ))
        })?;
        if let Some((at, digits)) = checksum(&bytes) {
            bytes[at..][..digits.len()].copy_from_slice(digits.as_bytes());
        }
        Ok(bytes)
    }

    /// Writes the model file atomically.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written. `path` is then unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        write_whole(path, &self.to_bytes()?).map_err(Error::io(path))
    }

    /// Reads a model file, or the one in a run folder.
    ///
    /// # Errors
    /// Returns an error if there is no file, [`Model::save`] did not write it, or it was damaged since.
    pub fn load(path: impl AsRef<Path>) -> Result<Model, Error> {
        Model::open(path).map(|(model, _)| model)
    }

    /// Reads a model file, as [`Model::load`] does. Returns a note if it has no checksum.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn open(path: impl AsRef<Path>) -> Result<(Model, Option<String>), Error> {
        let path = path.as_ref();
        let in_run = path.join("model.safetensors");
        let path = if path.is_dir() { &in_run } else { path };
        let bytes = File::open(path).and_then(declared).map_err(|why| {
            let is_run = in_run
                .parent()
                .is_some_and(|run| run.join("config.toml").exists() && run.join("metrics.jsonl").exists());
            let cure = match why.kind() {
                ErrorKind::PermissionDenied => "ask whoever owns it to let you read it",
                ErrorKind::OutOfMemory => {
                    return Error::Model(format!("{}: {why}", path.display()));
                }
                ErrorKind::NotFound if is_run => {
                    let run = path.parent().unwrap_or(path).display().to_string();
                    let run = typed(&run);
                    return Error::Model(format!(
                        "{}: {why}; that run did not finish: go on with wgrad train --resume {run}, or train again",
                        path.display()
                    ));
                }
                _ => "expected a model.safetensors that wgrad train wrote, or its folder",
            };
            Error::Model(format!("{}: {why}; {cure}", path.display()))
        })?;
        let named = |why: &str| format!("{}: {why}", path.display());
        let (model, note) = parse(&bytes).map_err(|why| Error::Model(named(&why)))?;
        Ok((model, note.map(named)))
    }

    /// Parses the bytes of a model file.
    ///
    /// # Errors
    /// Returns an error if [`Model::to_bytes`] did not return them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, Error> {
        parse(bytes).map(|(model, _)| model).map_err(Error::Model)
    }
}

/// Reads a model file: its header, as many bytes as the header declares, and one more to see whether there are more.
fn declared(mut file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.by_ref().take(8).read_to_end(&mut bytes)?;
    let Ok(length) = <[u8; 8]>::try_from(&bytes[..]) else {
        return Ok(bytes);
    };
    let length = u64::from_le_bytes(length).min(LONGEST_HEADER);
    file.by_ref().take(length).read_to_end(&mut bytes)?;
    let header = serde_json::from_slice::<Metadata>(&bytes[8..]);
    let data = header.map_or(0, |header| header.data_len());
    if data > 4 * MOST_PARAMETERS {
        return Ok(bytes);
    }
    memory::require(data as u128, 2, "the model", "free some")
        .map_err(|why| io::Error::new(ErrorKind::OutOfMemory, why))?;
    file.take(data as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the place of the checksum in the bytes of a file, and the checksum that it should have.
fn checksum(bytes: &[u8]) -> Option<(usize, String)> {
    let mut windows = bytes.windows(BEFORE_DIGITS.len());
    let at = windows.position(|window| window == BEFORE_DIGITS)? + BEFORE_DIGITS.len();
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bytes[..at]);
    hasher.update(NO_DIGITS.as_bytes());
    hasher.update(bytes.get(at + NO_DIGITS.len()..)?);
    Some((at, format!("{:08x}", hasher.finalize())))
}

/// Parses the bytes of a model file. Returns a note if it has no checksum. The error lacks the file's name.
fn parse(bytes: &[u8]) -> Result<(Model, Option<&'static str>), String> {
    let file = SafeTensors::deserialize(bytes).map_err(|why| {
        format!("not a whole safetensors file ({why}); expected a model.safetensors that wgrad train wrote, or its folder, and the data behind it")
    })?;
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|why| why.to_string())?;
    let header = metadata
        .metadata()
        .as_ref()
        .and_then(|m| m.get(KEY))
        .ok_or(
            "a safetensors file, but not one that wgrad train wrote (no \"wgrad\" in its metadata)",
        )?;
    let unread = |why: serde_json::Error| format!("its metadata cannot be read ({why})");
    // A newer format may have other fields.
    let Version { format } = serde_json::from_str(header).map_err(unread)?;
    if !(1..=FORMAT).contains(&format) {
        return Err(format!(
            "format {format}, and this wgrad reads formats 1 to {FORMAT}; use a newer wgrad"
        ));
    }
    let header: Header = serde_json::from_str(header).map_err(unread)?;
    let note = match &header.crc32 {
        Some(found) => match checksum(bytes) {
            Some((_, expected)) if *found == expected => None,
            _ => return Err("damaged: its bytes do not match its checksum; copy it again, or train again. A program that changes a model leaves crc32 out of its metadata".to_owned()),
        },
        None => Some("no checksum, as in older models: damage would go unnoticed"),
    };
    header.check()?;
    let count = header.ensemble.as_ref().map_or(1, |e| e.networks);
    if file.len() != 2 * count * header.layers.len() {
        let (tensors, layers) = (file.len(), header.layers.len());
        let of = match count {
            1 => String::new(),
            count => format!(" of each of {count} networks"),
        };
        return Err(format!(
            "{tensors} tensors for {layers} layers{of}; expected two for each"
        ));
    }
    let network = |k| {
        let parameters = parameters(&file, &header.layers, &prefix(k, count))?;
        match parameters.iter().all(|p| p.is_finite()) {
            true => Ok(Mlp {
                parameters,
                layers: header.layers.clone(),
            }),
            false => Err("it has parameters that are not finite; train again".to_owned()),
        }
    };
    let mlp = network(0)?;
    let others = (1..count).map(network).collect::<Result<_, String>>()?;
    let endings = header.ensemble.map(|ensemble| ensemble.endings);
    let model = Model {
        mlp,
        others,
        loss: header.loss,
        quantile: header.quantile,
        input_scale: header.input_scale,
        target_scale: header.target_scale,
        schema: header.schema,
        endings: endings.unwrap_or_else(|| header.ending.into_iter().collect()),
    };
    Ok((model, note))
}

/// Returns what stands before the names of the tensors of network `k` of so many.
fn prefix(k: usize, networks: usize) -> String {
    match networks {
        1 => String::new(),
        _ => format!("networks.{k}."),
    }
}

/// Returns the parameters of the network whose tensors have `prefix` before their names.
fn parameters(file: &SafeTensors, layers: &[Layer], prefix: &str) -> Result<Vec<f32>, String> {
    let mut parameters = Vec::new();
    for (l, layer) in layers.iter().enumerate() {
        for (name, shape) in [
            (
                format!("{prefix}layers.{l}.weight"),
                vec![layer.outputs, layer.inputs],
            ),
            (format!("{prefix}layers.{l}.bias"), vec![layer.outputs]),
        ] {
            let tensor = file
                .tensor(&name)
                .map_err(|_| format!("no tensor {name}"))?;
            if tensor.shape() != shape || tensor.dtype() != Dtype::F32 {
                let (found, dtype) = (tensor.shape(), tensor.dtype());
                return Err(format!(
                    "{name}: expected F32 {shape:?}, found {dtype:?} {found:?}"
                ));
            }
            // The bytes may not be aligned to four.
            parameters.extend(bytemuck::pod_collect_to_vec::<u8, f32>(tensor.data()));
        }
    }
    Ok(parameters)
}
