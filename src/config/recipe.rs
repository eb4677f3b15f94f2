//! Recipes: named sets of defaults.

use super::{Config, ConfigKey, Recipe};
use crate::dataset::Form;
use crate::model::{Activation, Initialization};
use crate::plan::RateSchedule;

// The values of `tabular` were chosen on 17 public tables, before those of the other set of benches/tables were looked at.

impl Recipe {
    /// Returns the recipe for data of this form.
    pub fn of(form: Form) -> Recipe {
        match form {
            Form::Table => Recipe::Tabular,
            Form::Images { .. } => Recipe::Images,
        }
    }

    /// Returns a configuration with the defaults of this recipe.
    pub fn config(self) -> Config {
        let mut config = Config::plain();
        config.run.recipe = self;
        match self {
            Recipe::Plain => config.run.epochs = Some(30),
            Recipe::Tabular => {
                config.network.init = Initialization::SmallOutput;
                config.network.hidden = vec![128];
                config.network.activation = Activation::Tanh;
                config.optimizer.schedule = RateSchedule::Plateau;
            }
            Recipe::Images => {
                config.network.init = Initialization::SmallOutput;
                config.network.hidden = vec![512];
                config.optimizer.schedule = RateSchedule::OneCycle;
                config.run.epochs = Some(15);
            }
        }
        config
    }

    /// Replaces the settings of a plain configuration without epochs that are not given by those of the recipe.
    pub(super) fn fill(self, config: &mut Config, is_given: impl Fn(ConfigKey) -> bool) {
        let usual = self.config();
        let missing = |block, key| !is_given((block, key));
        config.run.recipe = self;
        if missing("network", "hidden") {
            config.network.hidden = usual.network.hidden;
        }
        if missing("network", "activation") {
            config.network.activation = usual.network.activation;
        }
        if missing("network", "init") {
            config.network.init = usual.network.init;
        }
        if missing("optimizer", "schedule") {
            config.optimizer.schedule = usual.optimizer.schedule;
        }
        config.run.epochs = config.run.epochs.or(usual.run.epochs);
    }

    /// Returns the default batch for so many rows to train on. Larger tables have larger ones: they take a third of the
    /// time, and score as well.
    pub fn batch_size(self, rows: usize) -> usize {
        match (self, rows) {
            (Recipe::Images, _) | (Recipe::Tabular, 20_000..) => 128,
            (Recipe::Tabular, 10_000..) => 64,
            (Recipe::Plain | Recipe::Tabular, _) => 32,
        }
    }

    /// Returns the default learning rate of Adam for a batch.
    pub(super) fn learning_rate(self, batch_size: usize) -> f64 {
        match (self, batch_size) {
            (Recipe::Images, _) => 4e-3,
            (Recipe::Tabular, 128..) => 2e-3,
            (Recipe::Plain | Recipe::Tabular, _) => 1e-3,
        }
    }

    /// Returns the default weight decay of Adam at a learning rate.
    pub(super) fn weight_decay(self, learning_rate: f64) -> f64 {
        match self {
            Recipe::Plain => 0.0,
            Recipe::Tabular | Recipe::Images => SHRINK / learning_rate,
        }
    }
}

/// What a step takes off each parameter, as a share of it, whatever the learning rate.
const SHRINK: f64 = 1e-4;
