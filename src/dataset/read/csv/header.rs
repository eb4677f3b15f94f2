//! The head of a table: the names of its columns, or its first row; the dialect of the rows below.

use super::decimal;
use super::dialect::{Found, detect};
use super::encoding::decode;
use super::kinds::{doubtful, no_numbers, why_row};
use super::records::{Records, has_tabs, not_text};
use super::rows::{Row, Rows};
use crate::dataset::{
    error::{DataError, DataErrorKind as Kind, listed},
    input::{Input, InputOrigin},
    options::DialectOptions,
};
use crate::text::{counted, from_cell};
use csv::ByteRecord;
use std::collections::HashSet;
use std::io::Read;

/// Maximum number of columns.
const MOST_COLUMNS: usize = 1_000_000;
/// Maximum number of bytes of the name of a column.
const LONGEST_NAME: usize = 4096;
/// The name of R's row names.
const ROW_NAMES: &str = "row.names";

/// The column names, and the records below.
pub(super) struct Header {
    pub(super) names: Vec<String>,
    pub(super) records: Records,
    /// The first rows below.
    pub(super) rows: Rows,
    /// Whether the first record is a row.
    is_row: bool,
    /// The decimal mark of each column, where its cells tell.
    pub(super) marks: Vec<Option<u8>>,
    /// The number of empty cells that rows may have behind the last column.
    pub(super) trailing: usize,
    /// The number of columns up to the last one with a name in the file.
    pub(super) named: usize,
    /// What is unusual.
    pub(super) notes: Vec<String>,
    line: u64,
}

impl Header {
    /// Finds the dialect, and reads the first record. The name of an unnamed column is its number. `known` are the names
    /// that the reader looks for, if any.
    ///
    /// # Errors
    /// Returns an error if the first record looks like a row, and if the file is no table.
    pub(super) fn read(
        mut input: Input,
        options: &DialectOptions,
        known: &[String],
    ) -> Result<Header, DataError> {
        let head = decode(&mut input, options.encoding.as_deref())?;
        let mut found = detect(&head, options, has_tabs(&input.origin.file));
        let skipped = input.stream.read_exact(&mut vec![0; found.skip]);
        skipped.map_err(|why| input.origin.failed(&why))?;
        let mut records = Records::new(input, &found.dialect, found.lines);
        let mut rows = Rows::default();
        records.read(&mut rows)?;
        let Some(first) = rows.iter().next() else {
            let file = &records.origin.file;
            let message = format!(
                "{file}: empty; expected a header line with the names of the columns, and rows"
            );
            return Err(DataError::new(Kind::Shape, message));
        };
        require_columns(first, &records.origin)?;
        let is_row = is_row(first, &records.origin, &found, options.header, known)?;
        if !is_row {
            require_row_below(&records.origin, &found, &rows)?;
        }
        let mut notes: Vec<String> = head.note.into_iter().collect();
        notes.append(&mut found.notes);
        let mut header = Header {
            names: Vec::new(),
            is_row,
            marks: Vec::new(),
            trailing: found.trailing,
            named: 0,
            notes,
            line: first.line,
            records,
            rows,
        };
        header.name(&found)?;
        if !is_row {
            header.rows.remove_first();
        }
        if is_row && options.header.is_none() {
            let line = header.line;
            header.notes.push(format!(
                "line {line} is a row: the columns are called column1, column2, ..."
            ));
        }
        header.find_marks(&found.sample, options.decimal);
        Ok(header)
    }

    /// Names the columns.
    fn name(&mut self, found: &Found) -> Result<(), DataError> {
        let number = |c: usize| format!("column{}", c + 1);
        let (first, origin) = (self.rows.iter().next(), &self.records.origin);
        let first = first.expect("a header has a record");
        if self.is_row {
            self.names = (0..first.len()).map(number).collect();
            return Ok(());
        }
        if found.row_names {
            let line = self.line;
            self.notes.push(format!(
                "line {line} has no name for the first column: it is called {ROW_NAMES}, as in R"
            ));
            self.names.push(ROW_NAMES.to_owned());
        }
        let before = self.names.len();
        self.named = before;
        let named = first.len() - found.surplus;
        for (c, cell) in first.iter().take(named).enumerate() {
            let not_text = |_| not_text(origin, &(c + 1).to_string(), first.line);
            let cell = std::str::from_utf8(cell).map_err(not_text)?.trim();
            require_length(c, cell, first, origin)?;
            self.names.push(match cell {
                "" => number(before + c),
                _ => from_cell(cell).into_owned(),
            });
            if !cell.is_empty() {
                self.named = self.names.len();
            }
        }
        self.name_repeated();
        if let Some(value) = doubtful(&self.names) {
            let line = self.line;
            self.notes.push(format!(
                "line {line} is taken as the header, although it contains {value}: if it is a row, use `header = false`"
            ));
        }
        Ok(())
    }

