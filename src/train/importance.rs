//! Permutation importance: how much worse a model's answers are if the cells of a column are those of other rows.

use crate::Error;
use crate::dataset::{Dataset, Form, Targets};
use crate::device::Device;
use crate::math::{Random, Stream};
use crate::train::{Inference, Model, Predictions, metrics};

/// The importance of a column (Breiman, 2001; as scikit-learn's `permutation_importance`).
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Importance {
    /// The column.
    pub column: String,
    /// The mean loss of score over the repeats: of accuracy for classes, of R² for values.
    pub mean: f64,
    /// The standard deviation of this loss.
    pub deviation: f64,
}

/// Shuffles each column of `data` in turn, `repeats` times, and returns what it costs, the most important column first.
/// Calls `watch` before each pass with the number of passes done and their total; stops if it returns false.
///
/// Columns that say the same share their importance: each alone seems to matter little.
///
/// # Errors
/// Returns an error if `data` has no targets or does not fit `model`, if it is images, if the score cannot be computed,
/// if the device failed, or [`Error::Interrupted`].
pub fn importance(
    device: &Device,
    model: &Model,
    data: &Dataset,
    repeats: usize,
    seed: u64,
    watch: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Vec<Importance>, Error> {
    if data.form != Form::Table {
        return Err(Error::Config(format!(
            "{}: images have no columns whose importance could be computed; leave `importance` out",
            data.name
        )));
    }
    let rows = u32::try_from(data.rows)
        .map_err(|_| Error::Config(format!("{}: too many rows; use a sample", data.name)))?;
    let whole = score(device, model, data)?;
    let total = data.columns.len() * repeats;
    let mut all = Vec::with_capacity(data.columns.len());
    for (c, column) in data.columns.iter().enumerate() {
        let mut losses = Vec::with_capacity(repeats);
        for repeat in 0..repeats {
            let done = c * repeats + repeat;
            if !watch(done, total) {
                return Err(Error::Interrupted);
            }
            let order = Random::new(seed, Stream::Importance, done as u32);
            let order: Vec<u32> = (0..rows).map(|row| order.shuffled(row, rows)).collect();
            losses.push(whole - score(device, model, &data.with_shuffled(c, &order))?);
        }
        all.push(summary(column, &losses));
    }
    all.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    Ok(all)
}

fn summary(column: &str, losses: &[f64]) -> Importance {
    let count = losses.len().max(1) as f64;
    let mean = losses.iter().sum::<f64>() / count;
    let variance = losses.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>() / count;
    Importance {
        column: column.to_owned(),
        mean,
        deviation: variance.sqrt(),
    }
}

/// Returns the accuracy, or the mean R² of the targets.
fn score(device: &Device, model: &Model, data: &Dataset) -> Result<f64, Error> {
    let predictions = Inference::new(device, model, data)?.predictions()?;
    let score = match (&predictions, &data.targets) {
        (Predictions::Classes { labels, .. }, Some(Targets::Classes { labels: truth, .. })) => {
            let hits = labels
                .iter()
                .zip(truth)
                .filter(|(label, truth)| label == truth);
            Some(hits.count() as f64 / truth.len().max(1) as f64)
        }
        (Predictions::Values(values), Some(Targets::Values { values: truth })) => {
            let width = model.schema.target_names.len().max(1);
            let each = metrics::regressions(values, truth, width);
            let scores: Option<Vec<f64>> = each.iter().map(|target| target.r2).collect();
            scores.map(|scores| scores.iter().sum::<f64>() / scores.len() as f64)
        }
        _ => None,
    };
    score.filter(|score| score.is_finite()).ok_or_else(|| {
        Error::Config(format!(
            "{}: the importance of columns needs targets that differ, and finite predictions",
            data.name
        ))
    })
}
