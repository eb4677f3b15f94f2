//! Many networks at once: every combination of some settings, from several initial weights, over the folds of a
//! cross-validation.
//!
//! Networks of one shape are a [`Population`]: they share a plan and, within a fold, the rows and their order, so that
//! they can be trained side by side. Between two rounds all networks are evaluated, and the worse half may be dropped.

mod axes;
mod ranking;

pub use axes::{Axes, Setting, learning_rates};
pub use ranking::{Ranked, Spread, rank};

use crate::Error;
use crate::backprop::{self, Training};
use crate::device::Device;
use crate::mlp::Mlp;
use crate::optimizer::Optimizer;
use crate::plan::population::{self, Family, Member, Population, Watch};
use crate::plan::{Buffer, Phase};
use crate::prepare::Prepared;
use crate::schedule::{self, Rows, Schedule, Step};

/// Rows of a batch when evaluating, at least.
const EVALUATION_ROWS: usize = 64;
/// Steps of a schedule that are made at a time.
const STEPS_AT_ONCE: usize = 100_000;

/// One network of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Which of the sweep's settings it has.
    pub setting: usize,
    /// Seed of its initial weights.
    pub seed: u64,
    /// The fold that it does not learn from.
    pub fold: usize,
    /// Epochs that it was trained for.
    pub epochs: usize,
    /// Mean error of the validation rows, or of the training rows if there are no others; none if it diverged.
    pub loss: Option<f64>,
    /// Share of these rows that it classifies right.
    pub accuracy: Option<f64>,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It is, or was to the end, in training.
    Trained,
    /// It was dropped for better ones.
    Dropped,
    /// It left the finite numbers.
    Diverged,
}

/// Which rows are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Validation rows; the training rows of a fold without any.
    Validation,
    /// Test rows.
    Test,
}

/// A sweep in progress.
pub struct Sweep {
    settings: Vec<Setting>,
    networks: Vec<Network>,
    groups: Vec<Group>,
    folds: Vec<Fold>,
    schedules: Vec<Schedule>,
    training: Training,
    evaluation_batch: usize,
    epoch: usize,
}

/// The networks of one shape that are still in training.
struct Group {
    population: Box<dyn Population>,
    /// Which of the sweep's networks they are.
    networks: Vec<usize>,
    mlp: Mlp,
}

/// A fold's rows in the data set of all folds.
struct Fold {
    val: Rows,
    test: Rows,
}

impl Sweep {
    /// Loads a network for every setting and seed of `axes` and every fold onto `device`.
    ///
    /// `folds` are the data set split and scaled in as many ways; `training` holds what all networks have in common (its
    /// learning rate does not count); `seed` is that of the row order.
    pub fn new(
        device: &Device,
        folds: &[Prepared],
        axes: &Axes,
        training: &Training,
        seed: u64,
    ) -> Result<Sweep, Error> {
        let settings = axes.settings();
        let networks = networks(&settings, axes, folds.len());
        let evaluation_batch = training.batch.max(EVALUATION_ROWS);
        let mut sweep = Sweep {
            groups: Vec::new(),
            folds: Vec::new(),
            schedules: Vec::new(),
            settings,
            networks,
            training: *training,
            evaluation_batch,
            epoch: 0,
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
            sweep.folds.push(Fold {
                val: moved(val),
                test: moved(fold.test),
            });
            sweep.schedules.push(Schedule {
                rows: moved(fold.train),
                batch: training.batch,
                seed,
                shuffle: true,
                optimizer: unit_rate(training.optimizer),
            });
            first += fold.rows();
        }
        sweep.load(device, &folds[0], &inputs, &targets, first)?;
        Ok(sweep)
    }

    /// One population for each shape.
    fn load(
        &mut self,
        device: &Device,
        fold: &Prepared,
        inputs: &[f32],
        targets: &[f32],
        rows: usize,
    ) -> Result<(), Error> {
        let shape = |setting: &Setting| (setting.hidden.clone(), setting.activation);
        let mut shapes: Vec<_> = self.settings.iter().map(shape).collect();
        shapes.dedup();
        for (hidden, activation) in shapes {
            let same = |network: &&usize| {
                shape(&self.settings[self.networks[**network].setting])
                    == (hidden.clone(), activation)
            };
            let networks: Vec<usize> = (0..self.networks.len())
                .collect::<Vec<_>>()
                .iter()
                .filter(same)
                .copied()
                .collect();
            let widths = widths(inputs.len() / rows.max(1), &hidden, fold.outputs);
            let output = self.training.loss.output_activation(fold.classes);
            let new = |seed| Mlp::random(&widths, activation, output, seed);
            let mlp = new(0);
            let plan = backprop::train(&mlp, &self.training).evaluating(self.evaluation_batch);
            let member = |n: &usize| {
                let network = &self.networks[*n];
                Member {
                    fold: network.fold,
                    rate: self.settings[network.setting].learning_rate as f32,
                }
            };
            let members: Vec<Member> = networks.iter().map(member).collect();
            let family = population::family(device, &plan, rows, members.len() / self.folds.len());
            let mut population = population::load(device, family, &plan, rows, &members)?;
            population.write(Buffer::DataInputs, inputs)?;
            population.write(Buffer::DataTargets, targets)?;
            let weights = networks
                .iter()
                .map(|n| new(self.networks[*n].seed).parameters);
            population.write(Buffer::Parameters, &weights.collect::<Vec<_>>().concat())?;
            self.groups.push(Group {
                population,
                networks,
                mlp,
            });
        }
        Ok(())
    }

