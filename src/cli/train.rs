//! `wgrad train`: flags and file -> configuration -> data, network, device -> epochs -> a run's folder.

use super::log::Log;
use super::run_folder::RunFolder;
use super::{DataFlags, DeviceFlags};
use anyhow::Context;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use wgrad::activation::Activation;
use wgrad::backprop::{Order, Training};
use wgrad::checkpoint::Model;
use wgrad::config::Config;
use wgrad::dataset::{self, Dataset, ReadOptions, Split};
use wgrad::device::{self, Choice, Request};
use wgrad::inference::{Inference, Predictions};
use wgrad::loss::Loss;
use wgrad::mlp::Mlp;
use wgrad::optimizer::OptimizerKind;
use wgrad::prepare::Prepared;
use wgrad::trainer::Trainer;

/// Train a network
#[derive(Args)]
pub(crate) struct Train {
    /// A CSV or TSV file (.gz too), a folder with MNIST-style IDX files, or a built-in: digits, iris, xor, spirals
    #[arg(value_name = "DATA")]
    source: Option<String>,
    #[command(flatten)]
    data: DataFlags,
    /// Share of the rows kept for validation [default: 0.1]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    val: Option<f64>,
    /// Share of the rows kept for the test at the end [default: 0.2; IDX files bring their own]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    test: Option<f64>,
    /// Widths of the hidden layers, as in 128,64; 0 is a linear model [default: 64]
    #[arg(long, value_name = "WIDTHS", value_delimiter = ',')]
    hidden: Option<Vec<usize>>,
    /// Activation of the hidden layers [default: relu]
    #[arg(long, value_enum)]
    activation: Option<Activation>,
    /// What is minimised [default: cross-entropy for classes, mse for values]
    #[arg(long, value_enum)]
    loss: Option<Loss>,
    /// How it is minimised [default: adam]
    #[arg(long, value_enum)]
    optimizer: Option<OptimizerKind>,
    /// Step size [default: 0.001 for adam, 0.01 for sgd]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    lr: Option<f64>,
    /// Sgd: share of the last step that is kept [default: 0]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    momentum: Option<f64>,
    /// Pulls the parameters towards 0 [default: 0]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    weight_decay: Option<f64>,
    /// Rows a step [default: 32]
    #[arg(long, value_name = "ROWS", allow_negative_numbers = true)]
    batch_size: Option<usize>,
    /// Passes over the training rows [default: 30]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    epochs: Option<usize>,
    /// Seed of everything random: the same seed, the same model [default: 0]
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// When a layer is updated: after the whole backward pass, or as soon as its gradient is known
    #[arg(long, value_enum)]
    order: Option<Order>,
    #[command(flatten)]
    device: DeviceFlags,
    /// Inputs that the device may hold at once; what does not fit comes a window at a time, with the same result
    #[arg(long, value_name = "MIB")]
    memory_limit: Option<u64>,
    /// The same settings as TOML; flags win
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder for the model and its records [default: runs/NAME-1, counting up]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite what is in --out
    #[arg(long)]
    force: bool,
    /// JSON lines on stdout
    #[arg(long)]
    json: bool,
    /// No progress
    #[arg(long)]
    quiet: bool,
}

impl Train {
    /// What was typed, over what the file says, over the defaults.
    fn config(&self) -> anyhow::Result<Config> {
        let mut config = match &self.config {
            None => Config::default(),
            Some(path) => {
                let name = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .map_err(|why| wgrad::Error::Config(format!("{name}: {why}")))?;
                Config::parse(&text, &name)?
            }
        };
        let data = &mut config.data;
        data.source = self.source.clone().or(data.source.take());
        set_list(&mut data.target, &self.data.target);
        set_list(&mut data.drop, &self.data.drop);
        data.task = self.data.task.or(data.task);
        data.skip_missing |= self.data.skip_missing;
        set(&mut data.val, self.val);
        set(&mut data.test, self.test);
        let (network, optimizer, run) =
            (&mut config.network, &mut config.optimizer, &mut config.run);
        set(&mut network.hidden, self.hidden.clone());
        if network.hidden == [0] {
            network.hidden.clear();
        }
        set(&mut network.activation, self.activation);
        config.loss.kind = self.loss.or(config.loss.kind);
        set(&mut optimizer.kind, self.optimizer);
        optimizer.learning_rate = self.lr.or(optimizer.learning_rate);
        set(&mut optimizer.momentum, self.momentum);
        set(&mut optimizer.weight_decay, self.weight_decay);
        set(&mut run.batch_size, self.batch_size);
        set(&mut run.epochs, self.epochs);
        set(&mut run.seed, self.seed);
        set(&mut run.order, self.order);
        set(&mut run.device, self.device.device.clone());
        run.backend = self.device.backend.clone().or(run.backend.take());
        run.memory_limit = self.memory_limit.or(run.memory_limit);
        config.check()?;
        Ok(config)
    }
}

