//! Loads a job onto a device, and times it.

use super::{BenchJob, Family};
use crate::Error;
use crate::device::{Device, population as factory};
use crate::gpu::{LaneSession, Precision, WorkgroupSession};
use crate::kernels::{Buffer, Step};
use crate::math::{Random, Stream};
use crate::plan::{KernelChoice, Member, Phase, Population, Session};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Number of runs for a median.
pub(super) const RUNS: usize = 5;
/// Target time of a run.
const LENGTH: Duration = Duration::from_millis(60);
/// Warm-up time on the CPU device.
pub(super) const WARM_UP: Duration = Duration::from_millis(400);
/// Warm-up time on an adapter, and of a population, which have no thread pool to tune.
const SHORT_WARM_UP: Duration = Duration::from_millis(150);
/// Time limit in seconds for all runs of a figure.
const BUDGET: f64 = 1.0;

/// A job loaded onto a device.
enum Loaded {
    One(Box<dyn Session<f32>>),
    Many(Box<dyn Population>),
}

/// The measured time of a step.
pub(super) struct Time {
    pub(super) seconds: f64,
    /// Time by the adapter's own clock.
    pub(super) on_device: Option<f64>,
    pub(super) precision: Precision,
    /// Time in seconds to load the job and take a first step, for which drivers compile shaders.
    pub(super) load: f64,
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

    /// Runs the steps, and returns the time in seconds.
    fn seconds(&mut self, steps: &[Step]) -> Result<f64, Error> {
        let start = Instant::now();
        self.run(steps)?;
        Ok(start.elapsed().as_secs_f64().max(1e-7))
    }

    /// Runs the steps, and returns the time in seconds by the clock of `device`, if it has one. Uses separate runs,
    /// because reading the clock costs some microseconds per submission, and hundreds on Mesa's lavapipe.
    fn seconds_on(&mut self, device: &Device, steps: &[Step]) -> Result<Option<f64>, Error> {
        let Device::Gpu(gpu) = device else {
            return Ok(None);
        };
        let Some(clock) = &gpu.clock else {
            return Ok(None);
        };
        clock.start();
        self.run(steps)?;
        gpu.stop_clock()
    }

    fn precision(&self) -> Precision {
        let mixed = match self {
            Loaded::One(session) => session.kernel_choices().iter().any(KernelChoice::is_mixed),
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

impl BenchJob {
    /// Loads the job with random data and weights.
    fn load(&self, device: &Device, family: Family) -> Result<Loaded, Error> {
        let (plan, rows) = (self.plan(), self.rows);
        let mut loaded = match (device, family) {
            (Device::Gpu(gpu), Family::Lane) if self.networks == 1 => {
                Loaded::One(Box::new(LaneSession::new(gpu.clone(), &plan, 1)?))
            }
            (Device::Gpu(gpu), Family::Workgroup) if self.networks == 1 => {
                let one = [Member::default()];
                let session = WorkgroupSession::new(gpu.clone(), &plan, rows, &one)?;
                Loaded::One(Box::new(session))
            }
            _ if self.networks == 1 => Loaded::One(device.load(&plan, rows)?),
            _ => {
                let members = vec![Member::default(); self.networks];
                Loaded::Many(factory::load(device, family, &plan, rows, &members)?)
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

    /// Measures the time of a step.
    pub(super) fn time(&self, device: &Device, family: Family) -> Result<Time, Error> {
        self.check()?;
        let device = match device {
            Device::Cpu => Device::Cpu,
            Device::Gpu(gpu) => Device::Gpu(Arc::new(gpu.with_clock()?)),
        };
        let begun = Instant::now();
        let mut loaded = self.load(&device, family)?;
        let precision = loaded.precision();
        let most = loaded.steps_at_once();
        let mut steps = self.steps(1);
        loaded.seconds(&steps)?;
        let load = begun.elapsed().as_secs_f64();
        let mut last = loaded.seconds(&steps)?;
        let (mut times, mut clock) = (vec![last], Vec::new());
        if last <= BUDGET / 2.0 {
            // A run has a fixed cost, which a single step does not reveal. So runs grow until they are long enough.
            while last < LENGTH.as_secs_f64() / 2.0 && steps.len() < most {
                steps = self.steps((4 * steps.len()).min(most));
                last = loaded.seconds(&steps)?;
            }
            // The CPU's thread pool first compares itself with one thread, and a cold machine is slower.
            let warm_up = match device {
                Device::Cpu if self.networks == 1 => WARM_UP,
                _ => SHORT_WARM_UP,
            };
            let warm = Instant::now() + warm_up;
            while Instant::now() < warm && last < WARM_UP.as_secs_f64() {
                last = loaded.seconds(&steps)?;
            }
            times.clear();
        }
        let runs = ((BUDGET / last) as usize).clamp(1, RUNS);
        for run in 0..runs {
            if times.len() <= run {
                times.push(loaded.seconds(&steps)?);
            }
            clock.extend(loaded.seconds_on(&device, &steps)?);
        }
        let count = steps.len() as f64;
        Ok(Time {
            seconds: median(&mut times) / count,
            on_device: (clock.len() == runs).then(|| median(&mut clock) / count),
            precision,
            load,
        })
    }

    /// Returns the first `count` steps with full batches, epoch by epoch.
    fn steps(&self, count: usize) -> Vec<Step> {
        let schedule = self.schedule();
        let steps = (0..).flat_map(|epoch| schedule.epoch(epoch));
        let whole = steps.filter(|step| step.rows as usize == self.batch_size);
        let numbered = (0..).zip(whole.take(count));
        numbered
            .map(|(index, step)| Step { index, ..step })
            .collect()
    }
}

pub(super) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
