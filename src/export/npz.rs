//! NumPy archives of a model: the parameters under the names of the model file, the scales, and the names.

use crate::Error;
use crate::train::Model;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Returns the NPZ file.
///
/// # Errors
/// Returns an error if the networks are too large for a zip file.
pub fn bytes(model: &Model) -> Result<Vec<u8>, Error> {
    let failed = |why| Error::Model(format!("no zip file of the model ({why}); export ONNX"));
    archive(model).map_err(failed)
}

fn archive(model: &Model) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut archive = Archive {
        zip: ZipWriter::new(Cursor::new(Vec::new())),
    };
    let many = !model.others.is_empty();
    for (k, mlp) in model.networks().enumerate() {
        for (name, shape, values) in mlp.tensors() {
            let name = match many {
                true => format!("networks.{k}.{name}"),
                false => name,
            };
            let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            archive.add(&name, "<f4", &shape, bytes)?;
        }
    }
    for (scale, name) in [
        (&model.input_scale, "input_scale"),
        (&model.target_scale, "target_scale"),
    ] {
        for (values, part) in [(&scale.shift, "shift"), (&scale.factor, "factor")] {
            let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            archive.add(&format!("{name}.{part}"), "<f8", &[values.len()], bytes)?;
        }
    }
    let schema = &model.schema;
    archive.add_texts("classes", &[schema.classes.len()], &schema.classes)?;
    let targets = &schema.target_names;
    archive.add_texts("targets", &[targets.len()], targets)?;
    let about = serde_json::json!({
        "layers": model.mlp.layers,
        "loss": model.loss,
        "schema": schema,
    });
    archive.add_texts("about", &[], &[about.to_string()])?;
    Ok(archive.zip.finish()?.into_inner())
}

/// A zip file of arrays.
struct Archive {
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl Archive {
    /// Adds an array whose elements have the type `descr`.
    fn add(
        &mut self,
        name: &str,
        descr: &str,
        shape: &[usize],
        elements: Vec<u8>,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let head = head(descr, shape);
        let size = head.len() + elements.len();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(size > u32::MAX as usize);
        self.zip.start_file(format!("{name}.npy"), options)?;
        self.zip.write_all(&head)?;
        Ok(self.zip.write_all(&elements)?)
    }

    /// Adds an array of texts, in UTF-32, each as wide as the longest.
    fn add_texts(
        &mut self,
        name: &str,
        shape: &[usize],
        texts: &[String],
    ) -> Result<(), Box<dyn std::error::Error>> {
        let lengths = texts.iter().map(|text| text.chars().count());
        let width = lengths.max().unwrap_or(0).max(1);
        let padded = texts.iter().flat_map(|text| {
            let codes = text.chars().map(u32::from);
            codes.chain(std::iter::repeat(0)).take(width)
        });
        let bytes = padded.flat_map(u32::to_le_bytes).collect();
        self.add(name, &format!("<U{width}"), shape, bytes)
    }
}

/// Returns what stands before the elements of an array (numpy.lib.format, version 1).
fn head(descr: &str, shape: &[usize]) -> Vec<u8> {
    const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";
    /// The elements begin at a multiple of this.
    const ALIGNMENT: usize = 64;
    let sizes: String = shape.iter().map(|size| format!("{size},")).collect();
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}");
    let length = MAGIC.len() + 2 + text.len() + 1;
    text += &" ".repeat(length.next_multiple_of(ALIGNMENT) - length);
    text.push('\n');
    let length = (text.len() as u16).to_le_bytes();
    [MAGIC, &length, text.as_bytes()].concat()
}
