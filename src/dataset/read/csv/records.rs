//! Reads a text in blocks of whole records.

use super::rows::{Marks, Rows};
use super::sample::Dialect;
use crate::dataset::{
    error::{DataError, DataErrorKind as Kind},
    input::{Input, InputOrigin, unpacked},
};
use std::io::Read;

/// Maximum number of bytes of a line, or of a record if it has line ends within quotation marks.
const LONGEST: usize = 24 << 20;
/// The bytes of a block, with cells that fit into the cache.
const BLOCK: usize = 1 << 18;

/// A reader of records.
pub(super) struct Records {
    pub(super) origin: InputOrigin,
    pub(super) marks: Marks,
    stream: Box<dyn Read + Send>,
    /// The beginning of the next record.
    rest: Vec<u8>,
    /// Its line, from 1.
    line: u64,
    /// What happened behind the last block.
    failed: Option<DataError>,
}

impl Records {
    /// Splits the stream of `input`, which is behind this number of lines.
    pub(super) fn new(input: Input, dialect: &Dialect, lines: u64) -> Records {
        // With a line end added, only an open quotation reaches the end of the file.
        let stream = input.stream.chain(&b"\n"[..]);
        Records {
            origin: input.origin,
            marks: dialect.marks(),
            stream: dialect.rewritten(stream),
            rest: Vec::new(),
            line: lines + 1,
            failed: None,
        }
    }

    /// Reads the next records that are not blank. Returns false at the end of the file.
    ///
    /// # Errors
    /// Returns an error if there is no whole record before what cannot be read.
    pub(super) fn read(&mut self, rows: &mut Rows) -> Result<bool, DataError> {
        loop {
            if let Some(why) = self.failed.take() {
                return Err(why);
            }
            rows.text.clear();
            rows.text.append(&mut self.rest);
            // A record that is longer than a block takes as much again.
            let begun = rows.text.len();
            let most = BLOCK.max(begun.min(LONGEST.saturating_sub(begun)));
            let mut stream = self.stream.by_ref().take(most as u64);
            let read = stream.read_to_end(&mut rows.text);
            let whole = rows.split(self.marks, &mut self.line);
            self.rest.extend_from_slice(&rows.text[whole..]);
            let ended = matches!(read, Ok(0));
            self.failed = match read {
                Err(why) => Some(self.origin.failed(&why)),
                Ok(0) if !self.rest.is_empty() => Some(self.open_quotation()),
                Ok(_) if self.rest.len() > LONGEST => Some(self.too_long()),
                Ok(_) => None,
            };
            if rows.len() > 0 {
                return Ok(true);
            }
            if ended && self.failed.is_none() {
                return Ok(false);
            }
        }
    }

    fn open_quotation(&self) -> DataError {
        let (file, line) = (&self.origin.file, self.line);
        let message = format!(
            "{file}:{line}: a quotation mark is left open to the end of the file; close it, or double it where it belongs to the text"
        );
        DataError::new(Kind::Format, message)
    }

    fn too_long(&self) -> DataError {
        let (file, line) = (&self.origin.file, self.line);
        let message = format!(
            "{file}:{line}: a line of more than {} MiB; expected a table as text: is a quotation mark left open, or a line end missing?",
            LONGEST >> 20
        );
        DataError::new(Kind::TooLarge, message)
    }
}

/// Returns the error for a cell of `column` on `line` that is not UTF-8.
pub(super) fn not_text(origin: &InputOrigin, column: &str, line: u64) -> DataError {
    let file = &origin.file;
    let message = format!(
        "{file}:{line}: column {column} is not UTF-8 text; read it with `encoding = windows-1252` (Latin-1), or save the table in UTF-8"
    );
    DataError::new(Kind::Format, message)
}

/// Checks whether the file name implies tabs as delimiters.
pub(super) fn has_tabs(file: &str) -> bool {
    let name = unpacked(file).to_ascii_lowercase();
    name.ends_with(".tsv") || name.ends_with(".tab")
}
