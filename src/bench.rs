//! How long a training step takes: one network and batch size, on one device, in one family.
//!
//! Sigmoid neurons, half the squared error, plain gradient descent: the article's network, at any size. The data stays
//! on the device; a figure is the median of several runs after a warm-up, the waits included.

pub mod calibrate;
pub mod ceiling;
mod measure;

pub use ceiling::Ceiling;

use crate::device::population as factory;

use crate::Error;
use crate::device::Device;
use crate::gpu::{Precision, print::network as print};
use crate::kernels::Step;
use crate::model::{Activation, Loss, Mlp, Optimizer};
pub use crate::plan::Family;
use crate::plan::{Order, Plan, Training, backprop};
use crate::plan::{Rows, Schedule};
use crate::text::counted;
use serde::Serialize;

/// What is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchJob {
    /// Widths: inputs, hidden layers, outputs.
    pub widths: Vec<usize>,
    /// Rows a step.
    pub batch: usize,
    /// Networks trained side by side.
    pub networks: usize,
    /// Rows of the data set, `batch` or more.
    pub rows: usize,
}

/// A measurement. A step is one of every network, a sample one row of one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Widths, as in `784-128-10`.
    pub layers: String,
    /// Rows a step.
    pub batch: usize,
    /// Networks.
    pub networks: usize,
    /// `cpu` or `gpu`.
    pub device: &'static str,
    /// The device's name.
    pub adapter: String,
    /// The family.
    pub family: Family,
    /// What its products were computed in: mixed only if some were.
    pub precision: Precision,
    /// Time of a step.
    pub us_per_step: f64,
    /// Time of a step by the adapter's own clock, without the host's share and the waits; none where it cannot tell
    /// ([`Gpu::stop_clock`](crate::gpu::Gpu::stop_clock)).
    pub device_us_per_step: Option<f64>,
    /// Rows a second, those of all networks together.
    pub samples_per_s: f64,
    /// Billions of operations a second: 2 for each multiply-add of the three products.
    pub gflops: f64,
    /// The part of the most that was measured on the device; 0 until [`Ceiling::settle`] is told of it.
    pub share: f64,
}

/// Bytes that a measurement may take, about.
const MOST_BYTES: f64 = 8e9;
/// Rows of generated data, at least, where nobody asks for others.
const ROWS: usize = 64;

impl BenchJob {
    /// One network, with as many rows as are usual.
    pub fn new(widths: Vec<usize>, batch: usize) -> BenchJob {
        BenchJob {
            widths,
            batch,
            networks: 1,
            rows: batch.max(ROWS),
        }
    }

    /// Operations of a step: two for each multiply-add of the forward pass, the weight gradients, and the hidden deltas.
    pub fn operations(&self) -> f64 {
        let products: usize = self.widths.windows(2).map(|w| w[0] * w[1]).sum();
        let hidden: usize = self.widths.windows(2).skip(1).map(|w| w[0] * w[1]).sum();
        2.0 * ((2 * products + hidden) * self.batch * self.networks) as f64
    }

    /// Widths, as in `784-128-10`.
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
            batch: self.batch,
            classes: false,
            order: Order::Simultaneous,
            train_bias: true,
        }
    }

    fn plan(&self) -> Plan {
        backprop::train(&self.mlp(), &self.training())
    }

    fn schedule(&self) -> Schedule {
        Schedule {
            rows: Rows {
                first: 0,
                count: self.rows,
            },
            batch: self.batch,
            seed: 0,
            shuffle: true,
            optimizer: self.training().optimizer,
        }
    }

    /// Families that can train it on `device`; of many networks, the one that a sweep would take.
    pub fn families(&self, device: &Device) -> Vec<Family> {
        let plan = self.plan();
        let mut families = vec![Family::Device];
        match device {
            _ if self.networks > 1 => {
                families = vec![factory::family(device, &plan, self.rows, self.networks)];
            }
            Device::Cpu => {}
            Device::Gpu(gpu) => {
                let lane = print::fits(&plan, gpu.uniform_bytes());
                families.extend(lane.then_some(Family::Lane));
                let workgroup = factory::workgroup_pays(gpu, &plan);
                families.extend(workgroup.then_some(Family::Workgroup));
            }
        }
        families
    }

    /// Whether the job can be measured on this machine.
    ///
    /// # Errors
    /// If it would take more than about 8 GB, or a batch has more rows than there are; the message says how much.
    pub fn check(&self) -> Result<(), Error> {
        if self.rows < self.batch {
            return Err(Error::Config(format!(
                "batches of {} of {}; use a smaller `batch`, or more `rows`",
                self.batch,
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
        let (rows, batch) = (self.rows as f64, self.batch as f64);
        let step = size_of::<Step>() as f64 * rows / batch;
        let bytes = 4.0
            * (3.0 * weights * self.networks as f64 + 3.0 * rows * ends + 2.0 * batch * all)
            + step;
        if bytes <= MOST_BYTES {
            return Ok(());
        }
        Err(Error::Config(format!(
            "{} in batches of {}: takes about {:.0} GB, expected at most {:.0} GB; use smaller `layers`, `batch`, `rows` or `networks`",
            self.layers(),
            self.batch,
            bytes / 1e9,
            MOST_BYTES / 1e9
        )))
    }

    /// Measures the job, in about a second once it is loaded; longer only if two steps take longer.
    ///
    /// # Errors
    /// If the device cannot hold the job, or fails.
    pub fn measure(&self, device: &Device, family: Family) -> Result<Row, Error> {
        let time = self.time(device, family)?;
        let seconds = time.seconds;
        let gflops = self.operations() / seconds / 1e9;
        Ok(Row {
            layers: self.layers(),
            batch: self.batch,
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
            samples_per_s: (self.batch * self.networks) as f64 / seconds,
            gflops,
            share: 0.0,
        })
    }
}
