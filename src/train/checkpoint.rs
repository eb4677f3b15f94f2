//! The model file: safetensors that PyTorch loads by name, with everything that predictions need in its metadata.
//!
//! The tensors are `layers.0.weight` (O, I), `layers.0.bias` (O), ... The metadata has one key, `wgrad`, which holds a
//! `Header` as JSON. The file does not depend on clock or machine: the same run writes the same bytes.

use crate::Error;
use crate::dataset::{Scale, Schema};
use crate::file::write_whole;
use crate::model::{Layer, Loss, Mlp};
use crate::train::Prepared;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::Path;

/// A trained network, with the meaning of its inputs and outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The network.
    pub mlp: Mlp,
    /// The loss that it was trained with.
    pub loss: Loss,
    /// Scaling from raw inputs to the network's inputs.
    pub input_scale: Scale,
    /// Scaling of target values; the identity for classes.
    pub target_scale: Scale,
    /// Columns, classes and shapes of the data.
    pub schema: Schema,
}

/// The content of the metadata.
#[derive(Serialize, Deserialize)]
struct Header {
    /// Version of this structure.
    format: u32,
    layers: Vec<Layer>,
    loss: Loss,
    input_scale: Scale,
    target_scale: Scale,
    schema: Schema,
}

const FORMAT: u32 = 1;
const KEY: &str = "wgrad";

impl Model {
    /// Creates a model from a network trained on `data` with `loss`.
    pub fn new(mlp: Mlp, loss: Loss, data: &Prepared) -> Model {
        Model {
            mlp,
            loss,
            input_scale: data.input_scale.clone(),
            target_scale: data.target_scale.clone(),
            schema: data.schema.clone(),
        }
    }

    /// Returns the bytes of the model file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let header = Header {
            format: FORMAT,
            layers: self.mlp.layers.clone(),
            loss: self.loss,
            input_scale: self.input_scale.clone(),
            target_scale: self.target_scale.clone(),
            schema: self.schema.clone(),
        };
        let header = serde_json::to_string(&header).expect("a header is plain data");
        let tensors = self.mlp.tensors();
        let views = tensors.into_iter().map(|(name, shape, values)| {
            let view = TensorView::new(Dtype::F32, shape, bytemuck::cast_slice(values));
            (name, view.expect("a tensor's shape is that of its values"))
        });
        let metadata = HashMap::from([(KEY.to_owned(), header)]);
        safetensors::serialize(views, Some(metadata)).expect("finite tensors of known shape")
    }

    /// Writes the model file atomically.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written. `path` is then unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        write_whole(path, &self.to_bytes()).map_err(Error::io(path))
    }

    /// Reads a model file, or the one in a run folder.
    ///
    /// # Errors
    /// Returns an error if there is no file, or [`Model::save`] did not write it.
    pub fn load(path: impl AsRef<Path>) -> Result<Model, Error> {
        let path = path.as_ref();
        let in_run = path.join("model.safetensors");
        let path = if path.is_dir() { &in_run } else { path };
        let bytes = std::fs::read(path).map_err(|why| {
            let is_run = in_run
                .parent()
                .is_some_and(|run| run.join("config.toml").exists());
            let cure = match why.kind() {
                ErrorKind::PermissionDenied => "ask whoever owns it to let you read it",
                ErrorKind::NotFound if is_run => {
                    "that run did not finish, or diverged: train again"
                }
                _ => "expected a model.safetensors that wgrad train wrote, or its folder",
            };
            Error::Model(format!("{}: {why}; {cure}", path.display()))
        })?;
        Model::from_bytes(&bytes).map_err(|why| Error::Model(format!("{}: {why}", path.display())))
    }

    /// Parses the bytes of a model file. The error lacks the file's name.
    fn from_bytes(bytes: &[u8]) -> Result<Model, String> {
        let file = SafeTensors::deserialize(bytes)
            .map_err(|why| {
                format!("not a whole safetensors file ({why}); expected a model.safetensors that wgrad train wrote, or its folder, and the data behind it")
            })?;
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|why| why.to_string())?;
        let header = metadata
            .metadata()
            .as_ref()
            .and_then(|m| m.get(KEY))
            .ok_or("a safetensors file, but not one that wgrad train wrote (no \"wgrad\" in its metadata)")?;
        let header: Header = serde_json::from_str(header)
            .map_err(|why| format!("its metadata cannot be read ({why})"))?;
        if header.format != FORMAT {
            let found = header.format;
            return Err(format!(
                "format {found}, and this wgrad reads format {FORMAT}"
            ));
        }
        header.check()?;
        let mut mlp = Mlp {
            layers: header.layers,
            parameters: Vec::new(),
        };
        mlp.parameters = parameters(&file, &mlp.layers)?;
        mlp.check()?;
        if mlp.parameters.iter().any(|p| !p.is_finite()) {
            return Err("it has parameters that are not finite; train again".to_owned());
        }
        Ok(Model {
            mlp,
            loss: header.loss,
            input_scale: header.input_scale,
            target_scale: header.target_scale,
            schema: header.schema,
        })
    }
}

impl Header {
    /// Checks that scales and columns fit the layers. [`Mlp::check`] checks that the layers fit together.
    fn check(&self) -> Result<(), String> {
        let (Some(first), Some(last)) = (self.layers.first(), self.layers.last()) else {
            return Err("no layers in its metadata".to_owned());
        };
        let outputs = match self.schema.classes.len() {
            0 => self.schema.target_names.len(),
            classes => classes,
        };
        let scales = self.input_scale.shift.len() == first.inputs
            && self.input_scale.factor.len() == first.inputs
            && self.target_scale.shift.len() == self.target_scale.factor.len()
            && (!self.schema.classes.is_empty() || self.target_scale.shift.len() == outputs);
        if scales && first.inputs == self.schema.inputs && last.outputs == outputs {
            return Ok(());
        }
        Err("layers, scales and columns in its metadata do not fit one another".to_owned())
    }
}

fn parameters(file: &SafeTensors, layers: &[Layer]) -> Result<Vec<f32>, String> {
    let mut parameters = Vec::new();
    for (l, layer) in layers.iter().enumerate() {
        for (name, shape) in [
            (
                format!("layers.{l}.weight"),
                vec![layer.outputs, layer.inputs],
            ),
            (format!("layers.{l}.bias"), vec![layer.outputs]),
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
