//! The *lane* family: one network in the registers of each invocation.

pub mod buffers;
pub mod grid;
pub mod population;
pub mod replay;
pub mod script;
pub mod session;
