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
    /// Whether it is as good as the first one: within one standard error of their differences, over networks with the same
    /// seed and fold.
    pub tied: bool,
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

/// Ranks the settings, best first: those of dropped networks by epochs trained, behind the others; then by accuracy (for
/// classes), then by loss. Settings with diverged networks come last.
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
            tied: false,
            loss: spread(&losses),
            accuracy: spread(&accuracies),
        }
    };
    let mut ranked: Vec<Ranked> = settings.iter().enumerate().map(of).collect();
    ranked.sort_by(|a, b| {
        // Networks that were not dropped may have been asked for more epochs, or fewer.
        let dropped_after = |r: &Ranked| if r.trained > 0 { 0 } else { r.epochs };
        let sound = |r: &Ranked| (r.trained > 0, dropped_after(r), r.diverged == 0);
        let mean = |s: Option<Spread>| s.map(|s| s.mean);
        sound(b).cmp(&sound(a)).then_with(|| {
            better(
                (mean(a.accuracy), mean(a.loss)),
                (mean(b.accuracy), mean(b.loss)),
            )
        })
    });
    let first = ranked.first().map(|first| first.setting);
    for r in ranked.iter_mut().skip(1) {
        let pairs = first.map(|first| differences(&networks_of[first], &networks_of[r.setting]));
        r.tied = pairs.is_some_and(|pairs| is_tie(&pairs));
    }
    ranked
}

/// Returns how much better the networks of one setting are than those of another, fold by fold: means over the seeds that both
/// have trained.
fn differences(first: &[&SweepNetwork], other: &[&SweepNetwork]) -> Vec<Vec<f64>> {
    let folds = first.iter().map(|n| n.fold + 1).max().unwrap_or(0);
    let mut of_folds = vec![Vec::new(); folds];
    for a in first.iter().filter(|n| n.fate == Fate::Trained) {
        let is_pair =
            |b: &&&SweepNetwork| b.fate == Fate::Trained && (a.seed, a.fold) == (b.seed, b.fold);
        let Some(b) = other.iter().find(is_pair) else {
            continue;
        };
        let difference = match (a.accuracy.zip(b.accuracy), a.loss.zip(b.loss)) {
            (Some((a, b)), _) => a - b,
            (None, Some((a, b))) => b - a,
            (None, None) => continue,
        };
        of_folds[a.fold].push(difference);
    }
    of_folds
}

/// Checks whether the mean of differences is within its standard error. Networks of one fold see the same rows: with several
/// folds, each counts once.
fn is_tie(differences: &[Vec<f64>]) -> bool {
    let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    let values: Vec<f64> = match differences {
        [one] => one.clone(),
        many => many
            .iter()
            .filter(|fold| !fold.is_empty())
            .map(mean)
            .collect(),
    };
    spread(&values).is_some_and(|spread| {
        let error = spread.deviation / (values.len() as f64).sqrt();
        values.len() > 1 && spread.mean <= error
    })
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
