//! Tests of learners' networks: their numbers, and the walk.

use crate::naive::{self, NONE};
use crate::networks::{ALL, network, networks};
use crate::{ensure, near};
use libtest_mimic::Failed;
use unicode_width::UnicodeWidthStr;
use wgrad::device::Device;
use wgrad::plan::Order;
use wgrad::tutorial::render::{Style, section};
use wgrad::tutorial::run::{self, Run};
use wgrad::tutorial::text::Lang;
use wgrad::tutorial::walk::{self, View};
use wgrad::tutorial::{article, check, homework, quantity};

/// Compares every round up to some with loops, in all their quantities.
pub(crate) fn figures_of_loops() -> Result<(), Failed> {
    for (name, text) in &ALL[..3] {
        let network = network(text);
        let mut layers = naive::layers(&network);
        for (k, pass) in run::passes(&network, &[0, 1, 2, 3, 4])?.iter().enumerate() {
            let round = naive::round(&network, &layers, &NONE);
            let mut expected = Vec::new();
            for n in 0..network.rows.len() {
                for l in 0..network.layers.len() {
                    for j in 0..network.layers[l].neurons.len() {
                        expected.push((round.net[n][l][j], pass.rows[n].net[l][j]));
                        expected.push((round.out[n][l][j], pass.rows[n].out[l][j]));
                        expected.push((round.delta[n][l][j], pass.rows[n].delta[l][j]));
                    }
                }
                expected.push((round.errors[n], pass.rows[n].error));
                expected.push((round.errors[n], pass.rows[n].errors.iter().sum()));
            }
            let found = [&pass.gradient, &pass.after];
            for (layers, tensors) in [&round.gradient, &round.after].into_iter().zip(found) {
                for ((weights, biases), tensors) in layers.iter().zip(tensors) {
                    expected.extend(weights.concat().into_iter().zip(tensors.weight.concat()));
                    expected.extend(biases.iter().copied().zip(tensors.bias.iter().copied()));
                }
            }
            for (right, found) in expected {
                near(&format!("{name}, round {k}"), found, right, 1e-10)?;
            }
            layers = round.after;
        }
    }
    Ok(())
}

/// Checks the factors that the walk shows against the products that the plan computes.
pub(crate) fn factors() -> Result<(), Failed> {
    for (name, text) in ALL {
        let network = network(text);
        let pass = &run::passes(&network, &[0])?[0];
        let all = quantity::all(&network, pass);
        let value = |name: String| {
            let found = all.iter().find(|q| q.name == name);
            found.map_or(f64::NAN, |q| q.value)
        };
        for (l, layer) in network.layers.iter().enumerate() {
            for n in 0..network.rows.len() {
                let tag = quantity::of_row(&network, n);
                for neuron in &layer.neurons {
                    let delta = value(format!("delta_{neuron}{tag}"));
                    if network.is_softmax(l) {
                        continue;
                    }
                    let by_out = value(format!("dE_total/dout_{neuron}{tag}"));
                    let slope = value(format!("dout_{neuron}/dnet_{neuron}{tag}"));
                    near(
                        &format!("{name}: delta_{neuron}{tag}"),
                        by_out * slope,
                        delta,
                        1e-12,
                    )?;
                }
            }
        }
        let mean: f64 = pass
            .rows
            .iter()
            .map(|row| row.errors.iter().sum::<f64>())
            .sum::<f64>();
        near(name, mean / pass.rows.len() as f64, pass.error, 1e-12)?;
    }
    Ok(())
}

pub(crate) fn on_a_device(device: &Device) -> Result<(), Failed> {
    for (name, network) in networks() {
        let run = Run::exact(&network)?;
        let measured = check::first_round(device, &network, run.first(), |_| ())?;
        for m in &measured {
            ensure(m.holds(), || format!("{name}: {m:?}"))?;
        }
        let last = run.passes.iter().find(|pass| pass.round == network.rounds);
        let exact = last.ok_or(name)?.error;
        let error = check::error_after(device, &network)?;
        near(name, error, exact, 1e-3 * exact + 1e-6)?;
    }
    Ok(())
}

/// Walks every network in both languages, at 80 columns, and finds each quantity in the text.
pub(crate) fn widths() -> Result<(), Failed> {
    for (name, network) in networks() {
        let run = Run::exact(&network)?;
        let measured = check::first_round(&Device::Cpu, &network, run.first(), |_| ())?;
        for lang in [Lang::En, Lang::Zh] {
            let view = View {
                network: &network,
                run: &run,
                measured: &measured,
                notes: &[],
                lang,
            };
            let style = Style {
                lang,
                colour: false,
            };
            let mut parts = walk::sections(&view);
            parts.extend(walk::end(&view, 0.125));
            let page: String = parts.iter().map(|part| section(part, style)).collect();
            let wide = page.lines().find(|line| line.width() > 80);
            ensure(wide.is_none(), || format!("{name}: {wide:?}"))?;
            ensure(!page.contains(['{', '}']), || page.clone())?;
            ensure(!page.contains("NaN"), || page.clone())?;
            if name != "article" {
                continue;
            }
            for quantity in quantity::all(&network, run.first()) {
                let words = page.split_whitespace();
                let named = words.into_iter().any(|word| word == quantity.name);
                let value = walk::equation::number(quantity.value);
                ensure(named && page.contains(&value), || {
                    format!("{} = {value} is not in the walk", quantity.name)
                })?;
            }
        }
    }
    Ok(())
}

/// The template is the article.
pub(crate) fn template() -> Result<(), Failed> {
    let read = homework::parse("template", homework::TEMPLATE)?;
    let article = article::network(Order::Simultaneous, false, 10_000);
    ensure(read == article, || format!("{read:?}\n{article:?}"))
}
