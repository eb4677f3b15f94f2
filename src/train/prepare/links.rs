//! Targets of losses with a link: counts and labels.

use super::Prepared;
use crate::Error;
use crate::dataset::{Dataset, Scale, Split, Targets};
use crate::model::{Link, Loss};

impl Prepared {
    /// Scales values as a loss needs them, if it has a link: counts by their mean alone, and labels not at all.
    ///
    /// # Errors
    /// Returns an error if a value is none for the loss.
    pub fn for_loss(
        self,
        loss: Option<Loss>,
        data: &Dataset,
        split: &Split,
    ) -> Result<Prepared, Error> {
        let (Some(loss), Some(Targets::Values { values })) = (loss, &data.targets) else {
            return Ok(self);
        };
        let names = &data.target_names;
        let is_label = |value: f64| (0.0..=1.0).contains(&value);
        let (fits, expected): (fn(f64) -> bool, _) = match loss.link() {
            Link::Identity => return Ok(self),
            Link::Logarithm => (|value| value >= 0.0, "counts of 0 or more"),
            Link::Logit => (is_label, "labels of 0 and 1, or shares between them"),
        };
        if let Some(at) = values.iter().position(|value| !fits(*value)) {
            let (column, row) = (&names[at % names.len()], at / names.len() + 1);
            return Err(Error::Config(format!(
                "`loss = {}`: expected {expected}, found {} in row {row} of the column {column}; use `loss = mse`",
                loss.name(),
                values[at]
            )));
        }
        let scale = match loss.link() {
            Link::Logarithm => Scale::means(values, names.len(), &split.train),
            _ => Scale::identity(names.len()),
        };
        let rows = [&split.train[..], &split.val, &split.test].concat();
        Ok(Prepared {
            targets: scale.apply(values, rows.iter().map(|row| *row as usize)),
            target_scale: scale,
            ..self
        })
    }
}
