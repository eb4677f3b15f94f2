//! Charts as SVG: panels of lines over shared scales, with a legend. Without scripts and embedded fonts.
//!
//! Colours suit light and dark viewers. Lines also differ in dashes and marks.

mod scale;

use crate::cli::chart::scale::Range;
pub(super) use crate::cli::chart::scale::Scale;
use std::fmt::Write;
use wgrad::text::is_hidden;

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    /// Label, with the unit.
    pub label: String,
    /// Linear or logarithmic.
    pub scale: Scale,
}

/// A line of a panel. Lines with the same name look the same in every panel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// Name in the legend.
    pub name: String,
    /// Points (x, y). Skips points that the scales cannot show: not finite, or 0 or less on a logarithmic scale.
    pub points: Vec<(f64, f64)>,
}

/// One plot.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Panel {
    /// Its heading.
    pub title: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// A chart. All panels share the horizontal range; each has a vertical range of its own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chart {
    /// The heading.
    pub title: String,
    /// The horizontal axis of every panel.
    pub x: Axis,
    /// The vertical axis of every panel.
    pub y: Axis,
    /// The plots, row by row.
    pub panels: Vec<Panel>,
}

/// Number of panels per row.
const COLUMNS: usize = 3;
/// The plot of a panel, in pixels.
const PLOT: [f64; 2] = [280.0, 190.0];
/// The size of a panel with its labels, in pixels.
const CELL: [f64; 2] = [370.0, 280.0];
/// Offset of the plot from the panel's corner, in pixels.
const INSET: [f64; 2] = [72.0, 34.0];
/// Margin around the chart, in pixels.
const MARGIN: f64 = 16.0;
/// Height of a row in the legend.
const LEGEND_ROW: f64 = 20.0;
/// Approximate maximum width of a letter in the heading.
const HEADING_LETTER: f64 = 10.0;
/// Approximate width of a letter in the legend.
const LETTER: f64 = 6.6;

/// Colours for light and dark viewers, and dashes. They repeat if there are more lines.
const STYLES: [(&str, &str, &str); 8] = [
    ("#0b5fb0", "#6db3ff", "none"),
    ("#c4470a", "#ff9a5c", "none"),
    ("#0a7d55", "#4fd6a2", "7 3"),
    ("#9a3191", "#ea8be0", "7 3"),
    ("#8a6a00", "#e3c04a", "2 3"),
    ("#5b4bbd", "#aea2ff", "2 3"),
    ("#b3123f", "#ff8095", "9 3 2 3"),
    ("#3f6b1e", "#a3d977", "9 3 2 3"),
];

impl Chart {
    /// Returns the chart as an SVG document.
    pub(super) fn svg(&self) -> String {
        let names = self.names();
        let columns = self.panels.len().clamp(1, COLUMNS);
        let rows = self.panels.len().div_ceil(columns).max(1);
        let heading = self.title.chars().count() as f64 * HEADING_LETTER;
        let width = 2.0 * MARGIN + heading.max(columns as f64 * CELL[0]);
        let (legend, legend_rows) = legend(&names, width - 2.0 * MARGIN);
        let top = MARGIN + 34.0 + legend_rows as f64 * LEGEND_ROW;
        let height = top + rows as f64 * CELL[1] + MARGIN;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n<title>{title}</title>\n{style}<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n<text class=\"heading\" x=\"{MARGIN}\" y=\"{:.0}\">{title}</text>\n{legend}",
            MARGIN + 18.0,
            title = escape(&self.title),
            style = style(),
        );
        let every = |pick: fn(&(f64, f64)) -> f64| {
            let lines = self.panels.iter().flat_map(|panel| &panel.lines);
            let points = lines.flat_map(|line| &line.points);
            points.filter(|p| self.shows(p)).map(pick)
        };
        let x = self.x.scale.range(every(|p| p.0));
        for (number, panel) in self.panels.iter().enumerate() {
            let at = [
                MARGIN + (number % columns) as f64 * CELL[0],
                top + (number / columns) as f64 * CELL[1],
            ];
            self.draw(&mut svg, panel, at, &x, &names);
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// Returns the names of the lines, in order of appearance.
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for line in self.panels.iter().flat_map(|panel| &panel.lines) {
            if !names.contains(&line.name.as_str()) {
                names.push(&line.name);
            }
        }
        names
    }

    fn shows(&self, point: &(f64, f64)) -> bool {
        self.x.scale.shows(point.0) && self.y.scale.shows(point.1)
    }

