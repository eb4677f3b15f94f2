//! Searches: what they try, what they keep, and how they end.

use std::sync::atomic::{AtomicUsize, Ordering};
use wgrad::config::{ConfigFile, Origin};
use wgrad::dataset::{ReadOptions, read};
use wgrad::model::Activation;
use wgrad::sweep::search::{Ranges, SearchWatcher, Tried, candidates, search};
use wgrad::{Config, Dataset, Error};

fn config() -> Config {
    Config::default().epochs(3).device("cpu")
}

/// Ends a search after so many networks.
struct After(usize, AtomicUsize);

impl SearchWatcher for After {
    fn go_on(&self) -> bool {
        self.1.load(Ordering::Relaxed) < self.0
    }
    fn trained(&self, _: usize, _: usize, _: usize) {
        self.1.fetch_add(1, Ordering::Relaxed);
    }
}

fn run(count: usize, config: &Config, networks: usize) -> Result<Vec<Tried>, Error> {
    let data: Dataset = read("iris", &ReadOptions::default(), 0).unwrap();
    let all = candidates(config, &Ranges::default(), count);
    let origin = Origin::new(&ConfigFile::default(), config);
    let watcher = After(networks, AtomicUsize::new(0));
    search(config, &origin, &data, &all, &watcher)
}

#[test]
fn the_defaults_are_tried_first_and_nothing_twice() {
    let all = candidates(&config(), &Ranges::default(), 40);
    assert_eq!(all.len(), 40);
    assert_eq!(
        (&all[0].hidden[..], all[0].activation),
        (&[128][..], Activation::Tanh)
    );
    assert_eq!((all[0].learning_rate, all[0].weight_decay), (0.001, 0.1));
    for (i, one) in all.iter().enumerate() {
        assert!(!all[..i].contains(one), "{one:?}");
        assert!((0.0002..=0.005).contains(&one.learning_rate), "{one:?}");
    }
    let rates: Vec<f64> = all.iter().map(|one| one.dropout).collect();
    assert_eq!(rates[0], 0.0);
    for rate in [0.0, 0.1, 0.2, 0.3] {
        assert!(rates[1..].contains(&rate), "{rates:?}");
    }
    assert_eq!(all, candidates(&config(), &Ranges::default(), 40));
    assert_ne!(
        all[1..],
        candidates(&config().seed(1), &Ranges::default(), 40)[1..]
    );
}

#[test]
fn what_is_given_is_not_varied() {
    let ranges = Ranges {
        hidden: vec![vec![8], vec![]],
        activation: vec![Activation::Sigmoid],
        learning_rate: vec![0.01, 0.02],
        batch_size: Some(7),
        weight_decay: Some(0.0),
        dropout: Some(0.25),
        bins: Some(0),
    };
    let all = candidates(&config(), &ranges, 100);
    // Two shapes, two rates.
    assert_eq!(all.len(), 4);
    assert_eq!(all[0].hidden, [8]);
    assert!(
        all.iter()
            .all(|one| one.batch_size == 7 && one.bins == Some(0) && one.dropout == 0.25)
    );
}

#[test]
fn the_better_half_goes_on_and_three_have_all_folds() {
    let tried = run(8, &config(), usize::MAX).unwrap();
    let folds: Vec<usize> = tried.iter().map(|own| own.losses.len()).collect();
    assert_eq!(folds, [5, 5, 5, 2, 1, 1, 1, 1]);
    let means: Vec<f64> = tried[..3].iter().map(|own| own.loss().0).collect();
    assert!(means.is_sorted(), "{means:?}");
    assert!(tried[0].is_tied(&tried[0]) && !tried[7].is_tied(&tried[0]));
    assert!(
        tried
            .iter()
            .all(|own| own.model.is_some() && own.accuracies.len() == own.losses.len())
    );
    assert_eq!(tried, run(8, &config(), usize::MAX).unwrap());
}

#[test]
fn a_search_that_ends_early_has_its_whole_rounds() {
    // Two threads may train a network more.
    let tried = run(6, &config(), 7).unwrap();
    assert!(tried.iter().all(|own| own.losses.len() == 1));
    let tried = run(6, &config(), 2).unwrap();
    assert!((2..6).contains(&tried.len()));
    assert!(tried.iter().all(|own| own.losses.len() == 1));
    assert!(matches!(run(6, &config(), 0), Err(Error::Interrupted)));
}

#[test]
fn a_search_without_validation_rows_or_with_wild_rates_is_refused() {
    let why = run(2, &config().split(0.0, 0.2), usize::MAX).unwrap_err();
    assert!(why.to_string().contains("rows for validation"), "{why}");
    let wild = config().learning_rate(1e30).activation(Activation::Relu);
    let wild = wild.optimizer(wgrad::model::OptimizerKind::Sgd);
    let why = run(1, &wild.learning_rate(1e30), usize::MAX).unwrap_err();
    assert!(
        why.to_string().contains("diverged with every setting"),
        "{why}"
    );
}
