//! The page of a benchmark.

use super::crossover::{Crossover, crossovers};
use super::drawing::{panel_of, shares, speeds};
use super::measured::Measured;
use super::table::{columns, microseconds};
use crate::cli::chart::Chart;
use crate::cli::html::{Page, Section, chart, facts, name, table, warning};
use maud::{Markup, html};
use wgrad::text::counted;
use wgrad::threads::threads;

/// Returns the page.
pub(super) fn page(measured: &Measured) -> String {
    let crossings = crossovers(&measured.rows);
    let mut sections = vec![
        Section {
            id: "speed",
            title: "Speed",
            body: speed(measured, &crossings),
        },
        Section {
            id: "peak",
            title: "Share of the peak",
            body: peak(measured),
        },
        Section {
            id: "figures",
            title: "All figures",
            body: figures(measured),
        },
    ];
    if !measured.skipped.is_empty() {
        sections.push(Section {
            id: "skipped",
            title: "Not measured",
            body: skipped(measured),
        });
    }
    Page {
        title: "wgrad bench: CPU and GPU side by side".to_owned(),
        head: head(measured, &crossings),
        sections,
    }
    .text()
}

fn head(measured: &Measured, crossings: &[Crossover]) -> Markup {
    let peaks: Vec<(&str, String, String)> = measured
        .ceilings
        .iter()
        .map(|own| {
            let more = format!("{}; copies {:.1} GB/s", own.adapter, own.copy_gb_per_s);
            ("Peak", format!("{:.1} GFLOP/s", own.gflops), more)
        })
        .collect();
    html! {
        h1 { "CPU and GPU side by side" }
        p.lead {
            "The time of a training step, by network, batch size and device, on this machine with "
            (counted(threads(), "thread")) ", measured by wgrad " (env!("CARGO_PKG_VERSION")) "."
        }
        (facts(&peaks))
        @if measured.interrupted { (warning("The benchmark was interrupted: what it had measured is here.")) }
        @if let Some(why) = &measured.failure { (warning(&format!("A device failed: {why}"))) }
        @if crossings.is_empty() {
            p { "Only one kind of device was measured: there is nothing to compare." }
        } @else {
            ul { @for own in crossings { li { (name(&own.sentence(), 300)) } } }
        }
    }
}

fn speed(measured: &Measured, crossings: &[Crossover]) -> Markup {
    let mut drawn = speeds(&measured.rows);
    for panel in &mut drawn.panels {
        let own = crossings.iter();
        let own = own.filter(|own| panel_of(&own.layers, own.networks) == panel.title);
        panel.notes = own.filter_map(Crossover::note).collect();
    }
    html! {
        p {
            "Rows that a device trains on in a second, over the rows of a batch; more is better. A panel is a network, a
            line a device. A dashed upright line marks the batch from which on a GPU is faster than the CPU."
        }
        (chart(&drawn))
    }
}

fn peak(measured: &Measured) -> Markup {
    let drawn: Chart = shares(&measured.rows);
    html! {
        p {
            "What a step reaches of the arithmetic that its device can do at most. The peak is that of a large product of
            matrices, or of the fastest step, if that is faster. Small batches of small networks have little to compute, and
            wait for the start of each step."
        }
        (chart(&drawn))
        (table(
            "The peak of each device",
            &["device", "#GFLOP/s", "measured with", "#copies, GB/s"],
            &measured.ceilings.iter().map(|own| vec![
                own.adapter.clone(),
                format!("{:.1}", own.gflops),
                own.of.clone(),
                format!("{:.1}", own.copy_gb_per_s),
            ]).collect::<Vec<_>>(),
        ))
    }
}

fn figures(measured: &Measured) -> Markup {
    let columns = columns(&measured.rows);
    let is_text = |name: &str| ["layers", "device", "family"].contains(&name);
    let heading: Vec<String> = columns
        .iter()
        .map(|(name, _)| match is_text(name) {
            true => (*name).to_owned(),
            false => format!("#{name}"),
        })
        .collect();
    let heading: Vec<&str> = heading.iter().map(String::as_str).collect();
    let rows =
        (0..measured.rows.len()).map(|row| columns.iter().map(|(_, of)| of[row].clone()).collect());
    let rows: Vec<Vec<String>> = rows.collect();
    let fastest = measured
        .rows
        .iter()
        .map(|row| row.us_per_step)
        .fold(f64::INFINITY, f64::min);
    html! {
        p {
            "us/step is the time of a step, including waits; “on device”, the same by the adapter's own clock, if it has
            one; “ceiling”, the share of the peak. The shortest step took " (microseconds(fastest)) " us."
        }
        (table("All measurements", &heading, &rows))
    }
}

fn skipped(measured: &Measured) -> Markup {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let rows: Vec<Vec<String>> = measured
        .skipped
        .iter()
        .map(|own| {
            let batch = own.batch.map_or("-".to_owned(), |batch| batch.to_string());
            let family = own.family.map_or("-", |family| family.name());
            vec![
                text(&own.adapter),
                text(&own.layers),
                batch,
                family.to_owned(),
                own.why.clone(),
            ]
        })
        .collect();
    table(
        "What was skipped, and why",
        &["device", "layers", "#batch", "family", "why"],
        &rows,
    )
}
