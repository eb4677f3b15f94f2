//! The command line through the binary, on the CPU device: what a user types, sees and gets.

mod bench;
// Signals and file limits are sent and set as Unix does.
#[cfg(unix)]
mod endings;
mod predictions;
mod refusals;
mod rig;
mod runs;
mod settings;
mod sweeps;
mod verify;
