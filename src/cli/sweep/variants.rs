//! How the networks of a sweep are trained: lists of optimizers, momenta, weight decays, dropout, batches and epochs.

use crate::cli::flags::set;
use clap::Args;
use serde_json::{Map, Value, json};
use wgrad::config::{Config, Origin};
use wgrad::model::OptimizerKind;
use wgrad::plan::Training;
use wgrad::sweep::{Axes, Variant};
use wgrad::train::{Prepared, job::LOSS, resolve::training};

/// Lists of settings, of which each combination is tried.
#[derive(Args, Clone, Debug)]
pub(crate) struct VariedFlags {
    /// Optimizers to try, separated by commas [default: adam]
    #[arg(long, value_enum, value_delimiter = ',')]
    optimizer: Vec<OptimizerKind>,
    /// Momenta of sgd and rmsprop to try, as in 0,0.9 [default: 0]
    #[arg(
        long,
        value_name = "SHARES",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    momentum: Vec<f64>,
    /// Weight decays to try [default: with adam and lion 0.0001 / the largest learning rate, except in the recipe plain; else 0]
    #[arg(
        long,
        value_name = "RATES",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    weight_decay: Vec<f64>,
    /// Probabilities to try that a neuron of a hidden layer is left out of a step, as in 0,0.1,0.3 [default: 0]
    #[arg(
        long,
        value_name = "SHARES",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    dropout: Vec<f64>,
    /// Rows per batch to try [default: 32, 64 from 10000 rows and 128 from 20000 rows on; 32 in the recipe plain, 128 in
    /// images]
    #[arg(
        long,
        value_name = "ROWS",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    batch_size: Vec<usize>,
    /// Numbers of passes over the training rows to try [default: 30, or as many as take 3000 steps; 30 in the recipe plain, 15 in
    /// images]
    #[arg(
        long,
        value_name = "COUNTS",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    epochs: Vec<usize>,
}

/// What a list of epochs is called in a setting; `epochs` is what a network had.
pub(super) const EPOCHS: &str = "max_epochs";

/// A combination: the configuration, and what distinguishes it from the others.
pub(super) struct Combination {
    pub(super) config: Config,
    values: Map<String, Value>,
}

impl VariedFlags {
    /// Returns the batch size that was typed.
    pub(super) fn batch_size(&self) -> Option<usize> {
        self.batch_size.first().copied()
    }

