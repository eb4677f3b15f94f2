//! The command line: one file per subcommand, which turns the arguments into library calls.
//!
//! Data goes to stdout, progress to stderr. Exit codes: 0 ok, 1 failure or mismatch, 2 usage, 3 bad data or config,
//! 4 no usable adapter, 5 diverged; 130, 143 and 129 interrupted.

mod about;
mod bench;
mod chart;
mod completions;
mod curve;
mod devices;
mod distributed;
mod duration;
mod errors;
mod eval;
mod export;
mod file_or_stdout;
mod flags;
mod help;
mod html;
mod init;
mod inspect;
mod interrupt;
mod log;
mod man;
mod messages;
mod model;
mod output;
mod parse;
mod predict;
mod reading;
mod report;
mod run_folder;
mod scores;
#[cfg(feature = "serve")]
mod serve;
mod shares;
mod show;
mod spelling;
mod sweep;
mod train;
mod tutorial;
mod unused_settings;
mod verify;

pub(crate) use errors::{exit_code, is_broken_pipe, tell_error};

use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;
use wgrad::kernels::Switches;
use wgrad::threads;

/// Train multi-layer perceptrons on any GPU, with WGSL compute shaders.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Walk through backpropagation number by number: an article's example, or your own network
    Tutorial(tutorial::Tutorial),
    Train(Box<train::Train>),
    Sweep(Box<sweep::Sweep>),
    Eval(eval::Eval),
    Predict(predict::Predict),
    Export(export::Export),
    #[cfg(feature = "serve")]
    Serve(serve::Serve),
    Inspect(Box<inspect::Inspect>),
    Show(show::Show),
    Report(report::Report),
    Init(Box<init::Init>),
    Devices(devices::Devices),
    Bench(bench::Bench),
    Verify(verify::Verify),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Returns the command line, with groups of flags and examples.
fn command() -> clap::Command {
    help::with_help(Cli::command())
}

/// Runs the command.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    // Some lists leave out adapters that cannot be opened. Without this check, a mistyped switch would look like that.
    Switches::of_environment()?;
    let ended = match cli.command {
        Command::Tutorial(args) => tutorial::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Sweep(args) => sweep::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Export(args) => export::run(&args),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Devices(args) => devices::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Completions(args) => completions::run(&args, command()),
        Command::Man(args) => man::run(&args, command()),
    };
    messages::warn(threads::warning().as_deref());
    ended
}
