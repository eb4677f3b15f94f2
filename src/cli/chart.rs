//! Charts as SVG: panels of lines over shared scales, with a legend. Without scripts and embedded fonts.
//!
//! Colours suit light and dark viewers. Lines also differ in dashes and marks. A chart is a document of its own, or
//! figures of a page.

mod bars;
mod draw;
mod histogram;
mod layers;
mod parallel;
mod scale;

pub(super) use bars::{Bar, Bars};
pub(super) use draw::rules;
use draw::{LETTER, begin, dots, escape, mark, polyline, rule, text, upwards};
pub(super) use histogram::Histogram;
pub(super) use layers::{Layers, Shape};
pub(super) use parallel::{Parallel, Path as Route};
use scale::Range;
pub(super) use scale::{Axis, Scale, label as tick};

/// A line of a panel. Lines with the same name look the same in every panel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// Name in the legend.
    pub name: String,
    /// Points (x, y). Skips points that the scales cannot show: not finite, or 0 or less on a logarithmic scale.
    pub points: Vec<(f64, f64)>,
    /// How it is drawn.
    pub look: Look,
}

/// How the points of a line are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Joined, and marked where there are few.
    Joined,
    /// Joined, without marks.
    Plain,
    /// Each with a mark.
    Marked,
    /// Each as a dot: there may be many.
    Dots,
    /// Two and two are the ends of an interval.
    Intervals,
}

/// One plot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Panel {
    /// Its heading.
    pub title: String,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Its vertical axis, if it is not that of the chart.
    pub y: Option<Axis>,
    /// Places along the horizontal axis that are marked, each with its name.
    pub notes: Vec<(f64, String)>,
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
/// Height that a figure of a page saves: its heading is not in the drawing.
const HEADING: f64 = 20.0;
/// Space below a panel that a figure of a page saves.
const FOOT: f64 = 14.0;
/// Margin around the chart, in pixels.
const MARGIN: f64 = 16.0;
/// Height of a row in the legend.
const LEGEND_ROW: f64 = 20.0;
/// Approximate maximum width of a letter in the heading.
const HEADING_LETTER: f64 = 10.0;
/// Letters that fit below a plot.
const LETTERS: usize = 42;
/// Marks at every point of a longer line would hide the line.
const MOST_MARKS: usize = 40;

impl Line {
    /// Creates a line of joined points.
    pub(super) fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Line {
        Line {
            name: name.into(),
            points,
            look: Look::Joined,
        }
    }

