//! Limits of tables, and names that are there twice.

use std::collections::HashSet;

/// The largest number of a table: its square, and the sum of such squares, are finite in f64.
pub(super) const LARGEST: f64 = 1e140;
/// Maximum number of bytes of a name: of a column, a class, or a level.
pub(super) const LONGEST_NAME: usize = 4096;
/// Maximum number of classes.
pub(super) const MOST_CLASSES: usize = 10_000;

/// Returns the first name that occurs twice.
pub(super) fn repeated<T: std::hash::Hash + Eq>(names: &[T]) -> Option<&T> {
    let mut seen = HashSet::new();
    names.iter().find(|name| !seen.insert(*name))
}
