//! The networks of an ensemble, each by itself.

use crate::cli::html::table;
use crate::cli::run_folder::RunFiles;
use maud::{Markup, html};
use serde_json::Value;
use wgrad::text::figure;

/// Maximum number of networks in the table.
const MOST: usize = 64;

/// Scores in the log, and their names.
const SCORES: [(&str, &str); 4] = [
    ("val_loss", "#validation loss"),
    ("val_accuracy", "#validation accuracy"),
    ("test_loss", "#test loss"),
    ("test_accuracy", "#test accuracy"),
];

/// Returns the section; `None` for one network, or if the ensemble has not ended.
pub(super) fn members(run: &RunFiles) -> Option<Markup> {
    let end = run.end()?;
    let networks = end["networks"].as_array()?;
    let number = |own: &Value, key: &str| own[key].as_f64().map_or("-".to_owned(), figure);
    let scores = SCORES.into_iter();
    let scores = scores.filter(|(key, _)| networks.iter().any(|own| own[*key].is_number()));
    let scores: Vec<(&str, &str)> = scores.collect();
    let mut heading = vec!["#network", "#seed", "#epochs", "#kept epoch"];
    heading.extend(scores.iter().map(|(_, name)| *name));
    let row = |own: &Value| {
        let mut cells = vec![own["network"].to_string(), own["seed"].to_string()];
        cells.extend(["epochs", "kept_epoch"].map(|key| own[key].to_string()));
        cells.extend(scores.iter().map(|(key, _)| number(own, key)));
        cells
    };
    let rows: Vec<Vec<String>> = networks.iter().take(MOST).map(row).collect();
    let together = [number(end, "test_loss"), number(end, "test_accuracy")];
    let out = end["out_of_fold"]["accuracy"].as_f64();
    Some(html! {
        p {
            "The model predicts the mean of its networks: their test loss together is " b { (together[0]) }
            @if together[1] != "-" { ", and their accuracy " b { (together[1]) } }
            ", beside that of each alone."
            @if let Some(accuracy) = out {
                " On rows outside the test, each predicted by networks that did not train on it, the accuracy is "
                (figure(accuracy)) "."
            }
        }
        (table("Each network alone", &heading, &rows))
        @if networks.len() > MOST { p.soft { "The first " (MOST) " of " (networks.len()) " networks are listed." } }
    })
}
