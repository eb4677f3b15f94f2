//! Data sets: reading them, and saying clearly what cannot be read.
//!
//! A [`Dataset`] holds raw numbers; [`Split`] says which rows are for what, [`Scale`] how numbers are scaled.

mod builtin;
mod csv;
mod idx;
mod scale;
mod source;
mod split;
mod table;
mod target;

pub use scale::Scale;
pub use split::{Split, split};

use serde::{Deserialize, Serialize};
use std::path::Path;

/// What cannot be read: file, line and column, what was expected and found, and the cure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DataError(pub String);

/// What a target is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Classes.
    Classify,
    /// Values.
    Regress,
}

/// What is to be learned, a row at a time.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// A class a row.
    Classes {
        /// Class numbers (rows): indices into `names`.
        labels: Vec<u32>,
        /// The classes, in numeric order if all are integers, else in that of the alphabet.
        names: Vec<String>,
    },
    /// Values.
    Values {
        /// (rows, target columns), in the data's own units.
        values: Vec<f32>,
    },
}

/// What a row of inputs is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Numbers, each in its own unit.
    Table,
    /// Pixels, 0 to 255, row by row.
    Images {
        /// Pixel rows.
        height: usize,
        /// Pixel columns.
        width: usize,
    },
}

/// Rows of inputs and targets, as they were read.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The file's stem, the folder's name or the built-in's.
    pub name: String,
    /// What a row is.
    pub form: Form,
    /// How many rows.
    pub rows: usize,
    /// Names of the inputs; none for images.
    pub columns: Vec<String>,
    /// (rows, inputs), not scaled.
    pub inputs: Vec<f32>,
    /// Names of the target columns.
    pub target_names: Vec<String>,
    /// The targets; none where rows are only to be predicted.
    pub targets: Option<Targets>,
    /// Rows from here on are the test set that came with the data.
    pub test_from: Option<usize>,
    /// What was decided while reading, a line each.
    pub notes: Vec<String>,
}

/// What a model expects of its data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// What a row is.
    pub form: Form,
    /// Names of the inputs; none for images.
    pub columns: Vec<String>,
    /// Names of the target columns.
    pub target_names: Vec<String>,
    /// The classes; none for values.
    pub classes: Vec<String>,
    /// Inputs a row.
    pub inputs: usize,
}

/// How a data set is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Target columns; the last column if there are none.
    pub target: Vec<String>,
    /// Classes or values; what the target looks like if not given.
    pub task: Option<Task>,
    /// Columns to leave out.
    pub drop: Vec<String>,
    /// Leave rows with missing values out.
    pub skip_missing: bool,
    /// The delimiter; what the header line looks like if not given.
    pub delimiter: Option<u8>,
}

impl Dataset {
    /// Inputs a row.
    pub fn width(&self) -> usize {
        match self.form {
            Form::Table => self.columns.len(),
            Form::Images { height, width } => height * width,
        }
    }

    /// What a model of this data expects.
    pub fn schema(&self) -> Schema {
        Schema {
            form: self.form,
            columns: self.columns.clone(),
            target_names: self.target_names.clone(),
            classes: match &self.targets {
                Some(Targets::Classes { names, .. }) => names.clone(),
                _ => Vec::new(),
            },
            inputs: self.width(),
        }
    }

    /// Some of the rows.
    pub fn select(&self, rows: &[u32]) -> Dataset {
        let pick = |values: &[f32], width: usize| -> Vec<f32> {
            let row = |&r: &u32| values[r as usize * width..][..width].iter().copied();
            rows.iter().flat_map(row).collect()
        };
        let targets = self.targets.as_ref().map(|targets| match targets {
            Targets::Classes { labels, names } => Targets::Classes {
                labels: rows.iter().map(|&r| labels[r as usize]).collect(),
                names: names.clone(),
            },
            Targets::Values { values } => Targets::Values {
                values: pick(values, self.target_names.len()),
            },
        });
        Dataset {
            rows: rows.len(),
            inputs: pick(&self.inputs, self.width()),
            targets,
            test_from: None,
            notes: Vec::new(),
            name: self.name.clone(),
            columns: self.columns.clone(),
            target_names: self.target_names.clone(),
            form: self.form,
        }
    }
}

/// Reads a data set to learn from: a file, a folder, or a built-in name. `seed` is for built-ins that are generated.
pub fn read(source: &str, options: &ReadOptions, seed: u64) -> Result<Dataset, DataError> {
    if let Some(data) = builtin::read(source, options, seed) {
        return data;
    }
    let path = Path::new(source);
    if path.is_dir() {
        return idx::read_folder(path);
    }
    if idx::is_idx(path) {
        return Err(DataError(format!(
            "{source}: one IDX file; name the folder that holds images and labels"
        )));
    }
    let (name, bytes) = source::read(source)?;
    csv::read(&name, source, &bytes, options)
}

/// Reads rows for a model: table columns are found by name, in any order, and targets may be missing.
pub fn read_for(
    source: &str,
    schema: &Schema,
    options: &ReadOptions,
) -> Result<Dataset, DataError> {
    let path = Path::new(source);
    match schema.form {
        Form::Images { height, width } => {
            let data = match path.is_dir() {
                true => idx::read_test(path)?,
                false if idx::is_idx(path) => idx::read_images(path)?,
                false => {
                    return Err(DataError(format!(
                        "{source}: the model takes images of {height} x {width}: name a folder of IDX files, or a file ...-images-idx3-ubyte"
                    )));
                }
            };
            let found = data.form;
            if found != schema.form {
                return Err(DataError(format!(
                    "{source}: the model takes images of {height} x {width}, found {}; use the data that it was trained on, or train again",
                    match found {
                        Form::Images { height, width } => format!("{height} x {width}"),
                        Form::Table => "a table".to_owned(),
                    }
                )));
            }
            target::match_classes(data, schema, source)
        }
        Form::Table => {
            if let Some(text) = builtin::text(source) {
                return csv::read_for(source, source, &text, schema, options);
            }
            if path.is_dir() || idx::is_idx(path) {
                let columns = table::listed(&schema.columns);
                return Err(DataError(format!(
                    "{source}: the model takes a table with the columns {columns}, found images"
                )));
            }
            let (name, bytes) = source::read(source)?;
            csv::read_for(&name, source, &bytes, schema, options)
        }
    }
}
