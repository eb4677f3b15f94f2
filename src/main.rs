//! The `wgrad` command: parse, run, print the error chain, exit with its code.

mod cli;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    silence_wayland();
    match cli::run(cli::Cli::read()) {
        Ok(code) => code,
        Err(error) if cli::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(
                std::io::stderr(),
                "wgrad: {}",
                cli::message(&error)
            ));
            ExitCode::from(cli::exit_code(&error))
        }
    }
}

/// On a machine without a desktop, Mesa's Vulkan drivers look for one and print an error that means nothing here,
/// unless this variable is set, to whatever folder.
///
/// Safety: the first thing in `main`, when there is no other thread to read the environment.
#[allow(
    unsafe_code,
    reason = "the second audited exception: an environment variable, before any thread"
)]
fn silence_wayland() {
    if cfg!(target_os = "linux") && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        unsafe { std::env::set_var("XDG_RUNTIME_DIR", std::env::temp_dir()) };
    }
}
