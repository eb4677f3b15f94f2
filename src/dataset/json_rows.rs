//! Rows for a model that another program sends as JSON: objects by the names of columns, or arrays of numbers.

use super::columns;
use super::error::{DataError, DataErrorKind as Kind};
use super::input::Input;
use super::read::json_cells;
use crate::dataset::{ColumnEncoder, Dataset, Form, ReadOptions, Schema};
use crate::text::counted;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use std::fmt;

/// Rows that were read from JSON.
pub struct JsonRows {
    /// The rows.
    pub data: Dataset,
    /// Whether they are the elements of one array; else they are one below the other.
    pub is_array: bool,
}

/// Reads rows for a model from JSON: one row, several one below the other, or an array of them. A row is an object,
/// whose keys are columns in any order, or an array of numbers if the model takes numbers alone. Errors refer to the
/// text as `name`.
///
/// # Errors
/// Returns an error if the text is not JSON of this form, has no rows or more than `most`, or does not fit the model.
pub fn read_json_for(
    name: &str,
    text: Vec<u8>,
    schema: &Schema,
    most: u64,
) -> Result<JsonRows, DataError> {
    let mut starts = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    let is_array = starts.next() == Some(&b'[');
    match starts.next() {
        Some(b'{') if is_array => {}
        Some(_) if is_array => return numbers(name, &text, schema, most),
        _ => {}
    }
    if let Form::Images { .. } = schema.form {
        return Err(expected_numbers(name, schema, "found no array"));
    }
    let cells = json_cells(Input::bytes(name, text), &schema.columns, most)?;
    let data = columns::for_model(cells, schema, &ReadOptions::default())?;
    Ok(JsonRows { data, is_array })
}

/// Reads rows that are arrays of numbers.
fn numbers(name: &str, text: &[u8], schema: &Schema, most: u64) -> Result<JsonRows, DataError> {
    let width = width(name, schema)?;
    let mut rows = Vec::new();
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<Nested>();
    let mut is_array = false;
    for nested in values.by_ref() {
        let nested = nested.map_err(|why| {
            let message = format!("{name}: {why}; expected rows of numbers, as [1, 2.5]");
            DataError::new(Kind::Format, message)
        })?;
        let Some(are_rows) = nested.are_rows(width) else {
            let found = format!(
                "found an array of {}",
                counted(nested.numbers.len(), "number")
            );
            return Err(expected_numbers(name, schema, &found));
        };
        is_array = are_rows && rows.is_empty();
        rows.extend(nested.numbers);
        if rows.len() as u64 / width as u64 > most {
            let message = format!("{name}: more than {most} rows; send them in several parts");
            return Err(DataError::new(Kind::TooLarge, message));
        }
    }
    let rows: Vec<&[f64]> = rows.chunks(width).collect();
    let data = schema.dataset(&rows).map_err(|why| DataError {
        message: format!("{name}: {}", why.message),
        ..why
    })?;
    Ok(JsonRows { data, is_array })
}

/// Returns how many numbers a row has.
fn width(name: &str, schema: &Schema) -> Result<usize, DataError> {
    let is_number = |column: &ColumnEncoder| matches!(column, ColumnEncoder::Number { .. });
    match &schema.encoder {
        Some(encoder) if !encoder.columns.iter().all(is_number) => {
            let columns = schema.columns.iter().take(3);
            let keys: Vec<String> = columns.map(|column| format!("{column:?}: ...")).collect();
            let message = format!(
                "{name}: an array of numbers, and the model takes columns of other kinds too; write each row as an object, {{{}}}",
                keys.join(", ")
            );
            Err(DataError::new(Kind::Shape, message))
        }
        Some(encoder) => Ok(encoder.columns.len()),
        None => Ok(schema.inputs),
    }
}

fn expected_numbers(name: &str, schema: &Schema, found: &str) -> DataError {
    let form = match schema.form {
        Form::Table => counted(schema.columns.len(), "number"),
        form @ Form::Images { .. } => format!("{form} pixels, numbers from 0 to 255"),
    };
    let message = format!("{name}: {found}; expected rows of {form}, each in an array");
    DataError::new(Kind::Shape, message)
}

/// The numbers in an array of numbers or arrays.
#[derive(Default)]
struct Nested {
    numbers: Vec<f64>,
    /// How many numbers there are up to the end of each element.
    ends: Vec<usize>,
    /// Whether an element is an array.
    is_nested: bool,
}

impl Nested {
    /// Returns whether the elements are rows of `width` numbers; false if the whole is one row, `None` if neither is.
    fn are_rows(&self, width: usize) -> Option<bool> {
        let mut ends = self.ends.iter().zip(1..);
        let fit = ends.all(|(end, row)| *end == row * width);
        match self.is_nested && fit {
            true => Some(true),
            false => (self.numbers.len() == width).then_some(false),
        }
    }
}

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Nested, D::Error> {
        struct Outer;
        impl<'de> Visitor<'de> for Outer {
            type Value = Nested;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                write!(f, "an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Nested, A::Error> {
                let mut nested = Nested::default();
                while let Some(is_array) = all.next_element_seed(Element(&mut nested.numbers))? {
                    nested.is_nested |= is_array;
                    nested.ends.push(nested.numbers.len());
                }
                Ok(nested)
            }
        }
        json.deserialize_seq(Outer)
    }
}

/// Appends a number, or the numbers in an array, to a list. Its value is whether it is an array.
struct Element<'a>(&'a mut Vec<f64>);

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<bool, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a number or an array of numbers")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<bool, E> {
        self.0.push(number);
        Ok(false)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<bool, E> {
        self.visit_f64(number as f64)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<bool, E> {
        self.visit_f64(number as f64)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<bool, A::Error> {
        while all.next_element_seed(Element(self.0))?.is_some() {}
        Ok(true)
    }
}
