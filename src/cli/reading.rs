//! Shows how far a file is read, on a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use wgrad::dataset::progress;

/// A file that takes longer to read is shown.
const SOON: Duration = Duration::from_millis(500);
/// The time between two steps of the bar.
const STEP: Duration = Duration::from_millis(100);

/// Reads, and shows how far if it takes long. Needs a terminal.
pub(crate) fn shown<T>(quiet: bool, read: impl FnOnce() -> T) -> T {
    if quiet || !std::io::stderr().is_terminal() {
        return read();
    }
    let (done, ended) = channel::<()>();
    let watch = move || {
        if ended.recv_timeout(SOON) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        let style = ProgressStyle::with_template("reading {wide_bar} {percent:>3} %  {eta} left");
        let bar = ProgressBar::new(0);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        loop {
            if let Some((read, total)) = progress() {
                bar.set_length(total);
                bar.set_position(read);
            }
            if ended.recv_timeout(STEP) != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
        bar.finish_and_clear();
    };
    // Without a thread nothing is shown.
    let watcher = std::thread::Builder::new().spawn(watch);
    let result = read();
    drop(done);
    if let Ok(watcher) = watcher {
        // A bar that fails is no reason to stop.
        drop(watcher.join());
    }
    result
}