    /// The settings.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// All networks, those dropped included.
    pub fn networks(&self) -> &[Network] {
        &self.networks
    }

    /// How the networks are trained, each way once.
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

    /// Trains until `epoch`, then evaluates. `watch` is told how much of the round is done.
    pub fn round(&mut self, epoch: usize, watch: &Watch) -> Result<(), Error> {
        let per_epoch = self.steps_per_epoch();
        let at_once = (STEPS_AT_ONCE / per_epoch).max(1);
        let all = self.alive();
        let mut before = 0;
        for g in 0..self.groups.len() {
            let count = self.groups[g].networks.len();
            let mut from = self.epoch;
            while from < epoch && count > 0 {
                let to = epoch.min(from + at_once);
                let schedules = self.epochs(from..to);
                let (span, start) = ((epoch - self.epoch) as f64, (from - self.epoch) as f64);
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
        self.look()
    }

    /// Networks in training.
    pub fn alive(&self) -> usize {
        self.groups.iter().map(|group| group.networks.len()).sum()
    }

    fn steps_per_epoch(&self) -> usize {
        let steps = self.schedules.iter().map(Schedule::steps_per_epoch);
        steps.max().unwrap_or(1)
    }

    /// The steps of some epochs, fold by fold; folds with fewer steps have some without rows.
    fn epochs(&self, epochs: std::ops::Range<usize>) -> Vec<Vec<Step>> {
        let per_epoch = self.steps_per_epoch();
        let fold = |schedule: &Schedule| {
            let padded = epochs.clone().flat_map(|epoch| {
                let mut steps = schedule.epoch(epoch);
                steps.resize(per_epoch, Step::default());
                steps
            });
            padded.collect()
        };
        self.schedules.iter().map(fold).collect()
    }

    /// Notes how good each network in training is.
    fn look(&mut self) -> Result<(), Error> {
        for g in 0..self.groups.len() {
            let (scores, diverged) = self.scores(g, Part::Validation)?;
            let group = &self.groups[g];
            for (i, &n) in group.networks.iter().enumerate() {
                let network = &mut self.networks[n];
                network.epochs = self.epoch;
                (network.loss, network.accuracy) = match diverged[i] {
                    true => (None, None),
                    false => scores[i],
                };
                network.fate = if diverged[i] {
                    Fate::Diverged
                } else {
                    Fate::Trained
                };
            }
        }
        Ok(())
    }

    /// Error and accuracy of some rows, and whether it has diverged, for each network of a group.
    #[allow(
        clippy::type_complexity,
        reason = "two lists, one value a network each"
    )]
    fn scores(
        &mut self,
        group: usize,
        part: Part,
    ) -> Result<(Vec<(Option<f64>, Option<f64>)>, Vec<bool>), Error> {
        let index = (self.epoch * self.steps_per_epoch()) as u32;
        let rows = |fold: &Fold| match part {
            Part::Validation => fold.val,
            Part::Test => fold.test,
        };
        let passes = self
            .folds
            .iter()
            .map(|fold| schedule::pass(rows(fold), self.evaluation_batch, index));
        let mut passes: Vec<Vec<Step>> = passes.collect();
        let longest = passes.iter().map(Vec::len).max().unwrap_or(0);
        passes
            .iter_mut()
            .for_each(|steps| steps.resize(longest, Step::default()));
        let group = &mut self.groups[group];
        if group.networks.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let population = &mut group.population;
        clear(&mut **population, group.networks.len())?;
        population.run(Phase::Evaluate, &passes, &|_| true)?;
        let errors = sums(&population.read(Buffer::Error)?, group.networks.len());
        let hits = sums(&population.read(Buffer::Hits)?, group.networks.len());
        clear(&mut **population, group.networks.len())?;
        let diverged = population.diverged()?;
        let score = |(i, n): (usize, &usize)| {
            let count = rows(&self.folds[self.networks[*n].fold]).count as f64;
            let accuracy = self.training.classes.then_some(hits[i] / count);
            (Some(errors[i] / count), accuracy)
        };
        let scores = group.networks.iter().enumerate().map(score).collect();
        Ok((scores, diverged))
    }

