//! The CPU device: an executor over a team of threads, in f32 and, as the reference, in f64.

pub mod reference;
pub mod session;
pub mod task;
pub mod team;
pub mod worker_pool;

pub use session::CpuSession;
pub use team::threads;
pub(crate) use worker_pool::WorkerPool;
