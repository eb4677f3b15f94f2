//! The command line: one file a subcommand, each from what was typed to what it means to the library.
//!
//! Data goes to stdout, progress to stderr. Exit codes: 0 ok, 1 failure or mismatch, 2 usage, 3 bad data or config,
//! 4 no usable adapter, 5 diverged, 130 interrupted.

mod tutorial;

use clap::{Args, Parser, Subcommand};
use std::process::ExitCode;

/// Train multi-layer perceptrons on any GPU, with WGSL compute shaders.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Walk through the article on this machine's adapter, number by number
    Tutorial(tutorial::Tutorial),
}

/// Flags that mean the same everywhere.
#[derive(Args, Clone, Debug)]
pub(crate) struct DeviceFlags {
    /// auto, cpu, gpu, or a part of an adapter's name
    #[arg(long, value_name = "DEVICE")]
    pub(crate) device: Option<String>,
    /// vulkan, metal, dx12, or gl (in builds with that feature)
    #[arg(long, value_name = "BACKEND")]
    pub(crate) backend: Option<String>,
}

/// Runs the command that was typed.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Tutorial(tutorial) => tutorial::run(&tutorial),
    }
}

/// The exit code that an error means.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    let known = error.chain().find_map(|e| e.downcast_ref::<wgrad::Error>());
    known.map_or(1, wgrad::Error::exit_code)
}

/// Whether an error only says that whoever read our output (`head`, `less`) has gone.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| {
        e.downcast_ref::<std::io::Error>()
            .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
