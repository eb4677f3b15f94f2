//! Resolves the settings of a run against its data: its split, loss, optimizer, learning rate and size.

use crate::config::{Config, OptimizerConfig};
use crate::dataset::{DataError, Dataset, Split, memory};
use crate::model::{
    Loss,
    mlp::{MOST_LAYERS, MOST_PARAMETERS},
};
use crate::plan::{Rates, Training};
use crate::train::Prepared;
use crate::{Error, dataset};

/// Returns the learning rate over a run of so many steps.
pub fn rates(optimizer: &OptimizerConfig, steps: usize) -> Rates {
    Rates {
        schedule: optimizer.schedule,
        warmup: optimizer.warmup,
        steps,
        scale: 1.0,
    }
}

/// Splits the rows by shares, or as the fold of a cross-validation.
pub(super) fn split(config: &Config, data: &Dataset) -> Result<Split, DataError> {
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

/// Numbers in memory for each parameter: its value twice, its gradient, and Adam's two moments.
const NUMBERS: u128 = 5;

/// Checks the size of a network with these `widths`.
///
/// # Errors
/// Returns an error if it has too many layers or parameters, or does not fit into memory.
pub fn check_size(widths: &[usize]) -> Result<(), Error> {
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
        Some(count) if count <= MOST_PARAMETERS => {
            let what = format!("a network of {count} parameters");
            let bytes = 4 * NUMBERS * count as u128;
            Ok(memory::require(
                bytes,
                1,
                &what,
                "use smaller `hidden` layers",
            )?)
        }
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
            "`loss = cross-entropy` needs classes, and the target is values; use `loss = mse`, or `task = classify`"
                .to_owned(),
        ));
    }
    if config.network.hidden.is_empty() {
        // A linear model is not to be biased.
        config.optimizer.weight_decay.get_or_insert(0.0);
    }
    let optimizer = config.optimizer.optimizer(config.run.recipe);
    config.optimizer.learning_rate = Some(optimizer.learning_rate());
    config.optimizer.weight_decay = Some(optimizer.weight_decay());
    Ok(Training {
        loss,
        optimizer,
        batch_size: config.run.batch_size.min(prepared.train.count),
        classes: prepared.classes,
        order: config.run.order,
        train_bias: config.network.train_bias,
    })
}
