//! Schedules: the factors of the learning rate, of weight decay and of dropout at each step.

use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// The shape of a learning rate over a run, or of another setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(feature = "cli", value(rename_all = "kebab-case"))]
#[serde(rename_all = "kebab-case")]
pub enum RateSchedule {
    /// The same rate at every step.
    #[default]
    Constant,
    /// A tenth of the rate after half of the run, a hundredth after three quarters.
    Step,
    /// Half a cosine, from the rate to 0 (Loshchilov and Hutter, 2017).
    Cosine,
    /// Up from 1/25 of the rate over the first 30 % of the run, then down to 1/250,000 of it, along cosines: the defaults
    /// of PyTorch's `OneCycleLR`.
    OneCycle,
    /// The rate for three quarters of the run, then half a cosine to 0.
    FlatCos,
    /// A fifth of the rate, from the best parameters on, each time the validation loss no longer improves; twice.
    Plateau,
    /// Four cosine waves between 0 and the rate, each twice as long as the one before (Holzmüller et al., 2024).
    Coslog4,
}

impl RateSchedule {
    /// Every schedule.
    pub const ALL: [RateSchedule; 7] = [
        RateSchedule::Constant,
        RateSchedule::Step,
        RateSchedule::Cosine,
        RateSchedule::OneCycle,
        RateSchedule::FlatCos,
        RateSchedule::Plateau,
        RateSchedule::Coslog4,
    ];

    /// Returns the factor of the setting after a share of the run, from 0 to 1. That of a plateau depends on losses, and is not
    /// in it.
    pub fn factor(self, share: f64) -> f64 {
        let share = share.clamp(0.0, 1.0);
        // Falls from 1 to 0.
        let half_wave = |at: f64| 0.5 * (1.0 + (PI * at).cos());
        match self {
            RateSchedule::Constant | RateSchedule::Plateau => 1.0,
            RateSchedule::Step if share < 0.5 => 1.0,
            RateSchedule::Step if share < 0.75 => 0.1,
            RateSchedule::Step => 0.01,
            RateSchedule::Cosine => half_wave(share),
            RateSchedule::OneCycle => {
                let (low, end, rise) = (1.0 / 25.0, 1.0 / 250_000.0, 0.3);
                match share < rise {
                    true => 1.0 + (low - 1.0) * half_wave(share / rise),
                    false => end + (1.0 - end) * half_wave((share - rise) / (1.0 - rise)),
                }
            }
            RateSchedule::FlatCos => half_wave(((share - 0.75) / 0.25).max(0.0)),
            RateSchedule::Coslog4 => 0.5 * (1.0 - (2.0 * PI * (1.0 + 15.0 * share).log2()).cos()),
        }
    }
}

/// The learning rate over a run, as a factor of the optimizer's, and weight decay and dropout as factors of theirs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// The shape.
    pub schedule: RateSchedule,
    /// Number of steps over which the rate rises linearly, times the schedule; 0 for none.
    pub warmup: usize,
    /// Number of steps of the run; 0 if the schedule is constant.
    pub steps: usize,
    /// A factor of all learning rates.
    pub scale: f64,
    /// The shape of weight decay.
    pub decay: RateSchedule,
    /// The shape of dropout.
    pub dropout: RateSchedule,
}

impl Default for Rates {
    fn default() -> Rates {
        Rates {
            schedule: RateSchedule::default(),
            warmup: 0,
            steps: 0,
            scale: 1.0,
            decay: RateSchedule::default(),
            dropout: RateSchedule::default(),
        }
    }
}

impl Rates {
    /// Returns whether nothing depends on the length of the run.
    pub fn are_open(&self) -> bool {
        let open = [RateSchedule::Constant, RateSchedule::Plateau];
        [self.schedule, self.decay, self.dropout]
            .iter()
            .all(|schedule| open.contains(schedule))
    }

    /// Returns the share of the run before a step, from 0.
    fn share(&self, step: usize) -> f64 {
        step as f64 / self.steps.max(1) as f64
    }

    /// Returns the factor of weight decay at a step, from 0.
    pub fn decay_factor(&self, step: usize) -> f64 {
        self.decay.factor(self.share(step))
    }

    /// Returns the factor of dropout at a step, from 0.
    pub fn dropout_factor(&self, step: usize) -> f64 {
        self.dropout.factor(self.share(step))
    }

    /// Returns the factor of the learning rate at a step, from 0.
    pub fn factor(&self, step: usize) -> f64 {
        let share = self.share(step);
        let rise = (step + 1) as f64 / self.warmup.max(1) as f64;
        self.schedule.factor(share) * rise.min(1.0) * self.scale
    }
}