    /// Gives each column that has the name of another one a name of its own.
    fn name_repeated(&mut self) {
        let mut names: HashSet<String> = self.names.iter().cloned().collect();
        if names.len() == self.names.len() {
            return;
        }
        let (mut before, mut renamed) = (HashSet::new(), Vec::new());
        for name in &mut self.names {
            if before.insert(name.clone()) {
                continue;
            }
            let numbered = (1..).map(|number| format!("{name}.{number}"));
            let new = numbered.into_iter().find(|new| !names.contains(new));
            let new = new.expect("there are more numbers than names");
            names.insert(new.clone());
            renamed.push(new.clone());
            *name = new;
        }
        let [columns, names] = [counted(renamed.len(), "column"), listed(&renamed)];
        self.notes.push(format!(
            "{columns} with the name of another one, called {names}"
        ));
    }

    /// Finds the decimal marks of the columns.
    fn find_marks(&mut self, sample: &[ByteRecord], decimal: Option<char>) {
        let columns = 0..self.names.len();
        if let Some(mark) = decimal {
            self.marks = columns.map(|_| Some(mark as u8)).collect();
            return;
        }
        let rows = sample.get(usize::from(!self.is_row)..).unwrap_or_default();
        let found: Vec<Option<(u8, &[u8])>> = columns.map(|c| decimal::mark(rows, c)).collect();
        self.marks = found
            .iter()
            .map(|found| found.map(|(mark, _)| mark))
            .collect();
        let with_comma = |c: &usize| self.marks[*c] == Some(b',');
        let commas: Vec<usize> = (0..found.len()).filter(with_comma).collect();
        if let Some((_, cell)) = commas.first().and_then(|c| found[*c]) {
            let names: Vec<&String> = commas.iter().map(|c| &self.names[*c]).collect();
            let cell = String::from_utf8_lossy(cell);
            self.notes
                .push(format!("decimal commas, as {cell}, in {}", listed(&names)));
        }
    }

    /// Returns the file name for errors.
    pub(super) fn file(&self) -> &str {
        &self.records.origin.file
    }
}

/// Whether all names are those of columns of a file without a header.
pub(super) fn are_numbers_of_columns(names: &[String]) -> bool {
    let is_number = |name: &String| {
        let number = name.strip_prefix("column");
        number.is_some_and(|number| number.parse::<usize>().is_ok())
    };
    !names.is_empty() && names.iter().all(is_number)
}

/// Decides whether the first record is a row.
fn is_row(
    first: Row,
    origin: &InputOrigin,
    found: &Found,
    header: Option<bool>,
    known: &[String],
) -> Result<bool, DataError> {
    if let Some(header) = header {
        return Ok(!header);
    }
    let line: ByteRecord = first.iter().map(<[u8]>::trim_ascii).collect();
    let cells: HashSet<&[u8]> = line.iter().collect();
    let is_there = |name: &String| cells.contains(name.as_bytes());
    match () {
        _ if known.is_empty() => {}
        _ if known.iter().all(is_there) => return Ok(false),
        _ if are_numbers_of_columns(known) => return Ok(true),
        _ => {}
    }
    let rows = found.sample.get(1..).unwrap_or_default();
    let Some(why) = why_row(&line, rows) else {
        return Ok(false);
    };
    let cure = match known {
        [] => "if it is one, use `header = false`, else `header = true`".to_owned(),
        _ => format!(
            "add a line above it with the names of the columns, among them {}",
            listed(known)
        ),
    };
    let (file, at) = (&origin.file, first.line);
    let message = format!("{file}:{at}: looks like a row, not like names ({why}); {cure}");
    Err(DataError::new(Kind::Shape, message))
}

/// Checks that the line below the header is none of units or other names.
fn require_row_below(origin: &InputOrigin, found: &Found, rows: &Rows) -> Result<(), DataError> {
    let Some((second, below)) = found.sample.get(1..).and_then(<[ByteRecord]>::split_first) else {
        return Ok(());
    };
    let Some(cells) = no_numbers(second, below) else {
        return Ok(());
    };
    let file = &origin.file;
    let line = rows.iter().nth(1).map_or(0, |row| row.line);
    let message = format!(
        "{file}:{line}: looks like units or a second header ({cells}), not like the numbers in the rows below; delete the line"
    );
    Err(DataError::new(Kind::Shape, message))
}

fn require_columns(first: Row, origin: &InputOrigin) -> Result<(), DataError> {
    if first.len() <= MOST_COLUMNS {
        return Ok(());
    }
    let why = format!(
        "{}, expected at most {MOST_COLUMNS}; leave columns out of the file",
        counted(first.len(), "column")
    );
    Err(too_large(first, origin, &why))
}

fn require_length(c: usize, name: &str, first: Row, origin: &InputOrigin) -> Result<(), DataError> {
    let (length, column) = (name.len(), c + 1);
    if length <= LONGEST_NAME {
        return Ok(());
    }
    let why = format!(
        "the name of column {column} has {length} bytes, expected at most {LONGEST_NAME}; shorten it"
    );
    Err(too_large(first, origin, &why))
}

fn too_large(first: Row, origin: &InputOrigin, why: &str) -> DataError {
    let message = format!("{}:{}: {why}", origin.file, first.line);
    DataError::new(Kind::TooLarge, message)
}
