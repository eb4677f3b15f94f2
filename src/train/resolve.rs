//! Resolves the settings of a run against its data: its split, loss, optimizer, learning rate and size.

use crate::config::{Config, LossConfig, Recipe};
use crate::dataset::{
    ColumnValues, DataError, Dataset, InputColumn, Inputs, Split, memory, usual_bins,
};
use crate::model::{
    Activation, Loss,
    mlp::{MOST_LAYERS, MOST_PARAMETERS},
};
use crate::plan::{RateSchedule, Rates, Training};
use crate::train::{Model, Prepared, Start, weights::row_weights};
use crate::{Error, dataset};
use std::path::Path;

/// Returns the learning rate, weight decay and dropout over a run of so many steps.
pub fn rates(config: &Config, steps: usize) -> Rates {
    let optimizer = &config.optimizer;
    Rates {
        schedule: optimizer.schedule,
        warmup: optimizer.warmup,
        steps,
        scale: 1.0,
        decay: optimizer.weight_decay_schedule,
        dropout: config.network.dropout_schedule,
    }
}

/// Checks that no schedule is of a setting that is 0 in all of `configs`, whose defaults are filled in.
///
/// # Errors
/// Returns an error that names the schedule, and says what is missing.
pub fn check_schedules(configs: &[&Config]) -> Result<(), Error> {
    let optimizers = || configs.iter().map(|config| &config.optimizer);
    let networks = || configs.iter().map(|config| &config.network);
    let schedules = [
        (
            "weight_decay",
            optimizers().map(|o| o.weight_decay_schedule).next(),
            optimizers().all(|o| o.weight_decay.is_none_or(|decay| decay == 0.0)),
            0.01,
        ),
        (
            "dropout",
            networks().map(|n| n.dropout_schedule).next(),
            networks().all(|n| n.dropout == 0.0),
            0.1,
        ),
    ];
    for (key, schedule, is_zero, example) in schedules {
        if is_zero && schedule.is_some_and(|schedule| schedule != RateSchedule::Constant) {
            return Err(Error::Config(format!(
                "`{key}_schedule` without `{key}`, which is 0; add `{key} = {example}`, or leave it out"
            )));
        }
    }
    Ok(())
}

/// Makes schedules of settings that are 0 constant, so that the configuration is that of a run of its own.
pub fn drop_unused_schedules(config: &mut Config) {
    let (network, optimizer) = (&mut config.network, &mut config.optimizer);
    if network.dropout == 0.0 {
        network.dropout_schedule = RateSchedule::Constant;
    }
    if optimizer.weight_decay == Some(0.0) {
        optimizer.weight_decay_schedule = RateSchedule::Constant;
    }
}

/// Splits the rows by shares, or as the fold of a cross-validation.
///
/// # Errors
/// Returns an error if they cannot be split so.
pub fn split(config: &Config, data: &Dataset) -> Result<Split, DataError> {
    let (set, options) = (&config.data, config.split_options());
    match set.fold {
        None => dataset::split(data, &options),
        Some([fold, folds]) => {
            let all = dataset::folds(data, folds, &options).map_err(|mut why| {
                let [typed, own] = [
                    format!("folds = {folds}"),
                    format!("fold = [{fold}, {folds}]"),
                ];
                why.message = why.message.replace(&typed, &own);
                why
            });
            let mut all = all?;
            Ok(all.swap_remove(fold - 1))
        }
    }
}

/// The smallest number of networks of which each row validates one. With fewer, too few rows would be left to train on.
const FEWEST_FOLDS: usize = 5;

/// Returns the splits of the networks of an ensemble. Each network has other rows for validation, about as many as `val`
/// says. Empty if all networks have the rows of `split`: where there is no validation set, where it is given, and where
/// there are too few rows or groups.
pub(super) fn member_splits(config: &Config, data: &Dataset, split: &Split) -> Vec<Split> {
    let set = &config.data;
    let is_share = set.fold.is_none() && data.val_from.is_none() && set.val > 0.0;
    if config.run.ensemble < 2 || !is_share || split.val.is_empty() {
        return Vec::new();
    }
    let networks = config.run.ensemble;
    let by_share = ((1.0 / set.val).round() as usize).max(2);
    let folds = match (FEWEST_FOLDS..by_share).contains(&networks) {
        true => networks,
        false => by_share,
    };
    dataset::folds(data, folds, &config.split_options()).unwrap_or_default()
}

