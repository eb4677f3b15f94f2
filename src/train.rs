//! Training and predicting: data on a device, epochs of chunks, metrics, the model file.

pub mod checkpoint;
pub mod data_stream;
pub mod fit;
pub mod inference;
pub mod job;
pub mod metrics;
pub mod pace;
pub mod prepare;
pub mod trainer;
