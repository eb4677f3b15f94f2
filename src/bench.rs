//! Measures the time of a training step, for one network, batch size, device and family.
//!
//! The network has sigmoid neurons, half the squared error as loss, and plain gradient descent: the article's network
//! at any size. The data stays on the device. A figure is the median of several runs after a warm-up, including waits.

pub mod calibrate;
pub mod ceiling;
mod measure;
pub mod ranks;

pub use ceiling::Ceiling;

use crate::device::population as factory;

use crate::Error;
use crate::dataset::memory;
use crate::device::Device;
use crate::gpu::Precision;
use crate::kernels::Step;
use crate::model::{Activation, Loss, Mlp, Optimizer, mlp::MOST_LAYERS};
pub use crate::plan::Family;
use crate::plan::{Order, Plan, Rates, Rows, Schedule, Training, backprop};
use crate::text::counted;
use serde::Serialize;

/// A benchmark job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchJob {
    /// Layer widths: inputs, hidden layers, outputs.
    pub widths: Vec<usize>,
    /// Rows per batch.
    pub batch_size: usize,
    /// Number of networks trained side by side.
    pub networks: usize,
    /// Rows in the data set, at least `batch`.
    pub rows: usize,
}

/// A measurement. A step updates every network once. A sample is one row of one network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Layer widths, as in `784-128-10`.
    pub layers: String,
    /// Rows per batch.
    pub batch: usize,
    /// Number of networks.
    pub networks: usize,
    /// `cpu` or `gpu`.
    pub device: &'static str,
    /// The device's name.
    pub adapter: String,
    /// The family.
    pub family: Family,
    /// Precision of the products: mixed if at least one product used it.
    pub precision: Precision,
    /// Time per step, in microseconds.
    pub us_per_step: f64,
    /// Time per step by the adapter's own clock, without the host's share and waits. `None` if the adapter has no clock
    /// ([`Gpu::stop_clock`](crate::gpu::Gpu::stop_clock)).
    pub device_us_per_step: Option<f64>,
    /// Rows per second, over all networks.
    pub samples_per_s: f64,
    /// GFLOP/s: 2 operations for each multiply-add of the three products.
    pub gflops: f64,
    /// Share of the device's peak GFLOP/s; 0 until [`Ceiling::settle`] sets it.
    pub share: f64,
}

/// Approximate limit in bytes for the memory of a job.
const MOST_BYTES: f64 = 8e9;
/// Default number of rows of generated data.
const ROWS: usize = 64;

impl BenchJob {
    /// Creates a job for one network, with the default number of rows.
    pub fn new(widths: Vec<usize>, batch: usize) -> BenchJob {
        BenchJob {
            widths,
            batch_size: batch,
            networks: 1,
            rows: batch.max(ROWS),
        }
    }

    /// Returns the operations of a step: two per multiply-add of the forward pass, the weight gradients and the hidden
    /// deltas.
    pub fn operations(&self) -> f64 {
        let products: usize = self.widths.windows(2).map(|w| w[0] * w[1]).sum();
        let hidden: usize = self.widths.windows(2).skip(1).map(|w| w[0] * w[1]).sum();
        2.0 * ((2 * products + hidden) * self.batch_size * self.networks) as f64
    }

    /// Returns the layer widths, as in `784-128-10`.
    pub fn layers(&self) -> String {
        let widths: Vec<String> = self.widths.iter().map(ToString::to_string).collect();
        widths.join("-")
    }

    fn mlp(&self) -> Mlp {
        Mlp::random(&self.widths, Activation::Sigmoid, Activation::Sigmoid, 0)
    }

    fn training(&self) -> Training {
        Training {
            loss: Loss::HalfSse,
            optimizer: Optimizer::sgd(0.1),
            batch_size: self.batch_size,
            classes: false,
            order: Order::Simultaneous,
            train_bias: true,
            ..Training::default()
        }
    }

    fn plan(&self) -> Plan {
        backprop::train(&self.mlp(), &self.training())
    }

    fn schedule(&self) -> Schedule {
        Schedule {
            rates: Rates::default(),
            dropout: 0.0,
            rows: Rows {
                first: 0,
                count: self.rows,
            },
            batch_size: self.batch_size,
            seed: 0,
            shuffle: true,
            optimizer: self.training().optimizer,
        }
    }

    /// Returns the families that can train it on `device`. For several networks, returns only the family a sweep uses.
    pub fn families(&self, device: &Device) -> Vec<Family> {
        let plan = self.plan();
        let mut families = vec![Family::Device];
        match device {
            _ if self.networks > 1 => {
                families = vec![factory::family(device, &plan, self.rows, self.networks)];
            }
            Device::Cpu => {}
            Device::Gpu(_) => {
                let others = [Family::Lane, Family::Workgroup].into_iter();
                families.extend(others.filter(|family| self.fits(device, *family)));
            }
        }
        families
    }

    /// Returns whether a sweep may train such networks in `family` on `device`.
    pub fn fits(&self, device: &Device, family: Family) -> bool {
        factory::can_train(device, family, &self.plan(), self.rows)
    }

    /// Checks whether this machine can run the job.
    ///
    /// # Errors
    /// Returns an error if the job needs more than about 8 GB or than is free, has too many layers, or a batch has more rows than the data set.
    pub fn check(&self) -> Result<(), Error> {
        let layers = self.widths.len() - 1;
        if layers > MOST_LAYERS {
            return Err(Error::Config(format!(
                "`layers`: a network of {layers}, expected at most {MOST_LAYERS}"
            )));
        }
        if self.rows < self.batch_size {
            return Err(Error::Config(format!(
                "batches of {} of {}; use a smaller `batch`, or more `rows`",
                self.batch_size,
                counted(self.rows, "row")
            )));
        }
        let [ends, all] = [
            self.widths[0] + self.widths[self.widths.len() - 1],
            self.widths.iter().sum(),
        ]
        .map(|width: usize| width as f64);
        let weights: f64 = self
            .widths
            .windows(2)
            .map(|w| w[0] as f64 * w[1] as f64)
            .sum();
        let (rows, batch) = (self.rows as f64, self.batch_size as f64);
        let step = size_of::<Step>() as f64 * rows / batch;
        let bytes = 4.0
            * (3.0 * weights * self.networks as f64 + 3.0 * rows * ends + 2.0 * batch * all)
            + step;
        let most = MOST_BYTES.min(memory::free() as f64);
        if bytes <= most {
            return Ok(());
        }
        Err(Error::Config(format!(
            "{} in batches of {}: takes about {:.0} GB, expected at most {:.0} GB; use smaller `layers`, `batch`, `rows` or `networks`",
            self.layers(),
            self.batch_size,
            bytes / 1e9,
            most / 1e9
        )))
    }

    /// Measures the job. Takes about a second after loading, or the time of two steps if that is longer.
    ///
    /// # Errors
    /// Returns an error if the device cannot hold the job, or fails.
    pub fn measure(&self, device: &Device, family: Family) -> Result<Row, Error> {
        let time = self.time(device, family)?;
        let seconds = time.seconds;
        let gflops = self.operations() / seconds / 1e9;
        Ok(Row {
            layers: self.layers(),
            batch: self.batch_size,
            networks: self.networks,
            device: match device {
                Device::Cpu => "cpu",
                Device::Gpu(_) => "gpu",
            },
            adapter: device.name(),
            family,
            precision: time.precision,
            us_per_step: seconds * 1e6,
            device_us_per_step: time.on_device.map(|seconds| seconds * 1e6),
            samples_per_s: (self.batch_size * self.networks) as f64 / seconds,
            gflops,
            share: 0.0,
        })
    }
}