    /// Returns the flag of a list of several values.
    pub(super) fn list(&self) -> Option<&'static str> {
        let lists = [
            ("--optimizer", self.optimizer.len()),
            ("--momentum", self.momentum.len()),
            ("--weight-decay", self.weight_decay.len()),
            ("--dropout", self.dropout.len()),
            ("--batch-size", self.batch_size.len()),
            ("--epochs", self.epochs.len()),
        ];
        let found = lists.into_iter().find(|(_, length)| *length > 1);
        found.map(|(flag, _)| flag)
    }

    /// Overrides `config` with the first value of each list.
    pub(super) fn set_first(&self, config: &mut Config) {
        let first = |list: &[f64]| list.first().copied();
        let optimizer = &mut config.optimizer;
        set(&mut optimizer.kind, self.optimizer.first().copied());
        set(&mut optimizer.momentum, first(&self.momentum));
        optimizer.weight_decay = first(&self.weight_decay).or(optimizer.weight_decay);
        set(&mut config.network.dropout, first(&self.dropout));
        config.run.batch_size = self.batch_size().or(config.run.batch_size);
        config.run.epochs = self.epochs.first().copied().or(config.run.epochs);
    }

    /// Returns the dropout that was typed.
    pub(super) fn dropout(&self) -> Option<f64> {
        self.dropout.first().copied()
    }

    /// Returns whether networks of different lengths are asked for.
    pub(super) fn has_lengths(&self) -> bool {
        self.epochs.len() > 1
    }

    /// Returns each combination once, beginning with that of the first values.
    pub(super) fn combinations(&self, config: &Config) -> Vec<Combination> {
        let mut all = vec![Combination {
            config: config.clone(),
            values: Map::new(),
        }];
        let kinds = self.optimizer.iter().map(|kind| (*kind, name(*kind)));
        spread(&mut all, "optimizer", kinds, |config, kind| {
            config.optimizer.kind = kind;
        });
        spread(
            &mut all,
            "momentum",
            numbers(&self.momentum),
            |config, x| {
                config.optimizer.momentum = x;
            },
        );
        let decays = numbers(&self.weight_decay);
        spread(&mut all, "weight_decay", decays, |config, x| {
            config.optimizer.weight_decay = Some(x);
        });
        spread(&mut all, "dropout", numbers(&self.dropout), |config, x| {
            config.network.dropout = x;
        });
        let batches = self.batch_size.iter().map(|rows| (*rows, json!(rows)));
        spread(&mut all, "batch_size", batches, |config, rows| {
            config.run.batch_size = Some(rows);
        });
        let epochs = self.epochs.iter().map(|count| (*count, json!(count)));
        spread(&mut all, EPOCHS, epochs, |config, count| {
            config.run.epochs = Some(count);
        });
        let mut once: Vec<Combination> = Vec::new();
        for mut one in all {
            let has_momentum = [OptimizerKind::Sgd, OptimizerKind::Rmsprop];
            if self.momentum.len() > 1 && !has_momentum.contains(&one.config.optimizer.kind) {
                one.config.optimizer.momentum = 0.0;
                one.values.remove("momentum");
            }
            if once.iter().all(|other| other.config != one.config) {
                once.push(one);
            }
        }
        once
    }
}

fn numbers(list: &[f64]) -> impl ExactSizeIterator<Item = (f64, Value)> + Clone {
    list.iter().map(|number| (*number, json!(number)))
}

fn name(kind: OptimizerKind) -> Value {
    serde_json::to_value(kind).unwrap_or_default()
}

/// Replaces each combination by one for each value of a list of several.
fn spread<T>(
    all: &mut Vec<Combination>,
    key: &str,
    list: impl ExactSizeIterator<Item = (T, Value)> + Clone,
    set: impl Fn(&mut Config, T),
) {
    if list.len() < 2 {
        return;
    }
    let each = all.drain(..).flat_map(|one| {
        let values = list.clone().map(|(value, shown)| {
            let mut new = Combination {
                config: one.config.clone(),
                values: one.values.clone(),
            };
            set(&mut new.config, value);
            new.values.insert(key.to_owned(), shown);
            new
        });
        values.collect::<Vec<_>>()
    });
    *all = each.collect();
}

/// Fills in the variants of `axes`, each with the learning rates that `rates` has for its configuration. All folds have the
/// same batch.
///
/// # Errors
/// Returns an error if a loss does not fit the targets.
pub(super) fn resolve(
    combinations: &mut [Combination],
    axes: &mut Axes,
    rates: impl Fn(&Config) -> Result<Vec<f64>, wgrad::Error>,
    origin: &Origin,
    folds: &[Prepared],
) -> Result<(), wgrad::Error> {
    let fewest = folds.iter().map(|fold| fold.train.count).min();
    for Combination { config, values } in combinations {
        let learning_rate = rates(config)?;
        // The default weight decay is that of the largest rate: it must not shrink any network faster than usual.
        config.optimizer.learning_rate = learning_rate.iter().copied().reduce(f64::max);
        let resolved = training(config, &folds[0]).map_err(|why| origin.blame(why, &LOSS))?;
        axes.variants.push(Variant {
            training: Training {
                batch_size: resolved.batch_size.min(fewest.unwrap_or(1)),
                ..resolved
            },
            learning_rate,
            epochs: None,
            values: values.clone(),
        });
    }
    Ok(())
}
