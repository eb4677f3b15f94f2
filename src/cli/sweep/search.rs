//! `wgrad sweep --search`: tries random settings, trains the best one as `wgrad train` does, and tests it.

use super::args::{self, Sweep};
use crate::cli::train::outcome::{self, Outcome};
use crate::cli::train::read;
use crate::cli::{
    about::About,
    interrupt,
    messages::{print_json, print_lines, tell_line, typed, warn},
    report as page,
    run_folder::{RunFolder, SWEEP, TEST},
    scores::{Scores, TestScores, cure, listed, of_rows},
    spelling::as_flags,
    unused_settings,
};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use wgrad::config::{Config, Recipe};
use wgrad::dataset::Dataset;
use wgrad::sweep::search::{
    Candidate, FOLDS, SearchWatcher, Tried, candidates, search, settle_device,
};
use wgrad::text::{counted, short, shown_json};
use wgrad::train::{EndReason, Model, Progress, TrainJob};

/// Maximum number of settings in the table.
const LONGEST: usize = 10;

pub(super) fn run(args: &Sweep, count: usize) -> anyhow::Result<ExitCode> {
    let (config, origin) = args.config(Recipe::Tabular)?;
    let data = read(&args.to_read(&config), &origin, args.quiet)?;
    let (mut config, origin) = args.config(Recipe::of(data.form))?;
    unused_settings::tell_force(args.force, args.out.as_deref());
    unused_settings::tell(&origin, unused_settings::optimizer(&config));
    unused_settings::tell(&origin, unused_settings::data(&config, &data));
    unused_settings::tell(&origin, unused_settings::loss(&config, &data));
    unused_settings::tell(&origin, unused_settings::device(&config, &origin));
    config.data.fold = None;
    args::settle_batch(&mut config, &data);
    let all = candidates(&config, &args.ranges(&config)?, count);
    settle_device(&mut config, &origin, &data)?;
    let stop = interrupt::stop_flag();
    let name = format!("sweep-{}", data.name);
    let mut folder = RunFolder::create(args.out.as_deref(), &name, args.force)?;
    let (start, begun) = (Instant::now(), Timestamp::now());
    let screen = Screen::new(args, stop, start);
    screen.begin(&data, &all, &config);
    let tried = search(&config, &origin, &data, &all, &screen);
    screen.end();
    let tried = match tried {
        Err(wgrad::Error::Interrupted) if !stop.load(Ordering::Relaxed) => {
            return Err(wgrad::Error::Config(
                "--time: it ended before a network was trained; allow more, or use a sample of the rows"
                    .to_owned(),
            )
            .into());
        }
        tried => tried?,
    };
    let config = tried[0].candidate.applied_to(&config);
    let job = TrainJob::new(config, &data, &origin, &mut |warning| warn(Some(warning)))?;
    let device = &job.choice.device;
    let checksum = job.prepared.checksum();
    let about = About::new(&job.config, device, &job.prepared, checksum, begun);
    let mut about = about.begin(&folder, false)?;
    let model = best_model(args, &job, &tried[0], &mut folder, stop)?;
    let interrupted = stop.load(Ordering::Relaxed);
    let test = TestScores::new(&job.choice.device, &model, job.data, &job.split.test)?;
    let scores = test.as_ref().map(|test| &test.scores);
    let cure = model.endings.first().map(cure).unwrap_or_default();
    let warnings = scores.map_or(Vec::new(), |scores| scores.warnings(&cure, false));
    let mut record = record(&tried, &job, start.elapsed().as_secs_f64());
    record["interrupted"] = json!(interrupted);
    record["warnings"] = listed(&warnings);
    record["best"]["ending"] = json!(model.endings.first());
    record["best"]["test_accuracy"] = json!(scores.and_then(Scores::accuracy));
    record["best"]["test_values"] = json!(scores.map(Scores::values));
    record["best"]["model"] = json!(folder.model().display().to_string());
    let summary = record.to_string();
    let summary = shown_json(&summary);
    let list = test.as_ref().map(|test| (TEST, test.csv.as_str()));
    let lists = list.into_iter().chain([(SWEEP, &*summary)]);
    // The results are reported even if they cannot be saved.
    let saved = folder.save(&model, lists);
    if saved.is_err() {
        record["best"]["model"] = Value::Null;
    }
    match args.json {
        true => print_json(&record)?,
        false => {
            let mut lines = ranking(&tried);
            lines.extend(told(&tried, &job, scores));
            lines.extend(
                saved
                    .is_ok()
                    .then(|| next(&job, &folder))
                    .into_iter()
                    .flatten(),
            );
            print_lines(lines)?;
        }
    }
    let reason = match interrupted {
        true => EndReason::Interrupted,
        false => model
            .endings
            .first()
            .map_or(EndReason::Epochs, |e| e.reason),
    };
    let noted = about.end(&folder, reason);
    saved??;
    noted?;
    warnings.iter().for_each(|warning| warn(Some(warning)));
    let ended = Ok(interrupt::ended(interrupted));
    page::after(folder, &data, args.report, args.quiet, ended)
}

