//! The GPU: opened adapters, and the executors of the three families.

pub mod adapter;
pub mod buffers;
pub mod lane;
pub mod print;
pub mod workgroup;

pub use adapter::gpu::{Gpu, Sums};
pub use adapter::key::DeviceKey;
pub use adapter::precision::Precision;
pub use buffers::session::GpuSession;
pub use lane::session::LaneSession;
pub use workgroup::session::WorkgroupSession;
