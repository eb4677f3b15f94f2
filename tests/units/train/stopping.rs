//! When a run ends, and which parameters it keeps.

use wgrad::config::Keep;
use wgrad::plan::RateSchedule;
use wgrad::train::{EndReason, Epoch, Fit, Metrics, Progress, Watcher};
use wgrad::{Config, Dataset, Error, Model};

/// Collects the validation loss of each epoch.
#[derive(Default)]
struct Losses(Vec<f64>);

impl Watcher for Losses {
    fn progress(&mut self, _: Progress) -> bool {
        true
    }
    fn epoch(&mut self, _: &Epoch, val: Option<Metrics>) -> Result<(), Error> {
        self.0.push(val.map_or(f64::NAN, |val| val.loss));
        Ok(())
    }
}

fn fit(config: &Config, data: &Dataset) -> (Fit, Vec<f64>) {
    let mut losses = Losses::default();
    let config = config.clone().device("cpu");
    let fit = config.fit_while(data, &mut losses).unwrap();
    (fit, losses.0)
}

/// A noisy line, which a large network learns by heart.
fn noisy(rows: usize) -> Dataset {
    let noise = |i: usize| (i * 7919 % 101) as f64 / 50.0 - 1.0;
    let inputs: Vec<[f64; 2]> = (0..rows).map(|i| [i as f64, noise(i + 13)]).collect();
    let values: Vec<f64> = (0..rows).map(|i| i as f64 / 40.0 + noise(i)).collect();
    Dataset::with_values(&inputs, &values).unwrap()
}

#[test]
fn a_run_without_epochs_ends_by_itself_and_keeps_its_best_epoch() {
    let (fit, losses) = fit(&Config::default(), &noisy(200));
    let ending = fit.ending;
    assert_eq!(ending.reason, EndReason::Patience);
    assert_eq!(losses.len(), ending.epochs);
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(losses[ending.kept_epoch - 1], best);
    assert!(ending.kept_epoch < ending.epochs, "{ending:?}");
    // 140 training rows are 5 steps: patience is as many epochs as take 1,000 steps.
    assert_eq!(
        (ending.steps, ending.kept_step),
        (5 * ending.epochs, 5 * ending.kept_epoch)
    );
    assert!(ending.epochs >= ending.kept_epoch.min(200));
    let whole = fit.model.to_bytes().unwrap();
    assert_eq!(Model::from_bytes(&whole).unwrap().endings, [ending]);
}

#[test]
fn the_best_epoch_is_that_of_a_run_that_ends_there() {
    let data = noisy(200);
    let config = Config::default().schedule(RateSchedule::Constant);
    let config = config.refit(false);
    let (best, _) = fit(&config, &data);
    let epochs = best.ending.kept_epoch;
    let (last, _) = fit(&Config::default().epochs(epochs), &data);
    assert_eq!(last.ending.reason, EndReason::Epochs);
    assert_eq!(best.model.mlp, last.model.mlp);
    assert_eq!(best.test, last.test);
}

#[test]
fn the_last_parameters_can_be_kept_and_the_limits_set() {
    let data = noisy(200);
    let config = Config::default().patience(7).keep(Keep::Last);
    let config = config.schedule(RateSchedule::Constant);
    let (fit_last, losses) = fit(&config, &data);
    assert_eq!(fit_last.ending.kept_epoch, fit_last.ending.epochs);
    let (alone, _) = fit(&Config::default().epochs(losses.len()), &data);
    assert_eq!(fit_last.model.mlp, alone.model.mlp);
    // 12 steps are 2 epochs and 2 of 5 steps.
    let (cut, _) = fit(&Config::default().max_steps(12), &data);
    let ending = cut.ending;
    assert_eq!(
        (ending.reason, ending.epochs, ending.steps),
        (EndReason::MaxSteps, 3, 12)
    );
    let (both, _) = fit(&Config::default().epochs(2).max_steps(12), &data);
    assert_eq!(both.ending.reason, EndReason::Epochs);
}

