//! Errors, as they are printed, and their exit codes.

use super::interrupt;
use super::messages::{RED, tell_line, tell_marked};
use super::spelling::as_flags;
use wgrad::text::shown;

/// Prints an error to stderr.
pub(crate) fn tell_error(error: &anyhow::Error) {
    let message = message(error);
    let mut lines = message.lines();
    tell_marked("wgrad:", RED, lines.next().unwrap_or_default());
    lines.for_each(tell_line);
}

/// Returns the message of an error for a terminal, with settings spelled as flags.
fn message(error: &anyhow::Error) -> String {
    // Only stdout has errors without a name.
    let outermost = error.chain().next().and_then(|e| e.downcast_ref());
    let stdout = outermost.map(|why: &std::io::Error| {
        let why = std::io::Error::new(why.kind(), why.to_string());
        wgrad::Error::io("stdout")(why).to_string()
    });
    let message = as_flags(&stdout.unwrap_or_else(|| format!("{error:#}")));
    match error.downcast_ref() {
        // Drivers and wgpu write several lines. Line ends elsewhere are those of names.
        Some(wgrad::Error::Device(_) | wgrad::Error::Adapter(_)) => {
            let lines: Vec<_> = message.lines().map(shown).collect();
            lines.join("\n")
        }
        _ => shown(&message).into_owned(),
    }
}

/// Returns the exit code for an error.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    let known = error.chain().find_map(|e| e.downcast_ref::<wgrad::Error>());
    match known {
        Some(wgrad::Error::Interrupted) => interrupt::code(),
        Some(known) => known.exit_code(),
        None => 1,
    }
}

/// Checks whether an error only says that the reader of our output (`head`, `less`) is gone.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|e| {
        let inside = e.downcast_ref::<wgrad::Error>().and_then(|e| match e {
            wgrad::Error::Io { why, .. } => Some(why),
            _ => None,
        });
        inside.or(e.downcast_ref::<std::io::Error>())
    });
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}
