//! Sweeps: trains many networks at once, one for each combination of settings, initial weights and cross-validation
//! folds.
//!
//! Networks of one shape form a [`Population`]. They share a plan and, within a fold, the rows and their order, so they
//! train side by side. After each round all networks are evaluated, and the worse half may be dropped.

mod axes;
mod halving;
mod history;
pub mod merge;
mod network;
mod ranking;
mod results;
mod resume;
mod scores;
pub mod search;
mod shapes;
mod shard;
mod state;

use crate::device::population as factory;
pub use axes::{Axes, Setting, Variant, learning_rates};
pub use halving::better_half;
pub use network::{Fate, SweepNetwork, widths};
pub use ranking::{Ranked, Spread, best_first, rank};
pub use results::{BestNetwork, Results};
pub use resume::identity;
pub use shapes::crowds;
pub use shard::Shard;
pub use state::{SweepAbout, SweepState};

use crate::Error;
use crate::device::Device;
use crate::kernels::{Buffer, Step};
use crate::model::{Activation, Mlp, Optimizer};
use crate::plan::{
    Evaluation, Family, Member, Phase, Population, PopulationWatch, Rates, Rows, Schedule,
    Training, evaluation_batch,
};
use crate::text::counted;
use crate::train::Prepared;
use history::History;
use network::{networks, require_memory};
use shapes::{Shape, shapes};

/// Maximum number of steps generated at a time.
const STEPS_AT_ONCE: usize = 100_000;

/// A sweep in progress, or one part of it.
pub struct Sweep {
    shard: Shard,
    settings: Vec<Setting>,
    networks: Vec<SweepNetwork>,
    groups: Vec<Group>,
    /// The rows of each fold that networks are evaluated on, within the data of all folds.
    folds: Vec<Rows>,
    variants: Vec<Training>,
    /// Of each variant, the epochs after which its networks end.
    lengths: Vec<Option<usize>>,
    /// Of each variant, one a fold.
    schedules: Vec<Vec<Schedule>>,
    epoch: usize,
    /// The best network of the last evaluation, with its parameters at that time.
    kept: Option<(usize, Mlp)>,
    history: History,
    /// Networks that have diverged, and are no longer on the device.
    lost: Vec<usize>,
}

/// The networks of one shape and variant that are still in training.
struct Group {
    population: Box<dyn Population>,
    variant: usize,
    /// Indices into the sweep's networks.
    networks: Vec<usize>,
    mlp: Mlp,
}

impl Sweep {
    /// Loads a network for each setting and seed of `axes` and each fold onto `devices`, or those of one `shard`.
    ///
    /// `folds` are different splits of the same data set, scaled. `seed` determines the row order.
    ///
    /// # Errors
    /// Returns an error if there is no fold, setting or seed, if they do not fit together ([`Prepared::check`]), or if
    /// the devices cannot hold them, or there is none.
    pub fn new(
        devices: &[Device],
        folds: &[Prepared],
        axes: &Axes,
        seed: u64,
        shard: Shard,
    ) -> Result<Sweep, Error> {
        let settings = axes.settings();
        check(folds, &settings, axes)?;
        let networks = networks(&settings, axes, folds.len());
        let all = networks.len();
        let networks = shard.of(networks);
        shard.check(all, "network")?;
        let device = devices.first().unwrap_or(&Device::Cpu);
        require_memory(device, &folds[0], &settings, axes, &networks)?;
        let variants: Vec<Training> = axes.variants.iter().map(|v| v.training).collect();
        let mut sweep = Sweep {
            shard,
            groups: Vec::new(),
            folds: Vec::new(),
            schedules: vec![Vec::new(); variants.len()],
            settings,
            networks,
            variants,
            lengths: axes.variants.iter().map(|v| v.epochs).collect(),
            epoch: 0,
            kept: None,
            history: History::default(),
            lost: Vec::new(),
        };
        let (mut inputs, mut targets, mut first) = (Vec::new(), Vec::new(), 0);
        for fold in folds {
            inputs.extend_from_slice(&fold.inputs);
            targets.extend_from_slice(&fold.targets);
            let moved = |rows: Rows| Rows {
                first: first + rows.first,
                ..rows
            };
            let val = if fold.val.count > 0 {
                fold.val
            } else {
                fold.train
            };
            sweep.folds.push(moved(val));
            for (schedules, training) in sweep.schedules.iter_mut().zip(&sweep.variants) {
                schedules.push(Schedule {
                    rates: Rates::default(),
                    dropout: training.dropout,
                    rows: moved(fold.train),
                    batch_size: training.batch_size,
                    seed,
                    shuffle: true,
                    optimizer: unit_rate(training.optimizer),
                });
            }
            first += fold.rows();
        }
        sweep.load(devices, &folds[0], axes, [&inputs, &targets], first)?;
        Ok(sweep)
    }

