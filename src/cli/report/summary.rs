//! The head of a report: what a run achieved, in a sentence and a few facts.

use super::material::Material;
use super::settings::best;
use super::test_rows::{Answers, Classes, TestRows};
use crate::cli::html::{facts, name, warning};
use crate::cli::run_folder::RunState;
use crate::cli::show::state;
use maud::{Markup, html};
use serde_json::Value;
use wgrad::text::{counted, figure};
use wgrad::train::metrics::{Regression, regression};

/// Returns what stands above the sections.
pub(super) fn head(material: &Material) -> Markup {
    let run = &material.run;
    let bad = run.is_diverged() || run.state == RunState::CutShort;
    let kind = match run.sweep.is_null() {
        true => "Run",
        false => "Sweep",
    };
    let end = run.end().unwrap_or(&Value::Null);
    let warnings = [&end["warnings"], &run.sweep["warnings"]];
    let warnings = warnings.into_iter().filter_map(Value::as_array).flatten();
    let notes = run.begin().and_then(|run| run["notes"].as_array());
    html! {
        h1 { (kind) " " (name(&run.path, 120)) }
        p { span.state.bad[bad] { (name(&state(run), 160)) } }
        @if let Some(best) = best(&run.sweep) { p.lead { (name(&best, 400)) } }
        p.lead { (sentence(material)) }
        (facts(&known(material)))
        @for text in warnings.filter_map(Value::as_str) { (warning(text)) }
        @for (what, why) in missing(material) { (warning(&format!("Not on this page: {what}. {why}"))) }
        @if let Some(notes) = notes.filter(|notes| !notes.is_empty()) {
            ul { @for note in notes.iter().take(12).filter_map(Value::as_str) { li.soft { (name(note, 300)) } } }
        }
    }
}

/// What the page lacks because a file cannot be read. The place of what a run never had says so itself.
fn missing(material: &Material) -> Vec<(&'static str, String)> {
    let run = &material.run;
    let mut missing = Vec::new();
    if let Err(why) = &material.model {
        missing.push(("the network and what became of the columns", why.clone()));
    }
    if let Err(why) = &material.data {
        missing.push(("what needs the data", sentence_of(why)));
    }
    if run.has("test.csv")
        && let Err(why) = &material.test
    {
        missing.push(("the test", why.clone()));
    }
    missing
}

/// Returns a message as a sentence.
pub(super) fn sentence_of(why: &str) -> String {
    let mut letters = why.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    let text = first.unwrap_or_default() + letters.as_str();
    match text.ends_with(['.', '!', '?']) || text.contains("wgrad report ") {
        true => text,
        false => text + ".",
    }
}

/// Says what the test rows say of the model.
fn sentence(material: &Material) -> Markup {
    match &material.test {
        Err(why) => html! { (name(why, 600)) },
        Ok(TestRows {
            answers: Answers::Classes(classes),
            numbers,
            ..
        }) => of_classes(classes, numbers.len()),
        Ok(TestRows {
            answers: Answers::Values(all),
            numbers,
            ..
        }) => html! {
            @for values in all.iter().take(3) {
                (of_values(&values.target, &regression(&values.predicted, &values.truth))) " "
            }
            @if all.len() > 3 { "The other targets are below. " }
            "That is on " (counted(numbers.len(), "test row")) ", which took no part in training."
        },
    }
}

fn of_classes(classes: &Classes, rows: usize) -> Markup {
    let right = rows - classes.mistakes().len();
    let share = percent(right as f64 / rows.max(1) as f64);
    let mut counts = vec![0; classes.names.len()];
    classes
        .truth
        .iter()
        .for_each(|class| counts[*class as usize] += 1);
    let most = (0..counts.len()).max_by_key(|class| counts[*class]);
    html! {
        "The model predicts " b { (name(&classes.target, 60)) } " correctly for " b { (right) " of " (rows) }
        " test rows (" (share) "), which took no part in training. "
        @if let Some(most) = most {
            "Always answering “" (name(&classes.names[most], 40)) "” would be right for "
            (counts[most]) " (" (percent(counts[most] as f64 / rows.max(1) as f64)) ")."
        }
    }
}

