//! The settings that a sweep varies.

use crate::Error;
use crate::model::{Activation, Initialization};
use crate::plan::Training;
use serde::Serialize;
use serde_json::{Map, Value};
use std::ops::Range;

/// The values to try for each setting.
#[derive(Clone, Debug)]
pub struct Axes {
    /// Widths of the hidden layers.
    pub hidden: Vec<Vec<usize>>,
    /// Activations of the hidden layers.
    pub activation: Vec<Activation>,
    /// How networks are trained, each with the learning rates to try. There is at least one.
    pub variants: Vec<Variant>,
    /// Distribution of the initial parameters, the same for all.
    pub init: Initialization,
    /// Seeds of the initial weights.
    pub seeds: Range<u64>,
}

/// How some of the networks are trained.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The loss, the optimizer, the batch and so on; its learning rate is ignored.
    pub training: Training,
    /// The learning rates to try.
    pub learning_rate: Vec<f64>,
    /// The number of epochs after which its networks end; as long as the sweep if `None`.
    pub epochs: Option<usize>,
    /// What distinguishes it from the others: names of settings, and values.
    pub values: Map<String, Value>,
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
    /// Other settings, if they are varied.
    #[serde(flatten)]
    pub values: Map<String, Value>,
    /// Index of its variant.
    #[serde(skip)]
    pub variant: usize,
}

impl Axes {
    /// Returns the number of combinations, some of which may be the same.
    pub fn count(&self) -> u128 {
        let rates = self.variants.iter().map(|v| v.learning_rate.len() as u128);
        let shapes = self.hidden.len() as u128 * self.activation.len() as u128;
        shapes.saturating_mul(rates.sum())
    }

    /// Returns every combination once, grouped by shape and variant.
    pub fn settings(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        for hidden in &self.hidden {
            // A network without hidden layers has no activation to vary.
            let activations = match hidden.is_empty() {
                true => &self.activation[..1],
                false => &self.activation[..],
            };
            for &activation in activations {
                for (number, variant) in self.variants.iter().enumerate() {
                    for &learning_rate in &variant.learning_rate {
                        let setting = Setting {
                            hidden: hidden.clone(),
                            activation,
                            learning_rate,
                            values: variant.values.clone(),
                            variant: number,
                        };
                        if !settings.contains(&setting) {
                            settings.push(setting);
                        }
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