    /// Loads one population per shape and variant.
    fn load(
        &mut self,
        devices: &[Device],
        fold: &Prepared,
        axes: &Axes,
        [inputs, targets]: [&[f32]; 2],
        rows: usize,
    ) -> Result<(), Error> {
        for shape in shapes(&self.settings, axes, fold) {
            let Shape {
                variant, mlp, plan, ..
            } = &shape;
            let own = |network: &usize| shape.has(self.networks[*network].setting);
            let networks: Vec<usize> = (0..self.networks.len()).filter(own).collect();
            if networks.is_empty() {
                continue;
            }
            let new = |seed| mlp.clone().drawn(axes.init, seed);
            let member = |n: &usize| {
                let network = &self.networks[*n];
                Member {
                    fold: network.fold,
                    rate: self.settings[network.setting].learning_rate as f32,
                }
            };
            let members: Vec<Member> = networks.iter().map(member).collect();
            // Of all parts together: in another family, bits might differ.
            let all = shape.networks(axes);
            let device = devices.first().unwrap_or(&Device::Cpu);
            let family = factory::family(device, plan, rows, all);
            let mut population = factory::load_on(devices, family, plan, rows, &members)?;
            population.write(Buffer::DataInputs, inputs)?;
            population.write(Buffer::DataTargets, targets)?;
            let weights = networks
                .iter()
                .map(|n| new(self.networks[*n].seed).parameters);
            population.write(Buffer::Parameters, &weights.collect::<Vec<_>>().concat())?;
            self.groups.push(Group {
                population,
                variant: *variant,
                networks,
                mlp: mlp.clone(),
            });
        }
        Ok(())
    }

    /// Sets the learning rate over the sweep, as a factor of that of each network, by variant and steps per epoch.
    pub fn set_rates(&mut self, rates: impl Fn(usize, usize) -> Rates) {
        for variant in 0..self.variants.len() {
            let rates = rates(variant, self.steps_per_epoch(variant));
            for schedule in &mut self.schedules[variant] {
                schedule.rates = rates;
            }
        }
    }

    /// Rows per batch in evaluations of a variant's networks.
    fn evaluation_batch(&self, variant: usize) -> usize {
        let batch = self.variants[variant].batch_size;
        evaluation_batch(Evaluation::Sweep, batch, 0)
    }

    /// Returns the settings.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Returns all networks, including dropped ones.
    pub fn networks(&self) -> &[SweepNetwork] {
        &self.networks
    }

    /// Returns the families in use, each once.
    pub fn families(&self) -> Vec<Family> {
        let mut families: Vec<Family> = Vec::new();
        for group in &self.groups {
            let family = group.population.family();
            if !families.contains(&family) {
                families.push(family);
            }
        }
        families
    }