/// Returns the same rows with those for validation among those to train on.
pub(super) fn all_rows(split: &Split) -> Split {
    Split {
        train: [&split.train[..], &split.val].concat(),
        val: Vec::new(),
        ..split.clone()
    }
}

/// Returns the number of bins of each number of a table, and fills in the default of `config`.
pub fn bins(config: &mut Config, data: &Dataset, split: &Split) -> usize {
    let numbers = match &data.inputs {
        Inputs::Pixels(_) => 0,
        Inputs::Numbers(_) => data.columns.len(),
        Inputs::Columns(columns) => {
            let is_number = |c: &&InputColumn| matches!(c.values, ColumnValues::Numbers(_));
            columns.iter().filter(is_number).count()
        }
    };
    let usual = match config.run.recipe {
        Recipe::Plain | Recipe::Images => 0,
        Recipe::Tabular => usual_bins(split.train.len() + split.val.len(), numbers),
    };
    *config.data.bins.get_or_insert(usual)
}

/// Sorts, encodes and scales `data`, and weighs its rows.
///
/// # Errors
/// As [`Prepared::with_bins`]; or if `class_weights` do not fit the classes.
pub fn prepare(
    loss: &LossConfig,
    data: &Dataset,
    split: &Split,
    bins: usize,
) -> Result<Prepared, Error> {
    let weights = row_weights(loss, data, split)?;
    let prepared = Prepared::with_bins(data, split, bins)?.for_loss(loss.kind, data, split)?;
    Ok(prepared.weigh(weights.as_deref(), split))
}

/// Sorts `data`, which was read for `model`, encodes and scales it as the model does, and weighs its rows.
///
/// # Errors
/// As [`prepare`]; or if the data does not fit the model.
pub(super) fn prepare_for(
    loss: &LossConfig,
    data: &Dataset,
    split: &Split,
    model: &Model,
) -> Result<Prepared, Error> {
    let weights = row_weights(loss, data, split)?;
    let scales = [&model.input_scale, &model.target_scale];
    let mut prepared = Prepared::for_schema(data, split, &model.schema, scales)?;
    if loss
        .kind
        .is_some_and(|kind| kind.link() != model.loss.link())
    {
        prepared = prepared.for_loss(loss.kind, data, split)?;
    }
    Ok(prepared.weigh(weights.as_deref(), split))
}

/// Reads what the run starts from, if that is a file. The hidden layers of `config` become those of the file.
///
/// # Errors
/// Returns an error if the file cannot be read, or `config` asks for other layers.
pub(super) fn start(config: &mut Config) -> Result<Option<Start>, Error> {
    let Some(from) = config.network.from.clone() else {
        return Ok(None);
    };
    let start = Start::read(Path::new(&from))?;
    let (hidden, activation) = (start.hidden(), start.activation());
    let usual = config.run.recipe.config().network;
    let network = &mut config.network;
    let activation = activation.unwrap_or(network.activation);
    let listed = |widths: &[usize]| {
        let widths: Vec<String> = widths.iter().map(usize::to_string).collect();
        widths.join(",")
    };
    let named = |activation: Activation| match serde_json::to_value(activation) {
        Ok(serde_json::Value::String(name)) => name,
        _ => format!("{activation:?}"),
    };
    let other = |given: String, found: String| {
        Err(Error::Config(format!(
            "`{given}`: the file of `from` has {found}; leave it out"
        )))
    };
    if network.hidden != hidden && network.hidden != usual.hidden {
        let given = format!("hidden = {}", listed(&network.hidden));
        return other(given, format!("hidden layers of {}", listed(&hidden)));
    }
    if network.activation != activation && network.activation != usual.activation {
        let given = format!("activation = {}", named(network.activation));
        return other(given, named(activation));
    }
    (network.hidden, network.activation) = (hidden, activation);
    if let Start::Model(model) = &start {
        config.loss.kind.get_or_insert(model.loss);
        // The model has its own.
        config.data.bins = Some(0);
    }
    Ok(Some(start))
}

