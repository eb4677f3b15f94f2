//! Tables of names and numbers that fit into 80 columns.

use super::equation::number;
use crate::tutorial::columns::{lead, pad};
use unicode_width::UnicodeWidthStr;

/// Width of a line.
const WIDTH: usize = 79;
/// Between columns.
const GAP: usize = 2;

/// Returns a table: a head per column, and rows with a name and a value per column. Columns that do not fit follow below.
pub(super) fn table(corner: &str, heads: &[String], rows: &[(String, Vec<f64>)]) -> String {
    let mut cells: Vec<(&String, Vec<String>)> = rows
        .iter()
        .map(|(name, values)| (name, values.iter().map(|v| number(*v)).collect()))
        .collect();
    for column in 0..heads.len() {
        align(
            cells
                .iter_mut()
                .map(|(_, values)| &mut values[column])
                .collect(),
        );
    }
    let names = cells.iter().map(|(name, _)| name.width());
    let label = names.chain([corner.width()]).max().unwrap_or(0) + 2;
    let widths: Vec<usize> = (0..heads.len())
        .map(|c| {
            let column = cells.iter().map(|(_, values)| values[c].width());
            column.chain([heads[c].width()]).max().unwrap_or(0) + GAP
        })
        .collect();
    let mut text = String::new();
    let mut from = 0;
    while from < heads.len() {
        let mut used = label;
        let fit = widths[from..].iter().take_while(|width| {
            used += **width;
            used <= WIDTH
        });
        let to = from + fit.count().max(1);
        if from > 0 {
            text.push('\n');
        }
        let line = |name: &str, values: &[String]| {
            let cells = values[from..to].iter().zip(&widths[from..to]);
            let cells: String = cells.map(|(value, width)| lead(value, *width)).collect();
            format!("{}{cells}\n", pad(&format!("  {name}"), label))
        };
        text += &line(corner, heads);
        for (name, values) in &cells {
            text += &line(name, values);
        }
        from = to;
    }
    text
}

/// Puts spaces after numbers so that their points are below one another.
pub(super) fn align(mut numbers: Vec<&mut String>) {
    let decimals = |number: &str| number.find('.').map_or(0, |point| number.len() - point);
    let most = numbers
        .iter()
        .map(|number| decimals(number))
        .max()
        .unwrap_or(0);
    for number in &mut numbers {
        let spaces = most - decimals(number);
        number.extend(std::iter::repeat_n(' ', spaces));
    }
}

/// Returns a bar for `value`, of `width` characters for `most`.
pub(super) fn bar(value: f64, most: f64, width: usize) -> String {
    let eighths = (value / most * 8.0 * width as f64).round().max(0.0) as usize;
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{rest}", "█".repeat(eighths / 8))
}
