//! Notes about targets: what each is learned as, and whether it is one.

use super::identifier;
use super::names::flag_value;
use crate::dataset::cells::{CellColumn, Cells};
use crate::dataset::error::{listed, quoted};
use crate::dataset::types::Targets;
use crate::text::counted;

/// Describes a target for a note.
pub(super) fn describe(name: &str, chosen: &str, why: &str, targets: &Targets) -> String {
    let (what, which) = match targets {
        Targets::Classes { names, .. } => {
            // Two spellings of a word are two classes. The note makes such mistakes visible.
            let words = names.iter().any(|name| name.parse::<f64>().is_err());
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            let which = words.then(|| format!(": {}", listed(&names)));
            (counted(names.len(), "class"), which.unwrap_or_default())
        }
        Targets::Values { .. } => ("values".to_owned(), String::new()),
    };
    format!("target {name}{chosen}: {what} ({why}){which}")
}

/// Returns a note if most classes have a single row, or the values only tell rows apart.
pub(super) fn doubt(cells: &Cells, column: &CellColumn, targets: &Targets) -> Option<String> {
    let name = &column.name;
    let what = match targets {
        Targets::Values { .. } => {
            identifier::counter(column, false)?;
            format!("column {name} only tells rows apart")
        }
        Targets::Classes { labels, names } => {
            let is_single = 2 * names.len() > labels.len() && labels.len() > 10;
            is_single.then(|| format!("most classes of {name} have one row"))?
        }
    };
    // An input and a target are left.
    let drop = match cells.columns.len() > 2 {
        true => format!(", or leave it out with `drop = {}`", flag_value(&[name])),
        false => String::new(),
    };
    Some(format!(
        "{what}: is it the target? Name another with `target`{drop}"
    ))
}
