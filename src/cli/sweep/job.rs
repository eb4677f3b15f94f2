//! What a sweep trains: the data, its folds, the settings, and how long.

use super::args::{self, Sweep};
use super::variants::{self, Combination};
use crate::cli::messages::warn;
use crate::cli::train::read;
use wgrad::config::{Config, Origin, Recipe, RunConfig};
use wgrad::dataset::{Dataset, Split};
use wgrad::device::{Choice, Device, Request};
use wgrad::sweep::Axes;
use wgrad::text::counted;
use wgrad::train::{
    Prepared,
    job::{DEVICE, HIDDEN, SCHEDULES, SHARES},
    resolve::{bins, check_schedules, check_size, drop_unused_schedules, prepare},
    stopping::sweep_epochs,
};
use wgrad::{dataset, device, sweep};

/// What a sweep trains.
pub(super) struct SweepJob {
    pub(super) data: Dataset,
    pub(super) splits: Vec<Split>,
    pub(super) folds: Vec<Prepared>,
    pub(super) combinations: Vec<Combination>,
    pub(super) axes: Axes,
    /// The configuration of the first combination.
    pub(super) config: Config,
    pub(super) epochs: usize,
    /// What tells this sweep from others.
    pub(super) identity: u32,
    origin: Origin,
}

impl SweepJob {
    /// Reads the data, and settles what is to be trained.
    ///
    /// # Errors
    /// Returns an error if the data cannot be read, or settings do not fit it or each other.
    pub(super) fn new(args: &Sweep) -> Result<SweepJob, wgrad::Error> {
        let (config, origin) = args.config(Recipe::Tabular)?;
        let data = read(&args.to_read(&config), &origin, args.quiet)?;
        let (mut config, origin) = args.config(Recipe::of(data.form))?;
        args::settle_batch(&mut config, &data);
        let mut axes = args.axes(&config)?;
        args.warn_of_unused(&config, &origin, &axes, &data);
        config = args.to_read(&config);
        let (splits, folds) =
            folds(args, &mut config, &data).map_err(|why| origin.blame(why, &SHARES))?;
        let mut combinations = args.varied.combinations(&config);
        let rates_of = |config: &Config| args.rates(config);
        variants::resolve(&mut combinations, &mut axes, rates_of, &origin, &folds)?;
        let configs: Vec<&Config> = combinations.iter().map(|one| &one.config).collect();
        check_schedules(&configs).map_err(|why| origin.blame(why, &SCHEDULES))?;
        combinations
            .iter_mut()
            .for_each(|one| drop_unused_schedules(&mut one.config));
        config = combinations[0].config.clone();
        let steps = fewest_steps(&axes, &folds);
        let epochs = resolve_lengths(&mut combinations, &mut axes, steps);
        config.run = combinations[0].config.run.clone();
        config.run.epochs = Some(epochs);
        args.check_halving(epochs)?;
        check_count(&axes, folds.len())?;
        let dropout = config.network.dropout_schedule;
        let rest = (
            epochs,
            args.halving,
            &config.optimizer,
            dropout,
            config.split_seed(),
        );
        Ok(SweepJob {
            identity: sweep::identity(&folds, &axes, &rest),
            data,
            splits,
            folds,
            combinations,
            axes,
            config,
            epochs,
            origin,
        })
    }

    /// Chooses one device for all networks, or all hardware adapters. Returns the devices, and the choice of the first.
    ///
    /// # Errors
    /// Returns an error if there is none, or networks are too large.
    pub(super) fn choose(&self) -> Result<(Vec<Device>, Choice), wgrad::Error> {
        let chosen = choose(self)?;
        warn(chosen.1.warning.as_deref());
        warn_of_ranking(&self.folds);
        Ok(chosen)
    }

    /// Returns the configuration of a variant of the networks.
    pub(super) fn config_of(&self, variant: usize) -> Config {
        let mut config = self.config.clone();
        let own = &self.combinations[variant].config;
        config.optimizer = own.optimizer.clone();
        config.network.dropout = own.network.dropout;
        config.network.dropout_schedule = own.network.dropout_schedule;
        config.run.epochs = own.run.epochs;
        config
    }
}

/// Warns if there are no rows to rank networks by but those that they train on.
fn warn_of_ranking(folds: &[Prepared]) {
    let none = folds.iter().any(|fold| fold.val.count == 0);
    warn(none.then_some("no validation rows: networks are ranked by their training rows"));
}

/// Returns the steps per epoch of the networks with the largest batch.
fn fewest_steps(axes: &Axes, folds: &[Prepared]) -> usize {
    let rows = folds.iter().map(|fold| fold.train.count).max().unwrap_or(0);
    rows.div_ceil(largest_batch(axes).max(1))
}

