//! Tests of the command line: runs the binary on the CPU device, and checks its output.

#[cfg(unix)]
mod attacks;
mod bench;
mod bounds;
mod cures;
// A Vulkan loader that is looked for by the dynamic linker of Linux.
#[cfg(target_os = "linux")]
mod device_faults;
// These tests use Unix signals, file limits, file systems and strace.
#[cfg(unix)]
mod durable;
#[cfg(unix)]
mod endings;
mod ensembles;
mod export;
mod init;
mod inspect;
mod lengths;
mod names;
mod predictions;
mod refusals;
mod report;
mod resume;
mod rig;
mod runs;
mod scores;
mod search;
// These tests use Unix signals.
#[cfg(all(unix, feature = "serve"))]
mod serve;
mod settings;
#[cfg(unix)]
mod shards;
#[cfg(unix)]
mod show;
#[cfg(unix)]
mod signals;
mod simd;
mod splits;
mod start;
mod sweeps;
mod variants;
mod verify;
mod weights;
