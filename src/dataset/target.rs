//! Targets: classes or values, and which of the two.

use super::{DataError, Dataset, Schema, Targets, Task};

/// Distinct integers up to which a numeric target is taken for classes.
const MOST_INTEGER_CLASSES: usize = 20;
/// Distinct values up to which a target can be taken for classes at all.
const MOST_CLASSES: usize = 10_000;

/// A cell of a target column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label<'a> {
    /// As it stands in the file.
    pub(super) text: &'a str,
    /// NaN if it is not a number.
    pub(super) value: f32,
}

impl Label<'_> {
    /// The class's name: integers without a fraction, anything else as it stands.
    fn class(&self) -> String {
        match self.is_integer() {
            true => format!("{}", self.value as i64),
            false => self.text.to_owned(),
        }
    }

    fn is_integer(&self) -> bool {
        self.value.fract() == 0.0 && self.value.abs() < 1e7
    }
}

/// Decides what the target is, and fills it in.
pub(super) fn decide(
    data: &mut Dataset,
    file: &str,
    names: &[String],
    columns: &[Vec<Label>],
    task: Option<Task>,
) -> Result<(), DataError> {
    data.target_names = names.to_vec();
    let [labels] = columns else {
        return several(data, file, names, columns, task);
    };
    let name = &names[0];
    let words = labels.iter().filter(|label| label.value.is_nan()).count();
    let mut classes: Vec<String> = labels.iter().map(Label::class).collect();
    classes.sort_unstable();
    classes.dedup();
    let few_integers =
        labels.iter().all(Label::is_integer) && classes.len() <= MOST_INTEGER_CLASSES;
    let count = classes.len();
    let (chosen, why) = match task {
        Some(task) => (task, "asked for".to_owned()),
        None if words > 0 => (Task::Classify, "text".to_owned()),
        None if few_integers => (
            Task::Classify,
            format!("integers with {count} distinct values; --task regress takes them for values"),
        ),
        None => (
            Task::Regress,
            "numbers; --task classify takes them for classes".to_owned(),
        ),
    };
    data.targets = Some(match chosen {
        Task::Classify => classify(file, name, labels, classes)?,
        Task::Regress => values(file, names, columns)?,
    });
    let what = match chosen {
        Task::Classify => format!("{count} classes"),
        Task::Regress => "values".to_owned(),
    };
    data.notes.push(format!("target {name}: {what} ({why})"));
    Ok(())
}

/// Several target columns are values.
fn several(
    data: &mut Dataset,
    file: &str,
    names: &[String],
    columns: &[Vec<Label>],
    task: Option<Task>,
) -> Result<(), DataError> {
    if task == Some(Task::Classify) {
        return Err(DataError(format!(
            "{file}: several targets ({}) cannot be classes; name one with --target",
            names.join(", ")
        )));
    }
    data.targets = Some(values(file, names, columns)?);
    data.notes
        .push(format!("targets {}: values", names.join(", ")));
    Ok(())
}

fn classify(
    file: &str,
    name: &str,
    labels: &[Label],
    mut classes: Vec<String>,
) -> Result<Targets, DataError> {
    if classes.len() < 2 {
        return Err(DataError(format!(
            "{file}: target {name} has one class, {:?}, in all rows; expected at least two",
            classes.first().map_or("", String::as_str)
        )));
    }
    if classes.len() > MOST_CLASSES {
        return Err(DataError(format!(
            "{file}: target {name} has {} distinct values, expected at most {MOST_CLASSES} classes; use --task regress, or another --target",
            classes.len()
        )));
    }
    if classes.iter().all(|class| class.parse::<i64>().is_ok()) {
        classes.sort_by_key(|class| class.parse::<i64>().unwrap_or(0));
    }
    let number = |class: String| classes.iter().position(|c| *c == class).unwrap_or(0) as u32;
    let numbers: std::collections::HashMap<&str, u32> = labels
        .iter()
        .map(|label| (label.text, number(label.class())))
        .collect();
    let labels = labels.iter().map(|label| numbers[label.text]).collect();
    Ok(Targets::Classes {
        labels,
        names: classes,
    })
}

fn values(file: &str, names: &[String], columns: &[Vec<Label>]) -> Result<Targets, DataError> {
    for (name, column) in names.iter().zip(columns) {
        if let Some(word) = column.iter().find(|label| label.value.is_nan()) {
            return Err(DataError(format!(
                "{file}: target {name}: found {:?}, expected finite numbers; use --task classify, or another --target",
                word.text
            )));
        }
    }
    let rows = columns.first().map_or(0, Vec::len);
    let row = |row: usize| columns.iter().map(move |column| column[row].value);
    Ok(Targets::Values {
        values: (0..rows).flat_map(row).collect(),
    })
}

/// Reads targets as a model's classes or values; `lines` are the rows' lines in the file.
pub(super) fn read_as(
    file: &str,
    columns: &[Vec<Label>],
    lines: &[u64],
    schema: &Schema,
    task: Task,
) -> Result<Targets, DataError> {
    if task == Task::Regress {
        return values(file, &schema.target_names, columns);
    }
    let mut labels = Vec::new();
    for (label, line) in columns.iter().flatten().zip(lines) {
        let class = label.class();
        let found = schema.classes.iter().position(|c| *c == class);
        labels.push(found.ok_or_else(|| {
            DataError(format!(
                "{file}:{line}: {} is {class:?}, a class that the model does not know; it knows {}",
                schema.target_names.join(", "),
                schema.classes.join(", ")
            ))
        })? as u32);
    }
    Ok(Targets::Classes {
        labels,
        names: schema.classes.clone(),
    })
}

/// The same data with the class numbers that a model has.
pub(super) fn match_classes(
    mut data: Dataset,
    schema: &Schema,
    file: &str,
) -> Result<Dataset, DataError> {
    if let Some(Targets::Classes { labels, names }) = &mut data.targets {
        let numbers: Vec<Option<usize>> = names
            .iter()
            .map(|name| schema.classes.iter().position(|c| c == name))
            .collect();
        for label in labels.iter_mut() {
            let name = &names[*label as usize];
            *label = numbers[*label as usize].ok_or_else(|| {
                DataError(format!(
                    "{file}: label {name}, a class that the model does not know; it knows {}",
                    schema.classes.join(", ")
                ))
            })? as u32;
        }
        names.clone_from(&schema.classes);
    }
    Ok(data)
}
