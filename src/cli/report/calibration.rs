//! Whether the probabilities of a classifier mean what they say.

use super::summary::percent;
use super::test_rows::Classes;
use crate::cli::chart::{Axis, Chart, Line, Look, Panel, Scale};
use crate::cli::html::{absent, chart, table};
use maud::{Markup, html};

/// Parts of the range of probabilities.
const PARTS: usize = 10;
/// Fewer rows than these say nothing of probabilities.
const FEWEST: usize = 20;

/// The rows whose probability is in a part of the range.
#[derive(Clone, Debug, Default, PartialEq)]
struct Part {
    rows: usize,
    right: usize,
    /// The sum of the probabilities.
    sum: f64,
}

impl Part {
    fn mean(&self) -> f64 {
        self.sum / self.rows as f64
    }

    fn share(&self) -> f64 {
        self.right as f64 / self.rows as f64
    }

    /// The 95 % interval of the share (Wilson, 1927).
    fn interval(&self) -> [f64; 2] {
        const Z: f64 = 1.96;
        let (n, p) = (self.rows as f64, self.share());
        let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        [(middle - half).max(0.0), (middle + half).min(1.0)]
    }
}

/// Returns the section.
pub(super) fn calibration(classes: &Classes) -> Markup {
    if classes.truth.len() < FEWEST {
        return absent(&format!(
            "{} test rows are too few to tell whether probabilities are right: expected {FEWEST} or more.",
            classes.truth.len()
        ));
    }
    let parts = parts(classes);
    let off = error(&parts);
    let shown: Vec<&Part> = parts.iter().filter(|part| part.rows > 0).collect();
    let rows: Vec<Vec<String>> = parts
        .iter()
        .enumerate()
        .filter(|(_, part)| part.rows > 0)
        .map(|(k, part)| {
            let [low, high] = part.interval().map(percent);
            vec![
                format!("{} to {} %", k * 10, (k + 1) * 10),
                part.rows.to_string(),
                percent(part.mean()),
                percent(part.share()),
                format!("{low} to {high}"),
            ]
        })
        .collect();
    html! {
        p {
            "Where the model gives its answer a probability of 80 %, it should be right four times out of five: points on
            the diagonal are honest, points below it are too sure, and points above it too modest. In the mean over the
            test rows, probability and truth differ by " b { (percent(off)) } "."
        }
        div.beside {
            div { (chart(&drawn(&shown))) }
            (table(
                "Test rows by the probability of the answer; the interval is that of the share, at 95 %",
                &["probability", "#rows", "#mean probability", "#share right", "#95 % interval"],
                &rows,
            ))
        }
    }
}

fn parts(classes: &Classes) -> Vec<Part> {
    let mut parts = vec![Part::default(); PARTS];
    for (row, p) in classes
        .probabilities
        .iter()
        .enumerate()
        .filter(|(_, p)| p.is_finite())
    {
        let part = &mut parts[((p * PARTS as f64) as usize).min(PARTS - 1)];
        part.rows += 1;
        part.right += usize::from(classes.truth[row] == classes.predicted[row]);
        part.sum += p;
    }
    parts
}

/// The expected calibration error: how far share and mean probability are apart, in the mean over the rows.
fn error(parts: &[Part]) -> f64 {
    let rows: usize = parts.iter().map(|part| part.rows).sum();
    let apart = parts.iter().filter(|part| part.rows > 0);
    let apart = apart.map(|part| part.rows as f64 * (part.mean() - part.share()).abs());
    apart.sum::<f64>() / rows.max(1) as f64
}

fn drawn(parts: &[&Part]) -> Chart {
    let points = parts.iter().map(|part| (part.mean(), part.share()));
    let whiskers = parts
        .iter()
        .flat_map(|part| part.interval().map(|end| (part.mean(), end)));
    let axis = |label| Axis::new(label, Scale::Linear).spanning([0.0, 1.0]);
    Chart {
        title: "Calibration".to_owned(),
        x: axis("probability of the answer"),
        y: axis("share of right answers"),
        panels: vec![Panel {
            title: "Calibration".to_owned(),
            lines: vec![
                Line::new("the model", points.collect()).drawn(Look::Marked),
                Line::new("honest", vec![(0.0, 0.0), (1.0, 1.0)]).drawn(Look::Plain),
                Line::new("95 % interval", whiskers.collect()).drawn(Look::Intervals),
            ],
            ..Panel::default()
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(rows: &[(bool, f64)]) -> Classes {
        Classes {
            target: "t".to_owned(),
            names: ["a", "b"].map(str::to_owned).into(),
            truth: vec![0; rows.len()],
            predicted: rows.iter().map(|(right, _)| u32::from(!right)).collect(),
            probabilities: rows.iter().map(|(_, p)| *p).collect(),
        }
    }

    #[test]
    fn the_error_is_the_mean_distance_of_share_and_probability() {
        let four = [(true, 0.85), (true, 0.85), (false, 0.85), (true, 0.85)];
        let parts = parts(&classes(&four));
        assert_eq!((parts[8].rows, parts[8].right), (4, 3));
        assert!((error(&parts) - 0.1).abs() < 1e-12);
        let ends = super::parts(&classes(&[(true, 1.0), (false, 0.0), (true, f64::NAN)]));
        assert_eq!((ends[9].rows, ends[0].rows), (1, 1));
        assert_eq!(error(&ends), 0.0);
    }

    /// Of 10 rows, 8 right: the middle is 0.99208 / 1.38416, and half the width 0.22658.
    #[test]
    fn the_interval_is_that_of_wilson() {
        let part = Part {
            rows: 10,
            right: 8,
            sum: 8.0,
        };
        let [low, high] = part.interval();
        assert!((low - 0.4902).abs() < 1e-4 && (high - 0.9433).abs() < 1e-4);
    }
}
