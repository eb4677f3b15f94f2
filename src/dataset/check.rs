//! Consistency checks for data sets that a program creates, and for the schemas of models.

use super::limits::{LARGEST, MOST_CLASSES, repeated};
use super::{DataError, DataErrorKind};
use crate::dataset::{ColumnEncoder, Dataset, Form, Inputs, Schema, Targets};
use crate::text::counted;
use std::collections::HashSet;

impl Schema {
    /// Checks that the parts fit together: names are there once, a target is no input, the number of inputs is that of
    /// the columns or pixels, and classes have one target.
    ///
    /// # Errors
    /// A message that names the first inconsistency.
    pub fn check(&self) -> Result<(), String> {
        self.check_columns()?;
        let (targets, classes) = (self.target_names.len(), self.classes.len());
        if let Some(twice) = repeated(&self.classes) {
            return Err(format!("the class {twice} is there twice"));
        }
        match classes {
            0 if targets == 0 => Err("there is no target".to_owned()),
            0 => Ok(()),
            _ if targets != 1 => Err(format!(
                "classes of {}; expected one",
                counted(targets, "target")
            )),
            1..=MOST_CLASSES => Ok(()),
            _ => Err(format!(
                "{}, expected at most {MOST_CLASSES}",
                counted(classes, "class")
            )),
        }
    }

    /// Whether columns have units, or times in forms other than those of the first versions: dates in full.
    pub(crate) fn has_new_forms(&self) -> bool {
        let is_new = |column: &ColumnEncoder| match column {
            ColumnEncoder::Number { unit, .. } => !unit.is_empty(),
            ColumnEncoder::Time { format, .. } => !format.contains('%') && format != "iso",
            ColumnEncoder::Flag { .. } | ColumnEncoder::Category { .. } => false,
        };
        let encoder = self.encoder.as_ref();
        encoder.is_some_and(|encoder| encoder.columns.iter().any(is_new))
    }

    /// Whether numbers have bins.
    pub fn has_bins(&self) -> bool {
        let has = |column: &ColumnEncoder| matches!(column, ColumnEncoder::Number { edges, .. } if !edges.is_empty());
        let encoder = self.encoder.as_ref();
        encoder.is_some_and(|encoder| encoder.columns.iter().any(has))
    }

    /// Checks the names of inputs and targets, and the number of inputs.
    pub(super) fn check_columns(&self) -> Result<(), String> {
        let columns = match self.form {
            Form::Table => match &self.encoder {
                None => Some(self.columns.len()),
                Some(encoder) => {
                    encoder.check(self.columns.len())?;
                    Some(encoder.width())
                }
            },
            Form::Images {
                height,
                width,
                channels,
            } => height
                .checked_mul(width)
                .and_then(|pixels| pixels.checked_mul(channels))
                .filter(|_| self.columns.is_empty()),
        };
        if columns != Some(self.inputs) || self.inputs == 0 {
            let columns = counted(self.columns.len(), "column");
            let form = match self.form {
                Form::Table => format!("a table of {columns}"),
                Form::Images { .. } => format!("images of {} with {columns}", self.form),
            };
            let inputs = counted(self.inputs, "input");
            return Err(format!("{inputs} per row, and {form}"));
        }
        if let Some(twice) = repeated(&self.columns) {
            return Err(format!("the column {twice} is there twice"));
        }
        if let Some(twice) = repeated(&self.target_names) {
            return Err(format!("the target {twice} is there twice"));
        }
        let columns: HashSet<&String> = self.columns.iter().collect();
        match self.target_names.iter().find(|name| columns.contains(name)) {
            Some(both) => Err(format!("{both} is both an input and a target")),
            None => Ok(()),
        }
    }
}

impl Dataset {
    /// Checks that the parts fit together: the number of inputs and targets matches the rows and columns, names are
    /// there once, labels are valid classes, and numbers are at most 1e140. Data sets from [`read`](super::read) always
    /// pass.
    ///
    /// # Errors
    /// Returns an error that names the first inconsistency.
    pub fn check(&self) -> Result<(), DataError> {
        let refused = |why: String| {
            let message = format!("{}: {why}", self.name);
            Err(DataError::new(DataErrorKind::Shape, message))
        };
        let (rows, width) = (counted(self.rows, "row"), counted(self.width(), "input"));
        if self.inputs.len() != self.rows * self.width() {
            return refused(format!(
                "{rows} of {width} each, and {} numbers",
                self.inputs.len()
            ));
        }
        let is_table = !matches!(self.inputs, Inputs::Pixels(_));
        if is_table != (self.form == Form::Table) {
            return refused("a table has numbers, images have pixels".to_owned());
        }
        let grouped = self.groups.as_ref().map_or(self.rows, Vec::len);
        if grouped != self.rows {
            return refused(format!("{rows}, and {grouped} groups"));
        }
        if let Some(weights) = &self.weights {
            let fits = |weight: &f64| (0.0..=LARGEST).contains(weight);
            if weights.len() != self.rows || !weights.iter().all(fits) {
                let found = weights.iter().find(|weight| !fits(weight));
                let found =
                    found.map_or(counted(weights.len(), "weight"), |w| format!("weight {w}"));
                return refused(format!(
                    "{rows}, and {found}; expected one for each, 0 or more"
                ));
            }
        }
        let columns = match &self.inputs {
            Inputs::Columns(columns) => &columns[..],
            _ => &[],
        };
        if let Some(short) = columns.iter().find(|c| c.values.len() != self.rows) {
            let cells = counted(short.values.len(), "cell");
            return refused(format!("{rows}, and column {} has {cells}", short.name));
        }
        let finite = |values: &[f64]| values.iter().all(|value| value.abs() <= LARGEST);
        let cure = "is not finite, or beyond 1e140; change its unit, or leave its row out";
        if matches!(&self.inputs, Inputs::Numbers(values) if !finite(values)) {
            return refused(format!("an input {cure}"));
        }
        if self.targets.is_some() {
            self.schema().check().or_else(refused)?;
        }
        match &self.targets {
            Some(Targets::Classes { labels, .. }) if labels.len() != self.rows => {
                refused(format!("{rows}, and {} labels", labels.len()))
            }
            Some(Targets::Classes { labels, names }) => {
                match labels.iter().find(|label| **label as usize >= names.len()) {
                    Some(label) => refused(format!(
                        "label {label}, and there are {} classes (counted from 0)",
                        names.len()
                    )),
                    None => Ok(()),
                }
            }
            Some(Targets::Values { values }) => {
                let columns = self.target_names.len();
                if values.len() != self.rows * columns {
                    return refused(format!(
                        "{rows} of {}, and {} values",
                        counted(columns, "target"),
                        values.len()
                    ));
                }
                match finite(values) {
                    true => Ok(()),
                    false => refused(format!("a target {cure}")),
                }
            }
            None => Ok(()),
        }
    }
}
