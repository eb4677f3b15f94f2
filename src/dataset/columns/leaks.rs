//! Inputs that tell the target: it in another spelling or unit, or parts that add up to it. A network that has them
//! learns nothing else, and such inputs are rarely known where the target is not.

use super::names::flag_value;
use crate::dataset::error::listed;
use crate::dataset::inputs::{ColumnValues, InputColumn};
use crate::dataset::options::ReadOptions;
use crate::dataset::types::Targets;
use crate::text::{counted, short};
use std::borrow::Cow;
use std::collections::HashMap;

/// What is kept of an input that was looked at.
pub(super) struct Trace {
    name: String,
    tells: Option<Tells>,
    /// Its numbers in some rows; empty for other kinds.
    sample: Vec<f64>,
}

/// How an input alone tells the target.
enum Tells {
    /// Each of so many values has one class.
    Class(usize),
    /// It is this target, up to a factor and a shift: `line`.
    Value { target: usize, line: [f64; 2] },
}

/// Below this number of rows, an input may tell their classes by chance.
const FEWEST_OF_CLASSES: usize = 50;
/// Below this number of rows, an input may tell their values by chance.
const FEWEST_OF_VALUES: usize = 20;
/// How many rows a value of an input has on average.
const SEVERAL: usize = 5;
/// The logarithm of the probability that an input without a part in the target tells all classes: 1e-9.
const CHANCE: f64 = -20.7;
/// Values are the same if they differ by this share of the target's range.
const SAME: f64 = 1e-6;
/// Maximum number of rows in which sums are compared, and of columns that are added.
const SAMPLE: usize = 256;
const MOST_ADDED: usize = 200;

impl Trace {
    pub(super) fn of(column: &InputColumn, targets: &Targets) -> Trace {
        let (tells, sample) = match (targets, &column.values) {
            (Targets::Classes { labels, .. }, values) => {
                (values_of_classes(values, labels).map(Tells::Class), vec![])
            }
            (Targets::Values { values }, ColumnValues::Numbers(numbers)) => {
                let width = values.len() / numbers.len().max(1);
                let tells = (0..width).find_map(|target| {
                    let line = line(numbers, &column_of(values, width, target))?;
                    Some(Tells::Value { target, line })
                });
                (tells, sampled(numbers))
            }
            _ => (None, Vec::new()),
        };
        Trace {
            name: column.name.clone(),
            tells,
            sample,
        }
    }
}

/// Returns one column of targets (rows, width).
fn column_of(values: &[f64], width: usize, target: usize) -> Cow<'_, [f64]> {
    match width {
        1 => values.into(),
        _ => values.iter().skip(target).step_by(width).copied().collect(),
    }
}

fn sampled(numbers: &[f64]) -> Vec<f64> {
    let step = numbers.len().div_ceil(SAMPLE).max(1);
    numbers.iter().step_by(step).copied().collect()
}

/// Returns the number of distinct values, if each has several rows, and all of these are of one class. A missing cell
/// is a value.
fn values_of_classes(values: &ColumnValues, labels: &[u32]) -> Option<usize> {
    let rows = labels.len();
    let key = |row: usize| match values {
        ColumnValues::Numbers(numbers) => Some(numbers[row].to_bits()),
        ColumnValues::Levels { codes, .. } => Some(codes[row].into()),
        ColumnValues::Times { .. } => None,
    };
    if rows < FEWEST_OF_CLASSES {
        return None;
    }
    let mut seen: HashMap<u64, (u32, usize)> = HashMap::new();
    let mut sizes: HashMap<u32, usize> = HashMap::new();
    for (row, label) in labels.iter().enumerate() {
        let (own, count) = seen.entry(key(row)?).or_insert((*label, 0));
        // Almost every column ends here.
        if own != label {
            return None;
        }
        *count += 1;
        if seen.len() * SEVERAL > rows {
            return None;
        }
        *sizes.entry(*label).or_default() += 1;
    }
    let by_chance = |(label, count): &(u32, usize)| {
        let share = sizes[label] as f64 / rows as f64;
        (count - 1) as f64 * share.ln()
    };
    let are_repeated = seen.values().all(|(_, count)| *count > 1);
    let chance: f64 = seen.values().map(by_chance).sum();
    (are_repeated && chance < CHANCE).then_some(seen.len())
}

/// Returns the minimum and the maximum of a target.
fn ends(values: &[f64]) -> [f64; 2] {
    super::differences::ends(values)
}

/// Returns the factor and the shift that make `numbers` the target, if some do.
fn line(numbers: &[f64], target: &[f64]) -> Option<[f64; 2]> {
    // Almost every column ends here.
    line_of(&sampled(numbers), &sampled(target))?;
    line_of(numbers, target)
}

fn line_of(numbers: &[f64], target: &[f64]) -> Option<[f64; 2]> {
    let [low, high] = ends(numbers);
    let at = |end: f64| numbers.iter().position(|number| *number == end);
    let (first, last) = (at(low)?, at(high)?);
    let factor = (target[last] - target[first]) / (high - low);
    let shift = target[first] - factor * low;
    let [least, most] = ends(target);
    let same = SAME * (most - least);
    if !factor.is_finite() || factor == 0.0 || same == 0.0 {
        return None;
    }
    let (mut rows, mut between) = (0, 0);
    for (number, value) in numbers.iter().zip(target) {
        if number.is_nan() {
            continue;
        }
        if (factor * number + shift - value).abs() > same {
            return None;
        }
        rows += 1;
        between += usize::from(*number > low && *number < high);
    }
    let enough = rows >= FEWEST_OF_VALUES && 2 * rows > numbers.len();
    // Two values lie on a line by themselves.
    let shift = if shift.abs() > same { shift } else { 0.0 };
    (enough && 4 * between >= FEWEST_OF_VALUES).then_some([factor, shift])
}

