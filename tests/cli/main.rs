//! Tests of the command line: runs the binary on the CPU device, and checks its output.

mod bench;
mod bounds;
// These tests use Unix signals and file limits.
#[cfg(unix)]
mod endings;
mod names;
mod predictions;
mod refusals;
mod rig;
mod runs;
mod settings;
mod sweeps;
mod verify;
