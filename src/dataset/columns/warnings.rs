//! Notes about unusual columns that do not prevent learning.

use super::differences::{Differences, differences, taken_as_constant};
use super::table::Table;
use super::validate::flag_value;
use crate::dataset::error::listed;

impl Table {
    /// Returns notes on inputs that are constant, or that scaling makes constant.
    pub(super) fn constants(&self) -> Vec<String> {
        let (mut constant, mut notes): (Vec<&str>, _) = (Vec::new(), Vec::new());
        for (i, input) in self.inputs.iter().enumerate() {
            match differences(self.column(i)) {
                Differences::None => constant.push(&input.name),
                Differences::TooSmall => notes.push(taken_as_constant("column", &input.name)),
                Differences::Enough => {}
            }
        }
        let note = match &constant[..] {
            [] => return notes,
            [name] => format!("column {name} is constant: it carries no information"),
            names => format!(
                "columns {} are constant: they carry no information",
                listed(names)
            ),
        };
        notes.insert(0, note);
        notes
    }

    /// Returns notes on inputs that only number the rows, judged by name and by content.
    pub(super) fn row_counters(&self) -> Vec<String> {
        let counts = |i: &usize| {
            let first = self.column(*i).next().unwrap_or(f64::NAN);
            let mut rows = self.column(*i).enumerate();
            (first == 0.0 || first == 1.0) && rows.all(|(row, value)| value == first + row as f64)
        };
        let named = (0..self.inputs.len()).filter(|i| is_counter_name(&self.inputs[*i].name));
        let note = |i: usize| {
            let name = &self.inputs[i].name;
            let flag = flag_value(&[name]);
            format!("column {name} only numbers the rows: leave it out with `drop = {flag}`")
        };
        named.filter(counts).map(note).collect()
    }

    /// Returns notes on columns with a few extreme values, next to which scaling makes all other values nearly equal.
    /// Such values are mistakes, or codes for missing values.
    pub(super) fn far_values(&self) -> Vec<String> {
        let most = (self.rows / 100).max(1);
        let far = |spread: &Spread| spread.far > 0 && spread.far <= most && spread.others_differ();
        let spreads = self.spreads().into_iter().zip(&self.inputs);
        let notes = spreads.filter(|(spread, _)| far(spread));
        notes
            .map(|(spread, column)| {
                let (name, value) = (&column.name, written(spread.farthest()));
                format!(
                    "column {name}: {value} is so far from the others that scaling makes them nearly one value: is it a mistake, or a code for a missing value?"
                )
            })
            .collect()
    }

    /// Returns the spread of each column.
    fn spreads(&self) -> Vec<Spread> {
        let middle = |i| middle(self.column(i), self.rows);
        let mut spreads: Vec<Spread> = (0..self.inputs.len())
            .map(|i| Spread::of(middle(i)))
            .collect();
        let each = |spreads: &mut Vec<Spread>, note: fn(&mut Spread, f64)| {
            for row in 0..self.rows {
                let values = spreads.iter_mut().zip(self.row(row));
                values.for_each(|(spread, value)| note(spread, *value));
            }
        };
        each(&mut spreads, |spread, value| {
            spread.ends = [spread.ends[0].min(value), spread.ends[1].max(value)];
        });
        each(&mut spreads, |spread, value| {
            let share = (value - spread.middle).abs() / (spread.ends[1] - spread.ends[0]);
            if share > NEAR {
                spread.far += 1;
            } else {
                spread.others = [spread.others[0].min(value), spread.others[1].max(value)];
            }
        });
        spreads
    }
}

/// The spread of a column's values.
struct Spread {
    /// The median, estimated from a sample.
    middle: f64,
    /// The minimum and the maximum.
    ends: [f64; 2],
    /// The number of values far from the median.
    far: usize,
    /// The minimum and the maximum of the other values.
    others: [f64; 2],
}

/// Values are near the median if their distance is below this share of the range.
const NEAR: f64 = 1e-4;
/// Maximum size of the sample for a median.
const SAMPLE: usize = 1000;

impl Spread {
    fn of(middle: f64) -> Spread {
        let none = [f64::INFINITY, f64::NEG_INFINITY];
        Spread {
            middle,
            ends: none,
            far: 0,
            others: none,
        }
    }

    fn others_differ(&self) -> bool {
        self.others[0] < self.others[1]
    }

    fn farthest(&self) -> f64 {
        let [low, high] = self.ends;
        match self.middle - low > high - self.middle {
            true => low,
            false => high,
        }
    }
}

/// Formats a value about as the file has it.
fn written(value: f64) -> String {
    match value.abs() {
        1e-4..1e7 => format!("{value}"),
        _ => format!("{value:e}"),
    }
}

/// Returns the median of a sample, spread evenly over the values.
fn middle(values: impl Iterator<Item = f64>, count: usize) -> f64 {
    let mut sample: Vec<f64> = values.step_by(count.div_ceil(SAMPLE).max(1)).collect();
    sample.sort_by(f64::total_cmp);
    sample.get(sample.len() / 2).copied().unwrap_or(0.0)
}

/// Checks whether a column has a usual name for row numbers.
fn is_counter_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_numbered = name
        .strip_prefix("column")
        .is_some_and(|n| n.parse::<usize>().is_ok());
    let words = ["id", "idx", "index", "row", "rowid", "rownum", "rownames"];
    is_numbered
        || name.starts_with("unnamed")
        || name.ends_with("id")
        || name
            .split([' ', '_', '-', '.', ':'])
            .any(|word| words.contains(&word))
}
