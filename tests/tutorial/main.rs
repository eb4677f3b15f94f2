//! Tests of the article's figures, on every adapter and on the CPU device, and of the output of `wgrad tutorial`.

mod binary;
mod claims;
#[path = "../common/mod.rs"]
mod common;
mod faults;
mod homework;
mod naive;
mod networks;
mod page;
mod refusals;

use binary::{homework_files, languages, object, usage};
use faults::{fault_in_a_shader, fault_in_a_twin, fault_in_homework};
use libtest_mimic::{Arguments, Failed, Trial};
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;
use wgrad::device::Device;
use wgrad::gpu::Gpu;
use wgrad::plan::Order;
use wgrad::tutorial;
use wgrad::tutorial::{
    Biases, Report, Settings, State,
    figures::{Heading, Verdict},
    render::{self, Style},
    text::Lang,
};

type Test = fn(&Device) -> Result<(), Failed>;
type Plain = fn() -> Result<(), Failed>;

/// Tests that run on the CPU device and on every adapter.
const EVERYWHERE: [(&str, Test); 8] = [
    ("the article's figures come out of the shaders", figures),
    (
        "figures of the worked round are within 1e-6 of the exact ones",
        worked_round,
    ),
    (
        "sequential updates give the article's closing figures",
        sequential,
    ),
    (
        "trained biases change the outcome and not the figures",
        trained,
    ),
    (
        "any number of rounds leaves the figures as they are",
        other_rounds,
    ),
    (
        "the binary prints one object with every field of the contract",
        object,
    ),
    ("the binary explains itself in both languages", languages),
    (
        "learners' networks come out of the shaders",
        homework::on_a_device,
    ),
];

/// Tests that run on every adapter.
const ON_ADAPTERS: [(&str, Test); 3] = [
    (
        "a fault planted in a shader is a mismatch",
        fault_in_a_shader,
    ),
    (
        "a fault planted in a shader is a mismatch of a learner's network",
        fault_in_homework,
    ),
    ("100,000 rounds agree with the CPU device", many_rounds),
];

fn main() {
    let on_adapters = EVERYWHERE.iter().chain(&ON_ADAPTERS);
    let tests = on_adapters.map(|(sentence, test)| {
        let test = |gpu: &Arc<Gpu>| test(&Device::Gpu(gpu.clone()));
        (*sentence, test)
    });
    let mut trials = common::trials(tests.collect());
    trials.extend(
        EVERYWHERE.iter().map(|(sentence, test)| {
            Trial::test(format!("{sentence} [cpu]"), || test(&Device::Cpu))
        }),
    );
    let on_the_cpu: [(&str, Plain); 15] = [
        (
            "learners' numbers are those of plain loops within 1e-10",
            homework::figures_of_loops,
        ),
        (
            "the factors of the walk make the deltas of the plan",
            homework::factors,
        ),
        ("slips in weights are named", claims::slips_are_named),
        ("claims of any quantity are judged", claims::other_claims),
        (
            "walks are 80 columns wide and have every quantity",
            homework::widths,
        ),
        ("the template is the article", homework::template),
        (
            "files of networks are refused with their key and a cure",
            refusals::refusals,
        ),
        ("a network of a file is walked", homework_files),
        ("a fault planted in a twin is a mismatch", fault_in_a_twin),
        ("no line is wider than 80 columns", widths),
        ("what was typed wrong is a usage error", usage),
        ("the page is one file that leads nowhere", page::one_file),
        (
            "no name leaves its place in the page",
            page::names_are_escaped,
        ),
        ("the page has every figure and every round", page::content),
        (
            "the page's shaders need no feature of WebGPU",
            page::shaders,
        ),
    ];
    trials.extend(on_the_cpu.map(|(sentence, test)| Trial::test(sentence, test)));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), Failed> {
    match holds {
        true => Ok(()),
        false => Err(what().into()),
    }
}

/// Checks that `found` is within the absolute `bound` of `expected`.
fn near(what: &str, found: f64, expected: f64, bound: f64) -> Result<(), Failed> {
    ensure((found - expected).abs() <= bound, || {
        format!("{what}: expected {expected:e} within {bound:e}, found {found:e}")
    })
}

fn report(device: &Device, settings: Settings) -> Result<Report, Failed> {
    Ok(tutorial::run(device, &settings)?)
}

fn sequential_settings() -> Settings {
    Settings {
        order: Order::Sequential,
        ..Settings::default()
    }
}

fn counts(report: &Report, expected: [usize; 4]) -> Result<(), Failed> {
    let found = Verdict::ALL.map(|verdict| report.count(verdict));
    ensure(found == expected, || {
        format!("match, misprint, sequential, mismatch: expected {expected:?}, found {found:?}")
    })
}

/// Checks the error within 5e-5 of it, and the outputs within 3e-7.
fn outcome(state: &State, error: f64, outputs: [f64; 2]) -> Result<(), Failed> {
    near("error", state.error, error, 5e-5 * error)?;
    near("out_o1", state.outputs[0], outputs[0], 3e-7)?;
    near("out_o2", state.outputs[1], outputs[1], 3e-7)
}

