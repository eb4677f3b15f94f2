//! Valid ranges of settings.

use super::origin::{ConfigKey, Origin};
use super::{Config, MOST_NETWORKS};
use crate::Error;
use crate::plan::{Order, RateSchedule};

/// A setting, its flag (empty if there is none), whether its value is valid, and a description of valid values.
type Rule = (ConfigKey, bool, &'static str);

const TIME: &str = "a number of seconds above 0, at most 1e9";
const POSITIVE: &str = "a number above 0, from 1.2e-38 to 3.4e38 (f32)";
const SHAPE: &str = "constant, step, cosine, one-cycle, flat-cos or coslog4: a plateau changes the learning rate alone";
const BELOW_ONE: &str = "a number from 0 to below 1, at most 0.9999999 (f32)";

impl Config {
    /// Checks that all settings are valid. `origin` says where they come from.
    ///
    /// # Errors
    /// Returns an error that names the first invalid setting, its origin, its value, and what was expected.
    pub fn check(&self, origin: &Origin) -> Result<(), Error> {
        let rules = self.data_rules().into_iter().chain(self.rules());
        let rules = rules.chain(self.step_rules());
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            None => Ok(()),
            Some((key, _, expected)) => {
                let given = origin.given(key);
                Err(Error::Config(format!("{given}: expected {expected}")))
            }
        }
    }

    fn data_rules(&self) -> [Rule; 3] {
        let is_one_of = |[fold, folds]: [usize; 2]| (1..=folds).contains(&fold);
        let share = "a share of the rows, from 0 to below 1";
        [
            (("data", "val"), fraction(self.data.val), share),
            (("data", "test"), fraction(self.data.test), share),
            (
                ("data", "fold"),
                self.data.fold.is_none_or(is_one_of),
                "a fold, from 1, and the number of folds, as in [2, 5]",
            ),
        ]
    }

    fn rules(&self) -> [Rule; 12] {
        let (network, run) = (&self.network, &self.run);
        [
            (
                ("network", "hidden"),
                !network.hidden.contains(&0),
                "widths of at least 1, separated by commas, or a single 0 for a linear model",
            ),
            (
                ("network", "dropout"),
                fraction(rounded(network.dropout)),
                BELOW_ONE,
            ),
            (
                ("network", "dropout_schedule"),
                network.dropout_schedule != RateSchedule::Plateau,
                SHAPE,
            ),
            (
                ("loss", "label_smoothing"),
                fraction(rounded(self.loss.label_smoothing)),
                BELOW_ONE,
            ),
            (
                ("run", "batch_size"),
                run.batch_size != Some(0),
                "at least 1",
            ),
            (("run", "epochs"), run.epochs != Some(0), "at least 1"),
            (("run", "max_steps"), run.max_steps != Some(0), "at least 1"),
            (
                ("run", "patience"),
                run.patience != Some(0),
                "at least 1 (epoch)",
            ),
            (
                ("run", "ensemble"),
                (1..=MOST_NETWORKS).contains(&run.ensemble),
                "1 to 1000 (networks)",
            ),
            (
                ("run", "memory_limit"),
                run.memory_limit != Some(0),
                "at least 1 (MiB); leave it out, and the device's memory is the limit",
            ),
            (("run", "max_time"), run.max_time.is_none_or(is_time), TIME),
            (
                ("run", "checkpoint"),
                run.checkpoint.is_none_or(is_time),
                TIME,
            ),
        ]
    }

    fn step_rules(&self) -> [Rule; 12] {
        let (optimizer, run) = (&self.optimizer, &self.run);
        let decay = optimizer.weight_decay.unwrap_or(0.0);
        let of = |key| ("optimizer", key);
        [
            (
                of("learning_rate"),
                optimizer.learning_rate.is_none_or(positive),
                POSITIVE,
            ),
            (
                of("momentum"),
                fraction(rounded(optimizer.momentum)),
                BELOW_ONE,
            ),
            (
                of("weight_decay"),
                decay >= 0.0 && rounded(decay).is_finite(),
                "a number from 0 to 3.4e38",
            ),
            (
                of("weight_decay_schedule"),
                optimizer.weight_decay_schedule != RateSchedule::Plateau,
                SHAPE,
            ),
            (of("bias_rate"), positive(optimizer.bias_rate), POSITIVE),
            (of("beta1"), fraction(rounded(optimizer.beta1)), BELOW_ONE),
            (of("beta2"), fraction(rounded(optimizer.beta2())), BELOW_ONE),
            (
                of("clip_norm"),
                optimizer.clip_norm.is_none_or(positive),
                POSITIVE,
            ),
            (
                of("clip_norm"),
                optimizer.clip_norm.is_none() || run.order == Order::Simultaneous,
                "no limit with order = sequential, which updates layers before the whole gradient is known",
            ),
            (
                of("clip_value"),
                optimizer.clip_value.is_none_or(positive),
                POSITIVE,
            ),
            (
                ("loss", "quantile"),
                self.loss.quantile.is_none_or(is_share),
                "a number between 0 and 1, as in 0.9",
            ),
            (of("epsilon"), positive(optimizer.epsilon), POSITIVE),
        ]
    }
}

/// Whether `x` is between 0 and 1 for the kernels, without the ends.
fn is_share(x: f64) -> bool {
    positive(x) && fraction(rounded(x))
}

fn is_time(seconds: f64) -> bool {
    seconds > 0.0 && seconds <= 1e9
}

fn fraction(x: f64) -> bool {
    (0.0..1.0).contains(&x)
}

/// Whether `x` is a normal number above 0 for the kernels.
fn positive(x: f64) -> bool {
    x > 0.0 && (x as f32).is_normal()
}

/// Returns `x` as the kernels have it: 0.99999999 is 1 there.
fn rounded(x: f64) -> f64 {
    f64::from(x as f32)
}
