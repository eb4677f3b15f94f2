//! What a data set is, what a model expects of one, and how one is to be read.

use super::scale::Scale;
use serde::{Deserialize, Serialize};

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
