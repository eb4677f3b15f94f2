//! Data sets: reading them, and saying clearly what cannot be read.
//!
//! A [`Dataset`] holds raw numbers; [`Split`] says which rows are for what, [`Scale`] how numbers are scaled. A format is
//! one file here and one line of [`read`] and [`read_for`].

mod builtin;
mod check;
mod csv;
mod error;
mod idx;
mod input;
mod rows;
mod scale;
mod split;
#[cfg(test)]
mod tests;

pub use builtin::is_fixed;
pub use error::{DataError, DataErrorKind};
pub use scale::Scale;
pub use split::{Split, folds, split};

use crate::words::counted;
use input::Input;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What a target is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Classes.
    Classify,
    /// Values.
    Regress,
}

impl Task {
    /// Every task.
    pub const ALL: [Task; 2] = [Task::Classify, Task::Regress];
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
        values: Vec<f64>,
    },
}

/// Inputs as they were read, (rows, inputs), not scaled.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Numbers of a table: f64, for f32 would round differences away that are small beside the numbers (times, say).
    Numbers(Vec<f64>),
    /// Pixels, 0 to 255.
    Pixels(Vec<u8>),
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
    pub inputs: Inputs,
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

impl From<Vec<f64>> for Inputs {
    fn from(values: Vec<f64>) -> Inputs {
        Inputs::Numbers(values)
    }
}

impl Inputs {
    /// How many there are, of all rows.
    pub fn len(&self) -> usize {
        match self {
            Inputs::Numbers(values) => values.len(),
            Inputs::Pixels(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a network takes for some rows.
    pub(crate) fn scaled(
        &self,
        scale: &Scale,
        rows: impl ExactSizeIterator<Item = usize>,
    ) -> Vec<f32> {
        match self {
            Inputs::Numbers(values) => scale.apply(values, rows),
            Inputs::Pixels(values) => scale.apply(values, rows),
        }
    }

    /// Some of the rows, each `width` wide.
    fn select(&self, width: usize, rows: &[u32]) -> Inputs {
        match self {
            Inputs::Numbers(values) => Inputs::Numbers(select(values, width, rows)),
            Inputs::Pixels(values) => Inputs::Pixels(select(values, width, rows)),
        }
    }
}

/// Some rows of `values` (rows, width).
fn select<T: Copy>(values: &[T], width: usize, rows: &[u32]) -> Vec<T> {
    let mut selected = Vec::with_capacity(rows.len() * width);
    for &row in rows {
        selected.extend_from_slice(&values[row as usize * width..][..width]);
    }
    selected
}

impl Dataset {
    /// Inputs a row.
    pub fn width(&self) -> usize {
        match self.form {
            Form::Table => self.columns.len(),
            Form::Images { height, width } => height * width,
        }
    }

    /// Whether there are classes or values to learn; none without targets.
    pub fn task(&self) -> Option<Task> {
        self.targets.as_ref().map(|targets| match targets {
            Targets::Classes { .. } => Task::Classify,
            Targets::Values { .. } => Task::Regress,
        })
    }

    /// How many classes; 0 for values and without targets.
    pub fn classes(&self) -> usize {
        match &self.targets {
            Some(Targets::Classes { names, .. }) => names.len(),
            _ => 0,
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
        let targets = self.targets.as_ref().map(|targets| match targets {
            Targets::Classes { labels, names } => Targets::Classes {
                labels: rows.iter().map(|&r| labels[r as usize]).collect(),
                names: names.clone(),
            },
            Targets::Values { values } => Targets::Values {
                values: select(values, self.target_names.len(), rows),
            },
        });
        Dataset {
            rows: rows.len(),
            inputs: self.inputs.select(self.width(), rows),
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

/// Reads a data set to learn from: a built-in name, a file, a folder of IDX files, or `-` for a table on stdin. `seed` is
/// for built-ins that are generated.
pub fn read(source: &str, options: &ReadOptions, seed: u64) -> Result<Dataset, DataError> {
    let path = Path::new(source);
    let mut data = match builtin::open(source, seed) {
        Some(input) => csv::read(input?, options)?,
        None if path.is_dir() => idx::read_folder(path)?,
        None => {
            let mut input = Input::open(source)?;
            match idx::is_idx(source, &input.peek(4)?) {
                true => idx::read_file(path, input)?,
                false => csv::read(input, options)?,
            }
        }
    };
    data.notes.extend(remarks(&data, source));
    Ok(data)
}

/// Notes on where the rows come from and what becomes of them.
fn remarks(data: &Dataset, source: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if builtin::NAMES.contains(&source) && Path::new(source).exists() {
        let note = format!("{source} is the built-in; ./{source} is what has this name here");
        notes.push(note);
    }
    let to_split = data.test_from.unwrap_or(data.rows);
    if to_split < split::FEW {
        let rows = counted(to_split, "row");
        notes.push(format!("{rows}: too few to split, all are for training"));
    }
    notes
}

/// Reads rows for a model, as [`read`] does. Table columns are found by name, in any order; targets may be missing. Of a
/// folder of IDX files it is the test set, if there is one; a built-in that is generated is that of seed 0. Of `options`,
/// `skip_missing` and `delimiter` count.
pub fn read_for(
    source: &str,
    schema: &Schema,
    options: &ReadOptions,
) -> Result<Dataset, DataError> {
    let path = Path::new(source);
    let takes_a_table = schema.form == Form::Table;
    match builtin::open(source, 0) {
        Some(input) if takes_a_table => return csv::read_for(input?, schema, options),
        Some(_) => return Err(not_images(source, schema)),
        None if path.is_dir() && takes_a_table => return Err(not_a_table(source, schema)),
        None if path.is_dir() => return idx::read_folder_for(path, schema),
        None => {}
    }
    let mut input = Input::open(source)?;
    match (idx::is_idx(source, &input.peek(4)?), takes_a_table) {
        (true, true) => Err(not_a_table(source, schema)),
        (true, false) => idx::read_file_for(path, input, schema),
        (false, true) => csv::read_for(input, schema, options),
        (false, false) => Err(not_images(source, schema)),
    }
}

/// The error for images where the model takes a table.
fn not_a_table(source: &str, schema: &Schema) -> DataError {
    let columns = error::listed(&schema.columns);
    let count = counted(schema.columns.len(), "column");
    let message = format!(
        "{source}: a folder or images, and the model takes a table of {count} ({columns}); name a CSV file"
    );
    DataError::new(DataErrorKind::Model, message)
}

/// The error for a table where the model takes images.
fn not_images(source: &str, schema: &Schema) -> DataError {
    let size = match schema.form {
        Form::Images { height, width } => format!("{height} x {width}"),
        Form::Table => schema.inputs.to_string(),
    };
    let message = format!(
        "{source}: not images, and the model takes images of {size}; name a folder of IDX files, or one file of images"
    );
    DataError::new(DataErrorKind::Model, message)
}
