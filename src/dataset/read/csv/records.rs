//! Splits a text into records of cells, with the line number of each record.

use super::sample::Dialect;
use crate::dataset::{
    error::{DataError, DataErrorKind as Kind},
    input::{Input, InputOrigin, unpacked},
};
use std::cell::Cell;
use std::io;
use std::io::Read;
use std::rc::Rc;

/// Maximum number of bytes of a line, or of a record if it has line ends within quotation marks.
const LONGEST: u64 = 24 << 20;

/// A reader of records.
pub(super) struct Records {
    pub(super) origin: InputOrigin,
    pub(super) delimiter: u8,
    reader: ::csv::Reader<Box<dyn Read>>,
    record: ::csv::ByteRecord,
    /// The lines before the stream.
    before: u64,
    line: u64,
    /// The line of the stream behind the record.
    end: u64,
    state: Rc<State>,
}

/// What a stream has met.
#[derive(Default)]
struct State {
    /// Whether its end was reached.
    ended: Cell<bool>,
    /// The bytes read for the current record.
    read: Cell<u64>,
}

/// A stream that records its state, and ends with an error in a record that is too long.
struct Watched {
    stream: Box<dyn Read>,
    state: Rc<State>,
}

impl Read for Watched {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let state = &self.state;
        if state.read.get() > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let count = self.stream.read(into)?;
        state.ended.set(count == 0);
        state.read.set(state.read.get() + count as u64);
        Ok(count)
    }
}

impl Records {
    /// Parses the stream of `input`, which is behind this number of lines.
    pub(super) fn new(input: Input, dialect: &Dialect, lines: u64) -> Records {
        // Carriage returns at line ends are trimmed with the spaces, and a missing final line end is added. So the
        // first line of a record can be counted back from its end, and a record that reaches the end of the file has an
        // open quotation.
        let state = Rc::new(State::default());
        let stream = Watched {
            stream: Box::new(input.stream.chain(&b"\n"[..])),
            state: state.clone(),
        };
        Records {
            origin: input.origin,
            delimiter: dialect.byte(),
            reader: dialect.parser(stream),
            record: ::csv::ByteRecord::new(),
            before: lines,
            line: 1,
            end: 1,
            state,
        }
    }

    /// Advances to the next record that is not blank. Returns false at the end of the file.
    pub(super) fn advance(&mut self) -> Result<bool, DataError> {
        loop {
            self.state.read.set(0);
            let more = self.reader.read_byte_record(&mut self.record);
            if !more.map_err(|why| self.failed(why))? {
                return Ok(false);
            }
            let end = self.reader.position().line();
            let within = match end - self.end {
                0 | 1 => 0,
                // Blank lines and comments above, or line ends within.
                _ => self
                    .record
                    .as_slice()
                    .iter()
                    .filter(|b| **b == b'\n')
                    .count() as u64,
            };
            self.end = end;
            self.line = self.before + end.saturating_sub(1 + within).max(1);
            if self.state.ended.get() {
                return Err(self.open_quotation());
            }
            if self.record.len() > 1 || !self.is_empty() {
                return Ok(true);
            }
        }
    }

    /// Returns the error for an open quotation, which contains the line end added to the file.
    fn open_quotation(&self) -> DataError {
        let within = self.record.as_slice().iter().filter(|b| **b == b'\n');
        let line = self.before + self.end.saturating_sub(within.count() as u64);
        let file = &self.origin.file;
        let message = format!(
            "{file}:{line}: a quotation mark is left open to the end of the file; close it, or double it where it belongs to the text"
        );
        DataError::new(Kind::Format, message)
    }

    fn failed(&self, why: ::csv::Error) -> DataError {
        match why.into_kind() {
            ::csv::ErrorKind::Io(why) if why.kind() == io::ErrorKind::FileTooLarge => {
                let file = &self.origin.file;
                let line = self.before + self.reader.position().line();
                let message = format!(
                    "{file}:{line}: a line of more than {} MiB; expected a table as text: is a quotation mark left open, or a line end missing?",
                    LONGEST >> 20
                );
                DataError::new(Kind::TooLarge, message)
            }
            ::csv::ErrorKind::Io(why) => self.origin.failed(&why),
            other => DataError::new(Kind::Format, format!("{}: {other:?}", self.origin.file)),
        }
    }

    /// Returns the number of cells in the record.
    pub(super) fn len(&self) -> usize {
        self.record.len()
    }

    /// Whether all cells of the record are empty.
    pub(super) fn is_empty(&self) -> bool {
        self.record.as_slice().trim_ascii().is_empty()
    }

    /// Returns the line on which the record begins, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Returns the record's cells, with the blanks around them.
    pub(super) fn cells(&self) -> &::csv::ByteRecord {
        &self.record
    }

    /// Swaps the record with another one, whose memory the next record uses.
    pub(super) fn swap(&mut self, other: &mut ::csv::ByteRecord) {
        std::mem::swap(&mut self.record, other);
    }

    /// Returns the error for a cell of `column` on `line` that is not UTF-8.
    pub(super) fn not_text(&self, column: &str, line: u64) -> DataError {
        let file = &self.origin.file;
        let message = format!(
            "{file}:{line}: column {column} is not UTF-8 text; read it with `encoding = windows-1252` (Latin-1), or save the table in UTF-8"
        );
        DataError::new(Kind::Format, message)
    }
}

/// Checks whether the file name implies tabs as delimiters.
pub(super) fn has_tabs(file: &str) -> bool {
    let name = unpacked(file).to_ascii_lowercase();
    name.ends_with(".tsv") || name.ends_with(".tab")
}
