//! Measures what a step costs that several ranks take together, and how much of it is the exchange of gradients.

use super::{BenchJob, measure::median};
use crate::Error;
use crate::dataset::{Form, Scale, Schema};
use crate::device::Device;
use crate::distributed::Group;
use crate::math::{Random, Stream};
use crate::plan::Rows;
use crate::text::counted;
use crate::train::{Prepared, Slices, Trainer};
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Number of runs for a median, and their shortest time.
const RUNS: usize = 5;
const LENGTH: Duration = Duration::from_millis(60);
/// Rows of the data, and most steps of an epoch.
const ROWS: usize = 8192;
const STEPS: usize = 64;
/// Numbers of a small and of a large sum.
const SUMS: [usize; 2] = [64, 1 << 20];

/// The speed of the connection between ranks.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Connection {
    /// Number of ranks.
    pub ranks: usize,
    /// Time of a small message, in microseconds.
    pub latency_us: f64,
    /// Bytes of a large message per second.
    pub bytes_per_s: f64,
}

/// The cost of a step. Times are in microseconds.
#[derive(Clone, Debug, Serialize)]
pub struct RanksRow {
    /// Layer widths, as in `784-128-10`.
    pub layers: String,
    /// Number of parameters.
    pub parameters: usize,
    /// Rows per batch, of all ranks.
    pub batch: usize,
    /// The step of one rank alone, as a run of one process takes it.
    pub us_alone: f64,
    /// The step of all ranks together.
    pub us_together: f64,
    /// The exchange of its gradients, when nothing else is computed.
    pub us_exchange: f64,
    /// The same, as the connection's latency and speed predict it.
    pub us_exchange_model: f64,
}

impl Connection {
    /// Measures the connection between the ranks of `group`. All of them call this.
    ///
    /// # Errors
    /// Returns an error if a rank has ended.
    pub fn measure(group: &Group) -> Result<Connection, Error> {
        let [small, large] = SUMS.map(|numbers| exchange(group, &[numbers]));
        let (small, large) = (small?, large?);
        let ranks = group.count();
        let messages = f64::from(2 * ranks.trailing_zeros()).max(1.0);
        let latency = small / messages;
        Ok(Connection {
            ranks,
            latency_us: 1e6 * latency,
            bytes_per_s: sent(SUMS[1], ranks) / (large - small).max(1e-9),
        })
    }

    /// Returns the time of the sum of so many numbers, in seconds: 2 log2(n) messages, and 2 (n - 1) / n of the bytes.
    pub fn sum(&self, numbers: usize) -> f64 {
        let messages = f64::from(2 * self.ranks.trailing_zeros());
        messages * self.latency_us / 1e6 + sent(numbers, self.ranks) / self.bytes_per_s
    }
}

/// Returns the bytes that a rank sends for the sum of so many numbers.
fn sent(numbers: usize, ranks: usize) -> f64 {
    2.0 * (ranks - 1) as f64 / ranks as f64 * 4.0 * numbers as f64
}

/// Returns the time in seconds of sums of so many numbers each.
fn exchange(group: &Group, sums: &[usize]) -> Result<f64, Error> {
    timed(group, &mut || {
        let begun = sums
            .iter()
            .map(|numbers| group.begin_sum(vec![1.0; *numbers]));
        let begun = begun.collect::<Result<Vec<_>, _>>()?;
        begun.into_iter().try_for_each(|sum| sum.wait().map(drop))
    })
}

/// Returns the median time in seconds of `work`, which all ranks do together.
fn timed(group: &Group, work: &mut dyn FnMut() -> Result<(), Error>) -> Result<f64, Error> {
    let mut run = |count: usize| -> Result<f64, Error> {
        group.gather(Vec::new())?;
        let start = Instant::now();
        (0..count).try_for_each(|_| work())?;
        let own = start.elapsed().as_secs_f64();
        // The time of the first rank counts, for the length of the next run too.
        let first = group.gather(own.to_le_bytes().into())?.swap_remove(0);
        Ok(first.try_into().map_or(own, f64::from_le_bytes))
    };
    run(1)?;
    let once = run(1)?.max(1e-7);
    let count = (LENGTH.as_secs_f64() / once).ceil().clamp(1.0, 4096.0) as usize;
    let times = (0..RUNS).map(|_| run(count));
    let mut times = times.collect::<Result<Vec<_>, _>>()?;
    Ok(median(&mut times) / count as f64)
}

