//! The settings that a sweep varies.

use crate::Error;
use crate::model::{Activation, Initialization};
use serde::Serialize;
use std::ops::Range;

/// The values to try for each setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    /// Widths of the hidden layers.
    pub hidden: Vec<Vec<usize>>,
    /// Activations of the hidden layers.
    pub activation: Vec<Activation>,
    /// Learning rates.
    pub learning_rate: Vec<f64>,
    /// Distribution of the initial parameters, the same for all.
    pub init: Initialization,
    /// Seeds of the initial weights.
    pub seeds: Range<u64>,
}

/// A combination of values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Activation of the hidden layers.
    pub activation: Activation,
    /// The learning rate.
    #[serde(rename = "lr")]
    pub learning_rate: f64,
}

impl Axes {
    /// Returns every combination once, grouped by shape.
    pub fn settings(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        for hidden in &self.hidden {
            // A network without hidden layers has no activation to vary.
            let activations = match hidden.is_empty() {
                true => &self.activation[..1],
                false => &self.activation[..],
            };
            for &activation in activations {
                for &learning_rate in &self.learning_rate {
                    let setting = Setting {
                        hidden: hidden.clone(),
                        activation,
                        learning_rate,
                    };
                    if !settings.contains(&setting) {
                        settings.push(setting);
                    }
                }
            }
        }
        settings
    }
}

/// Maximum number of learning rates in a range.
const MOST_RATES: usize = 10_000;

/// Parses learning rates: `0.1`, `0.1,0.01`, or `FROM:TO:log:COUNT` and `FROM:TO:lin:COUNT`, including the ends.
pub fn learning_rates(text: &str) -> Result<Vec<f64>, Error> {
    let mut rates = Vec::new();
    for part in text.split(',') {
        match part.split(':').collect::<Vec<_>>()[..] {
            [one] => rates.push(rate(one, text)?),
            [from, to, scale @ ("log" | "lin"), count] => {
                let (from, to) = (rate(from, text)?, rate(to, text)?);
                let count: usize = count.parse().map_err(|_| unreadable(text))?;
                if !(1..=MOST_RATES).contains(&count) {
                    return Err(Error::Config(format!(
                        "`learning_rate = {text}`: {count} rates, expected 1 to {MOST_RATES} in a range"
                    )));
                }
                let share = |i: usize| i as f64 / (count.max(2) - 1) as f64;
                rates.extend((0..count).map(|i| match scale {
                    // Keep the ends exactly as typed, so that duplicates elsewhere in the list are recognised.
                    _ if i == 0 => from,
                    _ if i == count - 1 => to,
                    "log" => (from.ln() + share(i) * (to.ln() - from.ln())).exp(),
                    _ => from + share(i) * (to - from),
                }));
            }
            _ => return Err(unreadable(text)),
        }
    }
    Ok(rates)
}

fn rate(text: &str, whole: &str) -> Result<f64, Error> {
    match text.trim().parse::<f64>() {
        Ok(rate) if rate > 0.0 && (rate as f32).is_normal() => Ok(rate),
        _ => Err(unreadable(whole)),
    }
}

fn unreadable(text: &str) -> Error {
    Error::Config(format!(
        "`learning_rate = {text}`: expected rates above 0, from 1.2e-38 to 3.4e38 (0.1,0.01), or a range FROM:TO:log:COUNT (1e-3:1e-1:log:8; lin for even steps)"
    ))
}
