//! JSON: one object a row, one below the other (JSON lines) or in one array. The columns are the keys, in order of
//! appearance.

mod objects;

use super::sink::Sink;
use crate::dataset::cells::Place;
use crate::dataset::error::{DataError, DataErrorKind as Kind, quoted};
use crate::dataset::input::{Input, InputOrigin};
use objects::Objects;
use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt;

/// Reads a table of at most `most` rows.
pub(super) fn read(input: Input, sink: &mut Sink, most: u64) -> Result<(), DataError> {
    let Input { origin, stream } = input;
    let mut objects = Objects::new(&origin, stream);
    let mut columns = Columns::default();
    sink.begin(&origin, &[])?;
    let (mut before, mut share_lines) = (0, false);
    while let Some(line) = objects.advance()? {
        if columns.rows == most {
            return Err(too_many_rows(&origin, most));
        }
        share_lines |= line == before;
        before = line;
        let place = Place {
            file: &origin.file,
            number: if share_lines { columns.rows + 1 } else { line },
            is_row: share_lines,
        };
        columns.push_row(&origin, place, objects.text(), sink)?;
    }
    if share_lines {
        sink.number_rows();
    }
    Ok(())
}

/// Returns the error for more than `most` rows.
pub(super) fn too_many_rows(origin: &InputOrigin, most: u64) -> DataError {
    let message = format!(
        "{}: more than {most} rows; send them in several parts",
        origin.file
    );
    DataError::new(Kind::TooLarge, message)
}

/// The columns so far.
#[derive(Default)]
struct Columns {
    numbers: HashMap<String, usize>,
    /// The row that filled a column last, from 1.
    filled: Vec<u64>,
    /// The columns that the table has. There may be many others, so a row only looks at these.
    kept: Vec<usize>,
    rows: u64,
}

impl Columns {
    fn push_row(
        &mut self,
        origin: &InputOrigin,
        place: Place,
        text: &[u8],
        sink: &mut Sink,
    ) -> Result<(), DataError> {
        let fail = |why: String| {
            let message = format!("{place}: {why}");
            DataError::new(Kind::Format, message)
        };
        let mut json = serde_json::Deserializer::from_slice(text);
        let entries = json.deserialize_map(Entries);
        let entries = entries.map_err(|why| fail(not_json(text, &why)))?;
        self.rows += 1;
        for (key, value) in entries {
            let column = self.number(origin, key, sink)?;
            if std::mem::replace(&mut self.filled[column], self.rows) == self.rows {
                let key = quoted(self.name(column));
                return Err(fail(format!(
                    "the key {key} is there twice; keep one of them"
                )));
            }
            let cell = cell(value.get()).map_err(|what| {
                let key = quoted(self.name(column));
                fail(format!(
                    "{key} holds {what}, expected a number, a text, true, false or null; give each of its values a key of its own: pandas.json_normalize"
                ))
            })?;
            if matches!(cell, Cell::Number(number) if number.contains('.')) {
                sink.show_point();
            }
            match (cell, sink.column(column)) {
                (_, None) => {}
                (Cell::Plain(cell) | Cell::Number(cell), Some(column)) => column.push(cell.trim()),
                (Cell::Text(cell), Some(column)) => column.push_text(cell),
                (Cell::Owned(cell), Some(column)) => column.push(cell.trim()),
            }
        }
        for &c in &self.kept {
            if self.filled[c] != self.rows
                && let Some(column) = sink.column(c)
            {
                column.push_text("");
            }
        }
        sink.end_row(place.number)
    }

    /// Returns the number of a key's column, which may be new.
    fn number(
        &mut self,
        origin: &InputOrigin,
        key: String,
        sink: &mut Sink,
    ) -> Result<usize, DataError> {
        if let Some(number) = self.numbers.get(&key) {
            return Ok(*number);
        }
        sink.add(origin, &key)?;
        let number = self.filled.len();
        self.filled.push(0);
        self.kept
            .extend(sink.column(number).is_some().then_some(number));
        self.numbers.insert(key, number);
        Ok(number)
    }

    fn name(&self, column: usize) -> &str {
        let found = self.numbers.iter().find(|(_, number)| **number == column);
        found.map_or("", |(name, _)| name)
    }
}

/// A cell of a row.
enum Cell<'a> {
    /// As in CSV: a number if it looks like one.
    Plain(&'a str),
    /// A number, whose decimal mark is a point.
    Number(&'a str),
    Owned(String),
    Text(&'a str),
}

/// Returns the cell for a JSON value, or what else it is.
fn cell(value: &str) -> Result<Cell<'_>, &'static str> {
    Ok(match value.as_bytes().first() {
        Some(b'"') => match value[1..value.len() - 1].contains('\\') {
            false => Cell::Plain(&value[1..value.len() - 1]),
            true => Cell::Owned(serde_json::from_str(value).map_err(|_| "a damaged text")?),
        },
        Some(b'{') => return Err("an object"),
        Some(b'[') => return Err("a list"),
        Some(b'n') => Cell::Text(""),
        Some(b't' | b'f') => Cell::Text(value),
        _ => Cell::Number(value),
    })
}

/// Reads the keys and values of an object.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

/// Says what is wrong with an object.
fn not_json(text: &[u8], why: &serde_json::Error) -> String {
    let has = |word: &[u8]| text.windows(word.len()).any(|part| part == word);
    let cure = match has(b"NaN") || has(b"Infinity") {
        true => "write null for a number that is missing or infinite",
        false => "mend or download it again",
    };
    // The line within the object is the line of the file only in JSON lines.
    let why = why.to_string();
    let why = why.split(" at line ").next().unwrap_or_default();
    format!("not a JSON object: {why}; {cure}")
}