/// Trains the best setting as `wgrad train` does. If that is interrupted or fails, returns the network that the search has.
fn best_model(
    args: &Sweep,
    job: &TrainJob,
    best: &Tried,
    folder: &mut RunFolder,
    stop: &AtomicBool,
) -> Result<Model, wgrad::Error> {
    let network = job.network(0);
    let trainer = network.trainer()?;
    folder.write_config(&job.resolved(&trainer))?;
    if !args.quiet && !stop.load(Ordering::Relaxed) {
        tell_line("training the best setting");
    }
    let mut go_on = |_: Progress| !stop.load(Ordering::Relaxed);
    let outcome = outcome::of_one(job, trainer, &mut go_on);
    let outcome = outcome.and_then(|Outcome { trained, model, .. }| trained.map(|_| model));
    let interrupted = stop.load(Ordering::Relaxed);
    match (outcome, best.model.clone()) {
        (Ok(model), _) if !interrupted => Ok(model),
        // What the search has is better than a network whose training was cut short, or failed.
        (outcome, Some(model)) => {
            let why = outcome.err().map(|why| why.to_string());
            warn(why.as_deref());
            warn(Some(
                "the model is the best setting's network of its last fold",
            ));
            Ok(model)
        }
        (outcome, None) => outcome,
    }
}

/// Shows the progress of a search, and ends it by signals and by time.
struct Screen<'a> {
    quiet: bool,
    stop: &'a AtomicBool,
    end: Option<Instant>,
    /// Present only on a terminal.
    bar: Option<ProgressBar>,
}