    /// Trains until `epoch`, and does not evaluate. Calls `watch` with the share of it that is done.
    ///
    /// # Errors
    /// Returns an error if the device failed, and [`Error::Interrupted`] when `watch` returns false.
    pub fn train(&mut self, epoch: usize, watch: &PopulationWatch) -> Result<(), Error> {
        let all = self.loaded();
        let mut before = 0;
        for g in 0..self.groups.len() {
            let variant = self.groups[g].variant;
            let at_once = (STEPS_AT_ONCE / self.steps_per_epoch(variant)).max(1);
            let count = self.groups[g].networks.len();
            let [begin, end] = [self.epoch, epoch].map(|epoch| self.trained(variant, epoch));
            let mut from = begin;
            while from < end && count > 0 {
                let to = end.min(from + at_once);
                let schedules = self.epochs(variant, from..to);
                let (span, start) = ((end - begin) as f64, (from - begin) as f64);
                let told = |done: f64| {
                    let own = (start + done * (to - from) as f64) / span;
                    watch((before as f64 + own * count as f64) / all as f64)
                };
                let population = &mut self.groups[g].population;
                population.run(Phase::Train, &schedules, &told)?;
                from = to;
            }
            before += count;
        }
        self.epoch = epoch;
        Ok(())
    }

    /// Evaluates all networks in training, and keeps the best one.
    ///
    /// # Errors
    /// Returns an error if the device failed.
    pub fn evaluate(&mut self) -> Result<(), Error> {
        self.look()?;
        self.keep_best()
    }

    /// Returns the number of epochs that the networks have trained.
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// Returns the number of networks in training, without diverged ones.
    pub fn in_training(&self) -> usize {
        let trained = self.networks.iter();
        trained.filter(|n| n.fate == Fate::Trained).count()
    }

    /// Returns the number of networks on the device, including diverged ones.
    fn loaded(&self) -> usize {
        self.groups.iter().map(|group| group.networks.len()).sum()
    }

    fn steps_per_epoch(&self, variant: usize) -> usize {
        let steps = self.schedules[variant].iter();
        steps.map(Schedule::steps_per_epoch).max().unwrap_or(1)
    }

    /// Returns the steps of some epochs of a variant, per fold. Shorter folds are padded with steps without rows.
    fn epochs(&self, variant: usize, epochs: std::ops::Range<usize>) -> Vec<Vec<Step>> {
        let per_epoch = self.steps_per_epoch(variant);
        let fold = |schedule: &Schedule| {
            let padded = epochs.clone().flat_map(|epoch| {
                let mut steps = schedule.epoch(epoch);
                steps.resize(per_epoch, Step::default());
                steps
            });
            padded.collect()
        };
        self.schedules[variant].iter().map(fold).collect()
    }
}

/// Checks that there is something to train, and that it fits the data.
fn check(folds: &[Prepared], settings: &[Setting], axes: &Axes) -> Result<(), Error> {
    let (first, seeds) = (
        settings.first(),
        axes.seeds.end.saturating_sub(axes.seeds.start),
    );
    let (Some(first), false, true) = (first, folds.is_empty(), seeds > 0) else {
        return Err(Error::Config(format!(
            "a sweep of {}, {} and {}: expected at least one of each",
            counted(folds.len(), "fold"),
            counted(settings.len(), "setting"),
            counted(seeds as usize, "seed")
        )));
    };
    // All other properties of a network that can be wrong do not depend on the setting.
    let narrow = settings.iter().find(|s| s.hidden.contains(&0));
    let hidden = &narrow.unwrap_or(first).hidden;
    folds.iter().try_for_each(|fold| {
        let widths = widths(fold.schema.inputs, hidden, folds[0].outputs);
        let any = Activation::Identity;
        let mlp = Mlp::zeros(&widths, any, any);
        let mut variants = axes.variants.iter();
        variants.try_for_each(|variant| fold.check(&mlp, &variant.training))
    })
}

/// Returns the optimizer with learning rate 1: each network multiplies it by its own rate.
fn unit_rate(optimizer: Optimizer) -> Optimizer {
    optimizer.with_learning_rate(1.0)
}
