//! Warnings about networks that learned little, with what to try.

use super::{ClassScores, Regression};
use crate::text::{clipped, counted, figure};

/// Maximum number of classes that a warning names.
const MOST_NAMED: usize = 5;
/// A loss still falls if the last tenth of the epochs lowers it by this share of itself ...
const STEEP: f64 = 0.02;
/// ... and by this share of the loss after the first epoch. A loss near 0 may halve forever, and nothing is gained.
const NOTABLE: f64 = 0.01;

/// What to try, which depends on the command.
#[derive(Clone, Copy, Debug)]
pub struct Advice<'a> {
    /// Settings to try, as a half sentence.
    pub cure: &'a str,
    /// Whether classes had weights, so that accuracy was not the aim.
    pub weighted: bool,
}

impl Advice<'_> {
    /// Returns warnings about predicted classes, called `names`.
    pub fn of_classes(&self, scores: &ClassScores, names: &[String]) -> Vec<String> {
        let mut warnings = Vec::new();
        let (accuracy, majority) = (scores.accuracy, scores.majority);
        let name = |class: usize| {
            names
                .get(class)
                .map_or("?".into(), |name| clipped(name, 40))
        };
        if accuracy <= majority.share && accuracy < 1.0 && !self.weighted {
            let most = name(majority.class);
            warnings.push(format!(
                "accuracy {accuracy:.4} is no better than always answering {most:?}, which has {:.4}; {}",
                majority.share, self.cure
            ));
        }
        let never = scores.never_predicted();
        let named = never
            .iter()
            .take(MOST_NAMED)
            .map(|class| format!("{:?}", name(*class)));
        let named = named.collect::<Vec<_>>().join(", ");
        let rows: usize = never.iter().map(|class| scores.classes[*class].rows).sum();
        let rows = counted(rows, "row");
        match never.len() {
            0 => {}
            1 => warnings.push(format!("class {named} is never predicted: {rows} of it")),
            count if count <= MOST_NAMED => warnings.push(format!(
                "{count} classes are never predicted ({rows}): {named}"
            )),
            count => warnings.push(format!(
                "{count} classes are never predicted ({rows}): {named} and {} more",
                count - MOST_NAMED
            )),
        }
        // One sentence of advice is enough.
        if warnings.len() == 1 && !never.is_empty() {
            warnings[0] += &format!("; {}", self.cure);
        }
        warnings
    }

    /// Returns warnings about predicted values, called `names`.
    pub fn of_values(&self, each: &[Regression], names: &[String]) -> Vec<String> {
        let poor = names.iter().zip(each).filter_map(|(name, scores)| {
            let r2 = scores.r2.filter(|r2| *r2 <= 0.0)?;
            Some(format!(
                "{}: R² {} is no better than always predicting the mean; {}",
                clipped(name, 40),
                figure(r2),
                self.cure
            ))
        });
        poor.collect()
    }
}

/// Whether the validation loss still falls at the end, given that of each epoch: the best epoch is in the last tenth, and
/// the mean over the last tenth is clearly below that over the tenth before.
pub fn still_falls(losses: &[f64]) -> bool {
    let count = losses.len();
    let tenth = (count / 10).max(1);
    if count < 2 {
        return false;
    }
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let last = mean(&losses[count - tenth..]);
    let before = mean(&losses[count - 2 * tenth..count - tenth]);
    let best = (0..count)
        .rev()
        .min_by(|a, b| losses[*a].total_cmp(&losses[*b]));
    let is_best = best.is_some_and(|best| best >= count - tenth);
    is_best && is_clear(before - last, before, losses[0])
}

/// Whether the validation loss still falls at the end, given the loss after the first epoch and, with the number of
/// epochs, those of the last two evaluations.
pub fn falls_between(first: f64, before: (usize, f64), last: (usize, f64)) -> bool {
    let (epochs, span) = (last.0 as f64, last.0.saturating_sub(before.0) as f64);
    if span == 0.0 || before.1 <= 0.0 {
        return false;
    }
    // What a tenth of the epochs lowers the loss by.
    let kept = (last.1.max(0.0) / before.1).powf(0.1 * epochs / span);
    is_clear(before.1 * (1.0 - kept), before.1, first)
}

fn is_clear(fall: f64, before: f64, first: f64) -> bool {
    fall > STEEP * before && fall > NOTABLE * first
}
