//! Levels that a model has not seen in training.

use crate::dataset::inputs::{ColumnValues, InputColumn};
use std::collections::HashSet;

/// Cells of a column that a model cannot tell apart: levels that it has not seen in training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The column.
    pub column: String,
    /// The number of rows.
    pub rows: usize,
    /// The levels, in order of appearance.
    pub levels: Vec<String>,
}

impl Unseen {
    /// Returns the levels of a column that are not among `known`.
    pub(super) fn of(column: &InputColumn, known: &[String]) -> Option<Unseen> {
        let ColumnValues::Levels { codes, names, .. } = &column.values else {
            return None;
        };
        let known: HashSet<&String> = known.iter().collect();
        let unseen = |code: u32| {
            names
                .get(code as usize)
                .filter(|name| !known.contains(name))
        };
        let rows = codes.iter().filter(|code| unseen(**code).is_some()).count();
        (rows > 0).then(|| Unseen {
            column: column.name.clone(),
            rows,
            levels: (0..names.len() as u32)
                .filter_map(unseen)
                .cloned()
                .collect(),
        })
    }
}
