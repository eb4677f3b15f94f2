//! Targets: decides between classes and values.

use super::column::bad_cell;
use super::column::{Found, Target};
use super::differences::{Differences, differences, taken_as_constant};
use super::table::Table;
use crate::dataset::{
    ReadOptions, Schema, Targets, Task,
    check::MOST_CLASSES,
    error::{DataError, DataErrorKind as Kind, listed, quoted},
};
use crate::text::counted;

/// Maximum number of distinct numbers that form classes: integers by default, other numbers only on request.
const MOST_NUMERIC_CLASSES: usize = 20;

/// Decides the task, fills in the target, and adds notes.
pub(super) fn decide(
    table: &Table,
    options: &ReadOptions,
    notes: &mut Vec<String>,
) -> Result<Targets, DataError> {
    let file = &table.origin.file;
    let [target] = &table.targets[..] else {
        return several(table, options, notes);
    };
    let (task, why) = choose(file, target, options.task)?;
    let name = &target.column.name;
    let last = if options.target.is_empty() {
        ", the last column"
    } else {
        ""
    };
    let learned = match task {
        Task::Classify => classes(file, target)?,
        Task::Regress => values(table)?,
    };
    let (what, which) = match &learned {
        Targets::Classes { names, .. } => {
            // Two spellings of a word are two classes. The note makes such mistakes visible.
            let words = names.iter().any(|name| name.parse::<f64>().is_err());
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            let which = words.then(|| format!(": {}", listed(&names)));
            (counted(names.len(), "class"), which.unwrap_or_default())
        }
        Targets::Values { .. } => ("values".to_owned(), String::new()),
    };
    notes.push(format!("target {name}{last}: {what} ({why}){which}"));
    notes.extend(doubt(target, &learned));
    Ok(learned)
}

/// Returns a note if there is little to learn.
fn doubt(target: &Target, learned: &Targets) -> Option<String> {
    let name = &target.column.name;
    match learned {
        Targets::Classes { labels, names }
            if 2 * names.len() > labels.len() && labels.len() > 10 =>
        {
            Some(format!(
                "most classes of {name} have one row: is it the target?"
            ))
        }
        Targets::Values { values } => constant(name, values),
        Targets::Classes { .. } => None,
    }
}

/// Returns a note if the values of a target are constant, or scaling makes them so.
fn constant(name: &str, values: &[f64]) -> Option<String> {
    match differences(values.iter().copied()) {
        Differences::None => Some(format!(
            "target {name} is constant: there is nothing to learn"
        )),
        Differences::TooSmall => Some(taken_as_constant("target", name)),
        Differences::Enough => None,
    }
}

/// Handles several target columns, which are values.
fn several(
    table: &Table,
    options: &ReadOptions,
    notes: &mut Vec<String>,
) -> Result<Targets, DataError> {
    let names: Vec<&str> = table
        .targets
        .iter()
        .map(|t| t.column.name.as_str())
        .collect();
    let names = listed(&names);
    if options.task == Some(Task::Classify) {
        let file = &table.origin.file;
        let message = format!(
            "{file}: several targets ({names}) cannot be classes; name one with `target`, or use `task = regress`"
        );
        return Err(DataError::new(Kind::Target, message));
    }
    notes.push(format!("targets {names}: values (several)"));
    let learned = values(table)?;
    let each = table.targets.iter();
    notes.extend(each.filter_map(|target| constant(&target.column.name, &target.values)));
    Ok(learned)
}

/// Chooses classes or values, with the reason.
fn choose(file: &str, target: &Target, asked: Option<Task>) -> Result<(Task, String), DataError> {
    if let Some(task) = asked {
        return Ok((task, "as `task` says".to_owned()));
    }
    let count = distinct(target).len();
    let few = !target.too_many && count <= MOST_NUMERIC_CLASSES;
    let column = &target.column;
    match &column.first_bad {
        _ if column.is_text() => Ok((Task::Classify, "text".to_owned())),
        None if few && has_integers(target) => Ok((
            Task::Classify,
            format!("integers, {count} distinct; `task = regress` takes them for values"),
        )),
        None => Ok((
            Task::Regress,
            match few || has_integers(target) && !target.too_many {
                true => "numbers; `task = classify` takes them for classes".to_owned(),
                false => "numbers".to_owned(),
            },
        )),
        Some(_) if column.words > 0 && few => Ok((Task::Classify, "numbers and text".to_owned())),
        Some(found) => Err(mostly_numbers(file, &column.name, found)),
    }
}

fn mostly_numbers(file: &str, name: &str, found: &Found) -> DataError {
    DataError::new(
        Kind::Target,
        format!(
            "{file}:{}: target {name}: found {}, expected a finite number as in most rows; correct the cell, or use `task = classify`",
            found.line,
            quoted(&found.cell)
        ),
    )
}

fn has_integers(target: &Target) -> bool {
    target.values.iter().all(|value| value.fract() == 0.0)
}

