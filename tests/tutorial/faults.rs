//! Mutation tests: each fault in a shader or twin must cause mismatches of the figures that depend on it, and no
//! others.

use crate::ensure;
use libtest_mimic::Failed;
use wgrad::device::Device;
use wgrad::kernels::{
    Kernel, Part, Variant, forward, input_gradient, sgd, squared_error, weight_gradient,
};
use wgrad::plan::{Order, Plan};
use wgrad::tutorial;
use wgrad::tutorial::run::Run;
use wgrad::tutorial::{
    Settings, article, check,
    figures::Verdict,
    render::{self, Style},
};

/// Returns `kernel` with `from` replaced by `to` in its WGSL, without the variants that have other code.
fn mutant(kernel: &'static Kernel, from: &str, to: &str) -> &'static Kernel {
    assert!(kernel.source.contains(from), "{}: {from}", kernel.name);
    let swap = |source: &&str| -> &'static str { Box::leak(source.replace(from, to).into()) };
    let variants: Vec<Variant> = kernel
        .variants
        .iter()
        .filter(|variant| variant.sources.iter().any(|s| s.contains(from)))
        .map(|variant| Variant {
            sources: Box::leak(variant.sources.iter().map(swap).collect()),
            ..*variant
        })
        .collect();
    Box::leak(Box::new(Kernel {
        source: swap(&kernel.source),
        variants: Box::leak(variants.into()),
        ..*kernel
    }))
}

/// Replaces the original by `mutant` in all calls of the plan.
fn plant(plan: &mut Plan, mutant: &'static Kernel) {
    for phase in [
        &mut plan.gather,
        &mut plan.gradient,
        &mut plan.update,
        &mut plan.evaluate,
        &mut plan.predict,
    ] {
        for call in phase.iter_mut().filter(|c| c.kernel.name == mutant.name) {
            call.kernel = mutant;
        }
    }
}

/// Checks that with `mutant`, `symbols` are mismatches, `innocent` is not, and the report is not ok.
fn caught(
    device: &Device,
    mutant: &'static Kernel,
    symbols: &[&str],
    innocent: &str,
) -> Result<(), Failed> {
    let settings = Settings::default();
    let report = tutorial::run_with(device, &settings, |plan| plant(plan, mutant))?;
    ensure(!report.ok(), || format!("{}: not caught", mutant.name))?;
    let is_off = |symbol: &str| {
        let row = report.rows.iter().find(|row| row.figure.symbol == symbol);
        row.is_some_and(|row| row.verdict == Verdict::Mismatch)
    };
    for symbol in symbols {
        ensure(is_off(symbol), || format!("{}: {symbol}", mutant.name))?;
    }
    ensure(!is_off(innocent), || format!("{}: {innocent}", mutant.name))?;
    let page = render::page(&report, "", Style::default());
    ensure(page.contains(" mismatch\n    ^ off its bound"), || page)
}

pub(crate) fn fault_in_a_shader(device: &Device) -> Result<(), Failed> {
    let closing = "E_total after 10,000 rounds";
    for (kernel, from, to, symbols, innocent) in [
        (
            &forward::KERNEL,
            "var net = load(b, o);",
            "var net = 0.0;",
            ["net_h1", "out_o2", closing],
            "dnet_h1/dw1",
        ),
        (
            &squared_error::KERNEL,
            "0.5 * scale * sum",
            "scale * sum",
            ["E_o1", "E_total", closing],
            "w1+",
        ),
        (
            &weight_gradient::KERNEL,
            "load(delta, at(n, o, O))",
            "1.001 * load(delta, at(n, o, O))",
            ["dnet_h1/dw1", "w5+", closing],
            "E_total",
        ),
        (
            &input_gradient::KERNEL,
            "load(w, o * I + i)",
            "load(w, i * O + o)",
            ["dE_total/dout_h1", "w1+", closing],
            "w5+",
        ),
        (
            &sgd::KERNEL,
            "own_rate(rate) * g",
            "0.15 * g",
            ["learning rate in the update of w1", "w8+", closing],
            "dE_total/dw1",
        ),
    ] {
        caught(device, mutant(kernel, from, to), &symbols, innocent)?;
    }
    Ok(())
}

/// Checks that a fault is a mismatch of the learner's walk too.
pub(crate) fn fault_in_homework(device: &Device) -> Result<(), Failed> {
    let network = article::network(Order::Simultaneous, true, 10);
    let run = Run::exact(&network)?;
    let wrong = mutant(
        &input_gradient::KERNEL,
        "load(w, o * I + i)",
        "load(w, i * O + o)",
    );
    let measured = check::first_round(device, &network, run.first(), |plan| plant(plan, wrong))?;
    let is_off = |name: &str| measured.iter().any(|m| m.exact.name == name && !m.holds());
    for name in ["delta_h1", "dE_total/dw1", "w1+", "b1+"] {
        ensure(is_off(name), || format!("{name}: {measured:?}"))?;
    }
    for name in ["net_h1", "out_o2", "delta_o1", "w5+"] {
        ensure(!is_off(name), || format!("{name}: {measured:?}"))?;
    }
    Ok(())
}

fn slow_sgd(part: &Part, args: &[u32], reads: &[&[f32]], writes: &mut [&mut [f32]]) {
    let mut halved: Vec<f32> = reads[0].to_vec();
    halved.iter_mut().for_each(|g| *g *= 0.5);
    (sgd::KERNEL.twin_f32)(part, args, &[&halved], writes);
}

pub(crate) fn fault_in_a_twin() -> Result<(), Failed> {
    let mutant = Box::leak(Box::new(Kernel {
        twin_f32: slow_sgd,
        ..sgd::KERNEL
    }));
    caught(&Device::Cpu, mutant, &["w5+", "w1+"], "dE_total/dw1")
}
