//! What charts are drawn of: lines, marks, words, and their style sheet.

use std::fmt::Write;
use wgrad::text::is_hidden;

/// Approximate width of a letter in the legend.
pub(super) const LETTER: f64 = 6.6;

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

/// Starts an SVG of a size that is part of a page: `label` is what a reader hears who cannot see it.
pub(super) fn begin(width: f64, height: f64, label: &str) -> String {
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-label=\"{}\">\n",
        escape(label)
    )
}

/// Draws line number `number` through points.
pub(super) fn polyline(svg: &mut String, points: &[[f64; 2]], number: usize) {
    if points.len() < 2 {
        return;
    }
    let style = number % STYLES.len();
    let path: Vec<String> = points
        .iter()
        .map(|[x, y]| format!("{x:.1},{y:.1}"))
        .collect();
    let path = path.join(" ");
    let _ = writeln!(svg, "<polyline class=\"s{style}\" points=\"{path}\"/>");
}

/// Draws many points as dots, in one path.
pub(super) fn dots(svg: &mut String, points: &[[f64; 2]], number: usize) {
    let style = number % STYLES.len();
    let path: String = points
        .iter()
        .map(|[x, y]| format!("M{x:.1} {y:.1}h0"))
        .collect();
    if !path.is_empty() {
        let _ = writeln!(svg, "<path class=\"dots s{style}\" d=\"{path}\"/>");
    }
}

/// Draws a circle, a square or a diamond. Its title shows while a pointer rests on it.
pub(super) fn mark(svg: &mut String, [x, y]: [f64; 2], number: usize, title: &str) {
    let style = number % STYLES.len();
    let (name, shape) = match number % 3 {
        0 => ("circle", format!("cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.2\"")),
        1 => (
            "rect",
            format!(
                "x=\"{:.1}\" y=\"{:.1}\" width=\"6\" height=\"6\"",
                x - 3.0,
                y - 3.0
            ),
        ),
        _ => (
            "path",
            format!("d=\"M{x:.1} {:.1}l4.2 4.2l-4.2 4.2l-4.2 -4.2z\"", y - 4.2),
        ),
    };
    let _ = match title {
        "" => writeln!(svg, "<{name} class=\"m{style}\" {shape}/>"),
        title => writeln!(
            svg,
            "<{name} class=\"m{style}\" {shape}><title>{}</title></{name}>",
            escape(title)
        ),
    };
}

/// Draws a filled rectangle from `[x, y]`, with a title.
pub(super) fn bar(svg: &mut String, [x, y]: [f64; 2], [w, h]: [f64; 2], style: usize, title: &str) {
    let _ = writeln!(
        svg,
        "<rect class=\"m{}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}</title></rect>",
        style % STYLES.len(),
        w.max(0.0),
        h.max(0.0),
        escape(title)
    );
}

/// Draws a line of the grid, or another one of a class.
pub(super) fn rule(svg: &mut String, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
    let _ = writeln!(
        svg,
        "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
    );
}

pub(super) fn text(svg: &mut String, class: &str, [x, y]: [f64; 2], anchor: &str, words: &str) {
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escape(words)
    );
}

/// Draws words that run upwards, in the middle of `[x, y]`.
pub(super) fn upwards(svg: &mut String, class: &str, [x, y]: [f64; 2], words: &str) {
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" text-anchor=\"middle\" transform=\"translate({x:.1} {y:.1}) rotate(-90)\">{}</text>",
        escape(words)
    );
}

/// Escapes text for XML, and removes control characters.
pub(super) fn escape(text: &str) -> String {
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

/// Returns the rules of the style sheet: colours for light viewers, and their replacements for dark viewers.
pub(in crate::cli) fn rules() -> String {
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
        "text{{font-family:system-ui,'DejaVu Sans',Helvetica,Arial,sans-serif;fill:#222}}\n.heading{{font-size:17px;font-weight:600}}.panel{{font-size:13px;font-weight:600}}.tick{{font-size:11px}}.label{{font-size:12px}}\n.paper{{fill:#fff}}.grid{{stroke:#ddd;stroke-width:1}}.note{{stroke:#777;stroke-width:1;stroke-dasharray:4 3}}polyline{{fill:none;stroke-width:2}}.whisker{{stroke:#555;stroke-width:1.3}}\n{dashes}\n.q0,.q1,.q2,.q3,.q4{{stroke:#0b5fb0;stroke-width:1.2;stroke-opacity:.85}}.q1{{stroke-opacity:.6}}.q2{{stroke-opacity:.42}}.q3{{stroke-opacity:.28}}.q4{{stroke-opacity:.18}}.best{{stroke:#c4470a;stroke-width:3}}.weights{{fill:#0b5fb0;fill-opacity:.14}}\n.dots{{fill:none;stroke-width:4;stroke-linecap:round;stroke-dasharray:none;stroke-opacity:.5}}\n{light}\n@media screen and (prefers-color-scheme: dark){{text{{fill:#ddd}}.paper{{fill:#16181d}}.grid{{stroke:#3a3d44}}.note{{stroke:#999}}.whisker{{stroke:#bbb}}.q0,.q1,.q2,.q3,.q4{{stroke:#6db3ff}}.best{{stroke:#ff9a5c}}.weights{{fill:#6db3ff}}{dark}}}\n"
    )
}
