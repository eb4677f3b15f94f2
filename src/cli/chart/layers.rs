//! The layers of a network, from left to right, with the weights between them.

use super::draw::{begin, escape, text};
use std::fmt::Write;

/// A drawing of layers.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct Layers {
    /// What it shows, for those who hear it.
    pub title: String,
    /// The layers, from the inputs on.
    pub layers: Vec<Shape>,
}

/// A layer.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct Shape {
    /// Its name: `inputs`, or its activation.
    pub name: String,
    /// Number of inputs or neurons.
    pub width: usize,
    /// Number of weights and biases that lead to it.
    pub parameters: usize,
}

/// Distance between layers, width of a layer, the largest height of one, and where the first one begins.
const GAP: f64 = 104.0;
const WIDE: f64 = 26.0;
const TALL: f64 = 130.0;
const INSET: [f64; 2] = [44.0, 34.0];

impl Layers {
    /// Returns the width of the drawing in pixels.
    pub(in crate::cli) fn width(&self) -> f64 {
        2.0 * INSET[0] + GAP * self.layers.len().saturating_sub(1) as f64
    }

    /// Returns the drawing, for a page with the style sheet of charts.
    pub(in crate::cli) fn svg(&self) -> String {
        let all: Vec<String> = self
            .layers
            .iter()
            .map(|layer| format!("{} {}", layer.width, layer.name))
            .collect();
        let heard = format!("{}: {}", self.title, all.join(", then "));
        let mut svg = begin(self.width(), INSET[1] + TALL + 40.0, &heard);
        let most = self
            .layers
            .iter()
            .map(|layer| layer.width)
            .max()
            .unwrap_or(1);
        // Widths of 3 and 3,000 are both to be seen.
        let half =
            |layer: &Shape| TALL / 2.0 * ((layer.width + 1) as f64).ln() / ((most + 1) as f64).ln();
        let middle = INSET[1] + TALL / 2.0;
        let across = |k: usize| INSET[0] + GAP * k as f64;
        for (k, pair) in self.layers.windows(2).enumerate() {
            let [left, right] = [across(k) + WIDE / 2.0, across(k + 1) - WIDE / 2.0];
            let [from, to] = [half(&pair[0]), half(&pair[1])];
            let _ = writeln!(
                svg,
                "<path class=\"weights\" d=\"M{left:.1} {:.1}L{right:.1} {:.1}V{:.1}L{left:.1} {:.1}z\"><title>{} parameters</title></path>",
                middle - from,
                middle - to,
                middle + to,
                middle + from,
                pair[1].parameters
            );
            let at = [(left + right) / 2.0, middle + 4.0];
            text(
                &mut svg,
                "tick",
                at,
                "middle",
                &pair[1].parameters.to_string(),
            );
        }
        for (k, layer) in self.layers.iter().enumerate() {
            let (at, half) = (across(k), half(layer).max(4.0));
            let _ = writeln!(
                svg,
                "<rect class=\"m0\" x=\"{:.1}\" y=\"{:.1}\" width=\"{WIDE}\" height=\"{:.1}\" rx=\"6\"><title>{}</title></rect>",
                at - WIDE / 2.0,
                middle - half,
                2.0 * half,
                escape(&all[k])
            );
            text(&mut svg, "tick", [at, 18.0], "middle", &layer.name);
            let below = INSET[1] + TALL + 20.0;
            text(
                &mut svg,
                "panel",
                [at, below],
                "middle",
                &layer.width.to_string(),
            );
        }
        svg + "</svg>\n"
    }
}
