//! The CPU device: an executor on a team of threads, in f32, and in f64 as the reference.

pub mod agenda;
pub mod reference;
pub mod session;
pub mod task;
pub mod team;
pub mod worker_pool;

pub use crate::threads::threads;
pub use session::CpuSession;
pub(crate) use worker_pool::WorkerPool;
