//! Pushes rows into columns while the next rows are read: by several threads, as each of these takes long.

use super::records::Records;
use super::rows::Rows;
use crate::dataset::cells::{CellColumn, Cells};
use crate::dataset::error::DataError;
use crate::threads::{locked, on_threads, threads_for};
use std::sync::{Mutex, PoisonError};

/// For each column, the cell of a row; `None` is an empty cell.
pub(super) struct Sources(Vec<Option<usize>>);

impl Sources {
    /// `places` has the column of each cell.
    pub(super) fn new(columns: usize, places: &[Option<usize>]) -> Sources {
        let mut sources = vec![None; columns];
        for (cell, place) in places.iter().enumerate() {
            if let Some(c) = place {
                sources[*c] = Some(cell);
            }
        }
        Sources(sources)
    }

    /// Pushes all rows into the columns, and meanwhile reads the next ones. Returns whether there are any.
    ///
    /// # Errors
    /// The outer error is the row and the cell of one that is not UTF-8; the inner one is that of reading.
    pub(super) fn push(
        &self,
        cells: &mut Cells,
        rows: &Rows,
        records: &mut Records,
        next: &mut Rows,
    ) -> Result<Result<bool, DataError>, (usize, usize)> {
        let columns = cells.columns.len();
        let count = threads_for(rows.cells()).min(1 + columns);
        // Groups of columns, so that no thread waits long for the others.
        let length = columns.div_ceil(8 * count).max(1);
        let groups = cells.columns.chunks_mut(length).zip(self.0.chunks(length));
        let (groups, bad) = (Mutex::new(groups), Mutex::new(None));
        let reading = Mutex::new((records, next, Ok(false)));
        on_threads(count, |member, _| {
            if member == 0 {
                let (records, next, read) = &mut *locked(&reading);
                *read = records.read(next);
            }
            let group = || locked(&groups).next();
            while let Some((columns, sources)) = group() {
                for (column, source) in columns.iter_mut().zip(sources) {
                    if let Some(found) = push_column(column, *source, rows) {
                        let mut bad = locked(&bad);
                        *bad = Some(bad.map_or(found, |other: (usize, usize)| other.min(found)));
                    }
                }
            }
        });
        match *locked(&bad) {
            Some(bad) => Err(bad),
            None => Ok(reading
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner)
                .2),
        }
    }
}

/// Pushes the cells of a column. Returns the row and the cell of the first one that is not UTF-8.
fn push_column(
    column: &mut CellColumn,
    source: Option<usize>,
    rows: &Rows,
) -> Option<(usize, usize)> {
    for (number, row) in rows.iter().enumerate() {
        match source {
            None => column.push_text(""),
            Some(cell) => {
                if !column.push_bytes(row.cell(cell)) {
                    return Some((number, cell));
                }
            }
        }
    }
    None
}
