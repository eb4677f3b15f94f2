//! Data sets from rows in memory.

use super::columns::sort_classes;
use super::error::{DataError, DataErrorKind as Kind};
use super::read;
use crate::dataset::{ColumnEncoder, Dataset, Form, Inputs, ReadOptions, Schema, Targets};
use crate::text::counted;
use std::collections::{BTreeSet, HashMap};

impl Dataset {
    /// Reads a file, a folder of IDX files or a built-in (`digits`, `iris`, `xor`, `spirals`), as `wgrad train` does
    /// without flags. Use [`read`] for options.
    ///
    /// # Errors
    /// Returns an error if the source does not exist or cannot be learned from. It names the line, the reason and a
    /// remedy.
    pub fn read(source: &str) -> Result<Dataset, DataError> {
        read(source, &ReadOptions::default(), 0)
    }

    /// Creates a data set from `rows` (rows, inputs) and a class for each row. Sorts classes numerically if all are
    /// integers, else alphabetically. Names the inputs x1, x2, ...
    ///
    /// # Errors
    /// Returns an error if there are no rows, rows differ in length, the number of labels differs from that of rows,
    /// there are fewer than two classes, or a number is beyond 1e140.
    pub fn with_labels(
        rows: &[impl AsRef<[f64]>],
        labels: &[impl AsRef<str>],
    ) -> Result<Dataset, DataError> {
        let mut data = unlabelled(rows, "class")?;
        expect_one_each("label", rows.len(), labels.len())?;
        let distinct: BTreeSet<&str> = labels.iter().map(AsRef::as_ref).collect();
        let mut names: Vec<&str> = distinct.into_iter().collect();
        sort_classes(&mut names, |name| *name);
        if let [only] = names[..] {
            let message = format!("rows: one class, {only:?}, in all rows; expected at least two");
            return Err(DataError::new(Kind::Target, message));
        }
        let numbers: HashMap<&str, u32> = names.iter().copied().zip(0..).collect();
        data.targets = Some(Targets::Classes {
            labels: labels.iter().map(|label| numbers[label.as_ref()]).collect(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        });
        Ok(data)
    }

    /// Creates a data set from `rows` (rows, inputs) and a value for each row. Names the inputs x1, x2, ..., and the
    /// target y. For several values per row, set [`Dataset::target_names`] and [`Dataset::targets`].
    ///
    /// # Errors
    /// Returns an error if there are no rows, rows differ in length, the number of values differs from that of rows, or
    /// a number is beyond 1e140.
    pub fn with_values(rows: &[impl AsRef<[f64]>], values: &[f64]) -> Result<Dataset, DataError> {
        let mut data = unlabelled(rows, "y")?;
        expect_one_each("value", rows.len(), values.len())?;
        data.targets = Some(Targets::Values {
            values: values.to_vec(),
        });
        data.check()?;
        Ok(data)
    }
}

impl Schema {
    /// Creates a data set without targets from `rows` (rows, inputs), for a model with this schema. Pixels are whole
    /// numbers, 0 to 255.
    ///
    /// # Errors
    /// Returns an error if a row has the wrong length, a number is beyond 1e140, or a pixel is not a whole number
    /// from 0 to 255.
    pub fn dataset(&self, rows: &[impl AsRef<[f64]>]) -> Result<Dataset, DataError> {
        let is_number = |column: &ColumnEncoder| matches!(column, ColumnEncoder::Number { .. });
        let width = match &self.encoder {
            Some(encoder) if !encoder.columns.iter().all(is_number) => {
                return Err(shape(
                    "numbers, and the model takes columns of other kinds, too; write the rows to a table, and read it with `read_for`"
                        .to_owned(),
                ));
            }
            Some(encoder) => encoder.columns.len(),
            None => self.inputs,
        };
        let numbers = joined(rows, width)?;
        let inputs = match self.form {
            Form::Table => numbers.into(),
            Form::Images { .. } => pixels(&numbers)?,
        };
        let data = Dataset {
            name: "rows".to_owned(),
            form: self.form,
            rows: rows.len(),
            columns: self.columns.clone(),
            inputs,
            target_names: self.target_names.clone(),
            ..Dataset::default()
        };
        data.check()?;
        Ok(data)
    }
}

/// Creates a table of `rows`, as wide as the first, with an empty target of this name.
fn unlabelled(rows: &[impl AsRef<[f64]>], target: &str) -> Result<Dataset, DataError> {
    let inputs = rows.first().map_or(0, |row| row.as_ref().len());
    if inputs == 0 {
        return Err(shape(format!(
            "{}, and no inputs; expected at least one of each",
            counted(rows.len(), "row")
        )));
    }
    let schema = Schema {
        form: Form::Table,
        columns: (1..=inputs).map(|column| format!("x{column}")).collect(),
        target_names: vec![target.to_owned()],
        classes: Vec::new(),
        inputs,
        encoder: None,
    };
    schema.dataset(rows)
}

/// Concatenates all rows.
fn joined(rows: &[impl AsRef<[f64]>], width: usize) -> Result<Vec<f64>, DataError> {
    let mut all = Vec::with_capacity(rows.len() * width);
    for (number, row) in rows.iter().enumerate() {
        let row = row.as_ref();
        if row.len() != width {
            return Err(shape(format!(
                "row {}: expected {}, found {}; give every row the same number",
                number + 1,
                counted(width, "input"),
                row.len()
            )));
        }
        all.extend_from_slice(row);
    }
    Ok(all)
}

fn pixels(numbers: &[f64]) -> Result<Inputs, DataError> {
    let pixel = |number: &f64| {
        let pixel = *number as u8;
        match f64::from(pixel) == *number {
            true => Ok(pixel),
            false => Err(shape(format!(
                "a pixel is {number}; expected a whole number, 0 to 255"
            ))),
        }
    };
    let pixels = numbers.iter().map(pixel).collect::<Result<_, _>>();
    Ok(Inputs::Pixels(pixels?))
}

fn expect_one_each(what: &str, rows: usize, found: usize) -> Result<(), DataError> {
    match rows == found {
        true => Ok(()),
        false => Err(shape(format!(
            "{}, and {}; give one to each row",
            counted(rows, "row"),
            counted(found, what)
        ))),
    }
}

fn shape(why: String) -> DataError {
    DataError::new(Kind::Shape, format!("rows: {why}"))
}