fn of_values(target: &str, scores: &Regression) -> Markup {
    html! {
        "The predictions of " b { (name(target, 60)) } " are off by " b { (figure(scores.mae)) }
        " in the mean; always predicting the mean, by " (figure(scores.baseline.mae)) "."
    }
}

/// Formats a share.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// What, its figure, and a remark.
type Fact = (&'static str, String, String);

fn known(material: &Material) -> Vec<Fact> {
    [scores(material), sizes(material), course(material)].concat()
}

/// The scores on the test rows.
fn scores(material: &Material) -> Vec<Fact> {
    let run = &material.run;
    let end = run.end().unwrap_or(&Value::Null);
    let best = &run.sweep["best"];
    let mut facts = Vec::new();
    let number = |key: &str| end[key].as_f64().or(best[key].as_f64());
    if let Some(accuracy) = number("test_accuracy") {
        let accuracy = format!("{accuracy:.4}");
        facts.push(("Test accuracy", accuracy, baseline(material)));
    }
    let values = [&end["test_values"], &best["test_values"]];
    let values = values.into_iter().filter_map(Value::as_array).flatten();
    for own in values.take(3) {
        if let (Some(r2), Some(target)) = (own["r2"].as_f64(), own["target"].as_str()) {
            let more = format!("{target}: 1 is perfect, 0 is the mean");
            facts.push(("Test R²", format!("{r2:.4}"), more));
        }
    }
    if let Some(loss) = number("test_loss") {
        let kind = run.config["loss"]["kind"].as_str().unwrap_or_default();
        facts.push(("Test loss", figure(loss), kind.to_owned()));
    }
    facts
}

/// The numbers of rows, parameters and settings.
fn sizes(material: &Material) -> Vec<Fact> {
    let run = &material.run;
    let mut facts = Vec::new();
    let rows = |part: &str| run.about["data"]["rows"][part].as_u64();
    if let (Some(train), Some(val), Some(test)) = (rows("train"), rows("validation"), rows("test"))
    {
        let mut more = format!("to train on; {val} for validation, {test} for the test");
        if let Some(folds) = run.about["data"]["folds"].as_u64() {
            more += &format!(" (in the first of {folds} folds)");
        }
        facts.push(("Rows", train.to_string(), more));
    }
    if let Ok(model) = &material.model {
        let more = match model.networks().count() {
            1 => model.mlp.to_string(),
            many => format!("in each of {many} networks {}", model.mlp),
        };
        facts.push(("Parameters", model.mlp.parameters.len().to_string(), more));
    }
    if let Some(ranked) = run.sweep["ranked"].as_array() {
        let networks = run.sweep["networks"].as_array();
        let more = networks.map(|all| counted(all.len(), "network"));
        let settings = ranked.len().to_string();
        facts.push(("Settings", settings, more.unwrap_or_default()));
    }
    facts
}

/// How long the run took, and which epoch was kept.
fn course(material: &Material) -> Vec<Fact> {
    let run = &material.run;
    let end = run.end().unwrap_or(&Value::Null);
    let mut facts = Vec::new();
    if let Some(kept) = end["kept_epoch"].as_u64() {
        let of = format!("of {}", counted(run.epochs().count(), "epoch"));
        let more = match run.refit_rows() {
            None => of,
            Some(rows) => format!(
                "{of}; the model was then trained anew that far, on all {rows} training and validation rows"
            ),
        };
        facts.push(("Kept epoch", kept.to_string(), more));
    }
    let own = |key: &str| [end[key].clone(), run.sweep[key].clone()];
    if let Some(seconds) = own("elapsed_s").iter().find_map(Value::as_f64) {
        let device = own("device")
            .iter()
            .find_map(Value::as_str)
            .map(str::to_owned);
        facts.push((
            "Time",
            format!("{seconds:.1} s"),
            device.unwrap_or_default(),
        ));
    }
    facts
}

fn baseline(material: &Material) -> String {
    let run = &material.run;
    let end = run.end().unwrap_or(&Value::Null);
    let found = [&end["test_baseline"], &run.sweep["best"]["test_baseline"]];
    let found = found.into_iter().find_map(|base| base["accuracy"].as_f64());
    found.map_or(String::new(), |share| {
        format!("the most frequent class has {share:.4}")
    })
}
