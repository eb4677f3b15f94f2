//! The header line: finds columns by name.

use super::records::Records;
use crate::dataset::{
    check::repeated,
    error::{DataError, DataErrorKind as Kind, listed},
    input::Input,
};
use crate::text::{counted, from_cell};
use std::collections::HashSet;

/// Maximum number of columns.
const MOST_COLUMNS: usize = 1_000_000;
/// Maximum number of bytes of a name: of a column, or of a class.
pub(super) const LONGEST_NAME: usize = 4096;

/// The column names, and the records below.
pub(super) struct Header {
    pub(super) names: Vec<String>,
    pub(super) records: Records,
    line: u64,
}

impl Header {
    /// Reads the first record. The name of an unnamed column is its number.
    pub(super) fn read(input: Input, delimiter: Option<u8>) -> Result<Header, DataError> {
        let mut records = Records::new(input, delimiter)?;
        if !records.advance()? {
            let file = &records.origin.file;
            let message = format!(
                "{file}: empty; expected a header line with the names of the columns, and rows"
            );
            return Err(DataError::new(Kind::Shape, message));
        }
        let line = records.line();
        require_bounds(&records)?;
        let cells: Vec<&str> = records.cells().collect::<Result<_, _>>()?;
        if cells.iter().all(|cell| cell.parse::<f64>().is_ok()) {
            let file = &records.origin.file;
            let message = format!(
                "{file}:{line}: only numbers, expected a header with the names of the columns; add one as the first line"
            );
            return Err(DataError::new(Kind::Shape, message));
        }
        let named = |(c, name): (usize, &&str)| match name.is_empty() {
            true => format!("column{}", c + 1),
            false => from_cell(name).into_owned(),
        };
        let names = cells.iter().enumerate().map(named).collect();
        Ok(Header {
            names,
            records,
            line,
        })
    }

    /// Returns the file name for errors.
    pub(super) fn file(&self) -> &str {
        &self.records.origin.file
    }

    /// Returns a note if the header looks like a row: a name is a number, but not the column's number.
    pub(super) fn doubt(&self) -> Option<String> {
        let is_value = |name: &&String| name.contains('.') && name.parse::<f64>().is_ok();
        let value = self.names.iter().find(is_value)?;
        let line = self.line;
        Some(format!(
            "line {line} is taken as the header, although it contains {value}: if it is a row, add a header above it"
        ))
    }

    /// Checks that no name in `wanted` belongs to two columns.
    pub(super) fn require_distinct(&self, wanted: &[String]) -> Result<(), DataError> {
        let wanted: HashSet<&String> = wanted.iter().collect();
        let names: Vec<&String> = self.names.iter().filter(|n| wanted.contains(n)).collect();
        match repeated(&names) {
            None => Ok(()),
            Some(twice) => Err(DataError::new(
                Kind::Column,
                format!(
                    "{}:{}: two columns are named {twice:?}; give each its own name",
                    self.file(),
                    self.line
                ),
            )),
        }
    }

    /// Returns the target columns: `asked`, or the last column.
    pub(super) fn targets(&self, asked: &[String]) -> Result<Vec<String>, DataError> {
        self.require_two_columns()?;
        asked.iter().try_for_each(|t| self.require(t, "target"))?;
        if let Some(twice) = repeated(asked) {
            let message = format!("{}: `target` names {twice} twice", self.file());
            return Err(DataError::new(Kind::Column, message));
        }
        Ok(match asked.is_empty() {
            true => self.names.last().cloned().into_iter().collect(),
            false => asked.to_vec(),
        })
    }

    /// Checks the columns to ignore, which may not be targets.
    pub(super) fn check_dropped(
        &self,
        dropped: &[String],
        targets: &[String],
    ) -> Result<(), DataError> {
        for name in dropped {
            self.require(name, "drop")?;
            if targets.contains(name) {
                let message = format!(
                    "{}: {name} is both the target and in `drop`; name another `target`, or do not drop it",
                    self.file()
                );
                return Err(DataError::new(Kind::Column, message));
            }
        }
        Ok(())
    }

    /// Returns the columns that are in none of the `lists`.
    pub(super) fn others(&self, lists: &[&[String]]) -> Vec<String> {
        let taken: HashSet<&String> = lists.iter().copied().flatten().collect();
        let others = self.names.iter().filter(|name| !taken.contains(name));
        others.cloned().collect()
    }

    /// Returns the names in `wanted` that no column has.
    pub(super) fn absent(&self, wanted: &[String]) -> Vec<String> {
        let found: HashSet<&String> = self.names.iter().collect();
        let absent = wanted.iter().filter(|name| !found.contains(name));
        absent.cloned().collect()
    }

    fn require(&self, name: &str, key: &str) -> Result<(), DataError> {
        if self.names.iter().any(|n| n == name) {
            return Ok(());
        }
        let has_part = |column: &&String| {
            let parts = column.split(',');
            column.contains(',') && parts.into_iter().any(|part| part.trim() == name.trim())
        };
        let names = self.names.iter().map(String::as_str);
        let meant = match self.names.iter().find(has_part) {
            Some(column) => format!(
                "; commas of a flag part names: name {column:?} in a configuration file (--config)"
            ),
            None => crate::text::nearest(name, names)
                .map_or(String::new(), |m| format!("; did you mean {m:?}?")),
        };
        let there = listed(&self.names);
        let message = format!(
            "{}: `{key} = {name}`: no such column; there are {there}{meant}",
            self.file()
        );
        Err(DataError::new(Kind::Column, message))
    }

    fn require_two_columns(&self) -> Result<(), DataError> {
        match &self.names[..] {
            [_, _, ..] => Ok(()),
            names => Err(DataError::new(
                Kind::Shape,
                format!(
                    "{}: one column, {:?}; expected inputs and a target, separated by commas, semicolons, tabs or |",
                    self.file(),
                    listed(names)
                ),
            )),
        }
    }
}

/// Checks the number of columns, and the length of each name.
fn require_bounds(header: &Records) -> Result<(), DataError> {
    let (file, line) = (&header.origin.file, header.line());
    let fail = |why: String| {
        let message = format!("{file}:{line}: {why}");
        Err(DataError::new(Kind::TooLarge, message))
    };
    if header.len() > MOST_COLUMNS {
        return fail(format!(
            "{}, expected at most {MOST_COLUMNS}; leave columns out of the file",
            counted(header.len(), "column")
        ));
    }
    for (c, name) in header.cells().enumerate() {
        let length = name?.len();
        if length > LONGEST_NAME {
            return fail(format!(
                "the name of column {} has {length} bytes, expected at most {LONGEST_NAME}; shorten it",
                c + 1
            ));
        }
    }
    Ok(())
}
