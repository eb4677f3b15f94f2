//! wgpu code that does not depend on plans: adapters, opened devices, their limits, clocks and faults.

pub mod adapters;
pub mod clock;
pub mod commands;
pub mod gpu;
pub mod key;
pub mod limits;
mod panics;
pub mod precision;
pub mod replay;
pub mod timings;
pub mod transfers;