fn set<T>(setting: &mut T, typed: Option<T>) {
    if let Some(typed) = typed {
        *setting = typed;
    }
}

fn set_list(setting: &mut Vec<String>, typed: &[String]) {
    if !typed.is_empty() {
        *setting = typed.to_vec();
    }
}

/// Everything that a run is made of.
struct Job {
    config: Config,
    data: Dataset,
    split: Split,
    prepared: Prepared,
    mlp: Mlp,
    training: Training,
    choice: Choice,
}

pub(crate) fn run(args: &Train) -> anyhow::Result<ExitCode> {
    let stop = interrupt_flag()?;
    let job = job(args.config()?)?;
    let folder = RunFolder::create(args.out.as_deref(), &job.data.name, args.force)?;
    folder.write_config(&job.config)?;
    let mut log = Log::new(args.json, args.quiet, folder.metrics_file()?);
    log.run(&job.description(), &job.lines())?;
    let start = Instant::now();
    let mut trainer = job.trainer()?;
    let trained = epochs(&job, &mut trainer, &mut log, &stop);
    if matches!(&trained, Err(wgrad::Error::Diverged(_))) {
        log.end(&serde_json::json!({"reason": "diverged"}), &[])?;
        trained?;
        return Ok(ExitCode::FAILURE);
    }
    let model = job.model(trainer.network()?);
    model.save(&folder.model())?;
    let interrupted = match trained {
        Err(wgrad::Error::Interrupted) => true,
        other => {
            other?;
            false
        }
    };
    finish(
        &job,
        &mut trainer,
        &model,
        &folder,
        &mut log,
        start,
        interrupted,
    )
}

/// Set by Ctrl-C; a second Ctrl-C ends the process at once.
fn interrupt_flag() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let set = stop.clone();
    ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })
    .context("Ctrl-C cannot be caught")?;
    Ok(stop)
}

fn job(mut config: Config) -> anyhow::Result<Job> {
    let source = config.data.source.clone().ok_or_else(|| {
        wgrad::Error::Config(
            "no data: name a file, a folder or a built-in (digits, iris, xor, spirals)".to_owned(),
        )
    })?;
    let options = ReadOptions {
        target: config.data.target.clone(),
        task: config.data.task,
        drop: config.data.drop.clone(),
        skip_missing: config.data.skip_missing,
        ..ReadOptions::default()
    };
    let data = dataset::read(&source, &options, config.run.seed).map_err(wgrad::Error::from)?;
    let split = dataset::split(&data, config.data.val, config.data.test, config.run.seed)
        .map_err(wgrad::Error::from)?;
    let prepared = Prepared::new(&data, &split)?;
    let training = training(&mut config, &prepared)?;
    let widths: Vec<usize> = [data.width()]
        .into_iter()
        .chain(config.network.hidden.iter().copied())
        .chain([prepared.outputs])
        .collect();
    check_size(&widths)?;
    let output = training.loss.output_activation(prepared.classes);
    let mlp = Mlp::random(&widths, config.network.activation, output, config.run.seed);
    let request = Request::from(config.run.device.as_str());
    let work = 3 * mlp.multiply_adds() * training.batch;
    let choice = device::choose(&request, config.run.backend.as_deref(), work)?;
    config.run.device = match &choice.device {
        device::Device::Cpu => "cpu".to_owned(),
        device::Device::Gpu(gpu) => gpu.info.name.clone(),
    };
    Ok(Job {
        config,
        data,
        split,
        prepared,
        mlp,
        training,
        choice,
    })
}

