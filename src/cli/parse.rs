//! Parses the command line, with better messages for flags of other commands and for bad numbers.

use super::{Cli, command};
use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;
use std::num::{IntErrorKind, ParseFloatError, ParseIntError};
use wgrad::text::shown;

impl Cli {
    /// Parses the arguments. Ends the process with a message if they are wrong.
    pub(crate) fn read() -> Cli {
        try_read(std::env::args_os()).unwrap_or_else(|error| {
            // The error quotes arguments, such as file names: find it again in harmless ones.
            let harmless =
                std::env::args_os().map(|arg| shown(&arg.to_string_lossy()).into_owned().into());
            let error = try_read(harmless).err().unwrap_or(error);
            named(expected(error)).exit()
        })
    }
}

fn try_read(args: impl Iterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Adds the expected value to errors about numbers: the standard library's parsers say only what they found.
fn expected(error: clap::Error) -> clap::Error {
    use std::error::Error;
    let Some(why) = error.source() else {
        return error;
    };
    let expected = match why.downcast_ref::<ParseIntError>().map(ParseIntError::kind) {
        Some(IntErrorKind::PosOverflow | IntErrorKind::NegOverflow) => "a smaller whole number",
        Some(_) => "a whole number",
        None if why.is::<ParseFloatError>() => "a number",
        None => return error,
    };
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let (value, flag) = (
        context(ContextKind::InvalidValue),
        context(ContextKind::InvalidArg),
    );
    let message = format!(
        "invalid value '{value}' for '{flag}': expected {expected}\n\nFor more information, try '--help'.\n"
    );
    clap::Error::raw(ErrorKind::ValueValidation, message)
}

/// Names the commands that have an unknown flag. Clap's own tip would suggest to pass it as data.
fn named(mut error: clap::Error) -> clap::Error {
    let unknown = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) if error.kind() == ErrorKind::UnknownArgument => flag,
        _ => return error,
    };
    let name = unknown.trim_start_matches('-').to_owned();
    let all = command();
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
