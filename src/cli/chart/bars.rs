//! Bars from left to right, each with its name, its value and a deviation.

use super::draw::{bar, begin, escape, rule, text};
use super::scale::{Scale, label};
use std::fmt::Write;
use wgrad::text::clipped;

/// A chart of bars.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct Bars {
    /// What it shows, for those who hear it.
    pub title: String,
    /// Label of the axis, with the unit.
    pub axis: String,
    /// The bars, from the top.
    pub bars: Vec<Bar>,
}

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct Bar {
    /// Its name.
    pub name: String,
    /// Its length.
    pub value: f64,
    /// Half the length of its whisker; 0 for none.
    pub deviation: f64,
}

/// The width of the drawing, and where its plot begins and ends.
const WIDTH: f64 = 420.0;
const PLOT: [f64; 2] = [138.0, 350.0];
/// The height of a bar with the gap below it.
const ROW: f64 = 20.0;
/// Letters that fit before the plot.
const LETTERS: usize = 20;

impl Bars {
    /// Returns the drawing, for a page with the style sheet of charts.
    pub(in crate::cli) fn svg(&self) -> String {
        let height = self.bars.len() as f64 * ROW + 44.0;
        let ends = self
            .bars
            .iter()
            .flat_map(|b| [b.value - b.deviation, b.value + b.deviation]);
        let ends: Vec<f64> = ends.filter(|v| v.is_finite()).collect();
        // Of zeros alone, the ends of the axis do not matter, but its numbers are to be read.
        let far = if ends.iter().all(|v| *v == 0.0) {
            1.0
        } else {
            0.0
        };
        let range = Scale::Linear.range(ends.into_iter().chain([0.0, far]));
        let across = |v: f64| PLOT[0] + (PLOT[1] - PLOT[0]) * range.place(v);
        let first = self.bars.iter().take(5);
        let heard: Vec<String> = first
            .map(|b| format!("{} {}", b.name, label(b.value)))
            .collect();
        let heard = format!("{}. {}: {}", self.title, self.axis, heard.join("; "));
        let mut svg = begin(WIDTH, height, &heard);
        let bottom = height - 36.0;
        for (value, name) in range.ticks() {
            let at = across(value);
            rule(&mut svg, "grid", [at, 0.0], [at, bottom]);
            text(&mut svg, "tick", [at, bottom + 14.0], "middle", &name);
        }
        for (k, own) in self.bars.iter().enumerate() {
            let top = k as f64 * ROW + 3.0;
            let _ = write!(svg, "<g><title>{}</title>", escape(&own.name));
            let name = clipped(&own.name, LETTERS);
            text(&mut svg, "tick", [PLOT[0] - 6.0, top + 11.0], "end", &name);
            svg.push_str("</g>\n");
            if !own.value.is_finite() {
                continue;
            }
            let (from, to) = (across(own.value.min(0.0)), across(own.value.max(0.0)));
            let title = format!("{}: {}", own.name, label(own.value));
            bar(&mut svg, [from, top], [to - from, ROW - 6.0], 0, &title);
            let mut end = to;
            if own.deviation > 0.0 {
                let [low, high] =
                    [own.value - own.deviation, own.value + own.deviation].map(across);
                let middle = top + (ROW - 6.0) / 2.0;
                rule(&mut svg, "whisker", [low, middle], [high, middle]);
                end = end.max(high);
            }
            text(
                &mut svg,
                "tick",
                [end + 5.0, top + 11.0],
                "start",
                &label(own.value),
            );
        }
        let zero = across(0.0);
        rule(&mut svg, "whisker", [zero, 0.0], [zero, bottom]);
        let middle = (PLOT[0] + PLOT[1]) / 2.0;
        text(
            &mut svg,
            "label",
            [middle, height - 6.0],
            "middle",
            &self.axis,
        );
        svg + "</svg>\n"
    }
}
