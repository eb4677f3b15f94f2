//! Types of data sets, of a model's expectations, and of reading options.

use super::cells::Lines;
use super::encoder::Encoder;
use super::inputs::{Inputs, select};
use serde::{Deserialize, Serialize};
use std::fmt;

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

/// The form of a row of inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Columns: numbers, each in its own unit, categories, ...
    #[default]
    Table,
    /// Pixels, 0 to 255, row by row; the channels of a pixel side by side.
    Images {
        /// Pixel rows.
        height: usize,
        /// Pixel columns.
        width: usize,
        /// Values of a pixel: 1 for grey, 3 for red, green and blue.
        #[serde(default = "grey", skip_serializing_if = "is_grey")]
        channels: usize,
    },
}

/// The channels of grey images, which older models do not name.
fn grey() -> usize {
    1
}

fn is_grey(channels: &usize) -> bool {
    *channels == 1
}

impl fmt::Display for Form {
    /// Says what a row is: `28 x 28`, or `32 x 32 x 3 (colour)`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Form::Table => write!(f, "a table"),
            Form::Images {
                height,
                width,
                channels,
            } => {
                write!(f, "{height} x {width}")?;
                match channels {
                    1 => Ok(()),
                    3 => write!(f, " x 3 (colour)"),
                    _ => write!(f, " x {channels}"),
                }
            }
        }
    }
}

/// Raw rows of inputs and targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dataset {
    /// The file's stem, or the name of the folder or the built-in.
    pub name: String,
    /// The form of a row.
    pub form: Form,
    /// The number of rows.
    pub rows: usize,
    /// Names of the columns to learn from; empty for images.
    pub columns: Vec<String>,
    /// The rows, neither encoded nor scaled.
    pub inputs: Inputs,
    /// Names of the target columns.
    pub target_names: Vec<String>,
    /// The targets; `None` for rows without targets.
    pub targets: Option<Targets>,
    /// The first row of the validation set that came with the data, which extends to the test set, or the end.
    pub val_from: Option<usize>,
    /// The first row of the test set that came with the data, which extends to the end.
    pub test_from: Option<usize>,
    /// The line of each row in its file.
    pub lines: Lines,
    /// The group of each row, if the rows are to be split by groups.
    pub groups: Option<Vec<u32>>,
    /// The weight of each row, at least 0, if rows differ in weight.
    pub weights: Option<Vec<f64>>,
    /// The largest number of levels of a category; 100 if not given.
    pub max_levels: Option<usize>,
    /// Marks for missing values that the user named.
    pub marks: Vec<String>,
    /// Columns of the file that are copied to predictions.
    pub kept: Vec<KeptColumn>,
    /// Decisions made while reading, one per line.
    pub notes: Vec<String>,
    /// What makes predictions doubtful, one per line.
    pub warnings: Vec<String>,
}

/// A column of the file, cell by cell as it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptColumn {
    /// Its name.
    pub name: String,
    /// The cell of each row.
    pub cells: Vec<String>,
}

/// The data that a model expects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// The form of a row.
    pub form: Form,
    /// Names of the inputs; empty for images.
    pub columns: Vec<String>,
    /// Names of the target columns.
    pub target_names: Vec<String>,
    /// The classes; empty for values.
    pub classes: Vec<String>,
    /// Number of inputs of the network.
    pub inputs: usize,
    /// What the network's inputs are made of; `None` where they are the numbers of the columns, or pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder: Option<Encoder>,
}

impl Dataset {
    /// Returns the number of columns or pixels per row.
    pub fn width(&self) -> usize {
        match self.form {
            Form::Table => self.columns.len(),
            Form::Images {
                height,
                width,
                channels,
            } => height * width * channels,
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

    /// Returns the schema for a model of this data, whose inputs are its columns or pixels.
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
            encoder: None,
        }
    }

    /// Returns the same rows, with the cells of input column `column` in another order.
    pub(crate) fn with_shuffled(&self, column: usize, order: &[u32]) -> Dataset {
        Dataset {
            inputs: self.inputs.with_shuffled(self.width(), column, order),
            ..self.clone()
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
            lines: self.lines.selected(rows.iter().map(|row| *row as usize)),
            name: self.name.clone(),
            columns: self.columns.clone(),
            target_names: self.target_names.clone(),
            form: self.form,
            max_levels: self.max_levels,
            marks: self.marks.clone(),
            ..Dataset::default()
        }
    }
}
