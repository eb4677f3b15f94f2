//! The settings that a sweep or a search compared.

mod axes;

use crate::cli::chart::{Axis, Chart, Line, Look, Panel, Parallel, Route, Scale};
use crate::cli::html::{absent, chart, scrolled, table};
use axes::{Setting, settings};
use maud::{Markup, PreEscaped, html};
use serde_json::Value;
use wgrad::text::{counted, spread};

/// Maximum number of settings that are drawn, and of those in the table.
const MOST_DRAWN: usize = 300;
const MOST_LISTED: usize = 60;
/// Maximum number of networks that are drawn.
const MOST_DOTS: usize = 2000;

/// The score that settings are compared by.
struct Score {
    key: &'static str,
    /// What half a whisker is: the deviation of the networks, or the error of the mean.
    spread: &'static str,
}

impl Score {
    /// A search ranks by the loss, a grid by accuracy, if there is one.
    fn of(ranked: &[Value]) -> Score {
        let has = |key: &str| ranked.iter().any(|own| own[key]["mean"].is_number());
        let is_search = ranked.iter().any(|own| own["folds"].is_number());
        match is_search {
            true => Score {
                key: "loss",
                spread: "error",
            },
            false => Score {
                key: if has("accuracy") { "accuracy" } else { "loss" },
                spread: "deviation",
            },
        }
    }

    fn label(&self) -> String {
        match self.key {
            "loss" => "mean loss (lower is better)".to_owned(),
            key => format!("mean {key}"),
        }
    }

    fn mean(&self, own: &Value) -> Option<f64> {
        own[self.key]["mean"]
            .as_f64()
            .filter(|mean| mean.is_finite())
    }

    fn axis(&self) -> Axis {
        Axis::new(self.label(), Scale::Linear)
    }
}

/// Says which setting is the best, and how good it is.
pub(super) fn best(sweep: &Value) -> Option<String> {
    let ranked = sweep["ranked"].as_array()?;
    let score = Score::of(ranked);
    let mean = score.mean(ranked.first()?)?;
    let words: Vec<String> = settings(ranked)
        .iter()
        .map(|own| own.worded(&ranked[0]))
        .collect();
    let (count, key) = (counted(ranked.len(), "setting"), score.key);
    Some(match words.is_empty() {
        true => format!("The networks have a mean {key} of {mean:.4} on validation rows."),
        false => format!(
            "Of {count}, the best is {}, with a mean {key} of {mean:.4} on validation rows.",
            words.join(", ")
        ),
    })
}

/// Returns the section, of what `sweep.json` says.
pub(super) fn compared(sweep: &Value) -> Markup {
    let none = Vec::new();
    let ranked = sweep["ranked"].as_array().unwrap_or(&none);
    if ranked.is_empty() {
        return absent("sweep.json lists no setting.");
    }
    let score = Score::of(ranked);
    let varied = settings(ranked);
    let diverged = ranked
        .iter()
        .filter(|own| score.mean(own).is_none())
        .count();
    html! {
        p {
            (counted(ranked.len(), "setting")) ", ranked by the mean " (score.key) " on validation rows. These scores chose
            the best setting, so they flatter it: only test rows, which had no part in the choice, are an honest measure."
            @if diverged > 0 { " Not drawn: " (counted(diverged, "setting")) " that diverged." }
        }
        @if varied.is_empty() { p.soft { "All settings are the same: only the seeds or the folds differ." } }
        @else {
            (parallel(ranked, &varied, &score))
            h3 { "The score over each setting" }
            p {
                "Each mark is a setting. Where all marks of one value are better than those of another, the value matters;
                differences smaller than the ± in the table are noise."
                @if score.spread == "error" {
                    " A search drops the worse half after each fold: means of fewer folds are of other rows, and do not
                    quite compare."
                }
            }
            div.figures { @for setting in &varied { div { (over(ranked, setting, &score)) } } }
        }
        (list(ranked, &varied, &score))
        (folds(sweep, &score))
    }
}

fn whisker(score: &Score) -> &'static str {
    match score.spread {
        "error" => "the standard error of the mean over the folds",
        _ => "the standard deviation over networks",
    }
}

fn parallel(ranked: &[Value], varied: &[Setting], score: &Score) -> Markup {
    let mut axes: Vec<Axis> = varied.iter().map(|own| own.axis.clone()).collect();
    axes.push(Axis::new(format!("mean {}", score.key), Scale::Linear));
    let routes = ranked.iter().enumerate().filter_map(|(place, own)| {
        let mut values: Vec<f64> = varied.iter().map(|setting| setting.places[place]).collect();
        values.push(score.mean(own)?);
        let words: Vec<String> = varied.iter().map(|setting| setting.worded(own)).collect();
        let mean = score.mean(own)?;
        let name = format!(
            "{}. {}: {} {mean:.4}",
            place + 1,
            words.join(", "),
            score.key
        );
        Some(Route { name, values })
    });
    let drawn = Parallel {
        title: "Settings and their scores".to_owned(),
        axes,
        routes: routes.take(MOST_DRAWN).collect(),
    };
    let width = drawn.width();
    html! {
        h3 { "All settings at once" }
        p {
            "Each line is a setting: it crosses every axis at its value, and the last one at its score. The stronger a line,
            the better its rank; the best is thick."
            @if ranked.len() > MOST_DRAWN { " The best " (MOST_DRAWN) " are drawn." }
        }
        (scrolled("All settings at once", html! {
            div style=(format!("min-width:{:.0}px;max-width:{:.0}px", 0.85 * width, 1.35 * width)) {
                (PreEscaped(drawn.svg()))
            }
        }))
    }
}

