//! Rows that are pushed into columns together, by several threads: numbers take longer to read than lines to split.

use super::header::Header;
use super::records::Records;
use crate::dataset::cells::{CellColumn, Cells};
use crate::dataset::error::DataError;
use crate::threads::{locked, on_threads, threads};
use ::csv::ByteRecord;
use std::sync::Mutex;

/// Number of cells in a batch: more would leave the cache.
const CELLS: usize = 1 << 15;
/// Number of bytes in a batch.
const BYTES: usize = 4 << 20;
/// With fewer columns, threads cost more than they save.
const LEAST: usize = 4;

/// Rows to push.
pub(super) struct Batch {
    /// Records with their lines; those behind `rows` are to be used again.
    records: Vec<(ByteRecord, u64)>,
    rows: usize,
    /// Their bytes.
    bytes: usize,
    most: usize,
    /// For each column, the cell of a record; `None` is an empty cell.
    sources: Vec<Option<usize>>,
}

impl Batch {
    /// `places` has the column of each cell.
    pub(super) fn new(columns: usize, places: &[Option<usize>]) -> Batch {
        let mut sources = vec![None; columns];
        for (cell, place) in places.iter().enumerate() {
            if let Some(c) = place {
                sources[*c] = Some(cell);
            }
        }
        Batch {
            records: Vec::new(),
            rows: 0,
            bytes: 0,
            most: (CELLS / columns.max(1)).max(1),
            sources,
        }
    }

    /// Takes the current record.
    pub(super) fn take(&mut self, records: &mut Records) {
        if self.rows == self.records.len() {
            self.records.push((ByteRecord::new(), 0));
        }
        let (record, line) = &mut self.records[self.rows];
        *line = records.line();
        records.swap(record);
        self.bytes += record.as_slice().len();
        self.rows += 1;
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows == self.most || self.bytes > BYTES
    }

    /// Pushes all rows into the columns.
    pub(super) fn push_into(
        &mut self,
        cells: &mut Cells,
        header: &Header,
    ) -> Result<(), DataError> {
        let records = &self.records[..self.rows];
        let (columns, sources) = (&mut cells.columns[..], &self.sources[..]);
        let count = match columns.len() * records.len() < CELLS / 2 || columns.len() < LEAST {
            true => 1,
            false => threads().min(columns.len() / 2),
        };
        let length = columns.len().div_ceil(count).max(1);
        let chunks = columns.chunks_mut(length).zip(sources.chunks(length));
        let chunks: Vec<_> = chunks.map(Mutex::new).collect();
        let bad = Mutex::new(None);
        on_threads(count, |member, members| {
            for chunk in chunks.iter().skip(member).step_by(members) {
                let (columns, sources) = &mut *locked(chunk);
                for (column, source) in columns.iter_mut().zip(sources.iter()) {
                    if let Some(found) = push_column(column, *source, records) {
                        let mut bad = locked(&bad);
                        *bad = Some(bad.map_or(found, |other: (usize, usize)| other.min(found)));
                    }
                }
            }
        });
        if let Some((row, cell)) = *locked(&bad) {
            return Err(header.records.not_text(&header.names[cell], records[row].1));
        }
        for (_, line) in records {
            cells.end_row(*line)?;
        }
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

/// Pushes the cells of a column. Returns the row and the cell of the first one that is not UTF-8.
fn push_column(
    column: &mut CellColumn,
    source: Option<usize>,
    records: &[(ByteRecord, u64)],
) -> Option<(usize, usize)> {
    for (row, (record, _)) in records.iter().enumerate() {
        match source {
            None => column.push_text(""),
            Some(cell) => {
                if !column.push_bytes(record.get(cell).unwrap_or_default()) {
                    return Some((row, cell));
                }
            }
        }
    }
    None
}
