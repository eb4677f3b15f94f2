//! Types of data sets, of a model's expectations, and of reading options.

use super::scale::Scale;
use serde::{Deserialize, Serialize};

/// The kind of target to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Classification.
    Classify,
    /// Regression.
    Regress,
}

impl Task {
    /// All tasks.
    pub const ALL: [Task; 2] = [Task::Classify, Task::Regress];
}

/// The targets to learn.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// One class per row.
    Classes {
        /// Class numbers (rows): indices into `names`.
        labels: Vec<u32>,
        /// The classes, sorted numerically if all are integers, else alphabetically.
        names: Vec<String>,
    },
    /// One or more values per row.
    Values {
        /// (rows, target columns), in the units of the data.
        values: Vec<f64>,
    },
}

/// Raw inputs (rows, inputs), not scaled.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Numbers of a table. In f64, because f32 would lose small differences between large numbers, such as times.
    Numbers(Vec<f64>),
    /// Pixels, 0 to 255.
    Pixels(Vec<u8>),
}

/// The form of a row of inputs.
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

/// Raw rows of inputs and targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The file's stem, or the name of the folder or the built-in.
    pub name: String,
    /// The form of a row.
    pub form: Form,
    /// The number of rows.
    pub rows: usize,
    /// Names of the inputs; empty for images.
    pub columns: Vec<String>,
    /// (rows, inputs), not scaled.
    pub inputs: Inputs,
    /// Names of the target columns.
    pub target_names: Vec<String>,
    /// The targets; `None` for rows without targets.
    pub targets: Option<Targets>,
    /// The first row of the test set that came with the data, which extends to the end.
    pub test_from: Option<usize>,
    /// Decisions made while reading, one per line.
    pub notes: Vec<String>,
}

/// The data that a model expects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// The form of a row.
    pub form: Form,
    /// Names of the inputs; empty for images.
    pub columns: Vec<String>,
    /// Names of the target columns.
    pub target_names: Vec<String>,
    /// The classes; empty for values.
    pub classes: Vec<String>,
    /// Number of inputs per row.
    pub inputs: usize,
}

/// Options for reading a data set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Target columns; the last column if there are none.
    pub target: Vec<String>,
    /// Classes or values; guessed from the target if not given.
    pub task: Option<Task>,
    /// Columns to ignore.
    pub drop: Vec<String>,
    /// Skip rows with missing values.
    pub skip_missing: bool,
    /// The delimiter; guessed from the header line if not given.
    pub delimiter: Option<u8>,
}

impl From<Vec<f64>> for Inputs {
    fn from(values: Vec<f64>) -> Inputs {
        Inputs::Numbers(values)
    }
}

impl Inputs {
    /// Returns the number of values in all rows.
    pub fn len(&self) -> usize {
        match self {
            Inputs::Numbers(values) => values.len(),
            Inputs::Pixels(values) => values.len(),
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Scales some rows for a network.
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

    /// Selects some rows, each `width` wide.
    fn select(&self, width: usize, rows: &[u32]) -> Inputs {
        match self {
            Inputs::Numbers(values) => Inputs::Numbers(select(values, width, rows)),
            Inputs::Pixels(values) => Inputs::Pixels(select(values, width, rows)),
        }
    }
}

/// Selects some rows of `values` (rows, width).
fn select<T: Copy>(values: &[T], width: usize, rows: &[u32]) -> Vec<T> {
    let mut selected = Vec::with_capacity(rows.len() * width);
    for &row in rows {
        selected.extend_from_slice(&values[row as usize * width..][..width]);
    }
    selected
}

impl Dataset {
    /// Returns the number of inputs per row.
    pub fn width(&self) -> usize {
        match self.form {
            Form::Table => self.columns.len(),
            Form::Images { height, width } => height * width,
        }
    }

    /// Returns the task; `None` without targets.
    pub fn task(&self) -> Option<Task> {
        self.targets.as_ref().map(|targets| match targets {
            Targets::Classes { .. } => Task::Classify,
            Targets::Values { .. } => Task::Regress,
        })
    }

    /// Returns the number of classes; 0 for values and without targets.
    pub fn classes(&self) -> usize {
        match &self.targets {
            Some(Targets::Classes { names, .. }) => names.len(),
            _ => 0,
        }
    }

    /// Returns the schema for a model of this data.
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

    /// Selects some rows.
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
