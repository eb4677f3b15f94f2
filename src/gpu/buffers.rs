//! The *device* family: a plan in buffers, with one dispatch per call or fewer.

pub mod autotune;
pub mod bindings;
pub mod blocks;
pub mod candidates;
pub mod dispatch;
pub mod layers;
pub mod loader;
pub mod memory;
pub mod pipelines;
pub mod prefetch;
pub mod program;
pub mod replay;
pub mod session;
pub mod system;
pub mod timing;
