//! Signals that end a run: Ctrl-C, SIGTERM and SIGHUP. Exit codes are 128 plus the signal's number: 130, 143 and 129.

use anyhow::Context;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Whether a signal ends the process at once, because there is nothing to save yet.
static AT_ONCE: AtomicBool = AtomicBool::new(true);
/// Whether a signal has arrived.
static STOP: AtomicBool = AtomicBool::new(false);
/// The last signal.
static SIGNAL: AtomicUsize = AtomicUsize::new(SIGINT as usize);
/// Whether the next Ctrl-C ends the process at once.
static AGAIN: AtomicBool = AtomicBool::new(false);

/// Time after the first signal in which a Ctrl-C is the same one: `timeout` and others send a signal twice.
const SAME: Duration = Duration::from_millis(300);
const POLL: Duration = Duration::from_millis(50);

/// Lets signals end the process at once, with their exit codes, until [`stop_flag`] is called.
pub(crate) fn catch() -> anyhow::Result<()> {
    let mut signals = vec![SIGINT, SIGTERM];
    #[cfg(unix)]
    if !ignores_hangups() {
        signals.push(signal_hook::consts::SIGHUP);
    }
    let all = signals.iter().try_for_each(|signal| {
        flag::register_conditional_shutdown(*signal, 128 + signal, &AT_ONCE)?;
        flag::register_usize(*signal, &SIGNAL, *signal as usize)?;
        flag::register(*signal, &STOP).map(drop)
    });
    let second = flag::register_conditional_shutdown(SIGINT, 128 + SIGINT, &AGAIN);
    all.and(second)
        .map(drop)
        .context("signals cannot be caught")
}

/// Returns the flag that signals set from now on. A second Ctrl-C still ends the process at once. Other signals do not:
/// a terminal that is closed may send several.
pub(crate) fn stop_flag() -> &'static AtomicBool {
    AT_ONCE.store(false, Ordering::SeqCst);
    // Without the thread, which is not essential, a second Ctrl-C has no effect.
    drop(std::thread::Builder::new().spawn(|| {
        while !STOP.load(Ordering::Relaxed) {
            std::thread::sleep(POLL);
        }
        std::thread::sleep(SAME);
        AGAIN.store(true, Ordering::SeqCst);
    }));
    &STOP
}

/// Returns a flag that signals set.
pub(crate) fn interrupt_flag() -> anyhow::Result<&'static AtomicBool> {
    catch()?;
    Ok(stop_flag())
}

/// Returns the exit code of a run that a signal ended.
pub(crate) fn code() -> u8 {
    128 + SIGNAL.load(Ordering::Relaxed) as u8
}

/// Returns the exit code of a run that a signal may have ended.
pub(crate) fn ended(interrupted: bool) -> ExitCode {
    match interrupted {
        true => ExitCode::from(code()),
        false => ExitCode::SUCCESS,
    }
}

/// Checks whether SIGHUP is ignored, as under `nohup`. Then it stays ignored. The standard library has no call for it:
/// Linux has a mask of ignored signals, and elsewhere a child inherits them and shows it.
#[cfg(unix)]
fn ignores_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    if let Some(mask) = lines.find_map(|line| line.strip_prefix("SigIgn:")) {
        let first = mask.trim().chars().last();
        return first
            .and_then(|hex| hex.to_digit(16))
            .is_some_and(|hex| hex & 1 == 1);
    }
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};
    let mut shell = Command::new("/bin/sh");
    let shell = shell.args(["-c", "kill -HUP $$"]).stdin(Stdio::null());
    let ended = shell.stdout(Stdio::null()).stderr(Stdio::null()).status();
    !ended.is_ok_and(|ended| ended.signal() == Some(signal_hook::consts::SIGHUP))
}
