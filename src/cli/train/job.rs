//! Describes a training run as JSON and as text, and warns about settings without effect.

use crate::cli::{
    messages::{typed, warn},
    reading,
    spelling::as_flags,
    unused_settings,
};
use clap::ValueEnum;
use std::path::Path;
use wgrad::config::{Config, ConfigKey, Origin};
use wgrad::dataset;
use wgrad::dataset::{DataErrorKind, Dataset, Form, ReadOptions, Schema, Task};
use wgrad::distributed::Group;
use wgrad::gpu::Precision;
use wgrad::kernels::{fused_sgd, weight_gradient};
use wgrad::model::Loss;
use wgrad::plan::{KernelChoice, RateSchedule};
use wgrad::text::{counted, short};
use wgrad::train::{Start, TrainJob, Trainer, job::SCHEDULES, resolve::check_schedules};

/// Returns the training job on `data`, and warns about settings without effect.
pub(super) fn job<'a>(
    config: Config,
    data: &'a Dataset,
    origin: &Origin,
) -> Result<TrainJob<'a>, wgrad::Error> {
    unused_settings::tell(origin, unused_settings::optimizer(&config));
    unused_settings::tell(origin, unused_settings::data(&config, data));
    unused_settings::tell(origin, unused_settings::loss(&config, data));
    unused_settings::tell(origin, unused_settings::device(&config, origin));
    unused_settings::tell(origin, unused_settings::network(&config));
    let asked = config.run.refit == Some(true);
    let job = TrainJob::new(config, data, origin, &mut |warning| {
        warn(Some(warning));
    })?;
    check_schedules(&[&job.config]).map_err(|why| origin.blame(why, &SCHEDULES))?;
    let unused = asked && !job.stop.refit && job.folds.is_empty();
    warn(unused.then_some(
        "--refit has no effect on a run that does not keep its best epoch by validation rows; leave it out",
    ));
    Ok(job)
}

/// Reads the data set of `config`.
pub(crate) fn read(config: &Config, origin: &Origin, quiet: bool) -> Result<Dataset, wgrad::Error> {
    let source = config.data.source.clone().ok_or_else(|| {
        wgrad::Error::Config(
            "no data: name a file, a folder or a built-in (digits, iris, xor, spirals)".to_owned(),
        )
    })?;
    let mut options = config.data.read_options();
    if config.loss.kind.is_some_and(Loss::needs_values) {
        options.task.get_or_insert(Task::Regress);
    }
    if config.data.fold.is_some() {
        options.val_file = None;
    }
    if let Some(from) = &config.network.from
        && let Start::Model(model) = Start::read(Path::new(from))?
        && model.schema.form == Form::Table
    {
        return read_for(&source, &model.schema, &options, quiet);
    }
    check_files(&source, &options)?;
    let seed = config.split_seed();
    let read = reading::shown(quiet, || dataset::read(&source, &options, seed));
    read.map_err(|why| {
        let is_of = |file: &Option<String>| {
            file.as_ref()
                .is_some_and(|file| why.message.starts_with(file.as_str()))
        };
        let keys: &[ConfigKey] = match why.kind {
            DataErrorKind::NotFound | DataErrorKind::Unreadable if is_of(&options.test_file) => {
                &[("data", "test_file")]
            }
            DataErrorKind::NotFound | DataErrorKind::Unreadable if is_of(&options.val_file) => {
                &[("data", "val_file")]
            }
            DataErrorKind::NotFound | DataErrorKind::Unreadable => &[("data", "source")],
            DataErrorKind::Column => &[("data", "target"), ("data", "drop")],
            DataErrorKind::Target => &[("data", "target"), ("data", "task")],
            _ => &[],
        };
        origin.blame(why.into(), keys)
    })
}

/// Reads the rows of `source` as the model to start from reads them.
fn read_for(
    source: &str,
    schema: &Schema,
    options: &ReadOptions,
    quiet: bool,
) -> Result<Dataset, wgrad::Error> {
    let of_model = || schema.target_names.iter().eq(&options.target);
    let own = [
        ("`target`", !options.target.is_empty() && !of_model()),
        ("`task`", options.task.is_some()),
        ("`drop`", !options.drop.is_empty()),
        ("`features`", !options.features.is_empty()),
        ("`numbers`", !options.numbers.is_empty()),
        ("`categories`", !options.categories.is_empty()),
        ("`bins`", options.bins.is_some_and(|bins| bins > 0)),
        ("`val_file`", options.val_file.is_some()),
        ("`test_file`", options.test_file.is_some()),
        ("`split_by`", options.split_by.is_some()),
        ("`weights`", options.weights.is_some()),
    ];
    if let Some((name, _)) = own.iter().find(|(_, given)| *given) {
        return Err(wgrad::Error::Config(format!(
            "{name} cannot be used with a model to start from, which says what is read, and how; leave it out"
        )));
    }
    let read = reading::shown(quiet, || dataset::read_for(source, schema, options));
    Ok(read?)
}

