//! Reads files into [`Cells`]. Each format of tables has a module here and a line in [`read_into`]; text, which is read ahead,
//! has one in [`cells`] and in [`append`].

mod csv;
mod formats;
mod json_lines;
pub(super) mod npy;
pub(super) mod npz;
#[cfg(feature = "parquet")]
mod parquet;
mod sink;

pub(super) use formats::is_zip;

use super::cells::Cells;
use super::error::DataError;
use super::input::Input;
use super::options::ReadOptions;
use formats::Format;
use sink::Sink;

/// Reads a table. `known` are the columns that the reader looks for, if it looks for any: those of a model.
pub(super) fn cells(
    mut input: Input,
    options: &ReadOptions,
    known: &[String],
) -> Result<Cells, DataError> {
    match formats::format(&mut input, options)? {
        Format::Text => csv::read(input, options, known),
        format => {
            let origin_of_errors = input.origin.clone();
            let sink = read_into(Sink::default(), format, input, !known.is_empty())?;
            sink.finish(&origin_of_errors)
        }
    }
}

/// Reads a table of JSON objects, at most `most` of them. Keeps only the columns `wanted`.
pub(super) fn json_cells(input: Input, wanted: &[String], most: u64) -> Result<Cells, DataError> {
    let origin_of_errors = input.origin.clone();
    let mut sink = Sink::wanting(wanted);
    json_lines::read(input, &mut sink, most)?;
    sink.finish(&origin_of_errors)
}

/// Reads another table with the columns of `cells`, found by name, and appends its rows. A target may be absent.
pub(super) fn append(
    cells: &mut Cells,
    mut input: Input,
    options: &ReadOptions,
) -> Result<(), DataError> {
    match formats::format(&mut input, options)? {
        Format::Text => csv::append(cells, input, options),
        format => {
            let origin_of_errors = input.origin.clone();
            let before = std::mem::replace(cells, Cells::new("", "", Vec::new()));
            let sink = read_into(Sink::onto(before), format, input, true)?;
            *cells = sink.finish(&origin_of_errors)?;
            Ok(())
        }
    }
}

/// Reads rows into a sink. Of a file with a test set, only this is read if the columns are known.
fn read_into(
    mut sink: Sink,
    format: Format,
    input: Input,
    is_known: bool,
) -> Result<Sink, DataError> {
    match format {
        Format::Json => json_lines::read(input, &mut sink, u64::MAX)?,
        Format::Array => npy::read(input, &mut sink)?,
        Format::Zip => npz::push(&mut npz::Archive::open(input)?, &mut sink, is_known)?,
        #[cfg(feature = "parquet")]
        Format::Parquet => parquet::read(input, &mut sink)?,
        Format::Text => {}
    }
    Ok(sink)
}
