//! Ranks settings by the mean score over seeds and folds.

use super::axes::Setting;
use super::network::{Fate, SweepNetwork};
use serde::Serialize;
use std::cmp::Ordering;

/// A mean and the sample standard deviation (0 for one value).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
}

/// A setting with the scores of its networks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranked {
    /// Index of the setting.
    #[serde(skip)]
    pub setting: usize,
    /// The setting.
    #[serde(flatten)]
    pub what: Setting,
    /// Number of networks trained to the end, or still in training.
    pub trained: usize,
    /// Number of dropped networks.
    pub dropped: usize,
    /// Number of diverged networks.
    pub diverged: usize,
    /// Number of epochs of the network trained longest.
    pub epochs: usize,
    /// Losses of the networks that did not diverge.
    pub loss: Option<Spread>,
    /// Accuracies of these networks.
    pub accuracy: Option<Spread>,
}

fn spread(values: &[f64]) -> Option<Spread> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    let deviation = match values.len() {
        0 => return None,
        1 => 0.0,
        _ => (squares / (count - 1.0)).sqrt(),
    };
    Some(Spread { mean, deviation })
}

/// Ranks the settings, best first: by epochs trained, then by accuracy (for classes), then by loss. Settings with
/// diverged networks come last.
pub fn rank(settings: &[Setting], networks: &[SweepNetwork]) -> Vec<Ranked> {
    let mut networks_of = vec![Vec::new(); settings.len()];
    for network in networks {
        networks_of[network.setting].push(network);
    }
    let of = |(setting, what): (usize, &Setting)| {
        let own: &[&SweepNetwork] = &networks_of[setting];
        // Score a setting by its remaining networks, or by all of them if the setting was dropped.
        let trained = own.iter().filter(|n| n.fate == Fate::Trained).count();
        let judged = |n: &&&SweepNetwork| trained == 0 || n.fate == Fate::Trained;
        let judged: Vec<&&SweepNetwork> = own.iter().filter(judged).collect();
        let losses: Vec<f64> = judged.iter().filter_map(|n| n.loss).collect();
        let accuracies: Vec<f64> = judged.iter().filter_map(|n| n.accuracy).collect();
        let count = |fate| own.iter().filter(|n| n.fate == fate).count();
        Ranked {
            setting,
            what: what.clone(),
            trained,
            dropped: count(Fate::Dropped),
            diverged: count(Fate::Diverged),
            epochs: own.iter().map(|n| n.epochs).max().unwrap_or(0),
            loss: spread(&losses),
            accuracy: spread(&accuracies),
        }
    };
    let mut ranked: Vec<Ranked> = settings.iter().enumerate().map(of).collect();
    ranked.sort_by(|a, b| {
        let sound = |r: &Ranked| (r.trained > 0, r.epochs, r.diverged == 0);
        let mean = |s: Option<Spread>| s.map(|s| s.mean);
        sound(b).cmp(&sound(a)).then_with(|| {
            better(
                (mean(a.accuracy), mean(a.loss)),
                (mean(b.accuracy), mean(b.loss)),
            )
        })
    });
    ranked
}

/// Returns the networks in training, best first.
pub fn best_first(networks: &[SweepNetwork]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..networks.len()).collect();
    order.retain(|n| networks[*n].fate == Fate::Trained);
    let score = |n: &usize| (networks[*n].accuracy, networks[*n].loss);
    order.sort_by(|a, b| better(score(a), score(b)));
    order
}

/// Compares (accuracy, loss): larger accuracy first, then smaller loss. Missing values come last.
fn better(a: (Option<f64>, Option<f64>), b: (Option<f64>, Option<f64>)) -> Ordering {
    let accuracy = |s: (Option<f64>, Option<f64>)| s.0.unwrap_or(f64::NEG_INFINITY);
    let loss = |s: (Option<f64>, Option<f64>)| s.1.unwrap_or(f64::INFINITY);
    accuracy(b)
        .total_cmp(&accuracy(a))
        .then(loss(a).total_cmp(&loss(b)))
}
