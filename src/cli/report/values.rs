//! How right predicted values are.

use super::test_rows::Values;
use crate::cli::chart::{Axis, Chart, Histogram, Line, Look, Panel, Scale};
use crate::cli::html::{chart, figure, name, table};
use maud::{Markup, html};
use wgrad::text::{clipped, figure as number};
use wgrad::train::metrics::regression;

/// Maximum number of targets that are drawn, of dots of each, and of parts of a histogram.
const MOST_DRAWN: usize = 6;
const MOST_DOTS: usize = 1500;
const PARTS: usize = 30;

/// Returns the section.
pub(super) fn values(all: &[Values]) -> Markup {
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|own| {
            let scores = regression(&own.predicted, &own.truth);
            let mut row = vec![own.target.clone(), scores.r2.map_or("-".to_owned(), number)];
            let figures = [
                scores.rmse,
                scores.mae,
                scores.baseline.rmse,
                scores.baseline.mae,
            ];
            row.extend(figures.map(number));
            row
        })
        .collect();
    html! {
        p {
            "The root mean squared error weighs large errors more than the mean absolute error does; both are in the units
            of the target. R² is 1 for perfect predictions, and 0 for always predicting the mean."
        }
        (table(
            "Errors on the test rows, and those of always predicting the mean",
            &["target", "#R²", "#root mean squared", "#mean absolute", "#rms of the mean", "#absolute of the mean"],
            &rows,
        ))
        @for own in all.iter().take(MOST_DRAWN) {
            h3 { (name(&own.target, 60)) }
            p {
                "In the first chart, each dot is a test row: on the diagonal, the prediction is the truth. The second counts
                errors by their size; a good model's are around 0."
            }
            div.figures {
                div { (chart(&against(own))) }
                @if let Some(errors) = errors(own) { (figure(&errors.svg(), "Errors", "")) }
            }
        }
        @if all.len() > MOST_DRAWN { p.soft { "The first " (MOST_DRAWN) " targets are drawn." } }
    }
}

/// Draws predictions against truth.
fn against(own: &Values) -> Chart {
    let count = own.truth.len();
    let kept = (0..count.min(MOST_DOTS)).map(|k| k * count / count.min(MOST_DOTS));
    let points: Vec<(f64, f64)> = kept
        .map(|row| (own.truth[row], own.predicted[row]))
        .collect();
    let finite = points
        .iter()
        .filter(|(x, y)| x.is_finite() && y.is_finite());
    let ends = finite.flat_map(|(x, y)| [*x, *y]);
    let [low, high] = [
        ends.clone().fold(f64::INFINITY, f64::min),
        ends.fold(f64::NEG_INFINITY, f64::max),
    ];
    let name = clipped(&own.target, 24);
    Chart {
        title: "Predictions against the truth".to_owned(),
        x: Axis::new(format!("true {name}"), Scale::Linear),
        y: Axis::new(format!("predicted {name}"), Scale::Linear),
        panels: vec![Panel {
            title: "Predictions against the truth".to_owned(),
            lines: vec![
                Line::new("test rows", points).drawn(Look::Dots),
                Line::new("prediction = truth", vec![(low, low), (high, high)]).drawn(Look::Plain),
            ],
            ..Panel::default()
        }],
    }
}

fn errors(own: &Values) -> Option<Histogram> {
    let errors = own.predicted.iter().zip(&own.truth).map(|(p, t)| p - t);
    let what = format!("predicted - true {}", clipped(&own.target, 24));
    Histogram::of("Errors", &what, "test rows", errors, PARTS)
}
