//! `wgrad sweep`: trains many networks side by side over settings, seeds and folds, ranks the settings, saves the best.

mod args;
mod history;
mod outcome;
mod screen;
mod search;
mod table;
mod variants;

pub(crate) use args::Sweep;

use super::run_folder::{RunFolder, SWEEP};
use super::train::read;
use crate::cli::{
    about::About,
    interrupt,
    messages::{print_json, print_lines, warn},
    report as page,
};
use history::History;
use jiff::Timestamp;
use outcome::{Best, best, next, record, report, save};
use screen::Screen;
use serde_json::{Value, json};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use wgrad::config::{Config, Origin, Recipe, RunConfig};
use wgrad::dataset::{Dataset, Split};
use wgrad::device::{Choice, Request};
use wgrad::sweep::{Axes, Fate};
use wgrad::text::{counted, shown_json};
use wgrad::train::{
    EndReason, Prepared,
    job::{DEVICE, HIDDEN, SHARES, resolve_device},
    resolve::{bins, check_size, prepare, rates},
    stopping::sweep_epochs,
};
use wgrad::{dataset, device, sweep};

/// Rounds of a sweep without halving, after the first epoch. The table is updated after each round.
const ROUNDS: usize = 8;

pub(crate) fn run(args: &Sweep) -> anyhow::Result<ExitCode> {
    interrupt::catch()?;
    if let Some(count) = args.search {
        return search::run(args, count as usize);
    }
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
    config = combinations[0].config.clone();
    let epochs = resolve_length(&mut config.run, fewest_steps(&axes, &folds));
    args.warn_of_halving(epochs);
    check_count(&axes, folds.len())?;
    let choice = choose(&config, &origin, &axes, &folds)?;
    warn(choice.warning.as_deref());
    warn_of_ranking(&folds);
    resolve_device(&mut config, &choice);
    let stop = interrupt::stop_flag();
    let mut folder = RunFolder::create(
        args.out.as_deref(),
        &format!("sweep-{}", data.name),
        args.force,
    )?;
    folder.write_config(&config)?;
    let start = Instant::now();
    let mut about = about(args, &config, &choice.device, &folds[0]).begin(&folder, false)?;
    let screen = Screen::new(args, &config);
    screen.begin(&data, &axes, &folds, &choice);
    let mut sweep = sweep::Sweep::new(&choice.device, &folds, &axes, config.split_seed())?;
    sweep.set_rates(|steps_per_epoch| rates(&config.optimizer, epochs * steps_per_epoch));
    screen.families(&sweep, &choice.device);
    screen.batch(&config, &data, axes.variants[0].training.batch_size);
    let mut history = History::default();
    let ended = rounds(args, &config, &mut sweep, &mut history, &screen, stop);
    screen.end();
    let interrupted = match ended {
        Err(wgrad::Error::Interrupted) => true,
        other => {
            other?;
            false
        }
    };
    let history = (!interrupted).then_some(&history);
    let mut best = best(&mut sweep, &folds, &axes, &folder, history)?;
    let tested = match &mut best {
        Some(best) => best.test_rows(&data, &splits),
        None => Ok(()),
    };
    let elapsed = start.elapsed().as_secs_f64();
    if let Some(best) = &best {
        let own = &combinations[best.setting.variant].config;
        config.optimizer = own.optimizer.clone();
        config.network.dropout = own.network.dropout;
        best.set(&mut config, args.folds, args.shares.test_share());
    }
    let mut record = record(&sweep, best.as_ref(), elapsed, &choice);
    record["interrupted"] = json!(interrupted);
    let (saved, told) = finish(args, &sweep, best.as_ref(), &config, &mut folder, record);
    let noted = about.end(
        &folder,
        match interrupted {
            true => EndReason::Interrupted,
            false => EndReason::Epochs,
        },
    );
    saved?;
    tested?;
    noted?;
    match told {
        // Nobody is there to read: a terminal that was closed interrupted the sweep.
        Err(why) if interrupted => warn(Some(&format!("stdout: {why}"))),
        told => told?,
    }
    let ended = Ok(exit_code(&sweep, interrupted));
    page::after(folder, &data, args.report, args.quiet, ended)
}

