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
mod images;
mod input;
mod inputs;
mod json_rows;
mod limits;
pub mod memory;
mod mismatch;
mod network_inputs;
mod options;
mod progress;
mod read;
mod rows;
mod scale;
mod split;
pub mod types;

pub use cells::Lines;
pub use columns::{ColumnKind, ColumnReport, Inspection, MOST_DISTINCT, is_usual_mark};
pub use encoder::{ColumnEncoder, Encoder, Encoding, TimePart, Unseen, usual_bins};
pub use inputs::{ColumnValues, DURATION, InputColumn, Inputs, MISSING};
pub use json_rows::{JsonRows, read_json_for};
pub use options::{Delimiter, DialectOptions, MAX_LEVELS, MissingRows, ReadOptions};
pub use types::{Dataset, Form, KeptColumn, Schema, Targets, Task};

pub use builtin::{is_built_in, is_fixed};
pub use error::{DataError, DataErrorKind};
pub(crate) use network_inputs::{as_columns, network_inputs};
pub use progress::progress;
pub use scale::Scale;
pub use split::{Split, SplitOptions, folds, split};

use crate::text::counted;
use cells::{Cells, Use};
use input::{Input, is_folder};
use mismatch::{not_a_table, not_images};
use read::npz::Archive;
use std::path::Path;

/// A file that was opened, by its format.
enum File {
    /// A table: one of the formats of `read`.
    Table(Input),
    /// Images or labels of IDX.
    Idx(Input),
    /// A PNG or JPEG image.
    Image(Input),
    /// A file of NumPy arrays whose inputs are images.
    Images(Archive),
    /// A file of NumPy arrays of rows.
    Rows(Archive),
}

impl File {
    fn open(source: &str) -> Result<File, DataError> {
        let mut input = Input::open(source)?;
        let head = input.peek(16)?;
        Ok(match () {
            () if idx::is_idx(source, &head) => File::Idx(input),
            () if images::is_image(&head) => File::Image(input),
            () if read::is_zip(&head) => match Archive::open(input)? {
                archive if archive.has_images() => File::Images(archive),
                archive => File::Rows(archive),
            },
            () => File::Table(input),
        })
    }
}

/// Reads a data set to learn from: a built-in name, a file, a folder of images, or `-` for a table on stdin. `seed` is
/// for generated built-ins.
pub fn read(source: &str, options: &ReadOptions, seed: u64) -> Result<Dataset, DataError> {
    let path = Path::new(source);
    let mut data = match builtin::open(source, seed) {
        Some(bytes) => table(Input::built_in(source, bytes)?, options)?,
        None if is_folder(source)? => match idx::is_in(path)? || !images::is_in(path)? {
            true => idx::read_folder(path)?,
            false => images::read_folder(path, options.size)?,
        },
        None => match File::open(source)? {
            File::Table(input) => table(input, options)?,
            File::Idx(input) => idx::read_file(path, input)?,
            File::Image(_) => return Err(images::one_image(source)),
            File::Images(archive) => images::arrays_to_learn(archive)?,
            File::Rows(archive) => with_other_files(read::npz::cells(archive, false)?, options)?,
        },
    };
    let to_split = data.val_from.or(data.test_from).unwrap_or(data.rows);
    data.notes.extend(remarks(source, to_split));
    Ok(data)
}

/// Looks at a table, as [`read`] would learn from it. Returns `None` for images.
///
/// # Errors
/// Returns an error if there is no such file, or it cannot be read. [`Inspection::problems`] lists what prevents
/// training.
pub fn inspect(
    source: &str,
    options: &ReadOptions,
    seed: u64,
) -> Result<Option<Inspection>, DataError> {
    let cells = match builtin::open(source, seed) {
        Some(bytes) => read::cells(Input::built_in(source, bytes)?, options, &[])?,
        None if is_folder(source)? => return Ok(None),
        None => match File::open(source)? {
            File::Table(input) => read::cells(input, options, &[])?,
            File::Rows(archive) => read::npz::cells(archive, false)?,
            File::Idx(_) | File::Image(_) | File::Images(_) => return Ok(None),
        },
    };
    let (mut inspection, to_split) = columns::inspect(with_files(cells, options)?, options)?;
    if inspection.problems.is_empty() {
        inspection.notes.extend(remarks(source, to_split));
    }
    Ok(Some(inspection))
}

/// Reads a table to learn from, with the rows for validation and test that come in files of their own.
fn table(input: Input, options: &ReadOptions) -> Result<Dataset, DataError> {
    with_other_files(read::cells(input, options, &[])?, options)
}

fn with_other_files(cells: Cells, options: &ReadOptions) -> Result<Dataset, DataError> {
    columns::to_learn(with_files(cells, options)?, options)
}

/// Appends the rows for validation and test that come in files of their own.
fn with_files(mut cells: Cells, options: &ReadOptions) -> Result<Cells, DataError> {
    for (file, purpose) in [
        (&options.val_file, Use::Val),
        (&options.test_file, Use::Test),
    ] {
        let Some(file) = file else {
            continue;
        };
        let first = cells.parts.len();
        read::append(&mut cells, Input::open(file)?, options)?;
        let parts = cells.parts[first..].iter_mut();
        parts.for_each(|part| part.purpose = purpose);
    }
    Ok(cells)
}

/// Returns notes on the source and the use of the rows that are to be split.
fn remarks(source: &str, to_split: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if is_built_in(source) && Path::new(source).exists() {
        let note = format!("{source} is the built-in; use ./{source} for the file of this name");
        notes.push(note);
    }
    if to_split < split::FEW {
        let rows = counted(to_split, "row");
        notes.push(format!("{rows}: too few to split, all are for training"));
    }
    notes
}

/// Reads rows for a model, as [`read`] does. Finds table columns by name, in any order. Targets may be missing, and
/// are not read if the schema has none. Reads the test set of a folder of images, if there is one. Generated built-ins use seed 0. Uses only `dialect`, `missing`
/// and `keep` of `options`.
pub fn read_for(
    source: &str,
    schema: &Schema,
    options: &ReadOptions,
) -> Result<Dataset, DataError> {
    let path = Path::new(source);
    let takes_a_table = schema.form == Form::Table;
    let rows = |cells| columns::for_model(cells, schema, options);
    let table = |input| rows(read::cells(input, options, &schema.columns)?);
    match builtin::open(source, 0) {
        Some(bytes) if takes_a_table => return table(Input::built_in(source, bytes)?),
        Some(_) => return Err(not_images(source, schema)),
        None if is_folder(source)? && takes_a_table => return Err(not_a_table(source, schema)),
        None if is_folder(source)? => {
            return match idx::is_in(path)? || !images::is_in(path)? {
                true => idx::read_folder_for(path, schema),
                false => images::read_folder_for(path, schema),
            };
        }
        None => {}
    }
    match (File::open(source)?, takes_a_table) {
        (File::Table(input), true) => table(input),
        (File::Rows(archive), true) => rows(read::npz::cells(archive, true)?),
        (File::Table(_) | File::Rows(_), false) => Err(not_images(source, schema)),
        (_, true) => Err(not_a_table(source, schema)),
        (File::Idx(input), false) => idx::read_file_for(path, input, schema),
        (File::Image(input), false) => images::read_file_for(path, input, schema),
        (File::Images(archive), false) => images::arrays_for_model(archive, schema),
    }
}
