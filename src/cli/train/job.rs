//! What a training run is made of: data, network, device.

use crate::cli::effect;
use wgrad::config::origin::{Key, Origin};
use wgrad::config::{Config, RunConfig};
use wgrad::dataset;
use wgrad::dataset::types::{Dataset, ReadOptions};
use wgrad::dataset::{DataErrorKind, Split};
use wgrad::device::Device;
use wgrad::device::choice::choose;
use wgrad::device::choice::{Choice, Request};
use wgrad::gpu::adapter::gpu::Sums;
use wgrad::gpu::adapter::precision::Precision;
use wgrad::kernels::{descent, weight_gradient};
use wgrad::model::loss::Loss;
use wgrad::model::mlp::Mlp;
use wgrad::plan::backprop::Training;
use wgrad::plan::session::Chosen;
use wgrad::text::counted;
use wgrad::train::checkpoint::Model;
use wgrad::train::prepare::Prepared;
use wgrad::train::trainer::Trainer;

/// Everything that a run is made of.
pub(super) struct Job {
    pub(super) config: Config,
    pub(super) data: Dataset,
    pub(super) split: Split,
    pub(super) prepared: Prepared,
    mlp: Mlp,
    training: Training,
    pub(super) choice: Choice,
}

/// Reads the data and makes the network; fills in what the configuration left open.
pub(super) fn job(mut config: Config, origin: &Origin) -> Result<Job, wgrad::Error> {
    let data = read(&config, origin)?;
    effect::tell(origin, effect::optimizer(&config));
    effect::tell(origin, effect::data(&config, &data));
    effect::tell(origin, effect::device(&config, origin));
    effect::tell(origin, effect::network(&config));
    let split = dataset::split(&data, config.data.val, config.data.test, config.run.seed)
        .map_err(|why| origin.blame(why.into(), &SHARES))?;
    let prepared = Prepared::new(&data, &split)?;
    let training = training(&mut config, &prepared).map_err(|why| origin.blame(why, &LOSS))?;
    let widths: Vec<usize> = [data.width()]
        .into_iter()
        .chain(config.network.hidden.iter().copied())
        .chain([prepared.outputs])
        .collect();
    check_size(&widths).map_err(|why| origin.blame(why, &HIDDEN))?;
    let output = training.loss.output_activation(prepared.classes);
    let mlp = Mlp::random(&widths, config.network.activation, output, config.run.seed);
    let request = match Request::from(config.run.device.as_str()) {
        Request::Auto if config.run.precision == Precision::Mixed => Request::Gpu,
        request => request,
    };
    let work = 3 * mlp.multiply_adds() * training.batch;
    let mut choice = choose(&request, config.run.backend.as_deref(), work)
        .map_err(|why| origin.blame(why, &DEVICE))?;
    crate::cli::warn(choice.warning.as_deref());
    resolve_device(&mut config, &choice);
    let device = choice.device.adding(config.run.sums);
    let computing = device.computing(config.run.precision);
    choice.device = computing.map_err(|why| origin.blame(why, &PRECISION))?;
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

/// The data set that `config` names.
pub(in crate::cli) fn read(config: &Config, origin: &Origin) -> Result<Dataset, wgrad::Error> {
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
    dataset::read(&source, &options, config.run.seed).map_err(|why| {
        let keys: &[Key] = match why.kind {
            DataErrorKind::NotFound | DataErrorKind::Unreadable => &[("data", "source")],
            DataErrorKind::Column => &[("data", "target"), ("data", "drop")],
            DataErrorKind::Target => &[("data", "target"), ("data", "task")],
            _ => &[],
        };
        origin.blame(why.into(), keys)
    })
}

/// The settings that may be to blame for an error: of the shares of a split, ...
pub(in crate::cli) const SHARES: [Key; 2] = [("data", "val"), ("data", "test")];
/// ... the loss, ...
pub(in crate::cli) const LOSS: [Key; 2] = [("loss", "kind"), ("data", "task")];
/// ... the size of the network, ...
pub(in crate::cli) const HIDDEN: [Key; 1] = [("network", "hidden")];
/// ... the choice of the device, ...
pub(in crate::cli) const DEVICE: [Key; 2] = [("run", "device"), ("run", "backend")];
/// ... and the precision.
const PRECISION: [Key; 1] = [("run", "precision")];

/// Writes down the device that was chosen: the configuration repeats the run even if the choice would be another.
pub(in crate::cli) fn resolve_device(config: &mut Config, choice: &Choice) {
    let (device, backend) = match &choice.device {
        Device::Cpu => ("cpu".to_owned(), None),
        Device::Gpu(gpu) => (gpu.info.name.clone(), Some(choice.device.backend())),
    };
    (config.run.device, config.run.backend) = (device, backend);
    if matches!(choice.device, Device::Cpu) {
        config.run.sums = Sums::InOrder;
    }
}

/// Parameters up to which a network is made: with gradients and Adam's moments they take 8 GiB.
const MOST_PARAMETERS: usize = 500_000_000;

/// Whether a network of `widths` can be made.
pub(in crate::cli) fn check_size(widths: &[usize]) -> Result<(), wgrad::Error> {
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
pub(in crate::cli) fn training(
    config: &mut Config,
    prepared: &Prepared,
) -> Result<Training, wgrad::Error> {
    let default = match prepared.classes {
        true => Loss::CrossEntropy,
        false => Loss::Mse,
    };
    let loss = *config.loss.kind.get_or_insert(default);
    if loss == Loss::CrossEntropy && !prepared.classes {
        return Err(wgrad::Error::Config(
            "--loss cross-entropy needs classes, and the target is values; use --loss mse, or --task classify"
                .to_owned(),
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
    pub(super) fn trainer(&self) -> Result<Trainer<'_>, wgrad::Error> {
        let (mlp, run) = (self.mlp.clone(), &self.config.run);
        Trainer::new(
            &self.choice.device,
            mlp,
            &self.training,
            &self.prepared,
            run.seed,
            run.memory_limit.map(|mib| mib.saturating_mul(1 << 20)),
        )
    }

    pub(super) fn model(&self, mlp: Mlp) -> Model {
        Model {
            mlp,
            loss: self.training.loss,
            input_scale: self.prepared.input_scale.clone(),
            target_scale: self.prepared.target_scale.clone(),
            schema: self.prepared.schema.clone(),
        }
    }

    /// The configuration, with how `trainer` adds: what repeats the run.
    pub(super) fn resolved(&self, trainer: &Trainer) -> Config {
        let mut config = self.config.clone();
        let mut chosen = trainer.chosen().iter();
        if !chosen.any(|chosen| chosen.variant.starts_with("split")) {
            config.run.sums = Sums::InOrder;
        }
        config
    }

    /// What was asked for and has no effect.
    pub(super) fn without_effect(&self, trainer: &Trainer) -> Option<&'static str> {
        let mut chosen = trainer.chosen().iter();
        let mixed = self.config.run.precision == Precision::Mixed;
        // Its products of weights have the rows, inputs and outputs of the forward pass in training.
        let of_weights = [weight_gradient::KERNEL.name, descent::KERNEL.name];
        let used = |c: &Chosen| of_weights.contains(&c.kernel) && c.is_mixed();
        let vain = mixed && !chosen.any(used);
        vain.then_some(
            "--precision mixed has no effect on training: it takes a layer with at least 16 inputs and 16 neurons (--hidden), and --batch-size 16 or more; without them leave it out",
        )
    }

    /// The run in JSON.
    pub(super) fn description(&self, trainer: &Trainer) -> serde_json::Value {
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
            "variants": trainer.chosen(),
            "config": self.resolved(trainer),
        })
    }

    /// The run for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let (data, prepared, run) = (&self.data, &self.prepared, &self.config.run);
        let what = match prepared.classes {
            true => counted(prepared.outputs, "class"),
            false if prepared.outputs == 1 => "1 value to predict".to_owned(),
            false => format!("{} values to predict", prepared.outputs),
        };
        let mut lines = vec![format!(
            "{}: {}, {what}; {} to train on, {} for validation, {} for the test",
            data.name,
            counted(data.width(), "input"),
            counted(prepared.train.count, "row"),
            prepared.val.count,
            prepared.test.count,
        )];
        lines.extend(data.notes.iter().map(|note| format!("  {note}")));
        lines.push(format!(
            "network {} ({}), {} in batches of {}, seed {}",
            self.mlp,
            counted(self.mlp.parameters.len(), "parameter"),
            counted(run.epochs, "epoch"),
            self.training.batch,
            run.seed
        ));
        // Nobody asked for the default.
        let asked = run.batch_size != RunConfig::default().batch_size;
        if asked && self.training.batch < run.batch_size {
            let (asked, batch) = (run.batch_size, self.training.batch);
            lines.push(format!(
                "  --batch-size {asked}: more than there are rows to train on; every step takes all {batch}"
            ));
        }
        let device = &self.choice.device;
        let precision = match run.precision {
            Precision::F32 => "",
            Precision::Mixed => ", mixed precision",
        };
        lines.push(format!(
            "device {}{precision}: {}",
            device.name(),
            self.choice.reason
        ));
        lines
    }
}
