//! How many values are in each part of their range.

use super::draw::{bar, begin, rule, text, upwards};
use super::scale::{Axis, Scale, label};

/// A histogram.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct Histogram {
    /// What it shows, for those who hear it.
    pub title: String,
    /// Label of the values, with the unit, and of the counts.
    pub labels: [String; 2],
    /// The ends of the values.
    pub ends: [f64; 2],
    /// The counts of parts of the same width.
    pub counts: Vec<usize>,
}

const SIZE: [f64; 2] = [370.0, 208.0];
/// The corner and the size of the plot.
const INSET: [f64; 2] = [62.0, 10.0];
const PLOT: [f64; 2] = [292.0, 160.0];

impl Histogram {
    /// Counts values in `parts`. Those that are not finite are left out; `None` if no other is left.
    pub(in crate::cli) fn of(
        title: &str,
        what: &str,
        count: &str,
        values: impl Iterator<Item = f64> + Clone,
        parts: usize,
    ) -> Option<Histogram> {
        let finite = || values.clone().filter(|v| v.is_finite());
        let low = finite().reduce(f64::min)?;
        let high = finite().reduce(f64::max)?;
        // All values may be the same.
        let (low, high) = match high > low {
            true => (low, high),
            false => (
                low - low.abs().max(1e-9) / 2.0,
                low + low.abs().max(1e-9) / 2.0,
            ),
        };
        let mut counts = vec![0; parts];
        for value in finite() {
            let place = (value - low) / (high - low) * parts as f64;
            counts[(place as usize).min(parts - 1)] += 1;
        }
        Some(Histogram {
            title: title.to_owned(),
            labels: [what, count].map(str::to_owned),
            ends: [low, high],
            counts,
        })
    }

    /// Returns the drawing, for a page with the style sheet of charts.
    pub(in crate::cli) fn svg(&self) -> String {
        let most = self.counts.iter().copied().max().unwrap_or(0);
        let x = Axis::new(&*self.labels[0], Scale::Linear).range(self.ends.into_iter());
        let y = Axis::new(&*self.labels[1], Scale::Linear)
            .spanning([0.0, 1.05 * most.max(1) as f64])
            .range([].into_iter());
        let [left, top] = INSET;
        let across = |v: f64| left + PLOT[0] * x.place(v);
        let up = |v: f64| top + PLOT[1] * (1.0 - y.place(v));
        let [low, high] = self.ends;
        let heard = format!(
            "{}. {} from {} to {}, the most frequent part has {most}",
            self.title,
            self.labels[0],
            label(low),
            label(high)
        );
        let mut svg = begin(SIZE[0], SIZE[1], &heard);
        let bottom = top + PLOT[1];
        for (value, name) in y.ticks() {
            let at = up(value);
            rule(&mut svg, "grid", [left, at], [left + PLOT[0], at]);
            text(&mut svg, "tick", [left - 6.0, at + 4.0], "end", &name);
        }
        for (value, name) in x.ticks() {
            text(
                &mut svg,
                "tick",
                [across(value), bottom + 15.0],
                "middle",
                &name,
            );
        }
        let width = (high - low) / self.counts.len().max(1) as f64;
        for (k, count) in self
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            let [from, to] = [k, k + 1].map(|k| low + k as f64 * width);
            let title = format!("{} to {}: {count}", label(from), label(to));
            let corner = [across(from) + 0.5, up(*count as f64)];
            let size = [across(to) - across(from) - 1.0, bottom - corner[1]];
            bar(&mut svg, corner, size, 0, &title);
        }
        let middle = left + PLOT[0] / 2.0;
        text(
            &mut svg,
            "label",
            [middle, SIZE[1] - 6.0],
            "middle",
            &self.labels[0],
        );
        upwards(
            &mut svg,
            "label",
            [14.0, top + PLOT[1] / 2.0],
            &self.labels[1],
        );
        svg + "</svg>\n"
    }
}