/// Numbers in memory for each parameter: its value twice, its gradient, and Adam's two moments.
const NUMBERS: u128 = 5;

/// Checks the size of `networks` networks with these `widths`.
///
/// # Errors
/// Returns an error if it has too many layers or parameters, or does not fit into memory.
pub fn check_size(widths: &[usize], networks: usize) -> Result<(), Error> {
    if widths.len() > MOST_LAYERS + 1 {
        return Err(Error::Config(format!(
            "`hidden`: a network of {} layers, expected at most {MOST_LAYERS}; use fewer layers",
            widths.len() - 1
        )));
    }
    let count = widths.windows(2).try_fold(0usize, |sum, pair| {
        sum.checked_add(pair[0].checked_mul(pair[1])?.checked_add(pair[1])?)
    });
    match count {
        Some(count) if count.saturating_mul(networks) <= MOST_PARAMETERS => {
            let what = match networks {
                1 => format!("a network of {count} parameters"),
                _ => format!("{networks} networks of {count} parameters"),
            };
            let kept = networks as u128 - 1;
            let bytes = 4 * (NUMBERS + kept) * count as u128;
            Ok(memory::require(
                bytes,
                1,
                &what,
                "use smaller `hidden` layers",
            )?)
        }
        Some(count) if count <= MOST_PARAMETERS => Err(Error::Config(format!(
            "`ensemble`: {networks} networks of {count} parameters, expected at most {MOST_PARAMETERS} in all; use fewer networks, or smaller `hidden` layers"
        ))),
        _ => Err(Error::Config(format!(
            "`hidden`: a network of {} parameters, expected at most {MOST_PARAMETERS}; use smaller layers",
            count.map_or("far too many".to_owned(), |c| c.to_string())
        ))),
    }
}

/// Returns the training settings, and fills in the defaults of `config`.
///
/// # Errors
/// Returns an error if the loss does not fit the targets.
pub fn training(config: &mut Config, prepared: &Prepared) -> Result<Training, Error> {
    let default = match prepared.classes {
        true => Loss::CrossEntropy,
        false => Loss::Mse,
    };
    let loss = *config.loss.kind.get_or_insert(default);
    if loss.needs_classes() && !prepared.classes {
        return Err(Error::Config(
            "`loss = cross-entropy` needs classes, and the target is values; use `loss = mse`"
                .to_owned(),
        ));
    }
    if loss.needs_values() && prepared.classes {
        return Err(Error::Config(format!(
            "`loss = {}` needs values, and the target is classes; use `loss = cross-entropy`",
            loss.name()
        )));
    }
    if config.network.hidden.is_empty() {
        // A linear model is not to be biased.
        config.optimizer.weight_decay.get_or_insert(0.0);
    }
    let (recipe, rows) = (config.run.recipe, prepared.train.count);
    let usual = recipe.batch_size(rows);
    let batch_size = *config.run.batch_size.get_or_insert(usual);
    let batch_size = batch_size.min(rows);
    let optimizer = config.optimizer.optimizer(recipe, batch_size);
    config.optimizer.learning_rate = Some(optimizer.learning_rate());
    config.optimizer.weight_decay = Some(optimizer.weight_decay());
    config.optimizer.beta2 = Some(config.optimizer.beta2());
    if loss == Loss::Quantile {
        config.loss.quantile.get_or_insert(0.5);
    }
    Ok(Training {
        loss,
        optimizer,
        batch_size,
        classes: prepared.classes,
        weighted: prepared.weighted,
        dropout: config.network.dropout,
        label_smoothing: config.loss.label_smoothing,
        quantile: config.loss.quantile.unwrap_or(0.5),
        clip_norm: config.optimizer.clip_norm.unwrap_or(0.0),
        clip_value: config.optimizer.clip_value.unwrap_or(0.0),
        nesterov: config.optimizer.nesterov,
        decay_biases: config.optimizer.decay_biases,
        bias_rate: config.optimizer.bias_rate,
        order: config.run.order,
        train_bias: config.network.train_bias,
    })
}