/// Returns the classes that occur in the rows, as indices into the target's classes, sorted by name.
fn distinct(target: &Target) -> Vec<usize> {
    let mut used = vec![false; target.classes.len()];
    for label in &target.labels {
        if let Some(used) = used.get_mut(*label as usize) {
            *used = true;
        }
    }
    let name = |class: usize| target.classes[class].cell.as_str();
    let mut distinct: Vec<usize> = (0..used.len()).filter(|&class| used[class]).collect();
    sort_classes(&mut distinct, |&class| name(class));
    distinct
}

/// Sorts classes numerically if all are integers, else alphabetically.
pub(crate) fn sort_classes<'a, T>(classes: &mut [T], name: impl Fn(&T) -> &'a str) {
    let number = |class: &T| name(class).parse::<i64>();
    match classes.iter().all(|class| number(class).is_ok()) {
        true => classes.sort_by_key(|class| number(class).unwrap_or(0)),
        false => classes.sort_by(|a, b| name(a).cmp(name(b))),
    }
}

fn classes(file: &str, target: &Target) -> Result<Targets, DataError> {
    let (name, distinct) = (&target.column.name, distinct(target));
    let fail = |message: String| Err(DataError::new(Kind::Target, message));
    if target.too_many {
        return fail(format!(
            "{file}: target {name} has more than {MOST_CLASSES} distinct values, too many for classes; use `task = regress`, or another `target`"
        ));
    }
    let is_fractional = target.column.words == 0 && !has_integers(target);
    if is_fractional && distinct.len() > MOST_NUMERIC_CLASSES {
        return fail(format!(
            "{file}: target {name} has {} distinct numbers with fractions, expected classes: text, integers, or at most {MOST_NUMERIC_CLASSES} distinct numbers; use `task = regress`, or another `target`",
            distinct.len()
        ));
    }
    if let [] | [_] = distinct[..] {
        let only = distinct.first().map_or("", |&c| &target.classes[c].cell);
        return fail(format!(
            "{file}: target {name} has one class, {}, in all rows; expected at least two",
            quoted(only)
        ));
    }
    let mut number = vec![0; target.classes.len()];
    for (n, &class) in distinct.iter().enumerate() {
        number[class] = n as u32;
    }
    let of = |label: &u32| number.get(*label as usize).copied().unwrap_or(0);
    let names = distinct
        .iter()
        .map(|&class| target.classes[class].cell.clone());
    Ok(Targets::Classes {
        labels: target.labels.iter().map(of).collect(),
        names: names.collect(),
    })
}

/// Returns all targets as values.
fn values(table: &Table) -> Result<Targets, DataError> {
    require_values(table)?;
    Ok(all_values(table))
}

fn all_values(table: &Table) -> Targets {
    let row = |row: usize| table.targets.iter().map(move |target| target.values[row]);
    Targets::Values {
        values: (0..table.rows).flat_map(row).collect(),
    }
}

/// Checks that targets with values are finite numbers.
pub(super) fn require_values(table: &Table) -> Result<(), DataError> {
    let file = &table.origin.file;
    for Target { column, .. } in &table.targets {
        match &column.first_bad {
            Some(found) if column.words > 0 => return Err(not_values(file, &column.name, found)),
            Some(found) => return Err(bad_cell(file, &column.name, found)),
            None => {}
        }
    }
    Ok(())
}

fn not_values(file: &str, name: &str, found: &Found) -> DataError {
    DataError::new(
        Kind::Target,
        format!(
            "{file}:{}: target {name}: found {}, expected a number; use `task = classify`, or another `target`",
            found.line,
            quoted(&found.cell)
        ),
    )
}

/// Converts the targets to the classes or values of a model.
pub(super) fn match_schema(table: &Table, schema: &Schema) -> Result<Targets, DataError> {
    let ([target], false) = (&table.targets[..], schema.classes.is_empty()) else {
        // The model fixes target and task, so no flag would help with a cell that is not a number.
        let mut columns = table.targets.iter().map(|target| &target.column);
        let bad = columns.find_map(|column| Some((&column.name, column.first_bad.as_ref()?)));
        return match bad {
            Some((name, found)) => Err(bad_cell(&table.origin.file, name, found)),
            None => Ok(all_values(table)),
        };
    };
    let known = |class: &Found| schema.classes.iter().position(|name| *name == class.cell);
    let numbers: Vec<Option<usize>> = target.classes.iter().map(known).collect();
    let mut labels = Vec::with_capacity(table.rows);
    for &label in &target.labels {
        match numbers.get(label as usize) {
            Some(Some(number)) => labels.push(*number as u32),
            _ => return Err(unknown_class(table, target, label, schema)),
        }
    }
    Ok(Targets::Classes {
        labels,
        names: schema.classes.clone(),
    })
}

fn unknown_class(table: &Table, target: &Target, label: u32, schema: &Schema) -> DataError {
    let (file, name) = (&table.origin.file, &target.column.name);
    let known = listed(&schema.classes);
    let message = match target.classes.get(label as usize) {
        Some(Found { line, cell }) => format!(
            "{file}:{line}: {name} is {}, a class that the model does not know; it knows {known}; correct the cell, or train on data that has this class",
            quoted(cell)
        ),
        None => format!("{file}: {name} has too many classes; the model knows {known}"),
    };
    DataError::new(Kind::Model, message)
}