/// Draws the score over a setting.
fn over(ranked: &[Value], setting: &Setting, score: &Score) -> Markup {
    let places = ranked.iter().zip(&setting.places).take(MOST_DRAWN);
    let points = places.filter_map(|(own, place)| Some((*place, score.mean(own)?)));
    let points: Vec<(f64, f64)> = points.collect();
    let best = points.first().copied().into_iter().collect();
    chart(&Chart {
        title: "The score".to_owned(),
        x: setting.axis.clone(),
        y: score.axis(),
        panels: vec![Panel {
            title: setting.name.to_owned(),
            lines: vec![
                Line::new("settings", points).drawn(Look::Marked),
                Line::new("the best", best).drawn(Look::Marked),
            ],
            ..Panel::default()
        }],
    })
}

fn list(ranked: &[Value], varied: &[Setting], score: &Score) -> Markup {
    let has = |key: &str| ranked.iter().any(|own| own[key]["mean"].is_number());
    let mut heading = vec!["#rank"];
    heading.extend(varied.iter().map(|setting| setting.name));
    let metrics: Vec<&str> = ["accuracy", "loss"]
        .into_iter()
        .filter(|key| has(key))
        .collect();
    heading.extend(metrics.iter().map(|key| match *key {
        "accuracy" => "#accuracy",
        _ => "#loss",
    }));
    heading.extend(["#folds", "#epochs", "#diverged"].iter().filter(|key| {
        let differs = |own: &Value| own[&key[1..]].as_u64() != ranked[0][&key[1..]].as_u64();
        ranked.iter().any(differs)
    }));
    let row = |(place, own): (usize, &Value)| {
        let tied = if place > 0 && own["tied"] == true {
            "="
        } else {
            ""
        };
        let mut cells = vec![format!("{}{tied}", place + 1)];
        cells.extend(varied.iter().map(|setting| setting.worded_value(own)));
        cells.extend(metrics.iter().map(|key| {
            let mean = own[*key]["mean"].as_f64();
            mean.map_or("-".to_owned(), |mean| {
                match own[*key][score.spread].as_f64() {
                    Some(half) => spread(mean, half),
                    None => wgrad::text::figure(mean),
                }
            })
        }));
        let rest = heading[cells.len()..].iter();
        let rest: Vec<String> = rest.map(|key| own[&key[1..]].to_string()).collect();
        cells.extend(rest);
        cells
    };
    let rows: Vec<Vec<String>> = ranked
        .iter()
        .enumerate()
        .take(MOST_LISTED)
        .map(row)
        .collect();
    let about = match ranked.len() > MOST_LISTED {
        true => format!("The best {MOST_LISTED} of {} settings", ranked.len()),
        false => "All settings, the best first".to_owned(),
    };
    let about = format!(
        "{about}. ± is {}; = is as good as the first, within a standard error",
        whisker(score)
    );
    table(&about, &heading, &rows)
}

/// Draws the networks of the best setting, fold by fold, if there are folds.
fn folds(sweep: &Value, score: &Score) -> Markup {
    let best = &sweep["ranked"][0];
    let is_best = |own: &&Value| axes::is_same(own, best);
    let networks = sweep["networks"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(is_best);
    let points: Vec<(f64, f64)> = networks
        .filter_map(|own| Some((own["fold"].as_f64()?, own[score.key].as_f64()?)))
        .collect();
    let points: Vec<(f64, f64)> = points
        .iter()
        .step_by(points.len().div_ceil(MOST_DOTS).max(1))
        .copied()
        .collect();
    let last = points.iter().map(|point| point.0).fold(0.0, f64::max);
    if last < 1.0 {
        return html! {};
    }
    let names = (0..=last as usize)
        .map(|fold| (fold + 1).to_string())
        .collect();
    let drawn = Chart {
        title: "The best setting".to_owned(),
        x: Axis::of_names("fold", names),
        y: Axis::new(score.key, Scale::Linear),
        panels: vec![Panel {
            title: "The best setting, fold by fold".to_owned(),
            lines: vec![Line::new("networks", points).drawn(Look::Dots)],
            ..Panel::default()
        }],
    };
    html! {
        h3 { "Cross-validation" }
        p {
            "Each dot is a network of the best setting, scored on the fold that it did not train on. If folds differ more
            than the networks of one fold, more rows help more than more networks."
        }
        (chart(&drawn))
    }
}
