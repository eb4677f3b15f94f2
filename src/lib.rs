//! Training multi-layer perceptrons on any GPU with WGSL compute shaders.
#![warn(missing_docs)]

pub mod activation;
pub mod backprop;
pub mod checkpoint;
pub mod config;
pub mod dataset;
pub mod device;
mod error;
pub mod inference;
pub mod kernel;
pub mod kernels;
pub mod loss;
pub mod metrics;
pub mod mlp;
pub mod optimizer;
pub mod plan;
pub mod prepare;
pub mod random;
pub mod real;
pub mod schedule;
pub mod trainer;

pub use error::Error;
