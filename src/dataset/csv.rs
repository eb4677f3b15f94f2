//! Tables: CSV, TSV and similar formats with a header line, read as a stream.
//!
//! Reading goes from records (`records`: the delimiter, cells and lines), through the header (columns by name) to a [`Table`] (numbers, and the problems of each column), reports
//! all problems to learning in one error, and ends with a [`Dataset`].

mod column;
mod differences;
mod header;
mod records;
mod table;
mod target;
mod validate;
mod warnings;

pub(super) use target::sort_classes;

use super::error::{DataError, DataErrorKind as Kind, listed};
use super::input::Input;
use crate::dataset::{Dataset, ReadOptions, Schema};
use crate::text::counted;
use header::Header;
use table::Table;

/// Reads a table to learn from.
pub(super) fn read(input: Input, options: &ReadOptions) -> Result<Dataset, DataError> {
    let header = Header::read(input, options.delimiter)?;
    header.require_distinct(&header.names)?;
    let targets = header.targets(&options.target)?;
    header.check_dropped(&options.drop, &targets)?;
    let inputs = header.others(&[&targets, &options.drop]);
    if inputs.is_empty() {
        return Err(DataError::new(
            Kind::Shape,
            format!(
                "{}: no column is left to learn from; leave fewer out with `drop`, or name another `target`",
                header.file()
            ),
        ));
    }
    let mut notes: Vec<String> = header.doubt().into_iter().collect();
    let mut table = Table::read(header, &inputs, &targets)?;
    validate::check(&table, options)?;
    notes.extend(table.row_counters());
    notes.extend(table.leave_missing_out());
    require_two_rows(&table)?;
    notes.extend(table.constants());
    notes.extend(table.far_values());
    let learned = target::decide(&table, options, &mut notes)?;
    Ok(table.into_dataset(targets, Some(learned), notes))
}

fn require_two_rows(table: &Table) -> Result<(), DataError> {
    if table.rows >= 2 {
        return Ok(());
    }
    let found = counted(table.rows, "row");
    Err(DataError::new(
        Kind::Shape,
        format!(
            "{}: {found} to learn from, expected at least 2",
            table.origin.file
        ),
    ))
}

/// Reads a table for a model. Finds columns by name, and targets if they are all there.
pub(super) fn read_for(
    input: Input,
    schema: &Schema,
    options: &ReadOptions,
) -> Result<Dataset, DataError> {
    let header = Header::read(input, options.delimiter)?;
    schema.check_columns().map_err(|why| {
        let message = format!("{}: the model cannot read it: {why}", header.file());
        DataError::new(Kind::Model, message)
    })?;
    require_columns(&header, schema)?;
    header.require_distinct(&schema.columns)?;
    header.require_distinct(&schema.target_names)?;
    let absent = header.absent(&schema.target_names);
    let targets: &[String] = match absent.is_empty() {
        true => &schema.target_names,
        false => &[],
    };
    let mut table = Table::read(header, &schema.columns, targets)?;
    table.forget_empty_targets();
    validate::check_for_model(&table, options)?;
    let mut notes: Vec<String> = table.leave_missing_out().into_iter().collect();
    if table.targets.is_empty() {
        if !schema.target_names.is_empty() {
            let names = listed(&schema.target_names);
            notes.push(format!("no target {names}: rows only to predict"));
        }
        return Ok(table.into_dataset(schema.target_names.clone(), None, notes));
    }
    let known = target::match_schema(&table, schema)?;
    Ok(table.into_dataset(schema.target_names.clone(), Some(known), notes))
}

fn require_columns(header: &Header, schema: &Schema) -> Result<(), DataError> {
    let absent = header.absent(&schema.columns);
    if absent.is_empty() {
        return Ok(());
    }
    Err(DataError::new(
        Kind::Model,
        format!(
            "{}: no column {}; the model takes {} by name ({}), found {} ({}); rename or add what is missing",
            header.file(),
            listed(&absent),
            counted(schema.columns.len(), "column"),
            listed(&schema.columns),
            header.names.len(),
            listed(&header.names)
        ),
    ))
}