/// Says what a run does beside the usual: where it starts, and what it does to rows and neurons.
fn special(config: &Config) -> impl Iterator<Item = String> {
    let (network, loss) = (&config.network, &config.loss);
    let from = network.from.as_ref().map(|from| {
        let activation = ValueEnum::to_possible_value(&network.activation);
        let activation = activation.map_or(String::new(), |value| value.get_name().to_owned());
        match network.hidden.is_empty() {
            true => format!("starts from {}", typed(from)),
            false => format!("starts from {}, hidden layers of {activation}", typed(from)),
        }
    });
    let classes = (!loss.class_weights.is_empty())
        .then(|| format!("classes weighted: {}", loss.class_weights.join(", ")));
    let column = config.data.weights.as_ref();
    let column = column.map(|column| format!("rows weighted by column {column}"));
    let dropout = (network.dropout > 0.0).then(|| {
        let over = scheduled(network.dropout_schedule);
        format!("dropout {}{over}", network.dropout)
    });
    let decay = config.optimizer.weight_decay_schedule;
    let decay = (decay != RateSchedule::Constant).then(|| {
        let base = config.optimizer.weight_decay.unwrap_or(0.0);
        format!("weight decay {}{}", short(base), scheduled(decay))
    });
    let smoothing = loss.label_smoothing;
    let smoothing = (smoothing > 0.0).then(|| format!("label smoothing {smoothing}"));
    let quantile = loss.quantile.map(|q| format!("quantile {q}"));
    let clips = [
        ("norm of the gradient", config.optimizer.clip_norm),
        ("gradient", config.optimizer.clip_value),
    ];
    let [norm, value] =
        clips.map(|(what, most)| most.map(|most| format!("{what} clipped at {most}")));
    let all = [
        from, classes, column, decay, dropout, smoothing, quantile, norm, value,
    ];
    all.into_iter().flatten()
}

/// Words a schedule behind its setting; nothing if it is constant.
fn scheduled(schedule: RateSchedule) -> String {
    let name = ValueEnum::to_possible_value(&schedule);
    let name = name.filter(|_| schedule != RateSchedule::Constant);
    name.map_or(String::new(), |name| format!(" ({})", name.get_name()))
}

/// Checks that stdin is read once, and warns about rows that are both learned from and evaluated on.
fn check_files(source: &str, options: &ReadOptions) -> Result<(), wgrad::Error> {
    let files = [
        ("val_file", &options.val_file),
        ("test_file", &options.test_file),
    ];
    let files = files.map(|(key, file)| (key, file.as_deref()));
    let from_stdin = files.iter().filter(|(_, file)| *file == Some("-")).count();
    if from_stdin + usize::from(source == "-") > 1 {
        return Err(wgrad::Error::Config(
            "-: stdin has one set of rows; name a file for each of the others".to_owned(),
        ));
    }
    let path = |file: &str| Path::new(file).canonicalize().ok();
    for (key, file) in files {
        let Some(file) = file.filter(|file| path(file).is_some() && path(file) == path(source))
        else {
            continue;
        };
        warn(Some(&format!(
            "`{key} = {}`: the file with the rows to learn from; the figures will flatter the network",
            typed(file)
        )));
    }
    Ok(())
}

/// Returns a warning if a setting has no effect.
pub(super) fn without_effect(job: &TrainJob, trainer: &Trainer) -> Option<&'static str> {
    let mut chosen = trainer.kernel_choices().iter();
    let mixed = job.config.run.precision == Precision::Mixed;
    // Its products with weights have the rows, inputs and outputs of the forward pass in training.
    let of_weights = [weight_gradient::KERNEL.name, fused_sgd::KERNEL.name];
    let used = |c: &KernelChoice| of_weights.contains(&c.kernel) && c.is_mixed();
    let unused = mixed && !chosen.any(used);
    unused.then_some(
        "--precision mixed has no effect on training: it needs a layer with at least 16 inputs and 16 neurons (--hidden), and --batch-size 16 or more; otherwise leave it out",
    )
}

/// Describes the run as JSON.
pub(super) fn description(job: &TrainJob, trainer: &Trainer) -> serde_json::Value {
    let prepared = &job.prepared;
    let notes: Vec<String> = job.data.notes.iter().map(|n| as_flags(n)).collect();
    serde_json::json!({
        "data": job.data.name,
        "rows": {"train": prepared.train.count, "val": prepared.val.count, "test": prepared.test.count},
        "classes": prepared.schema.classes,
        "layers": job.mlp.to_string(),
        "parameters": job.mlp.parameters.len(),
        "networks": job.config.run.ensemble,
        "device": job.choice.device.name(),
        "backend": job.choice.device.backend(),
        "family": "device",
        "ranks": job.group().map_or(1, Group::count),
        "reason": as_flags(&job.choice.reason),
        "notes": notes,
        "variants": trainer.kernel_choices(),
        "config": job.resolved(trainer),
    })
}

