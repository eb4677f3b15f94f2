//! NumPy arrays, `.npy`: a header, and the elements.
//!
//! The header (numpy.lib.format) is a magic number, a version, a length, and a Python dictionary such as
//! `{'descr': '<f8', 'fortran_order': False, 'shape': (150, 5), }`.

mod element;
mod header;

pub(in crate::dataset) use header::{Header, MAGIC};

use super::sink::{MOST_COLUMNS, Sink, too_many};
use crate::dataset::cells::CellColumn;
use crate::dataset::error::{DataError, DataErrorKind as Kind};
use crate::dataset::input::{Input, InputOrigin};
use crate::dataset::memory;
use crate::text::counted;
use std::io::{BufReader, Read};

/// Bytes of memory per cell: the cell, and its share of what training holds.
const CELL: u128 = 8;
/// The share of the free memory for the cells.
const SHARE: u64 = 3;

/// Reads a table of one array: its columns are column1, column2, ...
pub(super) fn read(input: Input, sink: &mut Sink) -> Result<(), DataError> {
    let Input { origin, stream } = input;
    let mut array = Array::open(&origin, BufReader::new(stream))?;
    let width = table_width(&origin, &array.header)?;
    let names: Vec<String> = (1..=width).map(|c| format!("column{c}")).collect();
    sink.begin(&origin, &names)?;
    array.push_all(sink, 0, width)?;
    for row in 0..array.header.rows() {
        sink.end_row(row + 1)?;
    }
    array.require_end()?;
    Ok(())
}

/// Returns the number of columns of a table, if memory has room for it.
pub(super) fn table_width(origin: &InputOrigin, header: &Header) -> Result<usize, DataError> {
    let (file, shape) = (&origin.file, header.shape_text());
    let width = match header.shape[..] {
        [_] => 1,
        [_, width] => width,
        _ => {
            let message = format!(
                "{file}: an array of the shape {shape}, expected rows and columns; save images with their labels: numpy.savez(\"images.npz\", x=images, y=labels)"
            );
            return Err(DataError::new(Kind::Shape, message));
        }
    };
    if width == 0 || header.rows() == 0 {
        let message = format!("{file}: an empty array, of the shape {shape}");
        return Err(DataError::new(Kind::Shape, message));
    }
    if width > MOST_COLUMNS as u64 {
        let width = usize::try_from(width).unwrap_or(usize::MAX);
        return Err(too_many(origin, width));
    }
    let what = format!("{file}: an array of the shape {shape}");
    let bytes = header.count().saturating_mul(CELL);
    memory::require(bytes, SHARE, &what, "take a part of it")?;
    Ok(width as usize)
}

/// An array that is read as a stream.
pub(in crate::dataset) struct Array<'a, R: Read> {
    pub(in crate::dataset) header: Header,
    origin: &'a InputOrigin,
    stream: R,
    /// One element.
    buffer: Vec<u8>,
    text: String,
}

impl<'a, R: Read> Array<'a, R> {
    /// Reads the header.
    pub(in crate::dataset) fn open(
        origin: &'a InputOrigin,
        mut stream: R,
    ) -> Result<Array<'a, R>, DataError> {
        let header = Header::read(&mut stream).map_err(|why| match why {
            header::Failed::Io(why) => origin.failed(&why),
            header::Failed::Format(why) => {
                let message = format!("{}: {why}", origin.file);
                DataError::new(Kind::Format, message)
            }
        })?;
        let buffer = vec![0; header.element.size];
        let text = String::new();
        Ok(Array {
            header,
            origin,
            stream,
            buffer,
            text,
        })
    }

    /// Pushes all elements into the columns from `first`.
    pub(in crate::dataset::read) fn push_all(
        &mut self,
        sink: &mut Sink,
        first: usize,
        width: usize,
    ) -> Result<(), DataError> {
        let rows = self.header.rows();
        if self.header.is_by_column() {
            for c in first..first + width {
                for _ in 0..rows {
                    self.next(sink.column(c))?;
                }
            }
            return Ok(());
        }
        for _ in 0..rows {
            for c in first..first + width {
                self.next(sink.column(c))?;
            }
        }
        Ok(())
    }

    /// Reads all elements into a column.
    pub(in crate::dataset) fn column(&mut self) -> Result<CellColumn, DataError> {
        let mut column = CellColumn::new(String::new());
        let width = table_width(self.origin, &self.header)? as u64;
        for _ in 0..self.header.rows() * width {
            self.next(Some(&mut column))?;
        }
        Ok(column)
    }

    /// Reads the next element, and pushes it into a column.
    fn next(&mut self, column: Option<&mut CellColumn>) -> Result<(), DataError> {
        let read = self.stream.read_exact(&mut self.buffer);
        read.map_err(|why| self.failed(&why))?;
        if let Some(column) = column {
            self.header
                .element
                .push(&self.buffer, &mut self.text, column);
        }
        Ok(())
    }

    /// Reads all elements of an array of bytes.
    pub(in crate::dataset) fn bytes(&mut self) -> Result<Vec<u8>, DataError> {
        let expected = self.header.count();
        let file = &self.origin.file;
        let what = format!("{file}: an array of the shape {}", self.header.shape_text());
        memory::require(expected, 10, &what, "take fewer of them")?;
        let mut bytes = Vec::new();
        let read = self
            .stream
            .by_ref()
            .take(expected as u64)
            .read_to_end(&mut bytes);
        read.map_err(|why| self.failed(&why))?;
        match bytes.len() as u128 == expected {
            true => Ok(bytes),
            false => Err(self.failed(&std::io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Checks that nothing follows the elements.
    pub(in crate::dataset) fn require_end(&mut self) -> Result<(), DataError> {
        let read = self.stream.read(&mut [0]);
        match read.map_err(|why| self.failed(&why))? {
            0 => Ok(()),
            _ => {
                let message = format!(
                    "{}: more bytes than {} of the shape {}; save or download it again",
                    self.origin.file,
                    counted(1, "array"),
                    self.header.shape_text()
                );
                Err(DataError::new(Kind::Format, message))
            }
        }
    }

    fn failed(&self, why: &std::io::Error) -> DataError {
        if why.kind() != std::io::ErrorKind::UnexpectedEof {
            return self.origin.failed(why);
        }
        let message = format!(
            "{}: it ends within an array of the shape {}; save or download it again",
            self.origin.file,
            self.header.shape_text()
        );
        DataError::new(Kind::Format, message)
    }
}
