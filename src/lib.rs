//! Training multi-layer perceptrons on any GPU with WGSL compute shaders.
//!
//! Backpropagation is written once, in [`backprop`], as a [`plan`]: lists of kernel calls. Executors replay it: on the
//! CPU in f32 or, as the reference, in f64 ([`plan::cpu`]), on a GPU one dispatch a call ([`plan::gpu`]), or on a GPU
//! with a network in each lane ([`plan::inline`]). [`verify`] compares what an adapter computes with the reference.
//! [`guide`] is the user's guide to the `wgrad` program.
//!
//! The article that it all starts from, *A Step by Step Backpropagation Example*: two inputs, two hidden and two output
//! neurons, one step of gradient descent on one row.
//!
//! ```
//! use wgrad::backprop::{self, Order, Training};
//! use wgrad::plan::{Buffer, Phase, Session, cpu};
//! use wgrad::{activation::Activation, loss::Loss, mlp::Mlp, optimizer::Optimizer, schedule::Step};
//!
//! let network = Mlp::zeros(&[2, 2, 2], Activation::Sigmoid, Activation::Sigmoid);
//! let plan = backprop::train(&network, &Training {
//!     loss: Loss::HalfSse,
//!     optimizer: Optimizer::sgd(0.5),
//!     batch: 1,
//!     classes: false,
//!     order: Order::Simultaneous,
//!     train_bias: false,
//! });
//! let mut session = cpu::Session::<f64>::new(&plan, 1, 1);
//! session.write(Buffer::DataInputs, &[0.05, 0.10])?;
//! session.write(Buffer::DataTargets, &[0.01, 0.99])?;
//! session.write(Buffer::Parameters, &[
//!     0.15, 0.20, 0.25, 0.30, 0.35, 0.35, // w1 to w4, the hidden layer's biases
//!     0.40, 0.45, 0.50, 0.55, 0.60, 0.60, // w5 to w8, the output layer's
//! ])?;
//! session.run(Phase::Train, &[Step::whole(1, 0.5)])?;
//! let error = session.read(Buffer::Error)?[0];
//! assert!((error - 0.298371109).abs() < 1e-9);
//! let w5 = session.read(Buffer::Parameters)?[6];
//! assert!((w5 - 0.35891648).abs() < 1e-8);
//! # Ok::<(), wgrad::Error>(())
//! ```
//!
//! Data of one's own, on whatever device should be fastest:
//!
//! ```
//! use wgrad::backprop::{Order, Training};
//! use wgrad::dataset::{self, ReadOptions};
//! use wgrad::device::{self, Request};
//! use wgrad::{activation::Activation, loss::Loss, mlp::Mlp, optimizer::Optimizer};
//! use wgrad::{prepare::Prepared, trainer::Trainer};
//!
//! let data = dataset::read("iris", &ReadOptions::default(), 0)?;
//! let split = dataset::split(&data, 0.1, 0.2, 0)?;
//! let prepared = Prepared::new(&data, &split)?;
//! let network = Mlp::random(&[4, 16, 3], Activation::Relu, Activation::Identity, 0);
//! let training = Training {
//!     loss: Loss::CrossEntropy,
//!     optimizer: Optimizer::adam(0.01),
//!     batch: 16,
//!     classes: true,
//!     order: Order::Simultaneous,
//!     train_bias: true,
//! };
//! let device = device::choose(&Request::Auto, None, 3 * 16 * network.multiply_adds())?.device;
//! let mut trainer = Trainer::new(&device, network, &training, &prepared, 0, None)?;
//! for _ in 0..40 {
//!     trainer.epoch(&mut |_| true)?;
//! }
//! let test = trainer.evaluate(prepared.test)?.expect("there are test rows");
//! assert!(test.accuracy.expect("iris has classes") > 0.9);
//! # Ok::<(), wgrad::Error>(())
//! ```
//!
//! Rows that a program has in memory; a model that is kept, and asked about new rows; a flag that stops the training:
//!
//! ```
//! use std::sync::atomic::{AtomicBool, Ordering};
//! use wgrad::backprop::{Order, Training};
//! use wgrad::checkpoint::Model;
//! use wgrad::dataset::{self, Dataset, Form, Targets};
//! use wgrad::inference::{Inference, Predictions};
//! use wgrad::{activation::Activation, device::Device, loss::Loss, mlp::Mlp, optimizer::Optimizer};
//! use wgrad::{Error, prepare::Prepared, trainer::Trainer};
//!
//! let rows = |inputs: Vec<f64>, targets| Dataset {
//!     name: "mine".to_owned(),
//!     form: Form::Table,
//!     rows: inputs.len(),
//!     columns: vec!["x".to_owned()],
//!     inputs: inputs.into(),
//!     target_names: vec!["y".to_owned()],
//!     targets,
//!     test_from: None,
//!     notes: Vec::new(),
//! };
//! let x: Vec<f64> = (0..100).map(f64::from).collect();
//! let values = x.iter().map(|x| 1000.0 + 2.0 * x).collect();
//! let data = rows(x, Some(Targets::Values { values }));
//! let prepared = Prepared::new(&data, &dataset::split(&data, 0.1, 0.1, 0)?)?;
//! let loss = Loss::Mse;
//! let output = loss.output_activation(prepared.classes);
//! let training = Training {
//!     loss,
//!     optimizer: Optimizer::sgd(0.1),
//!     batch: 10,
//!     classes: prepared.classes,
//!     order: Order::Simultaneous,
//!     train_bias: true,
//! };
//! let network = Mlp::random(&[1, 1], Activation::Relu, output, 0);
//! let mut trainer = Trainer::new(&Device::Cpu, network, &training, &prepared, 0, None)?;
//! let stop = AtomicBool::new(false); // set by another thread, or by a handler of signals
//! for _ in 0..20 {
//!     match trainer.epoch(&mut |_| !stop.load(Ordering::Relaxed)) {
//!         Err(Error::Interrupted) => break,
//!         epoch => println!("{}", epoch?.train_loss),
//!     };
//! }
//! let mlp = trainer.network()?;
//! let Prepared { input_scale, target_scale, schema, .. } = prepared.clone();
//! let model = Model { mlp, loss, input_scale, target_scale, schema };
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("model.safetensors");
//! # let path = &path;
//! model.save(path)?;
//!
//! let model = Model::load(path)?;
//! let new = rows(vec![7.5], None);
//! let told = Inference::new(&Device::Cpu, &model, &new)?.predictions()?;
//! assert!(matches!(told, Predictions::Values(y) if (y[0] - 1015.0).abs() < 0.01));
//! # Ok::<(), wgrad::Error>(())
//! ```

pub mod activation;
pub mod backprop;
pub mod bench;
#[cfg(feature = "cli")]
pub mod chart;
pub mod checkpoint;
pub mod config;
pub mod dataset;
pub mod device;
mod error;
pub mod feed;
pub mod file;
pub mod fit;
pub mod guide;
pub mod inference;
pub mod kernel;
pub mod kernels;
pub mod lanes;
pub mod loss;
pub mod metrics;
pub mod mlp;
pub mod optimizer;
pub mod plan;
pub mod prepare;
pub mod product;
pub mod random;
pub mod real;
mod reference;
pub mod schedule;
pub mod sweep;
pub mod trainer;
#[cfg(feature = "cli")]
pub mod tutorial;
pub mod verify;
mod wide;
pub mod words;

pub use error::Error;
/// Public items name its types.
pub use wgpu;
