//! Decides what each column of a table holds, and turns its cells into inputs and targets.

use super::cells::Cells;
use super::error::DataError;
use super::options::ReadOptions;
use super::types::{Dataset, Schema, Targets};

/// Sorts classes numerically if all are integers, else alphabetically.
pub(crate) fn sort_classes<'a, T>(classes: &mut [T], name: impl Fn(&T) -> &'a str) {
    let number = |class: &T| name(class).parse::<i64>();
    match classes.iter().all(|class| number(class).is_ok()) {
        true => classes.sort_by_key(|class| number(class).unwrap_or(0)),
        false => classes.sort_by(|a, b| name(a).cmp(name(b))),
    }
}

/// Turns a table into a data set to learn from.
pub(super) fn to_learn(cells: Cells, options: &ReadOptions) -> Result<Dataset, DataError> {
    let _ = options;
    let rows = cells.rows();
    let mut columns = cells.columns;
    let target = columns.pop().expect("a table has a column");
    let width = columns.len();
    let values = (0..rows).flat_map(|row| columns.iter().map(move |column| column.numbers()[row]));
    let names: std::collections::BTreeSet<String> =
        (0..rows).map(|row| target.text(row).into_owned()).collect();
    let names: Vec<String> = names.into_iter().collect();
    let label = |row| {
        names
            .iter()
            .position(|name| *name == target.text(row))
            .unwrap_or(0) as u32
    };
    Ok(Dataset {
        name: cells.name,
        rows,
        inputs: values.collect::<Vec<f64>>().into(),
        columns: columns
            .iter()
            .take(width)
            .map(|column| column.name.clone())
            .collect(),
        target_names: vec![target.name.clone()],
        targets: Some(Targets::Classes {
            labels: (0..rows).map(label).collect(),
            names: names.clone(),
        }),
        lines: cells
            .parts
            .into_iter()
            .next()
            .map(|part| part.lines)
            .unwrap_or_default(),
        notes: cells.notes,
        ..Dataset::default()
    })
}

/// Turns a table into a data set for a model.
pub(super) fn for_model(
    cells: Cells,
    schema: &Schema,
    options: &ReadOptions,
) -> Result<Dataset, DataError> {
    let _ = schema;
    to_learn(cells, options)
}
