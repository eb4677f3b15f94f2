//! Tables as text: CSV, TSV and similar formats, read as a stream.

mod batch;
mod decimal;
mod delimiter;
mod dialect;
mod encoding;
mod header;
mod kinds;
mod places;
mod preamble;
mod records;
mod rewriter;
mod rows;
mod sample;

use crate::dataset::cells::Cells;
use crate::dataset::error::{DataError, DataErrorKind as Kind, listed};
use crate::dataset::input::Input;
use crate::dataset::options::ReadOptions;
use crate::text::counted;
use batch::Sources;
use header::{Header, are_numbers_of_columns};
use records::not_text;
use rows::{Row, Rows};

/// Reads a table. Cells have no blanks around them.
pub(super) fn read(
    input: Input,
    options: &ReadOptions,
    known: &[String],
) -> Result<Cells, DataError> {
    let mut header = Header::read(input, &options.dialect, known)?;
    let origin = &header.records.origin;
    let mut cells = Cells::new(&origin.name, &origin.file, header.names.clone());
    cells.delimiter = Some(header.records.marks.delimiter);
    cells.notes.append(&mut header.notes);
    for (column, mark) in cells.columns.iter_mut().zip(&header.marks) {
        column.mark = mark.unwrap_or(b'.');
    }
    let places: Vec<Option<usize>> = (0..header.names.len()).map(Some).collect();
    let named = header.named;
    let note = push_rows(&mut cells, header, &places)?;
    cells.notes.extend(note);
    drop_empty_columns(&mut cells, named, known);
    Ok(cells)
}

/// Appends the rows of another table with the columns of `cells`. A column that it lacks has empty cells.
pub(super) fn append(
    cells: &mut Cells,
    input: Input,
    options: &ReadOptions,
) -> Result<(), DataError> {
    let known: Vec<String> = cells.columns.iter().map(|c| c.name.clone()).collect();
    let mut dialect = options.dialect.clone();
    if dialect.header == Some(true) && are_numbers_of_columns(&known) {
        dialect.header = None;
    }
    let mut header = Header::read(input, &dialect, &known)?;
    let place = |name: &String| known.iter().position(|known| known == name);
    let places: Vec<Option<usize>> = header.names.iter().map(place).collect();
    let marks: Vec<u8> = cells.columns.iter().map(|column| column.mark).collect();
    for (place, mark) in places.iter().zip(&header.marks) {
        if let (Some(c), Some(mark)) = (*place, *mark) {
            cells.columns[c].mark = mark;
        }
    }
    let file = header.file().to_owned();
    let mut notes = std::mem::take(&mut header.notes);
    cells.begin(&file);
    notes.extend(push_rows(cells, header, &places)?);
    let notes = notes.into_iter().map(|note| format!("{file}: {note}"));
    cells.notes.extend(notes);
    let columns = cells.columns.iter_mut();
    columns
        .zip(marks)
        .for_each(|(column, mark)| column.mark = mark);
    Ok(())
}

/// Pushes each cell into the column at its place, and empty cells into columns without a place. Returns a note on rows
/// that are passed over because all their cells are empty.
fn push_rows(
    cells: &mut Cells,
    mut header: Header,
    places: &[Option<usize>],
) -> Result<Option<String>, DataError> {
    let sources = Sources::new(cells.columns.len(), places);
    let (mut rows, mut next) = (std::mem::take(&mut header.rows), Rows::default());
    let (mut empty, mut first, mut bad) = (0, 0, None);
    let mut more = true;
    while more {
        rows.retain(|row| {
            if bad.is_some() {
                return false;
            }
            if row.is_empty() {
                first = if empty == 0 { row.line } else { first };
                empty += 1;
                return false;
            }
            bad = require_length(row, &header).err();
            bad.is_none()
        });
        let pushed = sources.push(cells, &rows, &mut header.records, &mut next);
        let read = pushed.map_err(|(row, cell)| {
            let line = rows.iter().nth(row).map_or(0, |row| row.line);
            not_text(&header.records.origin, &header.names[cell], line)
        })?;
        for row in rows.iter() {
            cells.end_row(row.line)?;
        }
        // A cell above may be the worse trouble.
        if let Some(why) = bad {
            return Err(why);
        }
        more = read?;
        std::mem::swap(&mut rows, &mut next);
    }
    let rows = counted(empty, "row");
    Ok((empty > 0).then(|| format!("{rows} without any value passed over (first: line {first})")))
}

/// Checks the number of cells in a row.
fn require_length(row: Row, header: &Header) -> Result<(), DataError> {
    let (found, expected) = (row.len(), header.names.len());
    let may_end = found <= expected + header.trailing;
    let mut behind = row.iter().skip(expected);
    if found == expected || found > expected && may_end && behind.all(|c| c.trim_ascii().is_empty())
    {
        return Ok(());
    }
    let delimiter = header.records.marks.delimiter;
    let cure = match found {
        1 if row.cell(0).starts_with(b"#") => {
            "; if it is a comment, use `comment = '#'`".to_owned()
        }
        _ if found > expected && !delimiter.is_ascii_whitespace() => {
            let delimiter = char::from(delimiter);
            format!("; a cell with {delimiter} in it belongs in quotation marks")
        }
        _ => String::new(),
    };
    let message = format!(
        "{}:{}: expected {}, found {found}{cure}",
        header.file(),
        row.line,
        counted(expected, "column"),
    );
    Err(DataError::new(Kind::Shape, message))
}

/// Removes the columns behind the last name that have no value: delimiters at line ends.
fn drop_empty_columns(cells: &mut Cells, named: usize, known: &[String]) {
    let rows = cells.rows();
    let mut dropped = Vec::new();
    while let Some(last) = cells
        .columns
        .last()
        .filter(|_| cells.columns.len() > named.max(1))
    {
        let is_empty = rows > 0 && last.text_counts() == [("", rows)];
        if !is_empty || known.contains(&last.name) {
            break;
        }
        dropped.extend(cells.columns.pop().map(|column| column.name));
    }
    if !dropped.is_empty() {
        dropped.reverse();
        let columns = counted(dropped.len(), "column");
        cells.notes.push(format!(
            "{columns} without a name and any value passed over: {}",
            listed(&dropped)
        ));
    }
}
