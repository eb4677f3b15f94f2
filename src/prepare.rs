//! From a data set to what a device holds: rows in the order training, validation, test, scaled.

use crate::Error;
use crate::dataset::{Dataset, Inputs, Scale, Schema, Split, Targets};
use crate::schedule::Rows;

/// What the device gets.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Scaled inputs (rows, I): training, then validation, then test rows.
    pub inputs: Vec<f32>,
    /// Class numbers (rows), or scaled values (rows, O).
    pub targets: Vec<f32>,
    /// The training rows.
    pub train: Rows,
    /// The validation rows.
    pub val: Rows,
    /// The test rows.
    pub test: Rows,
    /// Whether targets are class numbers.
    pub classes: bool,
    /// Width of the network's output: classes, or values a row.
    pub outputs: usize,
    /// How the inputs were scaled; from the training rows alone.
    pub input_scale: Scale,
    /// How target values were scaled.
    pub target_scale: Scale,
    /// What the data looks like.
    pub schema: Schema,
}

impl Prepared {
    /// Orders and scales `data`.
    pub fn new(data: &Dataset, split: &Split) -> Result<Prepared, Error> {
        let Some(targets) = &data.targets else {
            let name = &data.name;
            return Err(Error::Config(format!(
                "{name}: there is no target to learn"
            )));
        };
        let width = data.width();
        let input_scale = match &data.inputs {
            Inputs::Pixels(_) => Scale::images(width),
            Inputs::Numbers(values) => Scale::standard(values, width, &split.train),
        };
        let order: Vec<u32> = [&split.train, &split.val, &split.test]
            .into_iter()
            .flatten()
            .copied()
            .collect();
        let rows = || order.iter().map(|&row| row as usize);
        let inputs = data.inputs.scaled(&input_scale, rows());
        let (targets, target_scale, outputs, classes) = match targets {
            Targets::Classes { labels, names } => {
                let labels = order.iter().map(|&row| labels[row as usize] as f32);
                (labels.collect(), Scale::identity(1), names.len(), true)
            }
            Targets::Values { values } => {
                let width = data.target_names.len();
                let scale = Scale::standard(values, width, &split.train);
                let scaled = scale.apply(values, rows());
                (scaled, scale, width, false)
            }
        };
        let rows = |first, count| Rows { first, count };
        let (train, val) = (split.train.len(), split.val.len());
        Ok(Prepared {
            inputs,
            targets,
            train: rows(0, train),
            val: rows(train, val),
            test: rows(train + val, split.test.len()),
            classes,
            outputs,
            input_scale,
            target_scale,
            schema: data.schema(),
        })
    }

    /// All rows.
    pub fn rows(&self) -> usize {
        self.train.count + self.val.count + self.test.count
    }
}
