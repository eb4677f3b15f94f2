//! Processes that train one network together. Each is a *rank*: it has its part of the rows and its own device.
//!
//! A rank hears of the others through a [`Link`], such as MPI. A thread of its own drives the link, so that the thread that
//! trains can go on while messages are on their way, and never waits for a rank that is gone: every rank sends a sign of life
//! each second, and a rank without one for [`LIMIT`] is lost.
//!
//! Sums do not depend on the number of ranks. The rows of a step are cut into a fixed number of slices, and the gradients of
//! the slices are added in a binary tree. The ranks are subtrees of it.

mod driver;
mod group;
mod link;
#[cfg(feature = "mpi")]
pub mod mpi;
mod reduce;
mod thread;

pub use driver::LIMIT;
pub use group::{Group, Pending};
pub use link::{Link, Tag};
pub use thread::{ThreadLink, links};
