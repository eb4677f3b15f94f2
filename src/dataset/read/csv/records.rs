//! Finds the delimiter, and splits a file into records of cells, with the line number of each record.

use crate::dataset::{
    error::{DataError, DataErrorKind as Kind},
    input::{Input, InputOrigin},
};
use std::cell::Cell;
use std::io;
use std::io::Read;
use std::rc::Rc;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Maximum number of bytes of the header line used to guess the delimiter.
const HEAD: u64 = 1 << 16;
/// Maximum number of bytes of a line, or of a record if it has line ends within quotation marks.
const LONGEST: u64 = 24 << 20;

/// A reader of records.
pub(super) struct Records {
    pub(super) origin: InputOrigin,
    pub(super) delimiter: u8,
    reader: ::csv::Reader<Watched>,
    record: ::csv::ByteRecord,
    line: u64,
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
    /// Guesses the delimiter unless it is given, and rejects files that are not tables.
    pub(super) fn new(mut input: Input, delimiter: Option<u8>) -> Result<Records, DataError> {
        let head = input.peek(HEAD)?;
        if let Some((what, cure)) = other_format(&head) {
            let file = &input.origin.file;
            let message = format!("{file}: {what}, expected a table as text; {cure}");
            return Err(DataError::new(Kind::Format, message));
        }
        if head.starts_with(BYTE_ORDER_MARK) {
            let skipped = input.stream.read_exact(&mut [0; 3]);
            skipped.map_err(|why| input.origin.failed(&why))?;
        }
        let delimiter = delimiter.unwrap_or_else(|| match has_tabs(&input.origin.file) {
            true => b'\t',
            false => likely_delimiter(&head),
        });
        // Carriage returns at line ends are trimmed with the spaces, and a missing final line end is added. So the
        // first line of a record can be counted back from its end, and a record that reaches the end of the file has an
        // open quotation.
        let state = Rc::new(State::default());
        let stream = Watched {
            stream: Box::new(input.stream.chain(&b"\n"[..])),
            state: state.clone(),
        };
        let reader = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(::csv::Terminator::Any(b'\n'))
            .delimiter(delimiter)
            .buffer_capacity(1 << 16)
            .from_reader(stream);
        Ok(Records {
            origin: input.origin,
            delimiter,
            reader,
            record: ::csv::ByteRecord::new(),
            line: 1,
            state,
        })
    }

    /// Advances to the next record that is not blank. Returns false at the end of the file.
    pub(super) fn advance(&mut self) -> Result<bool, DataError> {
        loop {
            self.state.read.set(0);
            let more = self.reader.read_byte_record(&mut self.record);
            if !more.map_err(|why| self.failed(why))? {
                return Ok(false);
            }
            let within = self.record.as_slice().iter().filter(|b| **b == b'\n');
            let end = self.reader.position().line();
            self.line = end.saturating_sub(1 + within.count() as u64).max(1);
            if self.state.ended.get() {
                return Err(self.open_quotation());
            }
            let blank = self.record.as_slice().trim_ascii().is_empty() && self.record.len() <= 1;
            if !blank {
                return Ok(true);
            }
        }
    }

    /// Returns the error for an open quotation, which contains the line end added to the file.
    fn open_quotation(&self) -> DataError {
        let (file, line) = (&self.origin.file, self.line + 1);
        let message = format!(
            "{file}:{line}: a quotation mark is left open to the end of the file; close it, or double it where it belongs to the text"
        );
        DataError::new(Kind::Format, message)
    }

    fn failed(&self, why: ::csv::Error) -> DataError {
        match why.into_kind() {
            ::csv::ErrorKind::Io(why) if why.kind() == io::ErrorKind::FileTooLarge => {
                let file = &self.origin.file;
                let line = self.reader.position().line();
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

    /// Returns the line on which the record begins, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Returns the record's cells, trimmed.
    pub(super) fn cells(&self) -> impl Iterator<Item = Result<&str, DataError>> {
        self.record
            .iter()
            .enumerate()
            .map(|(c, cell)| match std::str::from_utf8(cell) {
                Ok(cell) => Ok(cell.trim()),
                Err(_) => Err(self.not_text(c)),
            })
    }

    fn not_text(&self, column: usize) -> DataError {
        DataError::new(
            Kind::Format,
            format!(
                "{}:{}: column {} is not UTF-8 text; save the table as CSV in UTF-8",
                self.origin.file,
                self.line,
                column + 1
            ),
        )
    }
}

/// Recognises other file formats by their first bytes. Returns a description and a remedy.
fn other_format(head: &[u8]) -> Option<(&'static str, &'static str)> {
    const SAVE: &str = "save it as CSV in UTF-8";
    let formats: [(&[u8], &str, &str); 7] = [
        (b"\xff\xfe", "UTF-16 text", SAVE),
        (b"\xfe\xff", "UTF-16 text", SAVE),
        (b"PK\x03\x04", "a spreadsheet or a zip archive", SAVE),
        (b"\x93NUMPY", "a NumPy array", SAVE),
        (b"PAR1", "a Parquet file", SAVE),
        (b"\x89HDF", "an HDF5 file", SAVE),
        (b"BZh", "a bzip2 file", "unpack it, or pack it with gzip"),
    ];
    let found = formats.iter().find(|(magic, ..)| head.starts_with(magic));
    found.map(|(_, what, cure)| (*what, *cure))
}

/// Checks whether the file name implies tabs as delimiters.
fn has_tabs(file: &str) -> bool {
    let name = file.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.ends_with(".tsv") || name.ends_with(".tab")
}

/// Returns the most frequent delimiter in the header line, outside quotation marks. The default is a comma.
fn likely_delimiter(head: &[u8]) -> u8 {
    let is_blank = |line: &&[u8]| line.trim_ascii().is_empty();
    let header = head.split(|b| *b == b'\n').find(|line| !is_blank(line));
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    for &byte in header.unwrap_or_default() {
        quoted ^= byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(byte == *delimiter && !quoted);
        }
    }
    // Of equal counts, `max_by_key` returns the last.
    let best = counts.iter().rev().max_by_key(|(_, count)| *count);
    best.map_or(b',', |(delimiter, _)| *delimiter)
}
