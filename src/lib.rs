//! Training multi-layer perceptrons on any GPU with WGSL compute shaders.
//!
//! Read a [`Dataset`], or create one from rows in memory. [`Config::fit`] trains a [`Model`] on it, as `wgrad train`
//! does. The model predicts, and can be saved. [`Trainer`] and [`Inference`] do the same step by step, on a [`Device`]
//! of your choice. [`guide`] is the user's guide to the `wgrad` program. [`parts`] holds the types that signatures use.
//!
//! Train on your own data, on the device that should be fastest:
//!
//! ```
//! use wgrad::{Config, Dataset};
//!
//! let data = Dataset::read("digits")?; // a CSV file, a folder of IDX files, or a built-in
//! let fit = Config::default().fit(&data)?;
//! let test = fit.test.expect("there are test rows");
//! assert!(test.accuracy.expect("digits has classes") > 0.96);
//! # Ok::<(), wgrad::Error>(())
//! ```
//!
//! Train on rows in memory, save the model, load it and predict:
//!
//! ```
//! use wgrad::{Config, Dataset, Model, parts::Predictions};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("model.safetensors");
//! # let path = &path;
//! let rows: Vec<[f64; 1]> = (0..100).map(|x| [f64::from(x)]).collect();
//! let values: Vec<f64> = rows.iter().map(|[x]| 1000.0 + 2.0 * x).collect();
//! let data = Dataset::with_values(&rows, &values)?;
//! let fit = Config::default().hidden([]).epochs(100).learning_rate(0.05).fit(&data)?;
//! fit.model.save(path)?;
//!
//! let told = Model::load(path)?.predict(&[[7.5]])?;
//! assert!(matches!(told, Predictions::Values(y) if (y[0] - 1015.0).abs() < 0.01));
//! # Ok::<(), wgrad::Error>(())
//! ```
//!
//! The project starts from the article *A Step by Step Backpropagation Example*: two inputs, two hidden and two output
//! neurons, one step of gradient descent on one row. Backpropagation is written once, in `src/plan/backprop.rs`, as a
//! *plan*: a list of kernel calls that every device replays. This example runs the f64 reference that devices are
//! checked against:
//!
//! ```
//! use wgrad::{Mlp, parts::{Activation::Sigmoid, Loss, Optimizer, Order, Training}};
//!
//! let network = Mlp::zeros(&[2, 2, 2], Sigmoid, Sigmoid);
//! let (loss, optimizer, order) = (Loss::HalfSse, Optimizer::sgd(0.5), Order::Simultaneous);
//! let training = Training { loss, optimizer, batch_size: 1, classes: false, order, train_bias: false, ..Training::default() };
//! let parameters = [
//!     0.15, 0.20, 0.25, 0.30, 0.35, 0.35, // w1 to w4, the hidden layer's biases
//!     0.40, 0.45, 0.50, 0.55, 0.60, 0.60, // w5 to w8, the output layer's
//! ];
//! let (error, after) = network.reference_step(&training, &parameters, &[0.05, 0.10], &[0.01, 0.99])?;
//! assert!((error - 0.298371109).abs() < 1e-9);
//! assert!((after[6] - 0.35891648).abs() < 1e-8); // w5+
//! # Ok::<(), wgrad::Error>(())
//! ```

#[doc(hidden)]
pub mod bench;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod cpu;
#[doc(hidden)]
pub mod dataset;
#[doc(hidden)]
pub mod device;
#[doc(hidden)]
pub mod distributed;
mod error;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod export;
#[doc(hidden)]
pub mod file;
#[doc(hidden)]
pub mod gpu;
pub mod guide;
#[doc(hidden)]
pub mod kernels;
#[doc(hidden)]
pub mod math;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod plan;
#[doc(hidden)]
pub mod sweep;
#[doc(hidden)]
pub mod text;
#[doc(hidden)]
pub mod threads;
#[doc(hidden)]
pub mod train;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod tutorial;
#[doc(hidden)]
pub mod verify;

pub use config::Config;
pub use dataset::types::Dataset;
pub use device::Device;
pub use error::Error;
pub use model::mlp::Mlp;
pub use train::inference::Inference;
pub use train::model_file::Model;
pub use train::trainer::Trainer;
#[doc(hidden)]
pub use wgpu;

/// The types that signatures of the other items use.
pub mod parts {
    pub use crate::config::origin::{ConfigFile, ConfigKey, Origin};
    pub use crate::config::{
        DataConfig, Defaults, Keep, LossConfig, NetworkConfig, OptimizerConfig, Recipe, RunConfig,
    };
    pub use crate::dataset::types::{Form, KeptColumn, Schema, Targets, Task};
    pub use crate::dataset::{
        ColumnEncoder, ColumnValues, DataError, DataErrorKind, Delimiter, DialectOptions, Encoder,
        InputColumn, Inputs, Lines, MissingRows, ReadOptions, Scale, Split, SplitOptions, TimePart,
        Unseen, folds, read, read_for, split,
    };
    pub use crate::device::choice::{Choice, Request, choose};
    pub use crate::gpu::Precision;
    pub use crate::gpu::adapter::gpu::{Gpu, Sums};
    pub use crate::model::Activation;
    pub use crate::model::Initialization;
    pub use crate::model::Layer;
    pub use crate::model::Loss;
    pub use crate::model::optimizer::{Optimizer, OptimizerKind};
    pub use crate::plan::KernelChoice;
    pub use crate::plan::Rows;
    pub use crate::plan::{Order, Training};
    pub use crate::plan::{RateSchedule, Rates};
    pub use crate::train::Fit;
    pub use crate::train::Metrics;
    pub use crate::train::Predictions;
    pub use crate::train::Prepared;
    pub use crate::train::Watcher;
    pub use crate::train::trainer::{Epoch, Progress, ProgressWatch};
    pub use crate::train::{EndReason, Ending};
}
