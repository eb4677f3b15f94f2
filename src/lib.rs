//! Training multi-layer perceptrons on any GPU with WGSL compute shaders.
#![warn(missing_docs)]

pub mod activation;
pub mod backprop;
/// stub
pub mod dataset {
    /// stub
    #[derive(Debug, thiserror::Error)]
    #[error("x")]
    pub struct DataError;
}
pub mod device;
mod error;
pub mod kernel;
pub mod kernels;
pub mod loss;
pub mod mlp;
pub mod optimizer;
pub mod plan;
pub mod random;
pub mod real;
pub mod schedule;

pub use error::Error;
