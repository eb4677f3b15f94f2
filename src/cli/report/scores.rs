//! How right predicted classes are: class by class, and which is taken for which.

use super::test_rows::Classes;
use crate::cli::html::{name, scrolled, table};
use maud::{Markup, html};
use wgrad::train::metrics::{ClassScores, confusion, log_loss, roc_auc, worst_pairs};

/// Maximum number of classes in the matrix, and in the table of classes.
const MOST_IN_MATRIX: usize = 30;
const MOST_IN_TABLE: usize = 60;
/// Maximum number of confusions that are listed.
const MOST_PAIRS: usize = 10;
/// Maximum number of letters of a class.
const LONGEST: usize = 30;

/// Returns the section.
pub(super) fn scores(classes: &Classes) -> Markup {
    let count = classes.names.len();
    let scores = ClassScores::new(&classes.predicted, &classes.truth, count);
    html! {
        (of_probabilities(classes))
        h3 { "Confusion matrix" }
        p {
            "Each row is a true class, each column what the model took it for: what is off the diagonal is a mistake.
            The stronger the colour of a cell, the larger its share of the rows of its true class."
        }
        @if count <= MOST_IN_MATRIX { (matrix(classes)) }
        @else {
            p.soft { "A matrix of " (count) " classes would be too large to read: the most frequent mistakes are listed." }
        }
        (pairs(classes))
        h3 { "Class by class" }
        p {
            "Precision is the share of right answers among those that name the class; recall, the share of the class that
            is found; F1, their harmonic mean. 1 is perfect."
        }
        (each(classes, &scores))
    }
}

/// What the probabilities of two classes say: of more, the list of test rows has only that of the answer.
fn of_probabilities(classes: &Classes) -> Markup {
    if classes.names.len() != 2 {
        return html! {};
    }
    let rows = classes.predicted.iter().zip(&classes.probabilities);
    let both: Vec<f32> = rows
        .flat_map(|(class, p)| match class {
            0 => [*p as f32, 1.0 - *p as f32],
            _ => [1.0 - *p as f32, *p as f32],
        })
        .collect();
    let found = [
        (
            "ROC AUC",
            roc_auc(&both, &classes.truth, 2),
            "the chance that a row of the second class gets a higher probability of it than one of the first; 0.5 is guessing",
        ),
        (
            "log loss",
            log_loss(&both, &classes.truth, 2),
            "lower is better; 0.693 is guessing",
        ),
    ];
    html! {
        @for (what, value, meaning) in found {
            @if let Some(value) = value {
                p { b { (what) " " (format!("{value:.4}")) } ": " (meaning) "." }
            }
        }
    }
}

fn matrix(classes: &Classes) -> Markup {
    let counts = confusion(&classes.predicted, &classes.truth, classes.names.len());
    let about = format!(
        "Confusion matrix of {}, in rows of the test",
        classes.target
    );
    let names: Vec<String> = classes.names.iter().map(|own| name(own, LONGEST)).collect();
    scrolled(
        &name(&about, 120),
        html! {
            table.heat {
                thead { tr {
                    th.corner scope="col" { "true ↓  predicted →" }
                    @for own in &names { th scope="col" { (own) } }
                } }
                tbody {
                    @for (truth, row) in counts.iter().enumerate() {
                        tr {
                            th scope="row" { (names[truth]) }
                            @for (predicted, count) in row.iter().enumerate() {
                                td.hit[truth == predicted].none[*count == 0]
                                    style={"--s:" (shade(*count, row))} { (count) }
                            }
                        }
                    }
                }
            }
        },
    )
}

/// Returns how dark a cell is, from 0 to 1. The root shows single mistakes too.
fn shade(count: usize, row: &[usize]) -> String {
    let all: usize = row.iter().sum();
    let share = count as f64 / all.max(1) as f64;
    format!("{:.2}", share.sqrt())
}

fn pairs(classes: &Classes) -> Markup {
    let pairs = worst_pairs(&classes.predicted, &classes.truth, MOST_PAIRS);
    let rows: Vec<Vec<String>> = pairs
        .iter()
        .map(|(truth, predicted, count)| {
            let [truth, predicted] =
                [truth, predicted].map(|class| classes.names[*class as usize].clone());
            vec![truth, predicted, count.to_string()]
        })
        .collect();
    match rows.is_empty() {
        true => html! { p { "No test row is classified wrongly." } },
        false => table(
            "The most frequent mistakes",
            &["true", "predicted", "#rows"],
            &rows,
        ),
    }
}

fn each(classes: &Classes, scores: &ClassScores) -> Markup {
    let mut shown: Vec<usize> = (0..classes.names.len()).collect();
    let all = shown.len();
    if all > MOST_IN_TABLE {
        let f1 = |class: &usize| scores.classes[*class].f1;
        shown.retain(|class| scores.classes[*class].rows > 0);
        shown.sort_by(|a, b| f1(a).total_cmp(&f1(b)));
        shown.truncate(MOST_IN_TABLE);
    }
    let cells = |v: [f64; 3]| v.map(|v| format!("{v:.4}"));
    let mut rows: Vec<Vec<String>> = Vec::new();
    for class in &shown {
        let own = &scores.classes[*class];
        let mut row = vec![classes.names[*class].clone()];
        row.extend(cells([own.precision, own.recall, own.f1]));
        row.push(own.rows.to_string());
        rows.push(row);
    }
    for (what, own) in [
        ("mean of the classes", scores.macro_average),
        ("mean, weighted by rows", scores.weighted_average),
    ] {
        let mut row = vec![what.to_owned()];
        row.extend(cells([own.precision, own.recall, own.f1]));
        row.push(classes.truth.len().to_string());
        rows.push(row);
    }
    let about = match shown.len() < all {
        true => format!("The {} of {all} classes with the lowest F1", shown.len()),
        false => "Scores on the test rows".to_owned(),
    };
    table(
        &about,
        &["class", "#precision", "#recall", "#F1", "#rows"],
        &rows,
    )
}
