//! What a model predicts.

use std::collections::BTreeMap;

/// Predictions for some rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Predictions {
    /// The most probable class of each row, and the probability of every class (rows, classes).
    Classes {
        /// Class numbers (rows).
        labels: Vec<u32>,
        /// Probabilities; each row's sum is 1.
        probabilities: Vec<f32>,
    },
    /// Values (rows, O), in the units of the data.
    Values(Vec<f64>),
}

impl Predictions {
    /// Joins predictions for disjoint rows, in the order of the rows. `None` without parts, or of both kinds.
    pub(crate) fn joined(parts: Vec<(&[u32], Predictions)>) -> Option<(Vec<u32>, Predictions)> {
        let (mut of_rows, mut is_classes) = (BTreeMap::new(), Vec::new());
        for (rows, predictions) in parts {
            is_classes.push(matches!(predictions, Predictions::Classes { .. }));
            for (i, row) in rows.iter().enumerate() {
                let cut = |len: usize| i * len / rows.len()..(i + 1) * len / rows.len();
                let own = match &predictions {
                    Predictions::Values(values) => (0, vec![], values[cut(values.len())].to_vec()),
                    Predictions::Classes {
                        labels,
                        probabilities,
                    } => {
                        let own = &probabilities[cut(probabilities.len())];
                        (labels[i], own.to_vec(), vec![])
                    }
                };
                of_rows.insert(*row, own);
            }
        }
        let first = *is_classes.first()?;
        let is_same = is_classes.iter().all(|is_classes| *is_classes == first);
        let rows = of_rows.keys().copied().collect();
        let all = of_rows.into_values();
        let predictions = match first {
            true => {
                let (labels, each): (Vec<u32>, Vec<_>) =
                    all.map(|(label, own, _)| (label, own)).unzip();
                Predictions::Classes {
                    labels,
                    probabilities: each.concat(),
                }
            }
            false => Predictions::Values(all.flat_map(|(_, _, values)| values).collect()),
        };
        is_same.then_some((rows, predictions))
    }
}
