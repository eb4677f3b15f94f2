//! The curves of a training run: losses and accuracy by epoch.

use crate::cli::chart::{Axis, Chart, Line, Look, Panel, Scale};
use crate::cli::html::{absent, chart, folded, table};
use crate::cli::run_folder::RunFiles;
use maud::{Markup, html};
use serde_json::Value;
use wgrad::text::figure;

/// Maximum number of points of a curve, and of networks whose curves are drawn.
const MOST_POINTS: usize = 240;
const MOST_NETWORKS: u64 = 16;
/// Maximum number of epochs in the table.
const MOST_ROWS: usize = 25;

/// Returns the section; `None` for a sweep, whose networks have no log.
pub(super) fn curves(run: &RunFiles) -> Option<Markup> {
    let epochs: Vec<&Value> = run.epochs().collect();
    if epochs.is_empty() {
        let why = "No epoch has ended: there is no curve to draw.";
        return run.sweep.is_null().then(|| absent(why));
    }
    let has = |key: &str| epochs.iter().any(|epoch| epoch[key].is_number());
    let networks = epochs.iter().filter_map(|epoch| epoch["network"].as_u64());
    let networks = networks.max().unwrap_or(1);
    let kept = run.end().and_then(|end| end["kept_epoch"].as_u64());
    let kept = kept.filter(|kept| *kept > 0 && networks == 1);
    let mut panels = vec![panel(
        &epochs,
        networks,
        "Loss by epoch",
        &["train_loss", "val_loss"],
    )];
    if has("val_accuracy") {
        panels.push(panel(
            &epochs,
            networks,
            "Accuracy by epoch",
            &["val_accuracy"],
        ));
    }
    for panel in &mut panels {
        let note = kept.map(|kept| (kept as f64, format!("kept, epoch {kept}")));
        panel.notes.extend(note);
    }
    let drawn = Chart {
        title: "Training".to_owned(),
        x: Axis::new("epoch", Scale::Linear),
        y: Axis::new("loss", Scale::Linear),
        panels,
    };
    Some(html! {
        p {
            "The loss is what training lowers; lower is better. "
            @if has("val_loss") {
                "Validation rows take no part in the steps: where their loss rises while the training loss falls,
                the network learns its rows by heart. "
            }
            @if let Some(rows) = run.refit_rows() {
                "The curves chose the epoch to stop at. The model itself was then trained anew as far as that, on all "
                (rows) " training and validation rows. "
            }
            @if networks > MOST_NETWORKS { "The first " (MOST_NETWORKS) " of " (networks) " networks are drawn." }
        }
        (chart(&drawn))
        (folded("The numbers of these curves", numbers(&epochs, networks)))
    })
}

/// Draws some figures of each epoch.
fn panel(epochs: &[&Value], networks: u64, title: &str, keys: &[&str]) -> Panel {
    let mut lines = Vec::new();
    for network in 1..=networks.min(MOST_NETWORKS) {
        for key in keys {
            let own = epochs
                .iter()
                .filter(|epoch| epoch["network"].as_u64().unwrap_or(1) == network);
            let points =
                own.filter_map(|epoch| Some((epoch["epoch"].as_f64()?, epoch[*key].as_f64()?)));
            let points = thinned(&points.collect::<Vec<_>>());
            let name = match *key {
                "train_loss" => "training rows",
                _ => "validation rows",
            };
            let (name, look) = match networks {
                1 => (name.to_owned(), Look::Joined),
                _ => (format!("{name}, each network"), Look::Plain),
            };
            if !points.is_empty() {
                lines.push(Line::new(name, points).drawn(look));
            }
        }
    }
    let is_loss = keys.contains(&"train_loss");
    let positive = |line: &Line| line.points.iter().all(|point| point.1 > 0.0);
    let y = match is_loss && lines.iter().all(positive) {
        true => Axis::new("loss (log scale)", Scale::Log),
        false if is_loss => Axis::new("loss", Scale::Linear),
        false => Axis::new("accuracy (share of rows)", Scale::Linear),
    };
    Panel {
        title: title.to_owned(),
        lines,
        y: Some(y),
        notes: Vec::new(),
    }
}

/// Keeps so many points that nobody sees a difference: evenly spaced ones, and the lowest.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let last = points.len() - 1;
    let lowest = (0..points.len()).min_by(|a, b| points[*a].1.total_cmp(&points[*b].1));
    let mut kept: Vec<usize> = (0..MOST_POINTS)
        .map(|k| k * last / (MOST_POINTS - 1))
        .collect();
    kept.extend(lowest);
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter().map(|k| points[k]).collect()
}

/// Returns a table of some epochs.
fn numbers(epochs: &[&Value], networks: u64) -> Markup {
    let last = epochs.len() - 1;
    let rows = epochs.len().min(MOST_ROWS);
    let mut kept: Vec<usize> = (0..rows).map(|k| k * last / (rows - 1).max(1)).collect();
    kept.dedup();
    let cell = |epoch: &Value, key: &str| epoch[key].as_f64().map_or("-".to_owned(), figure);
    let rows: Vec<Vec<String>> = kept
        .into_iter()
        .map(|k| {
            let epoch = epochs[k];
            let number = match networks {
                1 => epoch["epoch"].to_string(),
                _ => format!("{} of network {}", epoch["epoch"], epoch["network"]),
            };
            let mut row = vec![number];
            row.extend(["train_loss", "val_loss", "val_accuracy"].map(|key| cell(epoch, key)));
            let speed = epoch["samples_per_s"].as_f64();
            row.push(speed.map_or("-".to_owned(), |speed| format!("{speed:.0}")));
            row
        })
        .collect();
    let heading = [
        "#epoch",
        "#training loss",
        "#validation loss",
        "#validation accuracy",
        "#rows/s",
    ];
    let about = match rows.len() == epochs.len() {
        true => "Every epoch",
        false => "Some of the epochs; metrics.jsonl has all",
    };
    table(about, &heading, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_keeps_its_ends_and_its_lowest_point() {
        let points: Vec<(f64, f64)> = (0..5000)
            .map(|k| (f64::from(k), (f64::from(k) - 1234.0).abs()))
            .collect();
        let kept = thinned(&points);
        assert!(kept.len() <= MOST_POINTS + 1);
        assert_eq!((kept[0].0, kept[kept.len() - 1].0), (0.0, 4999.0));
        assert!(kept.contains(&(1234.0, 0.0)));
        assert_eq!(thinned(&points[..9]), points[..9]);
    }
}