    /// Drops the worse half of the settings, or of the networks where there is one setting only, and all that diverged.
    pub fn halve(&mut self) -> Result<(), Error> {
        let ranked = rank(&self.settings, &self.networks);
        let in_training: Vec<&Ranked> = ranked.iter().filter(|r| r.trained > 0).collect();
        let kept: Vec<usize> = match in_training.len() {
            0 => Vec::new(),
            1 => {
                let mut alive = ranking::best_first(&self.networks);
                alive.truncate(alive.len().div_ceil(2));
                alive
            }
            count => {
                let settings: Vec<usize> = in_training[..count.div_ceil(2)]
                    .iter()
                    .map(|r| r.setting)
                    .collect();
                let better = |n: &usize| settings.contains(&self.networks[*n].setting);
                (0..self.networks.len()).filter(better).collect()
            }
        };
        for group in &mut self.groups {
            let stays = |&i: &usize| {
                let n = group.networks[i];
                self.networks[n].fate == Fate::Trained && kept.contains(&n)
            };
            let places: Vec<usize> = (0..group.networks.len()).filter(stays).collect();
            for (i, &n) in group.networks.iter().enumerate() {
                if !places.contains(&i) && self.networks[n].fate == Fate::Trained {
                    self.networks[n].fate = Fate::Dropped;
                }
            }
            if places.len() < group.networks.len() {
                group.population.keep(&places)?;
                group.networks = places.iter().map(|i| group.networks[*i]).collect();
            }
        }
        Ok(())
    }

    /// The best network in training: the best one of the best setting.
    pub fn best(&self) -> Option<usize> {
        let ranked = rank(&self.settings, &self.networks);
        let setting = ranked.iter().find(|r| r.trained > 0)?.setting;
        let order = ranking::best_first(&self.networks);
        order
            .into_iter()
            .find(|n| self.networks[*n].setting == setting)
    }

    /// The parameters of a network in training, and its error and accuracy on the test rows, if there are any.
    #[allow(
        clippy::type_complexity,
        reason = "the scores of one network, where it has them"
    )]
    pub fn take(&mut self, network: usize) -> Result<(Mlp, Option<(f64, Option<f64>)>), Error> {
        let found = self.groups.iter().enumerate().find_map(|(g, group)| {
            let place = group.networks.iter().position(|n| *n == network)?;
            Some((g, place))
        });
        let (g, place) = found.expect("the network is in training");
        let tested = self.folds[self.networks[network].fold].test.count > 0;
        let test = match tested {
            false => None,
            true => {
                let (loss, accuracy) = self.scores(g, Part::Test)?.0[place];
                loss.map(|loss| (loss, accuracy))
            }
        };
        let group = &mut self.groups[g];
        let all = group.population.read(Buffer::Parameters)?;
        let len = group.mlp.parameters.len();
        let mut mlp = group.mlp.clone();
        mlp.parameters = all[place * len..][..len].to_vec();
        Ok((mlp, test))
    }
}

/// The same optimizer at a learning rate of 1: each network multiplies it by its own.
fn unit_rate(optimizer: Optimizer) -> Optimizer {
    optimizer.with_learning_rate(1.0)
}

/// Widths of a network: inputs, hidden layers, outputs.
pub fn widths(inputs: usize, hidden: &[usize], outputs: usize) -> Vec<usize> {
    let ends = ([inputs], [outputs]);
    ends.0
        .into_iter()
        .chain(hidden.iter().copied())
        .chain(ends.1)
        .collect()
}

fn networks(settings: &[Setting], axes: &Axes, folds: usize) -> Vec<Network> {
    let mut networks = Vec::new();
    for setting in 0..settings.len() {
        for seed in axes.seeds.clone() {
            networks.extend((0..folds).map(|fold| Network {
                setting,
                seed,
                fold,
                epochs: 0,
                loss: None,
                accuracy: None,
                fate: Fate::Trained,
            }));
        }
    }
    networks
}

/// Clears the accounts of errors and hits.
fn clear(population: &mut dyn Population, networks: usize) -> Result<(), Error> {
    for account in [Buffer::Error, Buffer::Hits] {
        let len = population.read(account)?.len();
        debug_assert!(len.is_multiple_of(networks));
        population.write(account, &vec![0.0; len])?;
    }
    Ok(())
}

/// The sum of each network's share of `values`.
fn sums(values: &[f32], networks: usize) -> Vec<f64> {
    let own = values.chunks_exact((values.len() / networks).max(1));
    own.map(|own| own.iter().map(|v| f64::from(*v)).sum())
        .collect()
}
