//! The command line as it was typed, and what is said of a flag that another command has.

use super::Cli;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

impl Cli {
    /// What was typed; where it is none of wgrad's, the process ends with a message.
    pub(crate) fn read() -> Cli {
        Cli::try_parse().unwrap_or_else(|error| named(error).exit())
    }
}

/// Of a flag that a command lacks, which commands have it: clap's tip would have it typed as data.
fn named(mut error: clap::Error) -> clap::Error {
    let unknown = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) if error.kind() == ErrorKind::UnknownArgument => flag,
        _ => return error,
    };
    let name = unknown.trim_start_matches('-').to_owned();
    let all = Cli::command();
    let has = |command: &&clap::Command| {
        let mut flags = command.get_arguments();
        flags.any(|flag| flag.get_long() == Some(&name))
    };
    let owners: Vec<String> = all
        .get_subcommands()
        .filter(has)
        .map(|command| format!("wgrad {}", command.get_name()))
        .collect();
    error.remove(ContextKind::Suggested);
    if !owners.is_empty() {
        let tip = format!("{} has --{name}", owners.join(" or "));
        let tips = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tips);
    }
    error
}
