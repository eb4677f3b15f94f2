//! The GPU: opened adapters, and the executors of the three families.

pub mod adapter;
pub mod buffers;
pub mod lane;
pub mod print;
pub mod workgroup;