#[test]
fn small_data_without_validation_rows_is_learned_by_the_training_loss() {
    for seed in 0..10 {
        let (fit, _) = fit(
            &Config::default().seed(seed),
            &Dataset::read("xor").unwrap(),
        );
        let told = fit
            .model
            .predict(&[[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
        let wgrad::train::Predictions::Classes { labels, .. } = told.unwrap() else {
            panic!("xor has classes");
        };
        assert_eq!(labels, [0, 1, 1, 0], "seed {seed}: {:?}", fit.ending);
        assert_eq!(fit.ending.kept_epoch, fit.ending.epochs);
    }
}

#[test]
fn a_sum_is_learned_from_50_rows() {
    let inputs: Vec<[f64; 2]> = (0..50)
        .map(|i| [(i * 37 % 50) as f64, (i * 11 % 23) as f64])
        .collect();
    let values: Vec<f64> = inputs.iter().map(|[a, b]| a + b).collect();
    let data = Dataset::with_values(&inputs, &values).unwrap();
    for seed in 0..3 {
        let (fit, _) = fit(&Config::default().seed(seed), &data);
        // The loss is the squared error of values whose variance is 1.
        assert!(fit.test.unwrap().loss < 0.01, "seed {seed}: {:?}", fit.test);
    }
}

#[test]
fn a_falling_rate_gets_its_whole_run() {
    let config = Config::default()
        .max_steps(300)
        .schedule(RateSchedule::Cosine);
    let (fit, losses) = fit(&config, &noisy(200));
    assert_eq!(fit.ending.reason, EndReason::MaxSteps);
    assert_eq!(losses.len(), 60);
    // At the end the rate is almost 0.
    let change = (losses[59] - losses[58]).abs() / losses[58];
    assert!(change < 1e-3, "{losses:?}");
}

#[test]
fn a_plateau_lowers_the_rate_twice_from_the_best_epoch_on() {
    let data = noisy(200);
    let (constant, before) = fit(&Config::default().schedule(RateSchedule::Constant), &data);
    let (plateau, losses) = fit(&Config::default().schedule(RateSchedule::Plateau), &data);
    assert_eq!(plateau.ending.reason, EndReason::Patience);
    // Until the first run ends, both are the same.
    assert_eq!(losses[..before.len()], before);
    let patience = 200;
    assert!(plateau.ending.epochs >= constant.ending.epochs + 2 * patience);
    let least = |losses: &[f64]| losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(least(&losses) <= least(&before));
    // It goes on from the best epoch, not from the last.
    let next = losses[before.len()];
    assert!((next - least(&before)).abs() < (next - before[before.len() - 1]).abs());
}

#[test]
fn a_small_table_is_trained_anew_on_its_validation_rows_too() {
    let data = noisy(200);
    let config = Config::default().schedule(RateSchedule::Constant);
    let (refit, losses) = fit(&config, &data);
    assert!(refit.ending.refit);
    let (kept, same) = fit(&config.clone().refit(false), &data);
    assert_eq!(
        (losses, refit.ending.kept_epoch),
        (same, kept.ending.kept_epoch)
    );
    assert!(!kept.ending.refit);
    assert_ne!(refit.model.mlp, kept.model.mlp);
    // The rows of validation are those before the test rows; without any, they are for training.
    let epochs = refit.ending.kept_epoch;
    let whole = Config::default().epochs(epochs).split(0.0, 0.2);
    let (whole, _) = fit(&whole, &data);
    let loss = |fit: &Fit| fit.test.unwrap().loss;
    assert!((loss(&refit) / loss(&whole) - 1.0).abs() < 0.2);
    let (typed, _) = fit(&Config::default().epochs(5).keep(Keep::Best), &data);
    assert!(!typed.ending.refit);
}

#[test]
fn a_run_that_is_stopped_while_it_is_trained_anew_was_interrupted() {
    /// Stops when the epochs are counted from the beginning again.
    struct UntilRefit(usize);
    impl Watcher for UntilRefit {
        fn progress(&mut self, progress: Progress) -> bool {
            let goes_on = progress.epoch >= self.0;
            self.0 = progress.epoch;
            goes_on
        }
    }
    let config = Config::default().device("cpu");
    let stopped = config.fit_while(&noisy(200), &mut UntilRefit(0)).unwrap();
    assert_eq!(stopped.ending.reason, EndReason::Interrupted);
    let (kept, _) = fit(&Config::default().refit(false), &noisy(200));
    assert_eq!(stopped.model.mlp, kept.model.mlp);
}