fn figures(device: &Device) -> Result<(), Failed> {
    let report = report(device, Settings::default())?;
    ensure(report.ok() && report.rows.len() == 38, || {
        format!("{report:?}")
    })?;
    counts(&report, [29, 5, 4, 0])?;
    let misprints = report
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Misprint);
    let printed: Vec<&str> = misprints.map(|row| row.figure.printed).collect();
    let expected = [
        "1.1059059067",
        "0.000433568",
        "-0.01904919",
        "-0.019049119",
        "0.15",
    ];
    ensure(printed == expected, || format!("{printed:?}"))?;
    let closing = report
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Sequential);
    ensure(
        closing.clone().count() == 4
            && closing
                .into_iter()
                .all(|r| r.figure.heading == Heading::Closing),
        || "the closing figures are the sequential ones".to_owned(),
    )?;
    near("1 round", report.after_one.error, 0.291_027_773_69, 3e-7)?;
    outcome(
        &report.after,
        3.510_187_78e-5,
        [0.015_913_620_4, 0.984_064_273_5],
    )
}

/// Checks the exact values, which depend only on the article and not on the device.
fn worked_round(device: &Device) -> Result<(), Failed> {
    let report = report(device, Settings::default())?;
    for row in report.rows.iter().filter(|row| row.by_order.is_none()) {
        let bound = 1e-6 * row.reference.abs();
        near(row.figure.symbol, row.computed, row.reference, bound)?;
    }
    for (symbol, exact) in [
        ("net_h1", 0.3775),
        ("out_o2", 0.772_928_465_321_462_6),
        ("E_total", 0.298_371_108_760_002_67),
        ("dout_h1/dnet_h1", 0.241_300_708_572_325_22),
        ("dE_o2/dout_h1 (in the sum)", -0.019_049_118_258_278_108),
        ("dE_total/dw1", 0.000_438_567_734_474_346_74),
        ("learning rate in the update of w1", 0.5),
        ("w8+", 0.561_370_121_107_989_1),
    ] {
        let row = report.rows.iter().find(|row| row.figure.symbol == symbol);
        let reference = row.ok_or(symbol)?.reference;
        near(symbol, reference, exact, 1e-15)?;
    }
    Ok(())
}

fn sequential(device: &Device) -> Result<(), Failed> {
    let report = report(device, sequential_settings())?;
    counts(&report, [33, 5, 0, 0])?;
    outcome(
        &report.after,
        3.508_478_63e-5,
        [0.015_912_196_3, 0.984_065_734_5],
    )
}

fn trained(device: &Device) -> Result<(), Failed> {
    let settings = Settings {
        biases: Biases::Trained,
        ..Settings::default()
    };
    let report = report(device, settings)?;
    counts(&report, [29, 5, 4, 0])?;
    outcome(
        &report.after,
        2.447_562_24e-6,
        [0.011_587_527_4, 0.988_458_935_0],
    )?;
    near("bias of o2", report.after.biases[3], 2.166_280_450, 1e-4)
}

fn other_rounds(device: &Device) -> Result<(), Failed> {
    let settings = Settings {
        rounds: 2,
        ..Settings::default()
    };
    let report = report(device, settings)?;
    counts(&report, [29, 5, 4, 0])?;
    near("2 rounds", report.after.error, 0.283_547_133_12, 3e-7)?;
    near("w5", report.after.weights[4], 0.317_353_861_999, 3e-7)
}

/// Checks many rounds: lavapipe silently ends a loop after 65,535 iterations, and the error is then fifteen times too
/// large.
fn many_rounds(device: &Device) -> Result<(), Failed> {
    let settings = Settings {
        rounds: 100_000,
        ..Settings::default()
    };
    let (gpu, cpu) = (report(device, settings)?, report(&Device::Cpu, settings)?);
    counts(&gpu, [29, 5, 4, 0])?;
    let (gpu, cpu) = (gpu.after, cpu.after);
    near("error", gpu.error, cpu.error, 1e-3 * cpu.error)?;
    for o in 0..2 {
        near("output", gpu.outputs[o], cpu.outputs[o], 3e-7)?;
    }
    Ok(())
}

fn widths() -> Result<(), Failed> {
    let trained = Settings {
        rounds: 20_000,
        biases: Biases::Trained,
        order: Order::Sequential,
    };
    for settings in [Settings::default(), trained] {
        let report = report(&Device::Cpu, settings)?;
        for lang in [Lang::En, Lang::Zh] {
            let style = Style {
                lang,
                colour: false,
            };
            let page = render::page(&report, "cpu", style);
            let wide = page.lines().find(|line| line.width() > 80);
            ensure(wide.is_none(), || format!("{wide:?}"))?;
            ensure(!page.contains(['{', '}']), || page)?;
        }
    }
    Ok(())
}
