//! Data sets: reading them, with clear errors.
//!
//! A [`Dataset`] holds raw numbers. [`Split`] assigns rows to training, validation and test. [`Scale`] scales numbers.
//! Each format has a module here, and a line in [`read`] and [`read_for`].

mod builtin;
mod cells;
mod check;
mod columns;
mod encoder;
mod error;
mod idx;
mod input;
mod inputs;
mod limits;
pub mod memory;
mod mismatch;
mod options;
mod read;
mod rows;
mod scale;
mod split;
pub mod types;

pub use cells::Lines;
pub use columns::{ColumnKind, ColumnReport, Inspection, MOST_DISTINCT};
pub(crate) use encoder::network_inputs;
pub use encoder::{ColumnEncoder, Encoder, TimePart, Unseen};
pub use inputs::{ColumnValues, InputColumn, Inputs, MISSING};
pub use options::{Delimiter, DialectOptions, MAX_LEVELS, MissingRows, ReadOptions};
pub use types::{Dataset, Form, KeptColumn, Schema, Targets, Task};

pub use builtin::is_fixed;
pub use error::{DataError, DataErrorKind};
pub use scale::Scale;
pub use split::{Split, SplitOptions, folds, split};

use crate::text::counted;
use input::{Input, is_folder};
use mismatch::{not_a_table, not_images};
use std::path::Path;

/// Reads a data set to learn from: a built-in name, a file, a folder of images, or `-` for a table on stdin. `seed` is
/// for generated built-ins.
pub fn read(source: &str, options: &ReadOptions, seed: u64) -> Result<Dataset, DataError> {
    let path = Path::new(source);
    let mut data = match builtin::open(source, seed) {
        Some(bytes) => table(Input::built_in(source, bytes)?, options)?,
        None if is_folder(source)? => idx::read_folder(path)?,
        None => {
            let mut input = Input::open(source)?;
            match idx::is_idx(source, &input.peek(4)?) {
                true => idx::read_file(path, input)?,
                false => table(input, options)?,
            }
        }
    };
    data.notes.extend(remarks(&data, source));
    Ok(data)
}

/// Looks at a table, as [`read`] would learn from it. Returns `None` for images.
///
/// # Errors
/// Returns an error if there is no such file, or it cannot be read. What keeps it from being learned from is told in
/// [`Inspection::problems`].
pub fn inspect(
    source: &str,
    options: &ReadOptions,
    seed: u64,
) -> Result<Option<Inspection>, DataError> {
    let input = match builtin::open(source, seed) {
        Some(bytes) => Input::built_in(source, bytes)?,
        None if is_folder(source)? => return Ok(None),
        None => {
            let mut input = Input::open(source)?;
            if idx::is_idx(source, &input.peek(4)?) {
                return Ok(None);
            }
            input
        }
    };
    columns::inspect(read::cells(input, options, &[])?, options).map(Some)
}

/// Reads a table to learn from, with the rows for validation and test that come in files of their own.
fn table(input: Input, options: &ReadOptions) -> Result<Dataset, DataError> {
    let mut cells = read::cells(input, options, &[])?;
    for file in [&options.val_file, &options.test_file]
        .into_iter()
        .flatten()
    {
        read::append(&mut cells, Input::open(file)?, options)?;
    }
    columns::to_learn(cells, options)
}

/// Returns notes on the source and the use of the rows.
fn remarks(data: &Dataset, source: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if builtin::NAMES.contains(&source) && Path::new(source).exists() {
        let note = format!("{source} is the built-in; use ./{source} for the file of this name");
        notes.push(note);
    }
    let to_split = data.val_from.or(data.test_from).unwrap_or(data.rows);
    if to_split < split::FEW {
        let rows = counted(to_split, "row");
        notes.push(format!("{rows}: too few to split, all are for training"));
    }
    notes
}

/// Reads rows for a model, as [`read`] does. Finds table columns by name, in any order. Targets may be missing. Reads
/// the test set of a folder of images, if there is one. Generated built-ins use seed 0. Uses only `dialect`, `missing`
/// and `keep` of `options`.
pub fn read_for(
    source: &str,
    schema: &Schema,
    options: &ReadOptions,
) -> Result<Dataset, DataError> {
    let path = Path::new(source);
    let takes_a_table = schema.form == Form::Table;
    let rows = |input| {
        let cells = read::cells(input, options, &schema.columns)?;
        columns::for_model(cells, schema, options)
    };
    match builtin::open(source, 0) {
        Some(bytes) if takes_a_table => return rows(Input::built_in(source, bytes)?),
        Some(_) => return Err(not_images(source, schema)),
        None if is_folder(source)? && takes_a_table => return Err(not_a_table(source, schema)),
        None if is_folder(source)? => return idx::read_folder_for(path, schema),
        None => {}
    }
    let mut input = Input::open(source)?;
    match (idx::is_idx(source, &input.peek(4)?), takes_a_table) {
        (true, true) => Err(not_a_table(source, schema)),
        (true, false) => idx::read_file_for(path, input, schema),
        (false, true) => rows(input),
        (false, false) => Err(not_images(source, schema)),
    }
}
