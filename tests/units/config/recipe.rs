//! The defaults of recipes, and which recipe a file has.

use wgrad::config::{Config, ConfigFile, Defaults, Recipe};
use wgrad::model::{Initialization, Optimizer, OptimizerKind};

fn parsed(text: &str, defaults: Defaults) -> Config {
    ConfigFile::parse(text, "c.toml", defaults).unwrap().config
}

#[test]
fn a_file_of_an_older_version_has_the_defaults_of_that_version() {
    let usual = Defaults::Usual(Recipe::Tabular);
    let old = parsed("[run]\nepochs = 30\nbatch_size = 8\n", usual);
    assert_eq!(old.run.recipe, Recipe::Plain);
    assert_eq!((old.run.batch_size, old.run.patience), (Some(8), None));
    assert_eq!(old.network.init, Initialization::Auto);
    assert_eq!(
        old.optimizer.optimizer(old.run.recipe, 8),
        Optimizer::adam(1e-3)
    );
    let new = parsed("[run]\nbatch_size = 8\n", usual);
    assert_eq!(new.run.recipe, Recipe::Tabular);
    assert_eq!(new.network.init, Initialization::SmallOutput);
}

#[test]
fn what_a_file_sets_wins_over_its_recipe_and_a_typed_recipe_over_that_of_the_file() {
    let text = "[run]\nrecipe = \"images\"\nepochs = 3\n[network]\ninit = \"he\"\n";
    let images = parsed(text, Defaults::Usual(Recipe::Tabular));
    assert_eq!(images.run.recipe, Recipe::Images);
    assert_eq!(
        (images.run.epochs, Recipe::Images.batch_size(99)),
        (Some(3), 128)
    );
    assert_eq!(images.network.init, Initialization::He);
    let plain = parsed(text, Defaults::Chosen(Recipe::Plain));
    assert_eq!(plain.run.recipe, Recipe::Plain);
    assert_eq!(
        (plain.run.epochs, Recipe::Plain.batch_size(99_999)),
        (Some(3), 32)
    );
    assert_eq!(plain.network.init, Initialization::He);
}

#[test]
fn every_recipe_can_be_written_and_read() {
    for recipe in Recipe::ALL {
        let config = recipe.config();
        let read = parsed(&config.to_toml(), Defaults::Usual(Recipe::Tabular));
        assert_eq!(read, config, "{recipe:?}");
    }
}

#[test]
fn the_weight_decay_shrinks_by_the_same_share_at_every_learning_rate() {
    for rate in [1e-4, 1e-3, 0.05] {
        let config = Config::default().learning_rate(rate);
        let decay = config
            .optimizer
            .optimizer(Recipe::Tabular, 32)
            .weight_decay();
        assert!((decay * rate - 1e-4).abs() < 1e-12, "{rate}: {decay}");
        let sgd = config.optimizer(OptimizerKind::Sgd).optimizer;
        assert_eq!(sgd.optimizer(Recipe::Tabular, 32).weight_decay(), 0.0);
    }
}