impl<'a> Screen<'a> {
    fn new(args: &Sweep, stop: &'a AtomicBool, start: Instant) -> Screen<'a> {
        let bar = (!args.quiet && std::io::stderr().is_terminal()).then(|| {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} networks");
            let bar = ProgressBar::no_length();
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Screen {
            quiet: args.quiet,
            stop,
            end: args.time.map(|time| start + time),
            bar,
        }
    }

    fn begin(&self, data: &Dataset, all: &[Candidate], config: &Config) {
        if self.quiet {
            return;
        }
        tell_line(&format!(
            "{}: {} with up to {FOLDS} folds each; after each fold, the better half goes on",
            data.name,
            counted(all.len(), "setting"),
        ));
        for note in &data.notes {
            tell_line(&format!("  {}", as_flags(note)));
        }
        tell_line(&format!("device {}", config.run.device));
    }

    fn end(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }
}

impl SearchWatcher for Screen<'_> {
    fn go_on(&self) -> bool {
        let in_time = self.end.is_none_or(|end| Instant::now() < end);
        in_time && !self.stop.load(Ordering::Relaxed)
    }

    fn trained(&self, round: usize, done: usize, total: usize) {
        let round = round + 1;
        match &self.bar {
            Some(bar) => {
                bar.set_length(total as u64);
                bar.set_position(done as u64);
                bar.set_message(format!("fold {round}"));
            }
            None if done == total && !self.quiet => {
                tell_line(&format!("fold {round}: {}", counted(total, "network")));
            }
            None => {}
        }
    }
}

/// Describes a search as JSON.
fn record(tried: &[Tried], job: &TrainJob, elapsed: f64) -> Value {
    let spread = |(mean, error): (f64, Option<f64>)| json!({"mean": mean, "error": error});
    let one = |tried: &Tried, best: &Tried| {
        let mut record = json!(tried.candidate);
        record["folds"] = json!(tried.losses.len());
        record["loss"] = spread(tried.loss());
        record["accuracy"] = tried.accuracy().map_or(Value::Null, spread);
        record["tied"] = json!(tried.is_tied(best));
        record
    };
    let ranked: Vec<Value> = tried.iter().map(|own| one(own, &tried[0])).collect();
    json!({
        "best": {"setting": json!(tried[0].candidate), "layers": job.mlp.to_string()},
        "ranked": ranked,
        "elapsed_s": elapsed,
        "device": job.choice.device.name(),
    })
}

/// Formats the best settings as a table.
fn ranking(tried: &[Tried]) -> Vec<String> {
    let classes = tried[0].accuracy().is_some();
    let mut header: Vec<&str> = vec!["", "hidden", "activation", "lr", "batch", "decay", "bins"];
    header.extend(["folds", "loss"]);
    header.extend(classes.then_some("accuracy"));
    let mut rows = vec![header.into_iter().map(str::to_owned).collect()];
    for (place, own) in tried.iter().enumerate().take(LONGEST) {
        rows.push(row(place, own, &tried[0]));
    }
    let mut lines = wgrad::text::aligned(&rows, " ");
    let more = tried.len().saturating_sub(LONGEST);
    lines.extend((more > 0).then(|| format!("... and {}", counted(more, "setting"))));
    let tied = tried.iter().skip(1).any(|own| own.is_tied(&tried[0]));
    lines.extend(
        tied.then(|| "=  within one standard error of the best, by the same folds".to_owned()),
    );
    let fewer = tried
        .iter()
        .any(|own| own.losses.len() < tried[0].losses.len());
    lines.extend(
        fewer.then(|| "   means of fewer folds are of other rows: they do not compare".to_owned()),
    );
    lines
}

fn row(place: usize, own: &Tried, best: &Tried) -> Vec<String> {
    let setting = &own.candidate;
    let (loss, error) = own.loss();
    let error = error.map(|error| format!(" ± {error:.4}"));
    let widths: Vec<String> = setting.hidden.iter().map(ToString::to_string).collect();
    let name = clap::ValueEnum::to_possible_value(&setting.activation);
    let tied = place > 0 && own.is_tied(best);
    let mut cells = vec![
        format!("{}{}", place + 1, if tied { "=" } else { " " }),
        if widths.is_empty() {
            "0".to_owned()
        } else {
            widths.join("-")
        },
        name.map_or(String::new(), |name| name.get_name().to_owned()),
        short(setting.learning_rate),
        setting.batch_size.to_string(),
        short(setting.weight_decay),
        setting
            .bins
            .map_or("auto".to_owned(), |bins| bins.to_string()),
        own.losses.len().to_string(),
        format!("{loss:.4}{}", error.unwrap_or_default()),
    ];
    // A setting whose networks diverged has none.
    let accuracy = own.accuracy().map(|(accuracy, _)| format!("{accuracy:.4}"));
    let accuracy = accuracy.unwrap_or("-".to_owned());
    cells.extend(best.accuracy().is_some().then_some(accuracy));
    cells
}

/// Says how good the best setting is on the test rows.
fn told(tried: &[Tried], job: &TrainJob, scores: Option<&Scores>) -> Vec<String> {
    let folds = counted(tried[0].losses.len(), "fold");
    let mut lines = vec![format!(
        "loss: mean ± standard error over {folds}, which chose the setting: it flatters the best"
    )];
    let Some(scores) = scores else {
        lines.push("no test rows".to_owned());
        return lines;
    };
    let rows = of_rows(job.prepared.test.count);
    lines.push(match scores.accuracy() {
        Some(accuracy) => format!("test accuracy {accuracy:.4} {rows}"),
        None => format!("test {rows}"),
    });
    lines.extend(scores.summary().into_iter().map(|line| format!("  {line}")));
    lines
}

fn next(job: &TrainJob, folder: &RunFolder) -> Vec<String> {
    let at = typed(&folder.path().display().to_string());
    let source = job.config.data.source.as_deref().unwrap_or("DATA");
    let config = typed(&folder.path().join("config.toml").display().to_string());
    let mut lines = vec![format!(
        "saved   {at} (model.safetensors, config.toml, {SWEEP})"
    )];
    lines.push(format!("next    wgrad predict {at} {}", typed(source)));
    lines.push(format!(
        "        wgrad train --config {config} --ensemble 8"
    ));
    lines
}