/// Parameters up to which a network is made: with gradients and Adam's moments they take 8 GiB.
const MOST_PARAMETERS: usize = 500_000_000;

fn check_size(widths: &[usize]) -> Result<(), wgrad::Error> {
    let count = widths.windows(2).try_fold(0usize, |sum, pair| {
        sum.checked_add(pair[0].checked_mul(pair[1])?.checked_add(pair[1])?)
    });
    match count {
        Some(count) if count <= MOST_PARAMETERS => Ok(()),
        _ => Err(wgrad::Error::Config(format!(
            "--hidden: a network of {} parameters, expected at most {MOST_PARAMETERS}; use smaller layers",
            count.map_or("far too many".to_owned(), |c| c.to_string())
        ))),
    }
}

/// The training that is meant; fills in what the configuration left open.
fn training(config: &mut Config, prepared: &Prepared) -> anyhow::Result<Training> {
    let default = match prepared.classes {
        true => Loss::CrossEntropy,
        false => Loss::Mse,
    };
    let loss = *config.loss.kind.get_or_insert(default);
    if loss == Loss::CrossEntropy && !prepared.classes {
        anyhow::bail!(wgrad::Error::Config(
            "--loss cross-entropy needs classes, and the target is values; use --loss mse, or --task classify"
                .to_owned()
        ));
    }
    let optimizer = config.optimizer.optimizer();
    config.optimizer.learning_rate = Some(optimizer.learning_rate());
    Ok(Training {
        loss,
        optimizer,
        batch: config.run.batch_size.min(prepared.train.count),
        classes: prepared.classes,
        order: config.run.order,
        train_bias: config.network.train_bias,
    })
}

impl Job {
    fn trainer(&self) -> Result<Trainer<'_>, wgrad::Error> {
        let (mlp, run) = (self.mlp.clone(), &self.config.run);
        Trainer::new(
            &self.choice.device,
            mlp,
            &self.training,
            &self.prepared,
            run.seed,
            run.memory_limit.map(|mib| mib << 20),
        )
    }

    fn model(&self, mlp: Mlp) -> Model {
        Model {
            mlp,
            loss: self.training.loss,
            input_scale: self.prepared.input_scale.clone(),
            target_scale: self.prepared.target_scale.clone(),
            schema: self.prepared.schema.clone(),
        }
    }

    /// The run in JSON.
    fn description(&self) -> serde_json::Value {
        let prepared = &self.prepared;
        serde_json::json!({
            "data": self.data.name,
            "rows": {"train": prepared.train.count, "val": prepared.val.count, "test": prepared.test.count},
            "classes": prepared.schema.classes,
            "layers": self.mlp.to_string(),
            "parameters": self.mlp.parameters.len(),
            "device": self.choice.device.name(),
            "backend": self.choice.device.backend(),
            "family": "device",
            "reason": self.choice.reason,
            "notes": self.data.notes,
            "config": self.config,
        })
    }

    /// The run for people.
    fn lines(&self) -> Vec<String> {
        let (data, prepared, run) = (&self.data, &self.prepared, &self.config.run);
        let what = match prepared.classes {
            true => format!("{} classes", prepared.outputs),
            false if prepared.outputs == 1 => "1 value to predict".to_owned(),
            false => format!("{} values to predict", prepared.outputs),
        };
        let mut lines = vec![format!(
            "{}: {} inputs, {what}; {} rows to train on, {} for validation, {} for the test",
            data.name,
            data.width(),
            prepared.train.count,
            prepared.val.count,
            prepared.test.count,
        )];
        lines.extend(data.notes.iter().map(|note| format!("  {note}")));
        lines.push(format!(
            "network {} ({} parameters), {} epochs in batches of {}, seed {}",
            self.mlp,
            self.mlp.parameters.len(),
            run.epochs,
            run.batch_size,
            run.seed
        ));
        let device = &self.choice.device;
        lines.push(format!("device {}: {}", device.name(), self.choice.reason));
        lines
    }
}