/// Returns what is known of a sweep that begins now.
fn about(args: &Sweep, config: &Config, device: &device::Device, first: &Prepared) -> About {
    let about = About::new(config, device, first, first.checksum(), Timestamp::now());
    about.of_folds(args.folds)
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

/// Replaces the limits of `run` by a number of epochs, the same for all networks, and returns it.
fn resolve_length(run: &mut RunConfig, steps_per_epoch: usize) -> usize {
    let epochs = sweep_epochs(run, steps_per_epoch);
    run.epochs = Some(epochs);
    (run.max_steps, run.patience, run.keep, run.refit) = (None, None, None, None);
    run.ensemble = 1;
    epochs
}

/// Saves the results, and reports them even if they cannot be saved. Returns how both ended.
fn finish(
    args: &Sweep,
    sweep: &sweep::Sweep,
    best: Option<&Best>,
    config: &Config,
    folder: &mut RunFolder,
    mut record: Value,
) -> (Result<(), wgrad::Error>, std::io::Result<()>) {
    // A model is saved even if the list of networks is not.
    let listed = folder.write(SWEEP, &shown_json(&record.to_string()));
    let saved = best.map_or(Ok(()), |best| save(best, config, folder));
    if saved.is_err() && best.is_some() {
        record["best"]["model"] = json!(null);
    }
    let told = if args.json {
        print_json(&record)
    } else {
        let mut lines = report(args, sweep, best, &record);
        if let Some(best) = best.filter(|_| saved.is_ok()) {
            lines.extend(next(best, config, folder));
        }
        print_lines(lines)
    };
    let warnings = best.map_or(Vec::new(), Best::warnings);
    warnings.iter().for_each(|warning| warn(Some(warning)));
    (saved.and(listed), told)
}

/// Returns the exit code of a sweep that has ended.
fn exit_code(sweep: &sweep::Sweep, interrupted: bool) -> ExitCode {
    let all_lost = sweep.networks().iter().all(|n| n.fate == Fate::Diverged);
    match (interrupted, all_lost) {
        (true, _) => interrupt::ended(true),
        (_, true) => ExitCode::from(5),
        _ => ExitCode::SUCCESS,
    }
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

/// Chooses one device for all networks.
fn choose(
    config: &Config,
    origin: &Origin,
    axes: &Axes,
    folds: &[Prepared],
) -> Result<Choice, wgrad::Error> {
    let mut work = 0;
    for hidden in &axes.hidden {
        let widths = sweep::widths(folds[0].schema.inputs, hidden, folds[0].outputs);
        check_size(&widths, 1).map_err(|why| origin.blame(why, &HIDDEN))?;
        work += widths
            .windows(2)
            .map(|pair| pair[0] * pair[1])
            .sum::<usize>();
    }
    let seeds = (axes.seeds.end - axes.seeds.start) as usize;
    let rates: usize = axes.variants.iter().map(|v| v.learning_rate.len()).sum();
    let each = axes.activation.len() * rates * seeds * folds.len();
    let request = Request::from(config.run.device.as_str());
    let work = 3 * work * each * largest_batch(axes);
    let choice = device::choice::choose(&request, config.run.backend.as_deref(), work)
        .map_err(|why| origin.blame(why, &DEVICE))?;
    Ok(Choice {
        device: choice.device.adding(config.run.sums),
        ..choice
    })
}

/// Trains all networks. With `--halving`, drops the worse half after each round but the last.
fn rounds(
    args: &Sweep,
    config: &Config,
    sweep: &mut sweep::Sweep,
    history: &mut History,
    screen: &Screen,
    stop: &AtomicBool,
) -> Result<(), wgrad::Error> {
    let epochs = config.run.epochs.unwrap_or(1);
    let parts = match args.halving {
        true => [8, 4, 2, 1].map(|part| epochs / part).to_vec(),
        false => (1..=ROUNDS).map(|round| epochs * round / ROUNDS).collect(),
    };
    // Always evaluate after the first epoch: from then on there are results to show and to save.
    let mut ends = vec![epochs.min(1)];
    ends.extend(&parts);
    ends.retain(|end| *end > 0);
    ends.dedup();
    let mut from = 0;
    for end in ends {
        let told = |done: f64| {
            screen.progress(from as f64 + done * (end - from) as f64);
            !stop.load(Ordering::Relaxed)
        };
        sweep.round(end, &told)?;
        history.note(end, sweep);
        from = end;
        if args.halving && end < epochs && parts.contains(&end) {
            sweep.halve()?;
        }
        screen.table(sweep);
        if sweep.in_training() == 0 {
            break;
        }
    }
    Ok(())
}
