//! Reports all problems to learning from a table in one error, with remedies.

use super::column::bad_cell;
use super::column::{Column, Found};
use super::table::Table;
use super::target;
use crate::dataset::{
    ReadOptions, Task,
    error::{DataError, DataErrorKind as Kind, listed, quoted},
};
use crate::text::counted;

/// Checks a table to learn from. The remedies may drop columns and rows.
pub(super) fn check(table: &Table, options: &ReadOptions) -> Result<(), DataError> {
    require_points(table)?;
    require_targets(table)?;
    if options.task == Some(Task::Regress) || table.targets.len() > 1 {
        target::require_values(table)?;
    }
    require_numbers(table, |column| !column.is_text())?;
    let (text, empty) = (
        columns(table, Column::is_text),
        columns(table, Column::is_empty),
    );
    let unusable: Vec<usize> = text.iter().chain(&empty).copied().collect();
    let usable = (0..table.inputs.len()).filter(|i| !unusable.contains(i));
    let usable: Vec<usize> = usable.collect();
    if usable.is_empty() {
        return Err(nothing_left(table, &unusable));
    }
    let missing = table.rows_with_missing(&usable);
    if missing == table.rows {
        return Err(no_whole_row(table, &usable, options));
    }
    let missing = if options.skip_missing { 0 } else { missing };
    if unusable.is_empty() && missing == 0 {
        return Ok(());
    }
    let mut problems = Problems::default();
    problems.columns(table, "with text", &text);
    problems.columns(table, "without a value", &empty);
    problems.drop(table, &unusable, options);
    problems.rows(table, &usable, missing);
    let mut error = problems.error(table);
    if let ([target], true) = (&table.targets[..], options.target.is_empty()) {
        let name = &target.column.name;
        let hint = format!(". The target is {name}, the last column; `target` names another");
        error.message += &hint;
    }
    Err(error)
}

/// Checks a table for a model, which needs all inputs. The remedies may only drop rows.
pub(super) fn check_for_model(table: &Table, options: &ReadOptions) -> Result<(), DataError> {
    require_points(table)?;
    require_numbers(table, |_| true)?;
    let all: Vec<usize> = (0..table.inputs.len()).collect();
    let missing = table.rows_with_missing(&all);
    if missing == table.rows {
        let file = &table.origin.file;
        let message = format!("{file}: every row has a missing value; fill them in");
        return Err(DataError::new(Kind::LeaveOut, message));
    }
    if missing == 0 || options.skip_missing {
        return Ok(());
    }
    let mut problems = Problems::default();
    problems.rows(table, &all, missing);
    Err(problems.error(table))
}

/// Returns the inputs that satisfy `so`.
fn columns(table: &Table, so: impl Fn(&Column) -> bool) -> Vec<usize> {
    let inputs = table.inputs.iter().enumerate();
    inputs.filter(|(_, c)| so(c)).map(|(i, _)| i).collect()
}

fn names<'t>(table: &'t Table, columns: &[usize]) -> Vec<&'t str> {
    let name = |&i: &usize| table.inputs[i].name.as_str();
    columns.iter().map(name).collect()
}

/// Formats names as the value of a flag, quoted where a shell needs it.
pub(super) fn flag_value<T: AsRef<str>>(names: &[T]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let names = names.join(",");
    let is_plain = |c: char| c.is_alphanumeric() || "_-.,:/+%@".contains(c);
    match names.chars().all(is_plain) {
        true => names,
        false => format!("'{}'", names.replace('\'', r"'\''")),
    }
}

/// Checks that numbers have a decimal point, not a comma.
fn require_points(table: &Table) -> Result<(), DataError> {
    let targets = table.targets.iter().map(|target| &target.column);
    for column in table.inputs.iter().chain(targets) {
        if let Some(Found { line, cell }) = column.decimal_comma() {
            let (file, name, cell) = (&table.origin.file, &column.name, quoted(cell));
            let cure = match table.delimiter {
                b',' => "write numbers with a decimal point and no other commas",
                _ => "replace the decimal commas, for example with: tr , . < OLD.csv > NEW.csv",
            };
            let message = format!(
                "{file}:{line}: column {name}: found {cell}, expected a number with a decimal point; {cure}"
            );
            return Err(DataError::new(Kind::Cell, message));
        }
    }
    Ok(())
}

