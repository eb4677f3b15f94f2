//! Prints the calls of a plan, with literal arguments, into WGSL: for networks in an invocation or a workgroup, and for fused blocks;
//! and the modules of single kernels.

pub mod block;
pub mod buffers;
pub mod layers;
pub mod network;
pub mod workgroup;
