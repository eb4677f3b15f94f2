//! Decides what each column of a table holds, and turns its cells into inputs and targets.
//!
//! [`roles`] finds the targets and judges every other column ([`kind`]); [`convert`] turns cells into the values of a
//! data set. A model has decided already: [`model`] reads its columns by name, as it was trained on them.

mod clothes;
mod codes;
mod convert;
mod differences;
mod fault;
mod identifier;
mod inspect;
mod kind;
mod leaks;
mod learn;
mod marks;
mod missing;
mod model;
mod names;
mod number;
mod roles;
mod target;
mod target_notes;
mod time;
mod unlike;
mod warnings;
mod weights;

pub(super) use inspect::inspect;
pub use inspect::{ColumnReport, Inspection, MOST_DISTINCT};
pub use kind::ColumnKind;
pub(super) use learn::to_learn;
pub use marks::is_usual_mark;
pub(super) use model::for_model;

/// Sorts classes numerically if all are integers, else alphabetically.
pub(crate) fn sort_classes<T>(classes: &mut [T], name: impl Fn(&T) -> &str) {
    let number = |class: &T| name(class).parse::<i64>();
    match classes.iter().all(|class| number(class).is_ok()) {
        // 01 and 1 are two classes.
        true => classes.sort_by(|a, b| {
            let numbers = number(a).unwrap_or(0).cmp(&number(b).unwrap_or(0));
            numbers.then_with(|| name(a).cmp(name(b)))
        }),
        false => classes.sort_by(|a, b| name(a).cmp(name(b))),
    }
}
