//! Consistency checks for data sets that a program creates.

use super::{DataError, DataErrorKind};
use crate::dataset::types::{Dataset, Form, Inputs, Targets};
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

#[cfg(test)]
mod tests {
    use super::*;
    /// Returns two rows of two inputs.
    fn data(inputs: Vec<f64>, targets: Targets) -> Dataset {
        Dataset {
            name: "mine".to_owned(),
            form: Form::Table,
            rows: 2,
            columns: vec!["a".to_owned(), "b".to_owned()],
            inputs: inputs.into(),
            target_names: vec!["y".to_owned()],
            targets: Some(targets),
            test_from: None,
            notes: Vec::new(),
        }
    }

    #[test]
    fn parts_that_do_not_fit_are_named() {
        let classes = |labels: &[u32]| Targets::Classes {
            labels: labels.to_vec(),
            names: vec!["no".to_owned(), "yes".to_owned()],
        };
        let values = |values: &[f64]| Targets::Values {
            values: values.to_vec(),
        };
        let four = || vec![1.0, 2.0, 3.0, 4.0];
        for good in [classes(&[0, 1]), values(&[0.5, 1e9])] {
            assert_eq!(data(four(), good).check(), Ok(()));
        }
        let short = vec![1.0, 2.0, 3.0];
        let nan = vec![1.0, 2.0, f64::NAN, 4.0];
        for (bad, said) in [
            (
                data(short, classes(&[0, 1])),
                "2 rows of 2 inputs each, and 3 numbers",
            ),
            (data(nan, classes(&[0, 1])), "an input is not finite"),
            (data(four(), classes(&[0])), "2 rows, and 1 labels"),
            (
                data(four(), classes(&[0, 7])),
                "label 7, and there are 2 classes",
            ),
            (
                data(four(), values(&[1.0])),
                "2 rows of 1 target, and 1 values",
            ),
            (
                data(four(), values(&[1.0, f64::INFINITY])),
                "a target is not finite",
            ),
        ] {
            let why = bad.check().unwrap_err().to_string();
            assert!(why.starts_with("mine: ") && why.contains(said), "{why}");
        }
    }
}
