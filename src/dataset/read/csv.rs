//! Tables as text: CSV, TSV and similar formats, read as a stream.

mod header;
mod records;

use crate::dataset::cells::Cells;
use crate::dataset::error::{DataError, DataErrorKind as Kind};
use crate::dataset::input::Input;
use crate::dataset::options::{Delimiter, ReadOptions};
use crate::text::counted;
use header::Header;

/// Reads a table. Cells have no blanks around them.
pub(super) fn read(
    input: Input,
    options: &ReadOptions,
    _known: &[String],
) -> Result<Cells, DataError> {
    let header = open(input, options)?;
    header.require_distinct(&header.names)?;
    let origin = &header.records.origin;
    let mut cells = Cells::new(&origin.name, &origin.file, header.names.clone());
    cells.delimiter = Some(header.records.delimiter);
    let places: Vec<Option<usize>> = (0..header.names.len()).map(Some).collect();
    push_rows(&mut cells, header, &places)?;
    Ok(cells)
}

/// Appends the rows of another table with the columns of `cells`. A column that it lacks has empty cells.
pub(super) fn append(
    cells: &mut Cells,
    input: Input,
    options: &ReadOptions,
) -> Result<(), DataError> {
    let header = open(input, options)?;
    let place = |name: &String| cells.columns.iter().position(|column| column.name == *name);
    let places: Vec<Option<usize>> = header.names.iter().map(place).collect();
    cells.begin(&header.records.origin.file);
    push_rows(cells, header, &places)
}

fn open(input: Input, options: &ReadOptions) -> Result<Header, DataError> {
    let delimiter = match options.dialect.delimiter {
        Some(Delimiter::Byte(byte)) => Some(byte),
        _ => None,
    };
    Header::read(input, delimiter)
}

/// Pushes each cell into the column at its place, and empty cells into columns without a place.
fn push_rows(
    cells: &mut Cells,
    mut header: Header,
    places: &[Option<usize>],
) -> Result<(), DataError> {
    let absent = (0..cells.columns.len()).filter(|c| !places.contains(&Some(*c)));
    let absent: Vec<usize> = absent.collect();
    while header.records.advance()? {
        require_length(&header)?;
        for (place, cell) in places.iter().zip(header.records.cells()) {
            if let Some(c) = *place {
                cells.columns[c].push(cell?);
            }
        }
        absent.iter().for_each(|&c| cells.columns[c].push_text(""));
        cells.end_row(header.records.line())?;
    }
    Ok(())
}

fn require_length(header: &Header) -> Result<(), DataError> {
    let (records, expected) = (&header.records, header.names.len());
    if records.len() == expected {
        return Ok(());
    }
    Err(DataError::new(
        Kind::Shape,
        format!(
            "{}:{}: expected {}, found {}",
            header.file(),
            records.line(),
            counted(expected, "column"),
            records.len()
        ),
    ))
}