fn largest_batch(axes: &Axes) -> usize {
    let batches = axes.variants.iter().map(|v| v.training.batch_size);
    batches.max().unwrap_or(1)
}

/// Replaces the limits of each combination by a number of epochs, and returns the largest.
fn resolve_lengths(
    combinations: &mut [Combination],
    axes: &mut Axes,
    steps_per_epoch: usize,
) -> usize {
    let all = combinations.iter_mut().zip(&mut axes.variants);
    let lengths = all.map(|(one, variant)| {
        let epochs = resolve_length(&mut one.config.run, steps_per_epoch);
        variant.epochs = Some(epochs);
        epochs
    });
    lengths.max().unwrap_or(1)
}

/// Replaces the limits of `run` by a number of epochs, and returns it.
fn resolve_length(run: &mut RunConfig, steps_per_epoch: usize) -> usize {
    let epochs = sweep_epochs(run, steps_per_epoch);
    run.epochs = Some(epochs);
    (run.max_steps, run.patience, run.keep, run.refit) = (None, None, None, None);
    run.ensemble = 1;
    epochs
}

/// Maximum number of networks in a sweep: each takes a line in memory and in `sweep.json`.
const MOST_NETWORKS: u128 = 1_000_000;

/// Returns an error if there are too many networks.
fn check_count(axes: &Axes, folds: usize) -> Result<(), wgrad::Error> {
    let seeds = u128::from(axes.seeds.end - axes.seeds.start);
    let networks = [axes.count(), folds as u128]
        .into_iter()
        .fold(seeds, u128::saturating_mul);
    if networks <= MOST_NETWORKS {
        return Ok(());
    }
    Err(wgrad::Error::Config(format!(
        "{networks} networks, expected at most {MOST_NETWORKS}: use fewer --seeds, or shorter lists of settings"
    )))
}

/// Splits and scales the data set for each fold; once without cross-validation.
fn folds(
    args: &Sweep,
    config: &mut Config,
    data: &Dataset,
) -> Result<(Vec<Split>, Vec<Prepared>), wgrad::Error> {
    let options = config.split_options();
    // The rows of each fold are scaled, joined, and on the device.
    let count = args.folds.unwrap_or(1);
    let numbers = data.inputs.len() as u128 + data.rows as u128;
    let what = format!("{} of {}", counted(count, "fold"), data.name);
    let bytes = 3 * 4 * count as u128 * numbers;
    dataset::memory::require(
        bytes,
        1,
        &what,
        "use fewer `folds`, or a sample of the rows",
    )?;
    let splits: Vec<Split> = match args.folds {
        Some(count) => dataset::folds(data, count, &args.shares.fold_options(options))?,
        None => vec![dataset::split(data, &options)?],
    };
    let bins = bins(config, data, &splits[0]);
    let prepared = splits
        .iter()
        .map(|split| prepare(&config.loss, data, split, bins));
    let prepared = prepared.collect::<Result<_, _>>()?;
    Ok((splits, prepared))
}

/// Chooses one device for all networks, or all hardware adapters.
fn choose(job: &SweepJob) -> Result<(Vec<Device>, Choice), wgrad::Error> {
    let SweepJob {
        config,
        origin,
        axes,
        folds,
        ..
    } = job;
    for hidden in &axes.hidden {
        let widths = sweep::widths(folds[0].schema.inputs, hidden, folds[0].outputs);
        check_size(&widths, 1).map_err(|why| origin.blame(why, &HIDDEN))?;
    }
    let backend = config.run.backend.as_deref();
    let chosen = match Request::from(config.run.device.as_str()) {
        Request::All => device::choice::all_hardware(backend).map(|devices| {
            let choice = Choice {
                device: devices[0].clone(),
                reason: match devices.len() {
                    1 => "the only hardware adapter".to_owned(),
                    many => format!("and {} more: all hardware adapters", many - 1),
                },
                warning: None,
            };
            (devices, choice)
        }),
        request => {
            let crowds = match request {
                Request::Auto => sweep::crowds(axes, folds, job.epochs),
                _ => Vec::new(),
            };
            device::choice::choose_for_sweep(&request, backend, &crowds)
                .map(|choice| (vec![choice.device.clone()], choice))
        }
    };
    let (devices, choice) = chosen.map_err(|why| origin.blame(why, &DEVICE))?;
    let adding = |device: Device| device.adding(config.run.sums);
    let devices = devices.into_iter().map(adding).collect();
    let device = choice.device.clone().adding(config.run.sums);
    Ok((devices, Choice { device, ..choice }))
}
