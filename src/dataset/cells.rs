//! The cells of a table as they were read, column by column, before anything is decided about them.
//!
//! Readers of formats push cells; `columns` decides what each column holds. A cell that is a number in its plain form is
//! stored as one, any other cell as text. So a table takes about 8 bytes per cell, and no cell loses what it was:
//! `007` is still `007` if its column turns out to hold classes.

mod column;
mod lines;
pub(super) mod numeral;
mod texts;

pub(crate) use column::CellColumn;
pub use lines::Lines;

use super::error::{DataError, quoted};
use super::memory;
use crate::text::counted;
use std::fmt;

/// The cells of a table.
pub(crate) struct Cells {
    /// Name of the data set.
    pub(crate) name: String,
    /// The files, one after the other: rows to learn from, and rows for validation and test that came apart.
    pub(crate) parts: Vec<Part>,
    pub(crate) columns: Vec<CellColumn>,
    /// Names of columns that the reader left out, because nobody asked for them.
    pub(crate) left_out: Vec<String>,
    /// What separates the cells of the first file, if it is text.
    pub(crate) delimiter: Option<u8>,
    /// Whether the file has numbers whose format says that their decimal mark is a point.
    pub(crate) has_point: bool,
    /// Decisions made while reading, one per line.
    pub(crate) notes: Vec<String>,
    /// The most rows that memory has room for.
    most: usize,
    /// The bytes of memory for them.
    limit: u64,
}

/// What the rows of a part are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Use {
    /// To learn from, and to take validation and test rows from if there are none apart.
    #[default]
    Train,
    /// For validation.
    Val,
    /// For the test.
    Test,
}

/// The rows of one file.
pub(crate) struct Part {
    /// What they are for, if the file says so.
    pub(crate) purpose: Use,
    /// File name for errors.
    pub(crate) file: String,
    /// Number of its rows.
    pub(crate) rows: usize,
    /// The lines of its rows.
    pub(crate) lines: Lines,
}

/// The share of the free memory for the cells of a table: training holds numbers in f32 twice, too.
const SHARE: u64 = 3;
/// Bytes per cell, with those that a target takes more.
const CELL: usize = 8;

impl Cells {
    /// Creates a table without rows, of `file`, with these columns.
    pub(crate) fn new(name: &str, file: &str, columns: Vec<String>) -> Cells {
        let limit = memory::free() / SHARE;
        let bytes = CELL * columns.len().max(1);
        Cells {
            name: name.to_owned(),
            parts: vec![Part::new(file)],
            columns: columns.into_iter().map(CellColumn::new).collect(),
            left_out: Vec::new(),
            delimiter: None,
            has_point: false,
            notes: Vec::new(),
            most: usize::try_from(limit).unwrap_or(usize::MAX) / bytes,
            limit,
        }
    }

    /// Begins the rows of another file.
    pub(crate) fn begin(&mut self, file: &str) {
        self.parts.push(Part::new(file));
    }

    /// Adds a column whose cells are empty in the rows so far.
    ///
    /// # Errors
    /// Returns an error if memory has no room for them.
    pub(crate) fn add_column(&mut self, name: &str) -> Result<(), DataError> {
        let rows = self.rows();
        let mut column = CellColumn::new(name.to_owned());
        let bytes = CELL * (self.columns.len() + 1);
        self.most = usize::try_from(self.limit).unwrap_or(usize::MAX) / bytes;
        if rows <= self.most {
            (0..rows).for_each(|_| column.push_text(""));
            self.columns.push(column);
            return Ok(());
        }
        let file = self.parts.last().map_or("", |part| &part.file);
        let what = format!(
            "{file}: {} with the column {}",
            counted(rows, "row"),
            quoted(name)
        );
        let cure = "leave columns out of the file, or take a sample of the rows";
        Err(memory::too_large(&what, self.limit, cure))
    }

    /// Returns the number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.parts.iter().map(|part| part.rows).sum()
    }

    /// Notes that a cell was pushed into each column: a row, on this line of the file.
    ///
    /// # Errors
    /// Returns an error if memory has no room for more.
    pub(crate) fn end_row(&mut self, line: u64) -> Result<(), DataError> {
        let row = self.rows();
        // Texts are checked now and then: they vary in length.
        let full = row >= self.most || row.is_multiple_of(4096) && self.text_bytes() > self.limit;
        let part = self.parts.last_mut().expect("a table has a part");
        if full {
            let what = format!(
                "{}: {} do not fit into memory",
                part.file,
                counted(row, "row")
            );
            let cure = "leave columns out of the file, or take a sample of the rows";
            return Err(memory::too_large(&what, self.limit, cure));
        }
        part.lines.push(part.rows, line);
        part.rows += 1;
        Ok(())
    }

    fn text_bytes(&self) -> u64 {
        let bytes = self.columns.iter().map(CellColumn::text_bytes);
        bytes.sum::<usize>() as u64
    }

    /// Returns the name of the first file, for errors.
    pub(crate) fn file(&self) -> &str {
        &self.parts[0].file
    }

    /// Removes the rows that are not kept.
    pub(crate) fn retain(&mut self, keep: &[bool]) {
        if !keep.contains(&false) {
            return;
        }
        let columns = self.columns.iter_mut();
        columns.for_each(|column| column.retain(keep));
        let mut rest = keep;
        for part in &mut self.parts {
            let (own, others) = rest.split_at(part.rows);
            part.lines = part.lines.filtered(part.rows, |row| own[row]);
            part.rows = own.iter().filter(|keep| **keep).count();
            rest = others;
        }
    }

    /// Returns the line of each row.
    pub(crate) fn lines(&self) -> Lines {
        match &self.parts[..] {
            [part] => part.lines.clone(),
            _ => (0..self.rows()).map(|row| self.place(row).number).collect(),
        }
    }

    /// Numbers the rows of the last file, because some share a line.
    pub(crate) fn number_rows(&mut self) {
        if let Some(part) = self.parts.last_mut() {
            part.lines = Lines::rows();
        }
    }

    /// Returns where a row is.
    pub(crate) fn place(&self, mut row: usize) -> Place<'_> {
        for part in &self.parts {
            match row < part.rows {
                true => return part.place(row),
                false => row -= part.rows,
            }
        }
        Place::default()
    }
}

/// Where a row is. Displayed as `t.csv:17`, as `t.json: row 17` where rows share lines, or as the file alone.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place<'c> {
    pub(crate) file: &'c str,
    /// The number of its line, or of the row, from 1; 0 if there is none.
    pub(crate) number: u64,
    /// Whether this is the number of the row.
    pub(crate) is_row: bool,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Place { file, number, .. } = self;
        match (number, self.is_row) {
            (0, _) => write!(f, "{file}"),
            (_, true) => write!(f, "{file}: row {number}"),
            (_, false) => write!(f, "{file}:{number}"),
        }
    }
}

impl Part {
    fn new(file: &str) -> Part {
        Part {
            purpose: Use::default(),
            file: file.to_owned(),
            rows: 0,
            lines: Lines::default(),
        }
    }

    fn place(&self, row: usize) -> Place<'_> {
        Place {
            file: &self.file,
            number: self.lines.of(row),
            is_row: self.lines.are_rows(),
        }
    }
}