/// Checks that the inputs selected by `checked` hold finite numbers.
fn require_numbers(table: &Table, checked: impl Fn(&Column) -> bool) -> Result<(), DataError> {
    let bad = table.inputs.iter().filter(|column| checked(column));
    let bad = bad.filter_map(|column| Some((column, column.first_bad.as_ref()?)));
    match bad.min_by_key(|(_, found)| found.line) {
        None => Ok(()),
        Some((column, found)) => Err(bad_cell(&table.origin.file, &column.name, found)),
    }
}

/// Checks that every target has a value in some row.
fn require_targets(table: &Table) -> Result<(), DataError> {
    match table.targets.iter().find(|t| t.column.is_empty()) {
        None => Ok(()),
        Some(target) => Err(DataError::new(
            Kind::Target,
            format!(
                "{}: target {} has no value in any row; name another `target`",
                table.origin.file, target.column.name
            ),
        )),
    }
}

fn nothing_left(table: &Table, unusable: &[usize]) -> DataError {
    DataError::new(
        Kind::LeaveOut,
        format!(
            "{}: no column has numbers to learn from ({}: text, or no values); expected at least one, or another `target`",
            table.origin.file,
            listed(&names(table, unusable))
        ),
    )
}

/// Returns the error for a table without complete rows. Suggests to drop the columns with the most missing values.
fn no_whole_row(table: &Table, usable: &[usize], options: &ReadOptions) -> DataError {
    let most = usable.iter().map(|&i| table.inputs[i].missing).max();
    let gappy = usable.iter().copied();
    let gappy = gappy.filter(|&i| Some(table.inputs[i].missing) == most);
    let gappy: Vec<&str> = names(table, &gappy.collect::<Vec<_>>());
    let dropped = options
        .drop
        .iter()
        .map(String::as_str)
        .chain(gappy.iter().copied());
    DataError::new(
        Kind::LeaveOut,
        format!(
            "{}: every row has a missing value, most of them in {} ({} of {}); leave columns out with `drop = {}`",
            table.origin.file,
            listed(&gappy),
            most.unwrap_or(0),
            counted(table.rows, "row"),
            flag_value(&dropped.collect::<Vec<_>>())
        ),
    )
}

/// Problems and their remedies.
#[derive(Default)]
struct Problems {
    problems: Vec<String>,
    cures: Vec<String>,
}

impl Problems {
    fn columns(&mut self, table: &Table, what: &str, columns: &[usize]) {
        let plural = if columns.len() == 1 {
            "column"
        } else {
            "columns"
        };
        if !columns.is_empty() {
            let names = listed(&names(table, columns));
            self.problems.push(format!("{plural} {what}: {names}"));
        }
    }

    /// Adds the flag that drops `columns`, in addition to those already dropped.
    fn drop(&mut self, table: &Table, columns: &[usize], options: &ReadOptions) {
        let plural = if columns.len() == 1 {
            "column"
        } else {
            "columns"
        };
        let dropped = options.drop.iter().map(String::as_str);
        let dropped: Vec<&str> = dropped.chain(names(table, columns)).collect();
        if !columns.is_empty() {
            let names = flag_value(&dropped);
            self.cures
                .push(format!("the {plural} out with `drop = {names}`"));
        }
    }

    fn rows(&mut self, table: &Table, among: &[usize], missing: usize) {
        if missing == 0 {
            return;
        }
        let targets = table.targets.iter().map(|target| &target.column);
        let checked = among.iter().map(|&i| &table.inputs[i]).chain(targets);
        let firsts = checked.filter_map(|column| Some((column.first_missing?, &column.name)));
        let first = firsts.min_by_key(|(line, _)| *line);
        let first = first.map_or(String::new(), |(line, name)| {
            format!(" (first: line {line}, {name})")
        });
        let (rows, plural) = (
            counted(missing, "row"),
            if missing == 1 { "row" } else { "rows" },
        );
        let values = if missing == 1 {
            "a missing value"
        } else {
            "missing values"
        };
        self.problems.push(format!("{rows} with {values}{first}"));
        let out = if self.cures.is_empty() { " out" } else { "" };
        self.cures
            .push(format!("the {plural}{out} with `skip_missing`"));
    }

    fn error(self, table: &Table) -> DataError {
        let message = format!(
            "{}: {}. Leave {}",
            table.origin.file,
            self.problems.join("; "),
            self.cures.join(" and ")
        );
        DataError::new(Kind::LeaveOut, message)
    }
}