/// Returns notes on inputs that tell the targets, called `names`.
pub(super) fn notes(
    traces: &[Trace],
    targets: &Targets,
    names: &[String],
    options: &ReadOptions,
) -> Vec<String> {
    let noted = |note: String, told: &[&Trace]| {
        let columns: Vec<&str> = told.iter().map(|trace| &trace.name[..]).collect();
        // Something is to be left to learn from.
        if columns.len() == traces.len() {
            return note;
        }
        let them = if told.len() == 1 { "it" } else { "them" };
        let dropped = options.drop.iter().map(String::as_str).chain(columns);
        let drop = flag_value(&dropped.collect::<Vec<_>>());
        format!("{note}; if predictions are to do without, leave {them} out with `drop = {drop}`")
    };
    let mut notes = Vec::new();
    let of_class = |trace: &&Trace| matches!(trace.tells, Some(Tells::Class(_)));
    let of_class: Vec<&Trace> = traces.iter().filter(of_class).collect();
    match (&of_class[..], of_class.first().map(|trace| &trace.tells)) {
        ([one], Some(Some(Tells::Class(values)))) => {
            let values = counted(*values, "value");
            let name = &one.name;
            let note =
                format!("column {name} tells the class of every row: each of its {values} has one");
            notes.push(noted(note, &of_class));
        }
        ([], _) => {}
        (several, _) => {
            let names: Vec<&str> = several.iter().map(|trace| &trace.name[..]).collect();
            let names = listed(&names);
            let note = format!(
                "columns {names} each tell the class of every row: each of their values has one"
            );
            notes.push(noted(note, &of_class));
        }
    }
    for trace in traces {
        if let Some(Tells::Value { target, line }) = &trace.tells {
            let note = another_unit(&trace.name, &names[*target], *line);
            notes.push(noted(note, &[trace]));
        }
    }
    let Targets::Values { values } = targets else {
        return notes;
    };
    let parts: Vec<&Trace> = traces.iter().filter(|trace| trace.is_part()).collect();
    for (target, name) in names.iter().enumerate() {
        let whole = sampled(&column_of(values, names.len(), target));
        if let Some((told, what)) = sum(&parts, &whole) {
            let columns: Vec<&str> = told.iter().map(|trace| &trace.name[..]).collect();
            let note = match (what, &columns[..]) {
                (Sum::Less, [a, b]) => format!("column {a} less {b} is the target {name}"),
                _ => format!("columns {} add up to the target {name}", columns.join(", ")),
            };
            notes.push(noted(note, &told));
        }
    }
    notes
}

/// Says which factor and shift make a column the target.
fn another_unit(name: &str, target: &str, [factor, shift]: [f64; 2]) -> String {
    let (times, plus) = (short(factor), short(shift.abs()));
    if (times.as_str(), plus.as_str()) == ("1", "0") {
        return format!("column {name} is the target {target}");
    }
    let times = match times.as_str() {
        "1" => name.to_owned(),
        times => format!("{times} times {name}"),
    };
    let plus = match plus.as_str() {
        "0" => String::new(),
        plus if shift < 0.0 => format!(", less {plus}"),
        plus => format!(", plus {plus}"),
    };
    format!("column {name} is the target {target} in another unit: {target} is {times}{plus}")
}

/// What makes a target of several columns.
#[derive(Clone, Copy)]
enum Sum {
    All,
    /// The first less the second.
    Less,
}

impl Trace {
    /// Whether the column may be a part of a sum.
    fn is_part(&self) -> bool {
        let [low, high] = ends(&self.sample);
        self.tells.is_none() && high > low
    }
}

/// Finds two or three columns of which the target, in some rows, is the sum or the difference.
fn sum<'t>(parts: &[&'t Trace], whole: &[f64]) -> Option<(Vec<&'t Trace>, Sum)> {
    let [low, high] = ends(whole);
    let same = SAME * (high - low);
    let counts = |value: &&f64| **value != 0.0;
    let few = whole.iter().filter(counts).count() < FEWEST_OF_VALUES;
    if few || same == 0.0 || parts.len() > MOST_ADDED {
        return None;
    }
    // A part that is nearly constant beside the target would fit anywhere.
    let is_seen = |trace: &&&Trace| {
        let [low, high] = ends(&trace.sample);
        high - low > 10.0 * same
    };
    let parts: Vec<&Trace> = parts.iter().filter(is_seen).copied().collect();
    let fits = |of: &dyn Fn(usize) -> f64| {
        let mut there = 0;
        for (row, value) in whole.iter().enumerate() {
            let sum = of(row);
            if (sum - value).abs() > same {
                return false;
            }
            there += usize::from(!sum.is_nan());
        }
        there >= FEWEST_OF_VALUES && 2 * there > whole.len()
    };
    let pairs = || (0..parts.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
    let at = |part: usize, row: usize| parts[part].sample[row];
    for (a, b) in pairs() {
        let found = match () {
            () if fits(&|row| at(a, row) + at(b, row)) => Some((a, b, Sum::All)),
            () if fits(&|row| at(a, row) - at(b, row)) => Some((a, b, Sum::Less)),
            () if fits(&|row| at(b, row) - at(a, row)) => Some((b, a, Sum::Less)),
            () => None,
        };
        if let Some((a, b, what)) = found {
            return Some((vec![parts[a], parts[b]], what));
        }
    }
    for (a, b) in pairs() {
        let third = (0..a).find(|c| fits(&|row| at(*c, row) + at(a, row) + at(b, row)));
        if let Some(c) = third {
            return Some((vec![parts[c], parts[a], parts[b]], Sum::All));
        }
    }
    None
}
