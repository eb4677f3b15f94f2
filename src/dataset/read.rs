//! Reads files into [`Cells`]. Each format of tables has a module here and a line in [`append`].

mod csv;

use super::cells::Cells;
use super::error::DataError;
use super::input::Input;
use super::options::ReadOptions;

/// Reads a table. `known` are the columns that the reader looks for, if it looks for any: those of a model.
pub(super) fn cells(
    input: Input,
    options: &ReadOptions,
    known: &[String],
) -> Result<Cells, DataError> {
    csv::read(input, options, known)
}

/// Reads another table with the columns of `cells`, found by name, and appends its rows. A target may be absent.
pub(super) fn append(
    cells: &mut Cells,
    input: Input,
    options: &ReadOptions,
) -> Result<(), DataError> {
    csv::append(cells, input, options)
}