    /// Returns the line with another look.
    pub(super) fn drawn(self, look: Look) -> Line {
        Line { look, ..self }
    }
}

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
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n<title>{title}</title>\n<style>\n{style}</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n<text class=\"heading\" x=\"{MARGIN}\" y=\"{:.0}\">{title}</text>\n{legend}",
            MARGIN + 18.0,
            title = escape(&self.title),
            style = rules(),
        );
        let x = self.across();
        for (number, panel) in self.panels.iter().enumerate() {
            let at = [
                MARGIN + (number % columns) as f64 * CELL[0],
                top + (number / columns) as f64 * CELL[1],
            ];
            let [left, top] = [at[0] + INSET[0], at[1] + INSET[1]];
            text(&mut svg, "panel", [left, top - 10.0], "start", &panel.title);
            self.draw(&mut svg, panel, [left, top], &x, &names);
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// Returns the drawing of each panel, without heading and legend, for a page with the style sheet [`rules`].
    pub(super) fn figures(&self) -> Vec<String> {
        let (names, x) = (self.names(), self.across());
        let one = |panel: &Panel| {
            let label = self.label(panel);
            let mut svg = begin(CELL[0], CELL[1] - HEADING - FOOT, &label);
            let corner = [INSET[0], INSET[1] - HEADING];
            self.draw(&mut svg, panel, corner, &x, &names);
            svg + "</svg>\n"
        };
        self.panels.iter().map(one).collect()
    }

    /// Returns a sample of each line, with its name.
    pub(super) fn samples(&self) -> Vec<(String, &str)> {
        let sample = |(number, name)| {
            let mut svg =
                "<svg class=\"sample\" viewBox=\"0 0 30 10\" aria-hidden=\"true\">".to_owned();
            let mut lines = self.panels.iter().flat_map(|panel| &panel.lines);
            let look = lines.find(|line| line.name == name).map(|line| line.look);
            match look {
                Some(Look::Marked) => mark(&mut svg, [15.0, 5.0], number, ""),
                Some(Look::Dots) => dots(&mut svg, &[[9.0, 5.0], [21.0, 5.0]], number),
                look => draw_line(
                    &mut svg,
                    &[[3.0, 5.0], [27.0, 5.0]],
                    number,
                    look.unwrap_or(Look::Joined),
                ),
            }
            (svg + "</svg>", name)
        };
        self.names().into_iter().enumerate().map(sample).collect()
    }

    /// Describes a panel in words.
    fn label(&self, panel: &Panel) -> String {
        let lines = panel.lines.iter().filter_map(|line| {
            let seen: Vec<f64> = line.points.iter().map(|p| p.1).collect();
            let (first, last) = (*seen.first()?, *seen.last()?);
            let [first, last] = [first, last].map(tick);
            Some(match line.look {
                Look::Joined | Look::Plain => format!("{} from {first} to {last}", line.name),
                Look::Marked | Look::Dots | Look::Intervals => {
                    format!("{}, {} points", line.name, seen.len())
                }
            })
        });
        let lines: Vec<String> = lines.take(8).collect();
        let what = if panel.title.is_empty() {
            &self.title
        } else {
            &panel.title
        };
        format!(
            "{what}. {} against {}: {}",
            self.upright(panel).label,
            self.x.label,
            lines.join("; ")
        )
    }

    /// Returns the range of the horizontal axis.
    fn across(&self) -> Range {
        let shown = self.panels.iter().flat_map(|panel| {
            let points = panel.lines.iter().flat_map(|line| &line.points);
            points.filter(|p| self.shows(panel, p)).map(|p| p.0)
        });
        self.x.range(shown)
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

    /// Returns the vertical axis of a panel.
    fn upright<'a>(&'a self, panel: &'a Panel) -> &'a Axis {
        panel.y.as_ref().unwrap_or(&self.y)
    }

    fn shows(&self, panel: &Panel, point: &(f64, f64)) -> bool {
        self.x.scale.shows(point.0) && self.upright(panel).scale.shows(point.1)
    }

    /// Draws a panel whose plot has its corner at `left`, `top`.
    fn draw(
        &self,
        svg: &mut String,
        panel: &Panel,
        [left, top]: [f64; 2],
        x: &Range,
        names: &[&str],
    ) {
        let axis = self.upright(panel);
        let points = panel.lines.iter().flat_map(|line| &line.points);
        let shown = points.filter(|p| self.shows(panel, p));
        let y = axis.range(shown.map(|p| p.1));
        let across = |v: f64| left + PLOT[0] * x.place(v);
        let up = |v: f64| top + PLOT[1] * (1.0 - y.place(v));
        for (value, label) in self.x.ticks(x, LETTERS) {
            let at = across(value);
            rule(svg, "grid", [at, top], [at, top + PLOT[1]]);
            text(svg, "tick", [at, top + PLOT[1] + 16.0], "middle", &label);
        }
        for (value, label) in axis.ticks(&y, LETTERS) {
            let at = up(value);
            rule(svg, "grid", [left, at], [left + PLOT[0], at]);
            text(svg, "tick", [left - 6.0, at + 4.0], "end", &label);
        }
        let [middle, below] = [left + PLOT[0] / 2.0, top + PLOT[1] + 34.0];
        text(svg, "label", [middle, below], "middle", &self.x.label);
        let at = [left - 54.0, top + PLOT[1] / 2.0];
        upwards(svg, "label", at, &axis.label);
        for (value, name) in panel.notes.iter().filter(|note| self.x.scale.shows(note.0)) {
            let at = across(*value);
            rule(svg, "note", [at, top], [at, top + PLOT[1]]);
            // Words stay within the drawing.
            let (anchor, gap) = match x.place(*value) > 0.5 {
                true => ("end", -4.0),
                false => ("start", 4.0),
            };
            text(svg, "tick", [at + gap, top - 3.0], anchor, name);
        }
        for line in &panel.lines {
            let number = names.iter().position(|name| *name == line.name);
            let number = number.unwrap_or(0);
            let seen = line.points.iter().filter(|p| self.shows(panel, p));
            let seen: Vec<&(f64, f64)> = seen.collect();
            let placed: Vec<[f64; 2]> = seen.iter().map(|p| [across(p.0), up(p.1)]).collect();
            draw_line(svg, &placed, number, line.look);
            let is_short = line.look == Look::Joined && placed.len() <= MOST_MARKS;
            if is_short || line.look == Look::Marked {
                for (at, (x, y)) in placed.iter().zip(seen) {
                    let [x, y] = [self.x.worded(*x), axis.worded(*y)];
                    mark(svg, *at, number, &format!("{}: {x}, {y}", line.name));
                }
            }
        }
    }
}

/// Draws what is between the marks of a line.
fn draw_line(svg: &mut String, points: &[[f64; 2]], number: usize, look: Look) {
    match look {
        Look::Joined | Look::Plain => polyline(svg, points, number),
        Look::Marked => {}
        Look::Dots => dots(svg, points, number),
        Look::Intervals => {
            for pair in points.chunks_exact(2) {
                rule(svg, "whisker", pair[0], pair[1]);
            }
        }
    }
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
        let ends = [[left, y], [left + 24.0, y]];
        polyline(&mut svg, &ends, number);
        ends.iter().for_each(|end| mark(&mut svg, *end, number, ""));
        text(&mut svg, "tick", [left + SAMPLE, y + 4.0], "start", name);
        x += wide;
    }
    (svg, rows)
}

#[cfg(test)]
mod tests;
