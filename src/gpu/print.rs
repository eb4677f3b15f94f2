//! Prints the calls of a plan, with literal arguments, into WGSL: for networks in an invocation or a workgroup, and for fused blocks.

pub mod block;
pub mod layers;
pub mod network;
pub mod workgroup;
