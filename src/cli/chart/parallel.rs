//! Parallel coordinates: an upright axis for each setting and for the score, and a line for each combination.

use super::draw::{begin, escape, rule, text};
use super::scale::{Axis, Range};
use std::fmt::Write;
use wgrad::text::clipped;

/// A chart of parallel coordinates.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct Parallel {
    /// What it shows, for those who hear it.
    pub title: String,
    /// The axes, from left to right.
    pub axes: Vec<Axis>,
    /// The combinations, best first.
    pub routes: Vec<Path>,
}

/// A combination.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct Path {
    /// Its name.
    pub name: String,
    /// Its place on each axis. A path with a place that an axis does not show is left out.
    pub values: Vec<f64>,
}

/// Distance between axes, and their length.
const GAP: f64 = 112.0;
const LENGTH: f64 = 200.0;
/// Where the first axis begins.
const INSET: [f64; 2] = [78.0, 30.0];
/// Shades, from the best part of the combinations to the worst.
const SHADES: usize = 5;

impl Parallel {
    /// Returns the width of the drawing in pixels.
    pub(in crate::cli) fn width(&self) -> f64 {
        INSET[0] + GAP * self.axes.len() as f64
    }

    /// Returns the drawing, for a page with the style sheet of charts.
    pub(in crate::cli) fn svg(&self) -> String {
        let shown: Vec<&Path> = self
            .routes
            .iter()
            .filter(|route| self.shows(route))
            .collect();
        let ranges: Vec<Range> = self
            .axes
            .iter()
            .enumerate()
            .map(|(k, axis)| axis.range(shown.iter().map(|route| route.values[k])))
            .collect();
        let across = |k: usize| INSET[0] + GAP * k as f64;
        let up = |k: usize, v: f64| INSET[1] + LENGTH * (1.0 - ranges[k].place(v));
        let best = shown.first().map_or("", |route| &route.name);
        let heard = format!("{}: {} lines; the best is {best}", self.title, shown.len());
        let mut svg = begin(self.width(), INSET[1] + LENGTH + 16.0, &heard);
        // The best is drawn last, above the others.
        for (place, route) in shown.iter().enumerate().rev() {
            let points: Vec<String> = (route.values.iter().enumerate())
                .map(|(k, value)| format!("{:.1},{:.1}", across(k), up(k, *value)))
                .collect();
            let class = match place {
                0 => "best".to_owned(),
                place => format!("q{}", place * SHADES / shown.len()),
            };
            let _ = writeln!(
                svg,
                "<polyline class=\"{class}\" points=\"{}\"><title>{}</title></polyline>",
                points.join(" "),
                escape(&route.name)
            );
        }
        // Words are readable above the lines.
        for (k, (axis, range)) in self.axes.iter().zip(&ranges).enumerate() {
            let at = across(k);
            rule(&mut svg, "whisker", [at, INSET[1]], [at, INSET[1] + LENGTH]);
            let label = clipped(&axis.label, 17);
            text(&mut svg, "label", [at, 16.0], "middle", &label);
            for (value, name) in axis.ticks(range, 100) {
                let y = up(k, value);
                rule(&mut svg, "whisker", [at - 3.0, y], [at, y]);
                text(
                    &mut svg,
                    "tick",
                    [at - 6.0, y + 4.0],
                    "end",
                    &clipped(&name, 11),
                );
            }
        }
        svg + "</svg>\n"
    }

    fn shows(&self, route: &Path) -> bool {
        let mut places = self.axes.iter().zip(&route.values);
        places.all(|(axis, value)| axis.scale.shows(*value))
    }
}
