//! The tables of `wgrad inspect`, at most 80 columns wide.

use crate::cli::spelling::as_flags;
use unicode_width::UnicodeWidthStr;
use wgrad::Model;
use wgrad::dataset::{ColumnEncoder, ColumnKind, ColumnReport, Inspection};
use wgrad::text::{counted, short, shown};

/// Widths of the columns: name, kind, missing, distinct, values; what becomes of it is the rest.
const WIDTHS: [usize; 5] = [18, 10, 7, 8, 24];
/// Maximum number of classes that are listed.
const MOST_CLASSES: usize = 20;

/// Describes a table.
pub(super) fn lines(inspection: &Inspection, problems: &[String]) -> Vec<String> {
    let mut lines = vec![format!(
        "{}: {}, {}, {}",
        inspection.name,
        counted(inspection.rows, "row"),
        counted(inspection.columns.len(), "column"),
        counted(inspection.inputs, "network input")
    )];
    let notes = inspection.notes.iter();
    lines.extend(notes.map(|note| format!("  {}", as_flags(note))));
    lines.push(String::new());
    let titles = ["column", "kind", "missing", "distinct", "values", "becomes"];
    lines.push(row(titles.map(str::to_owned)));
    for column in &inspection.columns {
        lines.push(row([
            column.name.clone(),
            column.kind.map_or("?".to_owned(), name),
            column.missing.to_string(),
            match column.distinct {
                most if most == wgrad::dataset::MOST_DISTINCT => format!("{most}+"),
                count => count.to_string(),
            },
            values(column, inspection.rows),
            column.becomes(),
        ]));
        let is_plain = column.role == "input" && ["numbers", "text"].contains(&column.why.as_str());
        if !is_plain && column.kind.is_some() {
            lines.push(format!("  {}", as_flags(&column.why)));
        }
    }
    lines.extend(classes(&inspection.classes));
    if !problems.is_empty() {
        lines.push(String::new());
        lines.extend(problems.iter().cloned());
    }
    lines
}

/// Lists classes with their shares.
pub(super) fn classes(classes: &[(String, usize)]) -> Vec<String> {
    if classes.is_empty() {
        return Vec::new();
    }
    let rows: usize = classes.iter().map(|(_, count)| count).sum();
    let mut lines = vec![String::new(), counted(classes.len(), "class")];
    let widest = classes.iter().map(|(name, _)| shown(name).width()).max();
    let width = widest.unwrap_or(0).min(40);
    for (name, count) in classes.iter().take(MOST_CLASSES) {
        let share = 100.0 * *count as f64 / rows.max(1) as f64;
        lines.push(format!(
            "  {} {count:>9} {share:5.1} %",
            fitted(name, width)
        ));
    }
    if classes.len() > MOST_CLASSES {
        lines.push(format!("  and {} more", classes.len() - MOST_CLASSES));
    }
    lines
}

/// Lists the columns that a model reads.
pub(super) fn model_columns(model: &Model) -> Vec<String> {
    let schema = &model.schema;
    let mut lines = vec![format!(
        "reads    {}, {} of the network",
        counted(schema.columns.len(), "column"),
        counted(schema.inputs, "input")
    )];
    for (c, name) in schema.columns.iter().enumerate() {
        let encoder = schema.encoder.as_ref().map(|encoder| &encoder.columns[c]);
        let what = match encoder {
            None => "number".to_owned(),
            Some(encoder) => described(encoder, true),
        };
        lines.push(format!("  {} {what}", fitted(name, WIDTHS[0])));
    }
    lines
}

/// Says what a column became: inputs of the network; and what fills a missing cell, if one `may_miss`.
pub(in crate::cli) fn described(encoder: &ColumnEncoder, may_miss: bool) -> String {
    let inputs = counted(encoder.width(), "input");
    let what = match encoder {
        ColumnEncoder::Number {
            fill, unit, edges, ..
        } => {
            let unit = match &unit[..] {
                "" => String::new(),
                unit => format!(" in {}", shown(unit)),
            };
            let bins = edges.len().saturating_sub(1);
            let bins = (bins > 0).then(|| format!(", in {}", counted(bins, "bin")));
            let filled = may_miss.then(|| format!(", {} if missing", short(*fill)));
            format!(
                "number{unit}{}{}",
                bins.unwrap_or_default(),
                filled.unwrap_or_default()
            )
        }
        ColumnEncoder::Flag { levels, fill, .. } => {
            let filled =
                may_miss.then(|| format!(", {} if missing", levels[usize::from(*fill > 0.5)]));
            format!(
                "flag, {} or {}{}",
                levels[0],
                levels[1],
                filled.unwrap_or_default()
            )
        }
        ColumnEncoder::Category { levels, .. } => {
            format!("category: {}", listed(levels.iter().map(String::as_str)))
        }
        ColumnEncoder::Time { .. } => "time".to_owned(),
    };
    let own = match encoder.tells_missing() {
        true => ", one of which says that it is missing",
        false => "",
    };
    format!("{what}; {inputs}{own}")
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 4;
    let names: Vec<&str> = names.collect();
    let more = names.len().saturating_sub(SHOWN);
    let first = names[..names.len().min(SHOWN)].join(", ");
    match more {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

fn name(kind: ColumnKind) -> String {
    let name = match kind {
        ColumnKind::Number => "number",
        ColumnKind::Flag => "flag",
        ColumnKind::Category => "category",
        ColumnKind::Time => "time",
        ColumnKind::Identifier => "identifier",
        ColumnKind::Text => "text",
        ColumnKind::Empty => "empty",
    };
    name.to_owned()
}

/// Describes the values of a column: a range, or the most frequent cells with their shares.
fn values(column: &ColumnReport, rows: usize) -> String {
    if let Some([low, high]) = column.range {
        return format!("{} to {}", short(low), short(high));
    }
    let share = |count: usize| (100.0 * count as f64 / rows.max(1) as f64).round();
    let cells = column.frequent.iter();
    let cells: Vec<String> = cells
        .map(|(cell, count)| format!("{cell} {}%", share(*count)))
        .collect();
    cells.join(", ")
}

/// Formats a line of the table.
fn row(cells: [String; 6]) -> String {
    let fit = |(cell, width): (&String, &usize)| fitted(cell, *width);
    let all: Vec<String> = cells.iter().zip(&WIDTHS).map(fit).collect();
    format!("{} {}", all.join(" "), shown(&cells[5]))
        .trim_end()
        .to_owned()
}

/// Cuts or pads text to a width.
fn fitted(text: &str, width: usize) -> String {
    let text = shown(text);
    let mut fitted = String::new();
    if text.width() <= width {
        fitted.push_str(&text);
    } else {
        for c in text.chars() {
            let next = format!("{fitted}{c}");
            if next.width() >= width {
                break;
            }
            fitted = next;
        }
        fitted.push('…');
    }
    let pad = width.saturating_sub(fitted.width());
    fitted + &" ".repeat(pad)
}
