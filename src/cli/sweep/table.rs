//! The ranking of a sweep as a table.

use super::variants::EPOCHS;
use serde_json::Value;
use wgrad::sweep::{Ranked, Setting, Spread};
use wgrad::text as words;

/// Maximum number of rows in the final table.
pub(super) const LONGEST: usize = 20;
/// Number of rows in the live table.
pub(super) const LIVE: usize = 6;

/// Describes a setting.
pub(super) fn name(setting: &Setting) -> String {
    let (hidden, lr) = (hidden(setting), setting.learning_rate);
    let mut name = format!(
        "hidden {hidden}, {}, lr {}",
        activation(setting),
        words::short(lr)
    );
    for (key, value) in &setting.values {
        let key = if key == EPOCHS { "epochs" } else { key };
        name += &format!(", {} {}", key.replace('_', " "), plain(Some(value)));
    }
    name
}

/// Formats the value of a setting that is varied; a dash if it has none.
fn plain(value: Option<&Value>) -> String {
    match value {
        None => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => match value.as_f64() {
            Some(number) if !value.is_u64() => words::short(number),
            _ => value.to_string(),
        },
    }
}

fn hidden(setting: &Setting) -> String {
    let widths: Vec<String> = setting.hidden.iter().map(ToString::to_string).collect();
    match widths.is_empty() {
        true => "0".to_owned(),
        false => widths.join("-"),
    }
}

fn activation(setting: &Setting) -> String {
    let value = clap::ValueEnum::to_possible_value(&setting.activation);
    value.map_or(String::new(), |value| value.get_name().to_owned())
}

/// Formats the best `most` settings, one per line, under a header.
pub(super) fn lines(ranked: &[Ranked], most: usize) -> Vec<String> {
    let differ = |of: fn(&Ranked) -> String| ranked.iter().any(|r| of(r) != of(&ranked[0]));
    let mut varied: Vec<&str> = Vec::new();
    for key in ranked.iter().flat_map(|r| r.what.values.keys()) {
        if !varied.contains(&&**key) {
            varied.push(key);
        }
    }
    let columns = Columns {
        varied: &varied,
        epochs: differ(|r| r.epochs.to_string()) && !varied.contains(&EPOCHS),
        networks: differ(networks),
        classes: ranked.iter().any(|r| r.accuracy.is_some()),
    };
    let mut rows = vec![heading(columns)];
    rows.extend(
        ranked
            .iter()
            .take(most)
            .enumerate()
            .map(|(i, r)| row(i + 1, r, columns)),
    );
    let mut lines = words::aligned(&rows, "  ");
    if ranked.len() > most {
        lines.push(format!("and {} more", ranked.len() - most));
    }
    if ranked.iter().take(most).any(|r| r.tied) {
        lines.push(
            "= as good as the first, within a standard error of their differences".to_owned(),
        );
    }
    lines
}

/// The columns of a table that not every table has.
#[derive(Clone, Copy)]
struct Columns<'a> {
    /// Other settings that are varied.
    varied: &'a [&'a str],
    epochs: bool,
    networks: bool,
    classes: bool,
}

fn heading(columns: Columns) -> Vec<String> {
    let mut heading = vec!["", "hidden", "activation", "lr"];
    // In 80 columns.
    let short = columns.varied.iter().map(|key| match *key {
        "batch_size" => "batch",
        "weight_decay" => "decay",
        EPOCHS => "epochs",
        key => key,
    });
    heading.extend(short);
    heading.extend(columns.epochs.then_some("epochs"));
    heading.extend(columns.networks.then_some("networks"));
    heading.extend(columns.classes.then_some("accuracy"));
    heading.extend(["loss", ""]);
    heading.into_iter().map(str::to_owned).collect()
}

fn row(place: usize, r: &Ranked, columns: Columns) -> Vec<String> {
    let mut row = vec![
        format!("{place}{}", if r.tied { "=" } else { " " }),
        hidden(&r.what),
        activation(&r.what),
        words::short(r.what.learning_rate),
    ];
    let values = columns.varied.iter().map(|key| r.what.values.get(*key));
    row.extend(values.map(plain));
    row.extend(columns.epochs.then(|| r.epochs.to_string()));
    row.extend(columns.networks.then(|| networks(r)));
    row.extend(columns.classes.then(|| spread(r.accuracy)));
    row.push(spread(r.loss));
    let mut notes = Vec::new();
    if r.diverged > 0 {
        notes.push(format!("{} diverged", r.diverged));
    }
    if r.dropped > 0 {
        notes.push(format!("{} dropped", r.dropped));
    }
    row.push(notes.join(", "));
    row
}

/// Formats the number of networks of a setting, and of how many if some were dropped.
fn networks(r: &Ranked) -> String {
    let all = r.trained + r.dropped + r.diverged;
    match r.trained > 0 && r.dropped > 0 {
        true => format!("best {} of {all}", r.trained),
        false => all.to_string(),
    }
}

fn spread(spread: Option<Spread>) -> String {
    match spread {
        Some(s) => words::spread(s.mean, s.deviation),
        None => "-".to_owned(),
    }
}
