//! The rows of a test, with truth and prediction, as a table.

use super::Scores;
use crate::cli::model::told;
use std::fmt::Write;
use wgrad::dataset::{Lines, Targets};
use wgrad::text::cell;
use wgrad::train::Predictions;

impl Scores {
    /// Returns the compared rows as CSV. `rows` are their numbers in the data set, from 0, and `lines` their lines in the
    /// file; where rows have none or share lines, a row is numbered from 1.
    pub(crate) fn csv(&self, rows: &[u32], lines: &Lines) -> String {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let has_lines = (0..rows.len()).all(|row| lines.of(row) > 0);
        let what = if has_lines { lines.what() } else { "row" };
        let mut header = vec![what.to_owned()];
        for name in &self.targets {
            header.extend([format!("true_{name}"), format!("predicted_{name}")]);
        }
        if let Predictions::Classes { .. } = self.predictions {
            header.push("probability".to_owned());
        }
        let header = header.iter().map(|name| cell(name).into_owned());
        // Nothing that is written into memory fails.
        drop(csv.write_record(header));
        for (row, number) in rows.iter().enumerate() {
            let number = match has_lines {
                true => lines.of(row).to_string(),
                false => (u64::from(*number) + 1).to_string(),
            };
            let cells = [number].into_iter().chain(self.cells(row));
            drop(csv.write_record(cells));
        }
        let bytes = csv.into_inner().expect("memory takes all that is written");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Returns the truth and the prediction of a row, and the probability of its class.
    fn cells(&self, row: usize) -> Vec<String> {
        let number = |value: f64| {
            let mut text = String::new();
            let _ = write!(text, "{value}");
            text
        };
        match (&self.predictions, &self.truth) {
            (
                Predictions::Classes {
                    labels,
                    probabilities,
                },
                Targets::Classes { labels: truth, .. },
            ) => {
                let [truth, label] = [truth[row], labels[row]].map(|class| class as usize);
                let probability = probabilities[row * self.classes.len() + label];
                let [truth, label] = [truth, label].map(|class| cell(&self.classes[class]));
                vec![truth.into(), label.into(), probability.to_string()]
            }
            (Predictions::Values(values), Targets::Values { values: truth }) => {
                let width = self.targets.len();
                let each = (0..width).flat_map(|target| {
                    let at = row * width + target;
                    let told = told(values[at], self.factors[target]);
                    [number(truth[at]), number(told)]
                });
                each.collect()
            }
            _ => Vec::new(),
        }
    }
}
