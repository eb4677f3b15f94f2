//! Training and prediction: data on a device, epochs in chunks of steps, metrics, the model file.

pub mod checkpoint;
pub mod data_stream;
pub mod ensemble;
pub mod fit;
pub mod importance;
pub mod inference;
pub mod job;
pub mod metrics;
pub mod model_file;
pub mod network;
pub mod pace;
pub mod prepare;
pub mod resolve;
pub mod slices;
pub mod start;
pub mod stopping;
pub mod trainer;
pub mod weights;

pub use checkpoint::{Checkpoints, Position};
pub use data_stream::DataStream;
pub use ensemble::{EnsembleRun, MemberResult, OutOfFold};
pub use fit::Fit;
pub use importance::{Importance, importance};
pub use inference::{Inference, Predictions};
pub use job::{TrainJob, Trained, Watcher};
pub use metrics::Metrics;
pub use model_file::Model;
pub use network::NetworkRun;
pub use prepare::Prepared;
pub use slices::Slices;
pub use start::Start;
pub use stopping::{EndReason, Ending, StopRule, WatchedLoss};
pub use trainer::{Epoch, Progress, ProgressWatch, Trainer};
