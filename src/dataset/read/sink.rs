//! Where a reader of rows puts them: into a new table, or into one that has its columns already.

use crate::dataset::cells::{CellColumn, Cells};
use crate::dataset::error::{DataError, DataErrorKind as Kind, quoted};
use crate::dataset::input::InputOrigin;
use crate::dataset::limits::repeated;
use crate::text::counted;
use std::collections::HashSet;

/// Maximum number of columns.
pub(super) const MOST_COLUMNS: usize = 1_000_000;
/// Maximum number of bytes of the name of a column.
const LONGEST_NAME: usize = 4096;

/// A table that gets rows.
#[derive(Default)]
pub(super) struct Sink {
    cells: Option<Cells>,
    /// For each column of the reader, its column in the table. `None` is left out: the table lacks it.
    places: Vec<Option<usize>>,
    /// The columns of the table that the reader does not have.
    absent: Vec<usize>,
    /// Whether the table had columns before.
    is_known: bool,
    /// The columns that are wanted, if others are left out of a new table.
    wanted: Option<HashSet<String>>,
}

impl Sink {
    /// Creates a sink for the rows of another file: they follow those of `cells`.
    pub(super) fn onto(cells: Cells) -> Sink {
        Sink {
            cells: Some(cells),
            is_known: true,
            ..Sink::default()
        }
    }

    /// Creates a sink for a new table that has only these columns, of those that the rows have.
    pub(super) fn wanting(names: &[String]) -> Sink {
        Sink {
            wanted: Some(names.iter().cloned().collect()),
            ..Sink::default()
        }
    }

    /// Begins the rows of a file with these columns. A table that has columns finds them by name.
    pub(super) fn begin(
        &mut self,
        origin: &InputOrigin,
        names: &[String],
    ) -> Result<(), DataError> {
        require_names(origin, names)?;
        match &mut self.cells {
            None => self.cells = Some(Cells::new(&origin.name, &origin.file, names.to_vec())),
            Some(cells) => cells.begin(&origin.file),
        }
        self.set_places(names);
        Ok(())
    }

    fn set_places(&mut self, names: &[String]) {
        let columns = self.cells.as_ref().map_or(&[][..], |cells| &cells.columns);
        let numbers = columns.iter().map(|column| &column.name).zip(0..);
        let numbers: std::collections::HashMap<&String, usize> = numbers.collect();
        self.places = names
            .iter()
            .map(|name| numbers.get(name).copied())
            .collect();
        let mut is_there = vec![false; columns.len()];
        for place in self.places.iter().flatten() {
            is_there[*place] = true;
        }
        self.absent = (0..columns.len()).filter(|c| !is_there[*c]).collect();
    }

    /// Adds a column that appears in a later row, with empty cells above. A table that has columns does not get it.
    pub(super) fn add(&mut self, origin: &InputOrigin, name: &str) -> Result<(), DataError> {
        let names = [name.to_owned()];
        require_names(origin, &names)?;
        if self.places.len() >= MOST_COLUMNS {
            return Err(too_many(origin, self.places.len() + 1));
        }
        let is_wanted = self
            .wanted
            .as_ref()
            .is_none_or(|wanted| wanted.contains(name));
        let place = match (&mut self.cells, self.is_known) {
            (Some(cells), false) if !is_wanted => {
                cells.left_out.push(name.to_owned());
                None
            }
            (Some(cells), false) => {
                cells.add_column(name)?;
                Some(cells.columns.len() - 1)
            }
            (Some(cells), true) => cells.columns.iter().position(|column| column.name == name),
            (None, _) => None,
        };
        if let Some(place) = place {
            self.absent.retain(|c| *c != place);
        }
        self.places.push(place);
        Ok(())
    }

    /// Returns a column of the reader; `None` if the table lacks it.
    pub(super) fn column(&mut self, c: usize) -> Option<&mut CellColumn> {
        let place = (*self.places.get(c)?)?;
        self.cells.as_mut()?.columns.get_mut(place)
    }

    /// Ends a row: a cell was pushed into each column of the reader.
    pub(super) fn end_row(&mut self, line: u64) -> Result<(), DataError> {
        let Some(cells) = &mut self.cells else {
            return Ok(());
        };
        for &c in &self.absent {
            cells.columns[c].push_text("");
        }
        cells.end_row(line)
    }

    /// Numbers the rows of this file, because some share a line.
    pub(super) fn number_rows(&mut self) {
        self.cells.iter_mut().for_each(Cells::number_rows);
    }

    /// Notes that the format has numbers with a decimal point.
    pub(super) fn show_point(&mut self) {
        if let Some(cells) = &mut self.cells {
            cells.has_point = true;
        }
    }

    /// Returns the cells, for rows that are pushed column by column.
    pub(super) fn cells(&mut self) -> Option<&mut Cells> {
        self.cells.as_mut()
    }

    /// Returns the table.
    ///
    /// # Errors
    /// Returns an error if there is no column.
    pub(super) fn finish(self, origin: &InputOrigin) -> Result<Cells, DataError> {
        self.cells
            .filter(|cells| {
                let is_asked = self.wanted.is_some() && cells.rows() > 0;
                !cells.columns.is_empty() || is_asked
            })
            .ok_or_else(|| {
                let message = format!(
                    "{}: empty; expected a table with columns and rows",
                    origin.file
                );
                DataError::new(Kind::Shape, message)
            })
    }
}

fn require_names(origin: &InputOrigin, names: &[String]) -> Result<(), DataError> {
    let file = &origin.file;
    if names.len() > MOST_COLUMNS {
        return Err(too_many(origin, names.len()));
    }
    if let Some(name) = names.iter().find(|name| name.len() > LONGEST_NAME) {
        let message = format!(
            "{file}: the name of a column, {}, has {} bytes, expected at most {LONGEST_NAME}; shorten it",
            quoted(name),
            name.len()
        );
        return Err(DataError::new(Kind::TooLarge, message));
    }
    match repeated(names) {
        None => Ok(()),
        Some(twice) => {
            let message = format!(
                "{file}: two columns are named {}; give each its own name",
                quoted(twice)
            );
            Err(DataError::new(Kind::Column, message))
        }
    }
}

/// Returns the error for too many columns.
pub(super) fn too_many(origin: &InputOrigin, count: usize) -> DataError {
    let message = format!(
        "{}: {}, expected at most {MOST_COLUMNS}; leave columns out of the file",
        origin.file,
        counted(count, "column")
    );
    DataError::new(Kind::TooLarge, message)
}
