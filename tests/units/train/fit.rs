//! Training from a configuration.

use wgrad::plan::RateSchedule;
use wgrad::train::{Epoch, Metrics, Predictions, Progress, Watcher};
use wgrad::{Config, Dataset, Error};

#[test]
fn a_linear_model_of_values_finds_the_line() {
    let rows: Vec<[f64; 1]> = (0..100).map(|x| [f64::from(x)]).collect();
    let values: Vec<f64> = rows.iter().map(|[x]| 1000.0 + 2.0 * x).collect();
    let data = Dataset::with_values(&rows, &values).unwrap();
    let config = Config::default().device("cpu").learning_rate(0.05);
    let fit = config.hidden([0]).epochs(100).fit(&data).unwrap();
    assert_eq!(fit.epochs, 100);
    assert!(fit.test.unwrap().accuracy.is_none());
    let told = fit.model.predict(&[[7.5]]).unwrap();
    assert!(matches!(told, Predictions::Values(y) if (y[0] - 1015.0).abs() < 0.01));
    let why = fit.model.predict(&[[1.0, 2.0]]).unwrap_err().to_string();
    assert!(why.contains("row 1: expected 1 input, found 2"), "{why}");
}

#[test]
fn a_fit_can_be_ended_and_keeps_what_it_has() {
    struct Two(usize);
    impl Watcher for Two {
        fn progress(&mut self, progress: Progress) -> bool {
            progress.epoch < 2
        }
        fn epoch(&mut self, epoch: &Epoch, val: Option<Metrics>) -> Result<(), Error> {
            self.0 = epoch.epoch;
            assert!(val.is_some());
            Ok(())
        }
    }
    let data = Dataset::read("iris").unwrap();
    let mut watcher = Two(0);
    let config = Config::default().device("cpu");
    let fit = config.fit_while(&data, &mut watcher).unwrap();
    assert_eq!((fit.epochs, watcher.0), (2, 2));
    assert_eq!(fit.model.schema.classes.len(), 3);
}

#[test]
fn a_setting_that_no_run_can_have_is_refused() {
    let data = Dataset::read("xor").unwrap();
    let config = Config::default().device("cpu");
    let mut schedule = config.clone();
    schedule.network.dropout_schedule = RateSchedule::Cosine;
    for (config, said) in [
        (schedule, "`dropout_schedule` without `dropout`, which is 0"),
        (
            config.clone().epochs(0),
            "`epochs = 0`: expected at least 1",
        ),
        (config.clone().split(0.6, 1.0), "`test = 1.0`: expected"),
        (config.clone().device("voodoo"), "no adapter \"voodoo\""),
    ] {
        let why = config.fit(&data).unwrap_err().to_string();
        assert!(why.contains(said), "{why}");
    }
}
