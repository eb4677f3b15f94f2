//! How long a training step takes: one network and batch size, on one device, in one family.
//!
//! Sigmoid neurons, half the squared error, plain gradient descent: the article's network, at any size. The data stays
//! on the device; a figure is the median of several runs after a warm-up, the waits included.

pub mod calibrate;
mod ceiling;

pub use ceiling::{Ceiling, ceiling};

use crate::Error;
use crate::activation::Activation;
use crate::backprop::{self, Order, Training};
use crate::device::{Device, Precision};
use crate::loss::Loss;
use crate::mlp::Mlp;
use crate::optimizer::Optimizer;
pub use crate::plan::population::Family;
use crate::plan::population::{self, Member, Population};
use crate::plan::{Buffer, Chosen, Phase, Plan, Session, inline, lane, workgroup};
use crate::random::{Random, Stream};
use crate::schedule::{Rows, Schedule, Step};
use serde::Serialize;
use std::time::{Duration, Instant};

/// What is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Widths: inputs, hidden layers, outputs.
    pub widths: Vec<usize>,
    /// Rows a step.
    pub batch: usize,
    /// Networks trained side by side.
    pub networks: usize,
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
    /// Rows a second, those of all networks together.
    pub samples_per_s: f64,
    /// Billions of operations a second: 2 for each multiply-add of the three products.
    pub gflops: f64,
    /// The part of the most that was measured on the device; 0 until [`Ceiling::settle`] is told of it.
    pub share: f64,
}

/// Runs that a median is taken of.
const RUNS: usize = 5;
/// How long a run should take.
const RUN: Duration = Duration::from_millis(60);
/// How long it runs before that.
const WARM_UP: Duration = Duration::from_millis(400);
/// How long the runs of a figure may take together, in seconds.
const BUDGET: f64 = 1.0;
/// Bytes that a measurement may take, about.
const MOST_BYTES: f64 = 8e9;
/// Rows of generated data, at least.
const DATA_ROWS: usize = 64;

/// A job on a device.
enum Loaded {
    One(Box<dyn Session<f32>>),
    Many(Box<dyn Population>),
}

impl Loaded {
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error> {
        match self {
            Loaded::One(session) => session.write(buffer, values),
            Loaded::Many(population) => population.write(buffer, values),
        }
    }

    fn run(&mut self, steps: &[Step]) -> Result<(), Error> {
        match self {
            Loaded::One(session) => session.run(Phase::Train, steps),
            Loaded::Many(population) => population.run(Phase::Train, &[steps.to_vec()], &|_| true),
        }
    }

    fn precision(&self) -> Precision {
        let mixed = match self {
            Loaded::One(session) => session.chosen().iter().any(Chosen::is_mixed),
            Loaded::Many(_) => false,
        };
        if mixed {
            Precision::Mixed
        } else {
            Precision::F32
        }
    }

    fn steps_at_once(&self) -> usize {
        match self {
            Loaded::One(session) => session.steps_at_once(Phase::Train),
            Loaded::Many(_) => 1 << 16,
        }
    }
}

impl Job {
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

    fn data_rows(&self) -> usize {
        self.batch.max(DATA_ROWS)
    }

    fn schedule(&self) -> Schedule {
        Schedule {
            rows: Rows {
                first: 0,
                count: self.data_rows(),
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
                families = vec![population::family(
                    device,
                    &plan,
                    self.data_rows(),
                    self.networks,
                )];
            }
            Device::Cpu => {}
            Device::Gpu(gpu) => {
                families.extend(inline::fits(&plan).then_some(Family::Lane));
                let workgroup = population::workgroup_pays(gpu, &plan);
                families.extend(workgroup.then_some(Family::Workgroup));
            }
        }
        families
    }

