//! `wgrad completions`: prints a script that completes commands and flags in a shell.

use clap::Args;
use clap_complete::{Shell, generate};
use std::io::Write;
use std::process::ExitCode;

/// Print a script that completes commands and flags in a shell
#[derive(Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &Completions, mut command: clap::Command) -> anyhow::Result<ExitCode> {
    // Not to stdout at once: the generator panics where nobody reads it.
    let mut script = Vec::new();
    generate(args.shell, &mut command, "wgrad", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