fn epochs(
    job: &Job,
    trainer: &mut Trainer,
    log: &mut Log,
    stop: &AtomicBool,
) -> Result<(), wgrad::Error> {
    let start = Instant::now();
    log.start(job.config.run.epochs);
    for _ in 0..job.config.run.epochs {
        let epoch = trainer.epoch(&mut |progress| {
            log.progress(progress);
            !stop.load(Ordering::Relaxed)
        })?;
        let val = trainer.evaluate(job.prepared.val)?;
        log.epoch(&epoch, val, start.elapsed().as_secs_f64())?;
    }
    Ok(())
}

/// Tests the model, and says how good it is, where it is and what to type next.
fn finish(
    job: &Job,
    trainer: &mut Trainer,
    model: &Model,
    folder: &RunFolder,
    log: &mut Log,
    start: Instant,
    interrupted: bool,
) -> anyhow::Result<ExitCode> {
    let test = trainer.evaluate(job.prepared.test)?;
    let (values, value_lines) = match (test, job.prepared.classes) {
        (Some(_), false) => regression(job, model)?,
        _ => (serde_json::Value::Null, Vec::new()),
    };
    let reason = if interrupted { "interrupted" } else { "epochs" };
    let model_path = folder.model().display().to_string();
    let end = serde_json::json!({
        "reason": reason,
        "epochs": trainer.epochs_done(),
        "test_loss": test.map(|t| t.loss),
        "test_accuracy": test.and_then(|t| t.accuracy),
        "test_values": values,
        "elapsed_s": start.elapsed().as_secs_f64(),
        "device": job.choice.device.name(),
        "family": "device",
        "model": model_path,
    });
    let mut lines = Vec::new();
    if interrupted {
        lines.push(format!(
            "interrupted in epoch {}",
            trainer.epochs_done() + 1
        ));
    }
    let rows = job.prepared.test.count;
    match test.map(|test| (test.accuracy, test.loss)) {
        Some((Some(accuracy), loss)) => {
            lines.push(format!(
                "test accuracy {accuracy:.4}, loss {loss:.4} ({rows} rows)"
            ));
        }
        Some((None, _)) => {
            lines.push(format!("test ({rows} rows)"));
            lines.extend(value_lines.into_iter().map(|line| format!("  {line}")));
        }
        None => lines.push("no rows were kept for a test".to_owned()),
    }
    let (at, source) = (folder.path().display(), job.config.data.source.as_deref());
    lines.push(format!(
        "saved   {at} (model.safetensors, config.toml, metrics.jsonl)"
    ));
    let source = source.unwrap_or("DATA");
    let flag = match job.config.data.skip_missing {
        true => " --skip-missing",
        false => "",
    };
    lines.push(format!("next    wgrad predict {at} {source}{flag}"));
    // Rows of a table that the model has seen would flatter it; IDX files are evaluated on their own test set.
    let fresh = match job.data.test_from {
        Some(_) => source,
        None => "NEW.csv",
    };
    lines.push(format!("        wgrad eval {at} {fresh}{flag}"));
    log.end(&end, &lines)?;
    Ok(match interrupted {
        true => ExitCode::from(130),
        false => ExitCode::SUCCESS,
    })
}

/// How far the test rows' predictions are from their values, in the data's own units.
fn regression(job: &Job, model: &Model) -> anyhow::Result<(serde_json::Value, Vec<String>)> {
    let test = job.data.select(&job.split.test);
    let truth = match &test.targets {
        Some(dataset::Targets::Values { values }) => values.clone(),
        _ => Vec::new(),
    };
    match Inference::new(&job.choice.device, model, &test)?.predictions()? {
        Predictions::Values(predicted) => Ok(super::describe_values(
            &model.schema.target_names,
            &predicted,
            &truth,
        )),
        Predictions::Classes { .. } => anyhow::bail!("classes predicted for values"),
    }
}