    /// Loads the job, with random data and weights.
    fn load(&self, device: &Device, family: Family) -> Result<Loaded, Error> {
        let (plan, rows) = (self.plan(), self.data_rows());
        let mut loaded = match (device, family) {
            (Device::Gpu(gpu), Family::Lane) if self.networks == 1 => {
                Loaded::One(Box::new(lane::Session::new(gpu.clone(), &plan, 1)?))
            }
            (Device::Gpu(gpu), Family::Workgroup) if self.networks == 1 => {
                let one = [Member::default()];
                let session = workgroup::Session::new(gpu.clone(), &plan, rows, &one)?;
                Loaded::One(Box::new(session))
            }
            _ if self.networks == 1 => Loaded::One(device.load(&plan, rows)?),
            _ => {
                let members = vec![Member::default(); self.networks];
                Loaded::Many(population::load(device, family, &plan, rows, &members)?)
            }
        };
        let random = Random::new(0, Stream::Data, 0);
        let numbers = |count: usize| -> Vec<f32> {
            (0..count as u32)
                .map(|i| random.uniform(i) as f32)
                .collect()
        };
        let (inputs, outputs) = (self.widths[0], self.widths[self.widths.len() - 1]);
        loaded.write(Buffer::DataInputs, &numbers(rows * inputs))?;
        loaded.write(Buffer::DataTargets, &numbers(rows * outputs))?;
        let weights = self.mlp().parameters.repeat(self.networks);
        loaded.write(Buffer::Parameters, &weights)?;
        Ok(loaded)
    }

    /// Whether a measurement of the job fits a machine.
    ///
    /// # Errors
    /// If it would take more than about 8 GB; the message says how much.
    pub fn check(&self) -> Result<(), Error> {
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
        let (rows, batch) = (self.data_rows() as f64, self.batch as f64);
        let bytes = 4.0 * (3.0 * weights * self.networks as f64 + rows * ends + 2.0 * batch * all);
        if bytes <= MOST_BYTES {
            return Ok(());
        }
        Err(Error::Config(format!(
            "{} in batches of {}: takes about {:.0} GB, expected at most {:.0} GB; use smaller --layers, --batch or --networks",
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
        let (seconds, precision) = self.seconds(device, family)?;
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
            precision,
            us_per_step: seconds * 1e6,
            samples_per_s: (self.batch * self.networks) as f64 / seconds,
            gflops,
            share: 0.0,
        })
    }

    /// Seconds of a step, and what it was computed in.
    fn seconds(&self, device: &Device, family: Family) -> Result<(f64, Precision), Error> {
        self.check()?;
        let mut loaded = self.load(device, family)?;
        let precision = loaded.precision();
        let most = loaded.steps_at_once();
        let schedule = self.schedule();
        let mut steps: Vec<Step> = schedule.epoch(0);
        let mut time = |steps: &[Step]| -> Result<f64, Error> {
            let start = Instant::now();
            loaded.run(steps)?;
            let rows: u32 = steps.iter().map(|step| step.rows).sum();
            let full = f64::from(rows) / self.batch as f64;
            Ok(start.elapsed().as_secs_f64().max(1e-7) / full)
        };
        time(&steps[..1])?;
        let once = time(&steps[..1])?;
        if once > BUDGET / 2.0 {
            return Ok((once, precision));
        }
        // A run has a cost of its own, which one step does not tell apart: runs grow until they are long enough.
        let (mut count, mut epoch, mut step) = (1, 1, once);
        while step * (count as f64) < RUN.as_secs_f64() / 2.0 && count < most {
            count = (4 * count).min(most);
            while steps.len() < count {
                steps.extend(schedule.epoch(epoch));
                epoch += 1;
            }
            step = time(&steps[..count])?;
        }
        steps.truncate(count);
        // The CPU's team tries itself against one thread first, and a cold machine is slower.
        let warm = Instant::now() + WARM_UP;
        while Instant::now() < warm && step * (count as f64) < WARM_UP.as_secs_f64() {
            step = time(&steps)?;
        }
        let runs = (BUDGET / (step * count as f64)) as usize;
        let times: Result<Vec<f64>, Error> =
            (0..runs.clamp(1, RUNS)).map(|_| time(&steps)).collect();
        Ok((median(&mut times?), precision))
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