/// Describes how long the run may be.
fn length(job: &TrainJob) -> String {
    let stop = &job.stop;
    let epochs = stop.epochs.map(|epochs| counted(epochs, "epoch"));
    let steps = stop.max_steps.map(|steps| counted(steps, "step"));
    let most: Vec<String> = epochs.into_iter().chain(steps).collect();
    let most = most.join(" and ");
    match stop.epochs {
        Some(_) if stop.max_steps.is_none() && stop.patience.is_none() => most,
        _ => format!("at most {most}"),
    }
}

/// Names the recipe, and says what ends the run.
fn recipe(job: &TrainJob) -> String {
    let stop = &job.stop;
    let name = serde_json::to_value(job.config.run.recipe).unwrap_or_default();
    let mut name = format!("recipe {}", name.as_str().unwrap_or_default());
    if job.prepared.schema.has_bins() {
        let bins = job.config.data.bins.unwrap_or(0);
        name += &format!(", numbers in up to {}", counted(bins, "bin"));
    }
    let Some(patience) = stop.patience else {
        return name;
    };
    let (loss, patience) = (stop.watched, counted(patience, "epoch"));
    match stop.reductions {
        0 => format!("{name}; ends after {patience} without a better {loss} loss"),
        count => format!(
            "{name}; after {patience} without a better {loss} loss, the learning rate falls; the {} time, training ends",
            if count == 1 { "second" } else { "third" }
        ),
    }
}

/// Says how many processes train together.
fn ranks(job: &TrainJob) -> Option<String> {
    let slices = job.prepared.slices.as_ref()?.count();
    let ranks = counted(job.group()?.count(), "rank");
    Some(format!(
        "{ranks}, with the rows of a step in {}",
        counted(slices, "slice")
    ))
}

/// Says which rows the networks of an ensemble have for validation.
fn rows_of_networks(job: &TrainJob) -> Option<String> {
    let (networks, folds) = (job.config.run.ensemble, job.folds.len());
    let line = match folds {
        0 => "  all networks train on the same rows".to_owned(),
        _ => format!("  each network has another fold of {folds} for validation"),
    };
    (networks > 1).then_some(line)
}

/// Describes the run as text.
pub(super) fn lines(job: &TrainJob) -> Vec<String> {
    let (data, prepared, run) = (&job.data, &job.prepared, &job.config.run);
    let what = match prepared.classes {
        true => counted(prepared.outputs, "class"),
        false if prepared.outputs == 1 => "1 value to predict".to_owned(),
        false => format!("{} values to predict", prepared.outputs),
    };
    let mut lines = vec![format!(
        "{}: {}, {what}; {} to train on, {} for validation, {} for the test",
        data.name,
        counted(prepared.schema.inputs, "input"),
        counted(prepared.train.count, "row"),
        prepared.val.count,
        prepared.test.count,
    )];
    lines.extend(
        data.notes
            .iter()
            .map(|note| format!("  {}", as_flags(note))),
    );
    let parameters = counted(job.mlp.parameters.len(), "parameter");
    lines.push(format!(
        "{} {} ({}), {} in batches of {}, seed {}{}",
        match run.ensemble {
            1 => "network".to_owned(),
            count => counted(count, "network"),
        },
        job.mlp,
        match run.ensemble {
            1 => parameters,
            _ => format!("{parameters} each"),
        },
        length(job),
        job.training.batch_size,
        run.seed,
        match job.config.split_seed() {
            same if same == run.seed => String::new(),
            other => format!(", split seed {other}"),
        }
    ));
    lines.push(format!("  {}", recipe(job)));
    lines.extend(ranks(job).map(|line| format!("  {line}")));
    lines.extend(special(&job.config).map(|line| format!("  {line}")));
    lines.extend(rows_of_networks(job));
    // The default is no request, so it needs no note.
    let usual = run.recipe.batch_size(prepared.train.count);
    let (asked, batch) = (run.batch_size.unwrap_or(usual), job.training.batch_size);
    if asked != usual && batch < asked {
        lines.push(format!(
            "  --batch-size {asked}: larger than the training set; every batch has all {batch} rows"
        ));
    }
    let device = &job.choice.device;
    let precision = match run.precision {
        Precision::F32 => "",
        Precision::Mixed => ", mixed precision",
    };
    lines.push(format!(
        "device {}{precision}: {}",
        device.name(),
        as_flags(&job.choice.reason)
    ));
    lines
}
