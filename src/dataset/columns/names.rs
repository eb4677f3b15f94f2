//! Columns that a user names.

use crate::dataset::cells::Cells;
use crate::dataset::error::{DataError, DataErrorKind as Kind, listed};
use crate::dataset::limits::repeated;

/// Finds the columns that the setting `key` names. A name with commas may come in pieces, as a flag splits it.
pub(super) fn find(cells: &Cells, key: &str, asked: &[String]) -> Result<Vec<usize>, DataError> {
    let names: Vec<&str> = cells.columns.iter().map(|c| c.name.as_str()).collect();
    let place = |name: &str| names.iter().position(|known| *known == name);
    let (mut found, mut at) = (Vec::new(), 0);
    while at < asked.len() {
        let ends = (at + 1..=asked.len()).rev();
        let whole = ends.filter_map(|end| Some((place(&asked[at..end].join(","))?, end)));
        let Some((column, end)) = whole.into_iter().next().or_else(|| {
            // A name is trimmed in the file.
            Some((place(asked[at].trim())?, at + 1))
        }) else {
            return Err(unknown(cells, key, &asked[at], &names));
        };
        found.push(column);
        at = end;
    }
    match repeated(&found) {
        None => Ok(found),
        Some(twice) => {
            let message = format!("{}: `{key}` names {} twice", cells.file(), names[*twice]);
            Err(DataError::new(Kind::Column, message))
        }
    }
}

fn unknown(cells: &Cells, key: &str, name: &str, names: &[&str]) -> DataError {
    let meant = crate::text::nearest(name, names.iter().copied());
    let meant = meant.map_or(String::new(), |m| format!("; did you mean {m:?}?"));
    let message = format!(
        "{}: `{key} = {}`: no such column; there are {}{meant}",
        cells.file(),
        flag_value(&[name]),
        listed(names)
    );
    DataError::new(Kind::Column, message)
}

/// Formats names as the value of a flag, quoted where a shell needs it.
pub(super) fn flag_value<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let names = names.join(",");
    let is_plain = |c: char| c.is_alphanumeric() || "_-.,:/+%@".contains(c);
    match !names.is_empty() && names.chars().all(is_plain) {
        true => names,
        false => format!("'{}'", names.replace('\'', r"'\''")),
    }
}
