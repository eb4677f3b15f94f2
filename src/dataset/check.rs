//! Consistency checks for data sets that a program creates.

use super::{DataError, DataErrorKind};
use crate::dataset::{Dataset, Form, Inputs, Targets};
use crate::text::counted;

impl Dataset {
    /// Checks that the parts fit together: the number of inputs and targets matches the rows and columns, labels are
    /// valid classes, and numbers are finite in f32 too. Data sets from [`read`](super::read) always pass.
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
        let is_table = matches!(self.inputs, Inputs::Numbers(_));
        if is_table != (self.form == Form::Table) {
            return refused("a table has numbers, images have pixels".to_owned());
        }
        // Squares of numbers beyond the range of f32 may not be finite.
        let finite = |values: &[f64]| values.iter().all(|value| (*value as f32).is_finite());
        if matches!(&self.inputs, Inputs::Numbers(values) if !finite(values)) {
            return refused("an input is not finite; leave its row out".to_owned());
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
                    false => refused("a target is not finite; leave its row out".to_owned()),
                }
            }
            None => Ok(()),
        }
    }
}
