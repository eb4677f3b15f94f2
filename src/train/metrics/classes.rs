//! Precision, recall and F1 of each class, their averages, and the share of the most frequent class.

use serde::Serialize;
use std::collections::HashMap;

/// Scores of one class. What is undefined, as the precision of a class that is never predicted, is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ClassScore {
    /// Of the rows predicted as this class, the share that is of it.
    pub precision: f64,
    /// Of the rows of this class, the share predicted as it.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// Number of rows of this class.
    pub rows: usize,
    /// Number of rows predicted as this class.
    pub predicted: usize,
}

/// Averages over the classes that occur among the true or the predicted ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Average {
    /// Mean precision.
    pub precision: f64,
    /// Mean recall.
    pub recall: f64,
    /// Mean F1.
    pub f1: f64,
}

/// The most frequent true class.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Majority {
    /// Its number.
    pub class: usize,
    /// Its share of the rows: the accuracy of always answering this class.
    pub share: f64,
}

/// Scores of predicted classes.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassScores {
    /// Share of rows predicted correctly.
    pub accuracy: f64,
    /// The most frequent class.
    pub majority: Majority,
    /// One for each class that the model knows.
    pub classes: Vec<ClassScore>,
    /// The mean over classes.
    pub macro_average: Average,
    /// The mean over classes, weighted by their rows.
    pub weighted_average: Average,
}

impl ClassScores {
    /// Compares predicted and true class numbers, which are below `classes`.
    pub fn new(predicted: &[u32], truth: &[u32], classes: usize) -> ClassScores {
        let mut scores = vec![ClassScore::default(); classes];
        let mut hits = vec![0usize; classes];
        for (p, t) in predicted.iter().zip(truth) {
            scores[*p as usize].predicted += 1;
            scores[*t as usize].rows += 1;
            hits[*t as usize] += usize::from(p == t);
        }
        for (score, hits) in scores.iter_mut().zip(&hits) {
            score.precision = ratio(*hits, score.predicted);
            score.recall = ratio(*hits, score.rows);
            score.f1 = ratio(2 * hits, score.predicted + score.rows);
        }
        let (mut class, mut most) = (0, 0);
        for (at, score) in scores.iter().enumerate().filter(|(_, s)| s.rows > 0) {
            if score.rows > most {
                (class, most) = (at, score.rows);
            }
        }
        let share = ratio(most, truth.len());
        let seen = |score: &ClassScore| f64::from(u8::from(score.rows + score.predicted > 0));
        ClassScores {
            accuracy: ratio(hits.iter().sum(), truth.len()),
            majority: Majority { class, share },
            macro_average: average(&scores, seen),
            weighted_average: average(&scores, |score| score.rows as f64),
            classes: scores,
        }
    }

    /// Returns the classes of some rows that no row is predicted as.
    pub fn never_predicted(&self) -> Vec<usize> {
        let classes = self.classes.iter().enumerate();
        let never = classes.filter(|(_, score)| score.rows > 0 && score.predicted == 0);
        never.map(|(class, _)| class).collect()
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    match whole {
        0 => 0.0,
        _ => part as f64 / whole as f64,
    }
}

fn average(scores: &[ClassScore], weight: impl Fn(&ClassScore) -> f64) -> Average {
    let total: f64 = scores.iter().map(&weight).sum();
    let mean = |of: fn(&ClassScore) -> f64| {
        let sum: f64 = scores.iter().map(|score| weight(score) * of(score)).sum();
        if total > 0.0 { sum / total } else { 0.0 }
    };
    Average {
        precision: mean(|score| score.precision),
        recall: mean(|score| score.recall),
        f1: mean(|score| score.f1),
    }
}

/// Returns the most frequent mistakes, at most `most`: the true class, the predicted class, and the number of rows.
pub fn worst_pairs(predicted: &[u32], truth: &[u32], most: usize) -> Vec<(u32, u32, usize)> {
    let mut counts = HashMap::new();
    for (p, t) in predicted.iter().zip(truth).filter(|(p, t)| p != t) {
        *counts.entry((*t, *p)).or_insert(0) += 1;
    }
    let mut pairs: Vec<_> = counts.into_iter().map(|((t, p), n)| (t, p, n)).collect();
    pairs.sort_unstable_by_key(|(t, p, n)| (std::cmp::Reverse(*n), *t, *p));
    pairs.truncate(most);
    pairs
}