    fn draw(&self, svg: &mut String, panel: &Panel, at: [f64; 2], x: &Range, names: &[&str]) {
        let points = panel.lines.iter().flat_map(|line| &line.points);
        let y = self
            .y
            .scale
            .range(points.filter(|p| self.shows(p)).map(|p| p.1));
        let [left, top] = [at[0] + INSET[0], at[1] + INSET[1]];
        let across = |v: f64| left + PLOT[0] * x.place(v);
        let up = |v: f64| top + PLOT[1] * (1.0 - y.place(v));
        text(svg, "panel", [left, top - 10.0], "start", &panel.title);
        for (value, label) in x.ticks() {
            let at = across(value);
            rule(svg, [at, top], [at, top + PLOT[1]]);
            text(svg, "tick", [at, top + PLOT[1] + 16.0], "middle", &label);
        }
        for (value, label) in y.ticks() {
            let at = up(value);
            rule(svg, [left, at], [left + PLOT[0], at]);
            text(svg, "tick", [left - 6.0, at + 4.0], "end", &label);
        }
        let middle = left + PLOT[0] / 2.0;
        text(
            svg,
            "label",
            [middle, top + PLOT[1] + 34.0],
            "middle",
            &self.x.label,
        );
        let (turn_x, turn_y) = (left - 54.0, top + PLOT[1] / 2.0);
        let _ = writeln!(
            svg,
            "<text class=\"label\" text-anchor=\"middle\" transform=\"translate({turn_x:.1} {turn_y:.1}) rotate(-90)\">{}</text>",
            escape(&self.y.label)
        );
        for line in &panel.lines {
            let number = names.iter().position(|name| *name == line.name);
            let seen = line.points.iter().filter(|p| self.shows(p));
            let placed: Vec<[f64; 2]> = seen.map(|p| [across(p.0), up(p.1)]).collect();
            draw_line(svg, &placed, number.unwrap_or(0));
        }
    }
}

fn draw_line(svg: &mut String, points: &[[f64; 2]], number: usize) {
    let style = number % STYLES.len();
    let path: Vec<String> = points
        .iter()
        .map(|[x, y]| format!("{x:.1},{y:.1}"))
        .collect();
    if path.len() > 1 {
        let path = path.join(" ");
        let _ = writeln!(svg, "<polyline class=\"s{style}\" points=\"{path}\"/>");
    }
    // Marks at every point of a long line would hide the line.
    const MOST_MARKS: usize = 40;
    if points.len() <= MOST_MARKS {
        points.iter().for_each(|point| mark(svg, *point, number));
    }
}

/// Draws a circle, a square or a diamond.
fn mark(svg: &mut String, [x, y]: [f64; 2], number: usize) {
    let style = number % STYLES.len();
    let _ = match number % 3 {
        0 => writeln!(
            svg,
            "<circle class=\"m{style}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.2\"/>"
        ),
        1 => writeln!(
            svg,
            "<rect class=\"m{style}\" x=\"{:.1}\" y=\"{:.1}\" width=\"6\" height=\"6\"/>",
            x - 3.0,
            y - 3.0
        ),
        _ => writeln!(
            svg,
            "<path class=\"m{style}\" d=\"M{x:.1} {:.1}l4.2 4.2l-4.2 4.2l-4.2 -4.2z\"/>",
            y - 4.2
        ),
    };
}

/// Returns the legend, wrapped to `width`, and its number of rows.
fn legend(names: &[&str], width: f64) -> (String, usize) {
    const SAMPLE: f64 = 30.0;
    const GAP: f64 = 24.0;
    let (mut svg, mut rows, mut x) = (String::new(), 1, 0.0);
    for (number, name) in names.iter().enumerate() {
        let wide = SAMPLE + name.chars().count() as f64 * LETTER + GAP;
        if x > 0.0 && x + wide > width {
            (rows, x) = (rows + 1, 0.0);
        }
        let [left, y] = [MARGIN + x, MARGIN + 18.0 + rows as f64 * LEGEND_ROW];
        draw_line(&mut svg, &[[left, y], [left + 24.0, y]], number);
        text(&mut svg, "tick", [left + SAMPLE, y + 4.0], "start", name);
        x += wide;
    }
    (svg, rows)
}

fn rule(svg: &mut String, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
    let _ = writeln!(
        svg,
        "<line class=\"grid\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
    );
}

fn text(svg: &mut String, class: &str, [x, y]: [f64; 2], anchor: &str, words: &str) {
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escape(words)
    );
}

/// Escapes text for XML, and removes control characters.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if is_hidden(c) => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Returns the style sheet: colours for light viewers, and their replacements for dark viewers.
fn style() -> String {
    let colours = |pick: fn(&(&'static str, &'static str, &'static str)) -> &'static str| {
        let rules = STYLES.iter().enumerate().map(|(i, style)| {
            let colour = pick(style);
            format!(".s{i}{{stroke:{colour}}}.m{i}{{fill:{colour}}}")
        });
        rules.collect::<String>()
    };
    let dashes: String = STYLES
        .iter()
        .enumerate()
        .map(|(i, (.., dash))| format!(".s{i}{{stroke-dasharray:{dash}}}"))
        .collect();
    let (light, dark) = (colours(|s| s.0), colours(|s| s.1));
    format!(
        "<style>\ntext{{font-family:system-ui,'DejaVu Sans',Helvetica,Arial,sans-serif;fill:#222}}\n.heading{{font-size:17px;font-weight:600}}.panel{{font-size:13px;font-weight:600}}.tick{{font-size:11px}}.label{{font-size:12px}}\n.paper{{fill:#fff}}.grid{{stroke:#ddd;stroke-width:1}}polyline{{fill:none;stroke-width:2}}\n{dashes}\n{light}\n@media (prefers-color-scheme: dark){{text{{fill:#ddd}}.paper{{fill:#16181d}}.grid{{stroke:#3a3d44}}{dark}}}\n</style>\n"
    )
}

#[cfg(test)]
mod tests;
