//! `wgrad tutorial`: computes the article's example, or a learner's, on this machine's adapter.

mod json;
mod outcome;
mod page;
mod pages;

use crate::cli::{flags::DeviceFlags, spelling::as_flags};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use clap::error::ErrorKind;
use outcome::Outcome;
use pages::Pages;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use wgrad::device::{Device, Request, choice};
use wgrad::plan::Order;
use wgrad::text::shown;
use wgrad::tutorial::claims::{self, Claim};
use wgrad::tutorial::network::Network;
use wgrad::tutorial::run::Run;
use wgrad::tutorial::{
    Biases, MOST_ROUNDS, Settings, article, article::ARTICLE_ROUNDS, check, homework, text::Lang,
};
use wgrad::{Error, tutorial};

/// Walk through backpropagation number by number: an article's example, or your own network
///
/// Shows every quantity of the first round of "A Step by Step Backpropagation Example", or of your own network, with
/// the formulas filled in, and where the rounds lead. The shaders compute the numbers, too: the exit code is 1 if one
/// exceeds its error bound, or if a claim is not right.
#[derive(Args)]
pub(crate) struct Tutorial {
    /// Your own network, in a TOML file
    #[arg(long, value_name = "FILE")]
    network: Option<PathBuf>,
    /// Print a file to start from: the article's network, with comments
    #[arg(long, exclusive = true)]
    template: bool,
    /// Judge a number of yours: right, a known slip, or wrong. w5 is the new weight, w5@2 the one after two rounds
    #[arg(long = "claim", value_name = "NAME=NUMBER", allow_hyphen_values = true)]
    claims: Vec<String>,
    /// Part by part: wait for a key after each
    #[arg(long, conflicts_with_all = ["json", "quiet", "figures"])]
    step: bool,
    /// The article's 38 printed figures, each with its exact value, the device's, and a verdict
    #[arg(long, conflicts_with_all = ["network", "claims"])]
    figures: bool,
    /// Rounds of backpropagation [default: 10000, as the article; of a network, its file's]
    #[arg(long, value_name = "N", value_parser = rounds())]
    rounds: Option<usize>,
    /// When to update a layer: all at once as in the article's text, or each before its deltas propagate back [default:
    /// simultaneous; of a network, its file's]
    #[arg(long, value_enum)]
    order: Option<Order>,
    /// Whether biases are updated [default: frozen; of a network, as its file says]
    #[arg(long, value_enum)]
    biases: Option<Biases>,
    /// Language [default: that of LC_ALL, LC_MESSAGES or LANG; en for --json]
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// Draw the network and its rounds as an HTML page for a browser. FILE may be - for stdout
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "quiet", "step", "figures", "claims"])]
    page: Option<PathBuf>,
    #[command(flatten)]
    device: DeviceFlags,
    /// Print one JSON object to stdout
    #[arg(long)]
    json: bool,
    /// Only the end: the result of the training, and the verdicts on claims or the article's mistakes
    #[arg(long)]
    quiet: bool,
}

fn rounds() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=MOST_ROUNDS as u64)
}

pub(crate) fn run(args: &Tutorial) -> anyhow::Result<ExitCode> {
    if args.template {
        write!(std::io::stdout(), "{}", homework::TEMPLATE)?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.step && !(std::io::stdout().is_terminal() && std::io::stdin().is_terminal()) {
        refuse(
            "--step waits for a key: expected a terminal, found a file or a pipe; leave out --step",
        );
    }
    let network = network(args)?;
    let claims: Vec<Claim> = args
        .claims
        .iter()
        .map(|text| Claim::parse(text, &network).unwrap_or_else(|why| refuse(&why)))
        .collect();
    // Machine output does not depend on the locale.
    let by_locale = || if args.json { Lang::En } else { language() };
    let lang = args.lang.unwrap_or_else(by_locale);
    let (device, reason) = choose(args, lang)?;
    let told = describe(&device, &reason, lang);
    let outcome = compute(args, &network, &claims, device, lang)?;
    if let Some(path) = &args.page {
        page::write(path, &outcome)?;
    } else if args.json {
        crate::cli::messages::print_json(&json::object(&outcome))?;
    } else {
        let pages = Pages::new(lang, told, [args.step, args.quiet, args.figures]);
        outcome.show(&pages)?;
    }
    outcome.verdict()
}

/// Ends the process with a usage error.
fn refuse(why: &str) -> ! {
    clap::Error::raw(ErrorKind::ValueValidation, format!("{}\n", shown(why))).exit()
}

/// Returns the article's network or that of a file, with the settings of flags.
fn network(args: &Tutorial) -> Result<Network, Error> {
    let Some(path) = &args.network else {
        let settings = settings(args);
        let trained = settings.biases == Biases::Trained;
        return Ok(article::network(settings.order, trained, settings.rounds));
    };
    let mut network = homework::read(path)?;
    if let Some(biases) = args.biases {
        homework::train_biases(&mut network, biases == Biases::Trained)
            .map_err(|why| Error::Config(format!("{}: --biases trained: {why}", path.display())))?;
    }
    network.order = args.order.unwrap_or(network.order);
    network.rounds = args.rounds.unwrap_or(network.rounds);
    homework::check_work(&network)
        .map_err(|why| Error::Config(format!("{}: --rounds: {why}", path.display())))?;
    Ok(network)
}

/// Returns the settings of the article.
fn settings(args: &Tutorial) -> Settings {
    Settings {
        rounds: args.rounds.unwrap_or(ARTICLE_ROUNDS),
        order: args.order.unwrap_or_default(),
        biases: args.biases.unwrap_or_default(),
    }
}

fn compute<'a>(
    args: &Tutorial,
    network: &'a Network,
    claims: &[Claim],
    device: Device,
    lang: Lang,
) -> anyhow::Result<Outcome<'a>> {
    let run = Run::exact(network)?;
    let measured = check::first_round(&device, network, run.first(), |_| ())?;
    let judged = claims::judge(network, claims)?;
    let (report, error_after) = match args.network {
        None => (Some(tutorial::run(&device, &settings(args))?), None),
        Some(_) => (None, Some(check::error_after(&device, network)?)),
    };
    Ok(Outcome {
        device,
        lang,
        network,
        run,
        measured,
        judged,
        report,
        error_after,
    })
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
