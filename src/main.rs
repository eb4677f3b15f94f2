//! The `wgrad` command: parses the arguments, runs the command, prints errors, and exits with a code.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    silence_wayland();
    match cli::run(cli::Cli::read()) {
        Ok(code) => code,
        Err(error) if cli::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            cli::tell_error(&error);
            ExitCode::from(cli::exit_code(&error))
        }
    }
}

/// Silences an error message of Mesa's Vulkan drivers. Without a desktop they look for one and print an error that is
/// irrelevant here, unless this variable names a folder. They would connect to a desktop in it, so it is a folder that
/// nobody can create.
///
/// Safety: this runs first in `main`, before any other thread could read the environment.
#[allow(
    unsafe_code,
    reason = "the second audited exception: an environment variable, before any thread"
)]
fn silence_wayland() {
    if cfg!(target_os = "linux") && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        unsafe { std::env::set_var("XDG_RUNTIME_DIR", "/dev/null/none") };
    }
}
