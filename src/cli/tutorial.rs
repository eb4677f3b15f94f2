//! `wgrad tutorial`: computes the article's example on this machine's adapter.

mod page;

use crate::cli::{flags::DeviceFlags, spelling::as_flags};
use anyhow::bail;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use wgrad::device::{Device, Request, choice};
use wgrad::plan::Order;
use wgrad::text::{shown, shown_json};
use wgrad::tutorial::{
    Biases, MOST_ROUNDS, Report, Row, Settings, State,
    article::ARTICLE_ROUNDS,
    figures::Verdict,
    render::{self, Style},
    text::Lang,
};
use wgrad::{Error, tutorial};

/// Walk through the article on this machine's adapter, number by number
///
/// Shows every figure of "A Step by Step Backpropagation Example": as printed, exact (f64), as the shaders compute it,
/// and a verdict. The exit code is 1 if a computed figure exceeds its error bound.
#[derive(Args)]
pub(crate) struct Tutorial {
    /// Rounds of backpropagation at the end
    #[arg(long, value_name = "N", default_value_t = ARTICLE_ROUNDS, value_parser = rounds())]
    rounds: usize,
    /// When to update a layer: all at once as in the article's text, or each before its deltas propagate back
    #[arg(long, value_enum, default_value = "simultaneous")]
    order: Order,
    /// Whether biases are updated
    #[arg(long, value_enum, default_value = "frozen")]
    biases: Biases,
    /// Language [default: that of LC_ALL, LC_MESSAGES or LANG; en for --json]
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// Write the walk as a page for a browser: the network drawn, with all numbers of its rounds. FILE may be - for stdout
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "quiet"])]
    page: Option<PathBuf>,
    #[command(flatten)]
    device: DeviceFlags,
    /// Print one JSON object to stdout
    #[arg(long)]
    json: bool,
    /// Only the end: the result of the training, and the article's mistakes
    #[arg(long)]
    quiet: bool,
}

fn rounds() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=MOST_ROUNDS as u64)
}

pub(crate) fn run(args: &Tutorial) -> anyhow::Result<ExitCode> {
    // Machine output does not depend on the locale.
    let by_locale = || if args.json { Lang::En } else { language() };
    let lang = args.lang.unwrap_or_else(by_locale);
    let (device, reason) = choose(args, lang)?;
    let settings = Settings {
        rounds: args.rounds,
        order: args.order,
        biases: args.biases,
    };
    let report = tutorial::run(&device, &settings)?;
    if let Some(path) = &args.page {
        let train_bias = args.biases == Biases::Trained;
        let network = tutorial::article::network(args.order, train_bias, args.rounds);
        page::write(path, &network, Some(&report), &device, lang)?;
    } else {
        print(args, &report, (&device, &reason), lang)?;
    }
    if !report.ok() {
        bail!(fault(&report, &device));
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the walk, or the object.
fn print(
    args: &Tutorial,
    report: &Report,
    (device, reason): (&Device, &str),
    lang: Lang,
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if args.json {
        let object = object(report, device, lang).to_string();
        writeln!(out, "{}", shown_json(&object))?;
    } else {
        let style = Style {
            lang,
            colour: out.is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        };
        let page = match args.quiet {
            true => render::closing(report, style),
            false => render::page(report, &describe(device, reason, lang), style),
        };
        out.write_all(page.trim_start().as_bytes())?;
    }
    Ok(())
}

/// Returns the language of the environment's locale.
fn language() -> Lang {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    Lang::of_locale(&locale.unwrap_or_default())
}

/// Chooses the device. Unlike training, the tutorial is about the shaders and prefers any adapter to the CPU.
fn choose(args: &Tutorial, lang: Lang) -> Result<(Device, String), Error> {
    let request = Request::from(args.device.device.as_deref().unwrap_or("auto"));
    let [asked, best, none] = lang.words().reasons;
    let backend = args.device.backend.as_deref();
    let open = |request: &Request| Ok(choice::choose(request, backend, 0)?.device);
    if request != Request::Auto {
        return Ok((open(&request)?, asked.to_owned()));
    }
    match open(&Request::Gpu) {
        Ok(device) => Ok((device, best.to_owned())),
        Err(Error::Adapter(why)) => {
            let why = why.replace(", or use `device = cpu`", "");
            Ok((
                Device::Cpu,
                format!("{none} ({})", as_flags(&why.to_string())),
            ))
        }
        Err(error) => Err(error),
    }
}

fn describe(device: &Device, reason: &str, lang: Lang) -> String {
    let [before, between] = lang.words().device;
    let backend = match device {
        Device::Cpu => String::new(),
        Device::Gpu(_) => format!("{between}{}", device.backend()),
    };
    let line = format!("{before}{}{backend}{between}{reason}", device.name());
    shown(&line).into_owned()
}

/// Describes what went wrong on the device.
fn fault(report: &Report, device: &Device) -> String {
    let is_off = |row: &&Row| row.verdict == Verdict::Mismatch;
    let off: Vec<&Row> = report.rows.iter().filter(is_off).collect();
    let verb = match off.len() {
        1 => "is off its bound",
        _ => "are off their bounds",
    };
    let first = off.first().map(|row| {
        let (symbol, reference, computed) = (row.figure.symbol, row.reference, row.computed);
        format!("; the first is {symbol}: expected {reference:.9e}, computed {computed:.9e}")
    });
    format!(
        "{}: {} of {} figures {verb}{}; update its driver; wgrad verify tells which kernels are wrong",
        device.name(),
        off.len(),
        report.rows.len(),
        first.unwrap_or_default()
    )
}

/// Returns the page as a JSON object.
fn object(report: &Report, device: &Device, lang: Lang) -> Value {
    let settings = &report.settings;
    let driver = match device {
        Device::Cpu => Value::Null,
        Device::Gpu(gpu) => json!(super::devices::driver(&gpu.info)),
    };
    let figures: Vec<Value> = report.rows.iter().map(|row| figure(row, lang)).collect();
    json!({
        "adapter": device.name(),
        "backend": device.backend(),
        "driver": driver,
        "rounds": settings.rounds,
        "order": settings.order,
        "biases": match settings.biases {
            Biases::Frozen => "frozen",
            Biases::Trained => "trained",
        },
        "figures": figures,
        "after_one_round": state(&report.after_one),
        "after": state(&report.after),
        "after_reference": state(&report.after_reference),
        "ok": report.ok(),
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
