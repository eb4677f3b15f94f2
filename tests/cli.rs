//! The command line through the binary, on the CPU device: what a user types, sees and gets.

#[path = "cli/bench.rs"]
mod bench;
// Signals and file limits are sent and set as Unix does.
#[cfg(unix)]
#[path = "cli/endings.rs"]
mod endings;
#[path = "cli/predictions.rs"]
mod predictions;
#[path = "cli/refusals.rs"]
mod refusals;
#[path = "cli/rig.rs"]
mod rig;
#[path = "cli/runs.rs"]
mod runs;
#[path = "cli/settings.rs"]
mod settings;
#[path = "cli/sweeps.rs"]
mod sweeps;
#[path = "cli/verify.rs"]
mod verify;
