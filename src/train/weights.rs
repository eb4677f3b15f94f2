//! The weights of rows: those of their classes, and those of a column.

use crate::Error;
use crate::config::{BALANCED, LossConfig};
use crate::dataset::{Dataset, Split, Targets};
use crate::text::nearest;

/// Returns the weight of each row of `data`, such that the training rows of `split` have a mean of 1 and the test rows 1; `None`
/// if no row differs from others.
///
/// # Errors
/// Returns an error if `class_weights` do not fit the classes, or no training row has a weight.
pub fn row_weights(
    loss: &LossConfig,
    data: &Dataset,
    split: &Split,
) -> Result<Option<Vec<f32>>, Error> {
    if loss.class_weights.is_empty() && data.weights.is_none() {
        return Ok(None);
    }
    let own = |row: usize| data.weights.as_ref().map_or(1.0, |weights| weights[row]);
    let mut weights: Vec<f64> = (0..data.rows).map(own).collect();
    if !loss.class_weights.is_empty() {
        let Some(Targets::Classes { labels, names }) = &data.targets else {
            // Fractions cannot be classes.
            let is_whole = |values: &[f64]| values.iter().all(|value| value.fract() == 0.0);
            let cure = match &data.targets {
                Some(Targets::Values { values }) if is_whole(values) => {
                    ", or use `task = classify`"
                }
                _ => "",
            };
            return Err(Error::Config(format!(
                "`class_weights` needs classes, and the target is values; leave it out{cure}"
            )));
        };
        let of_class = class_weights(&loss.class_weights, names, |class| {
            let rows = split.train.iter().map(|row| *row as usize);
            let own = rows.filter(|row| labels[*row] as usize == class);
            own.map(|row| weights[row]).sum()
        })?;
        let all = weights.iter_mut().zip(labels);
        all.for_each(|(weight, label)| *weight *= of_class[*label as usize]);
    }
    let trained = split.train.iter().map(|row| weights[*row as usize]);
    let mean = trained.sum::<f64>() / split.train.len().max(1) as f64;
    if mean <= 0.0 || !mean.is_finite() {
        return Err(Error::Config(format!(
            "{}: the weights of the {} training rows are 0; give some of them a weight",
            data.name,
            split.train.len()
        )));
    }
    weights.iter_mut().for_each(|weight| *weight /= mean);
    split
        .test
        .iter()
        .for_each(|row| weights[*row as usize] = 1.0);
    Ok(Some(
        weights.into_iter().map(|weight| weight as f32).collect(),
    ))
}

/// Returns the weight of each class. `total` returns the weight that its training rows have without it.
fn class_weights(
    given: &[String],
    names: &[String],
    total: impl Fn(usize) -> f64,
) -> Result<Vec<f64>, Error> {
    if given == [BALANCED] {
        // A class without training rows has no row to weigh.
        let weight = |class| match total(class) {
            0.0 => 1.0,
            total => 1.0 / total,
        };
        return Ok((0..names.len()).map(weight).collect());
    }
    let mut weights = vec![1.0; names.len()];
    for one in given {
        let parsed = one.rsplit_once('=').and_then(|(name, weight)| {
            let weight: f64 = weight.trim().parse().ok()?;
            (weight >= 0.0 && weight.is_finite()).then_some((name.trim(), weight))
        });
        let Some((name, weight)) = parsed else {
            return Err(Error::Config(format!(
                "`class_weights`: {one:?}: expected balanced, or a class and its weight of at least 0, as in {}=2",
                names[0]
            )));
        };
        let Some(class) = names.iter().position(|known| known == name) else {
            let meant = nearest(name, names.iter().map(String::as_str));
            let meant = meant.map_or(String::new(), |name| format!("; did you mean {name:?}?"));
            return Err(Error::Config(format!(
                "`class_weights`: there is no class {name:?}, expected one of {}{meant}",
                names.join(", ")
            )));
        };
        weights[class] = weight;
    }
    Ok(weights)
}
