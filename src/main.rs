//! The `wgrad` command: parse, run, print the error chain, exit with its code.

mod cli;

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(code) => code,
        Err(error) if cli::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(std::io::stderr(), "wgrad: {error:#}"));
            ExitCode::from(cli::exit_code(&error))
        }
    }
}
