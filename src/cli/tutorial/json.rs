//! The tutorial as a JSON object.

use super::outcome::Outcome;
use crate::cli::devices;
use serde_json::{Value, json};
use wgrad::device::Device;
use wgrad::tutorial::bounds::Measured;
use wgrad::tutorial::claims::Judged;
use wgrad::tutorial::data::NetworkData;
use wgrad::tutorial::quantity::{self, Quantity};
use wgrad::tutorial::text::Lang;
use wgrad::tutorial::walk::numbers;
use wgrad::tutorial::{Biases, Report, Row, State, render};

/// Returns everything that was computed.
pub(super) fn object(outcome: &Outcome) -> Value {
    let device = &outcome.device;
    let driver = match device {
        Device::Cpu => Value::Null,
        Device::Gpu(gpu) => json!(devices::driver(&gpu.info)),
    };
    let mut object = json!({
        "adapter": device.name(),
        "backend": device.backend(),
        "driver": driver,
    });
    let own = match &outcome.report {
        Some(report) => article(report, outcome.lang),
        None => homework(outcome),
    };
    let first = quantity::all(outcome.network, outcome.run.first());
    let quantities: Vec<Value> = first
        .iter()
        .map(|q| quantity(q, &outcome.measured))
        .collect();
    let judged: Vec<Value> = outcome
        .judged
        .iter()
        .map(|one| claim(one, outcome.lang))
        .collect();
    let shared = json!({
        "quantities": quantities,
        "curve": outcome.run.curve,
        "claims": judged,
        "ok": outcome.ok(),
    });
    for part in [own, shared] {
        if let (Value::Object(all), Value::Object(part)) = (&mut object, part) {
            all.extend(part);
        }
    }
    object
}

/// Returns the keys of the article.
fn article(report: &Report, lang: Lang) -> Value {
    let settings = &report.settings;
    let figures: Vec<Value> = report.rows.iter().map(|row| figure(row, lang)).collect();
    json!({
        "rounds": settings.rounds,
        "order": settings.order,
        "biases": biases(settings.biases == Biases::Trained),
        "figures": figures,
        "after_one_round": state(&report.after_one),
        "after": state(&report.after),
        "after_reference": state(&report.after_reference),
    })
}

/// Returns the keys of a learner's network.
fn homework(outcome: &Outcome) -> Value {
    let (network, run) = (outcome.network, &outcome.run);
    let last = run.passes.iter().find(|pass| pass.round == network.rounds);
    json!({
        "network": NetworkData::of(network),
        "rows": network.rows,
        "rounds": network.rounds,
        "order": network.order,
        "biases": biases(network.train_bias),
        "after": {"error": outcome.error_after},
        "after_reference": {
            "error": last.map(|pass| pass.error),
            "layers": last.map(|pass| &pass.before),
        },
        "diverged": run.diverged,
    })
}

fn biases(trained: bool) -> &'static str {
    if trained { "trained" } else { "frozen" }
}

/// Returns a quantity of the first round, with the device's value if it leaves it in a buffer.
fn quantity(quantity: &Quantity, measured: &[Measured]) -> Value {
    let mut record = json!({
        "where": quantity.heading.key(),
        "symbol": quantity.name,
        "reference": quantity.value,
    });
    if let Some(m) = measured.iter().find(|m| m.exact.name == quantity.name) {
        record["computed"] = json!(m.computed);
        record["ok"] = json!(m.holds());
    }
    record
}

fn claim(judged: &Judged, lang: Lang) -> Value {
    let slip = |(slip, value): &(_, f64)| {
        let slip: wgrad::tutorial::claims::Slip = *slip;
        json!({"slip": slip.key(), "value": value, "note": numbers::said(slip, lang)})
    };
    let slips: Vec<Value> = judged.slips.iter().map(slip).collect();
    json!({
        "symbol": judged.claim.name,
        "round": judged.claim.round,
        "given": judged.claim.typed,
        "right": judged.right,
        "verdict": judged.verdict,
        "slips": slips,
        "other": judged.other,
        "ambiguous": judged.ambiguous,
    })
}

fn figure(row: &Row, lang: Lang) -> Value {
    let mut record = json!({
        "where": row.figure.heading.key(),
        "symbol": row.figure.symbol,
        "printed": row.figure.printed,
        "reference": row.reference,
        "computed": row.computed,
        "verdict": row.verdict.to_string(),
    });
    if let Some(note) = render::note(row, lang) {
        record["note"] = json!(note);
    }
    record
}

fn state(state: &State) -> Value {
    json!({
        "error": state.error,
        "outputs": state.outputs,
        "weights": state.weights,
        "biases": state.biases,
    })
}