impl BenchJob {
    /// Measures a step of this job on the ranks of `group`, each with `device`. All ranks call this.
    ///
    /// # Errors
    /// Returns an error if a device cannot hold the job or fails, there are more ranks than slices of a batch, or a rank has ended.
    pub fn measure_ranks(
        &self,
        device: &Device,
        group: &Arc<Group>,
        connection: &Connection,
    ) -> Result<RanksRow, Error> {
        self.check()?;
        let (mut data, mlp, training) = (self.prepared(), self.mlp(), self.training());
        let train = |trainer: &mut Trainer| trainer.epoch(&mut |_| true).map(drop);
        let steps = data.train.count.div_ceil(self.batch_size) as f64;
        // The others wait, as long as it takes.
        let alone = match group.rank() {
            0 => {
                let mut trainer = Trainer::new(device, mlp.clone(), &training, &data, 0, None)?;
                let mut one = || train(&mut trainer);
                one()?;
                let times = (0..RUNS).map(|_| {
                    let start = Instant::now();
                    one().map(|()| start.elapsed().as_secs_f64())
                });
                let mut times = times.collect::<Result<Vec<_>, _>>()?;
                median(&mut times)
            }
            _ => 0.0,
        };
        data.keep(self.slices(group)?);
        let all = Some(group.clone());
        let mut trainer = Trainer::of_rank(device, mlp.clone(), &training, &data, 0, None, all)?;
        let together = timed(group, &mut || train(&mut trainer))?;
        let lengths = mlp.tensor_lengths();
        let sums: Vec<usize> = lengths.chunks(2).map(|layer| layer.iter().sum()).collect();
        let predicted = sums
            .iter()
            .map(|numbers| connection.sum(*numbers))
            .sum::<f64>();
        Ok(RanksRow {
            layers: self.layers(),
            parameters: mlp.parameters.len(),
            batch: self.batch_size,
            us_alone: 1e6 * alone / steps,
            us_together: 1e6 * together / steps,
            us_exchange: 1e6 * exchange(group, &sums)?,
            us_exchange_model: 1e6 * predicted,
        })
    }

    /// Returns the slices of this rank.
    ///
    /// # Errors
    /// Returns an error if there are fewer of them than ranks.
    pub fn slices(&self, group: &Group) -> Result<Slices, Error> {
        let rows = self.rows_of_ranks();
        let of = |first, count| Rows { first, count };
        let whole = [of(0, rows), of(rows, 0), of(rows, 0)];
        let slices = Slices::new(whole, self.batch_size, [group.rank(), group.count()]);
        slices.map_err(|slices| {
            Error::Config(format!(
                "batches of {} have {}, fewer than ranks; use a larger `batch`",
                counted(self.batch_size, "row"),
                counted(slices, "slice")
            ))
        })
    }

    /// Returns the number of rows for some steps.
    fn rows_of_ranks(&self) -> usize {
        self.batch_size * (ROWS / self.batch_size).clamp(1, STEPS)
    }

    /// Returns random rows for some steps.
    fn prepared(&self) -> Prepared {
        let rows = self.rows_of_ranks();
        let (inputs, outputs) = (self.widths[0], self.widths[self.widths.len() - 1]);
        let random = Random::new(0, Stream::Data, 0);
        let numbers = |count: usize| (0..count as u32).map(|i| random.uniform(i) as f32);
        let of = |first, count| Rows { first, count };
        Prepared {
            inputs: numbers(rows * inputs).collect(),
            targets: numbers(rows * outputs).collect(),
            weighted: false,
            train: of(0, rows),
            val: of(rows, 0),
            test: of(rows, 0),
            classes: false,
            outputs,
            input_scale: Scale::identity(inputs),
            target_scale: Scale::identity(outputs),
            schema: Schema {
                form: Form::Table,
                columns: Vec::new(),
                target_names: Vec::new(),
                classes: Vec::new(),
                inputs,
                encoder: None,
            },
            slices: None,
        }
    }
}
