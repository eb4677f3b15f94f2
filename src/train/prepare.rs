//! Prepares a data set for a device: sorts rows into training, validation and test, and scales them.

mod links;
mod rank;

use crate::Error;
use crate::dataset::{
    Dataset, Encoder, Encoding, InputColumn, Inputs, MAX_LEVELS, Scale, Schema, Split, Targets,
    as_columns, memory, network_inputs,
};
use crate::kernels;
use crate::model::Mlp;
use crate::plan::{Rows, Training};
use crate::text::counted;
use crate::train::Slices;
use std::collections::HashMap;

/// Data in the form that a device takes.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Scaled inputs (rows, I): training, then validation, then test rows.
    pub inputs: Vec<f32>,
    /// Class numbers (rows, T = 1), or scaled values (rows, T = O); with the weight of the row behind, one column more.
    pub targets: Vec<f32>,
    /// Whether weights stand behind the targets.
    pub weighted: bool,
    /// The training rows.
    pub train: Rows,
    /// The validation rows.
    pub val: Rows,
    /// The test rows.
    pub test: Rows,
    /// Whether targets are class numbers.
    pub classes: bool,
    /// Width of the network's output: classes, or values per row.
    pub outputs: usize,
    /// Scaling of the inputs, computed from the training rows only.
    pub input_scale: Scale,
    /// Scaling of the target values.
    pub target_scale: Scale,
    /// The schema of the data.
    pub schema: Schema,
    /// If several ranks train: the slices whose rows are here. `train`, `val` and `test` are then the rows of all ranks.
    pub slices: Option<Slices>,
}

impl Prepared {
    /// Sorts and scales `data`.
    ///
    /// # Errors
    /// Returns an error if `data` has no target or inconsistent parts, or `split` names rows that do not exist.
    pub fn new(data: &Dataset, split: &Split) -> Result<Prepared, Error> {
        Prepared::with_bins(data, split, 0)
    }

    /// Sorts and scales `data`, with at most so many bins for each number of a table.
    ///
    /// # Errors
    /// As [`Prepared::new`].
    pub fn with_bins(data: &Dataset, split: &Split, bins: usize) -> Result<Prepared, Error> {
        check(data, split)?;
        let width = data.width();
        let mut schema = data.schema();
        let mut encoded = |columns: &[InputColumn]| {
            let encoding = Encoding {
                max_levels: data.max_levels.unwrap_or(MAX_LEVELS),
                bins,
                marks: &data.marks,
            };
            let (encoder, scale) = Encoder::fit(columns, split, encoding);
            schema.inputs = encoder.width();
            schema.encoder = Some(encoder);
            scale
        };
        let input_scale = match &data.inputs {
            Inputs::Pixels(_) => Scale::images(width),
            Inputs::Numbers(values) if bins == 0 => Scale::inputs(values, width, &split.train),
            Inputs::Numbers(values) => encoded(&as_columns(values, &data.columns)),
            Inputs::Columns(columns) => {
                let numbers = data.inputs.whole_numbers().filter(|_| bins == 0);
                match numbers {
                    Some(numbers) => Scale::of_columns(&numbers, &split.train),
                    None => encoded(columns),
                }
            }
        };
        Prepared::sorted(data, split, schema, input_scale, None)
    }

    /// Returns a checksum of inputs and targets.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(bytemuck::cast_slice(&self.inputs));
        hasher.update(bytemuck::cast_slice(&self.targets));
        hasher.finalize()
    }

    /// Sorts `data`, which was read for the `schema` of a model, and encodes and scales it as the model does: `scales` are
    /// those of inputs and targets.
    ///
    /// # Errors
    /// As [`Prepared::new`]; or if the data does not fit the model.
    pub fn for_schema(
        data: &Dataset,
        split: &Split,
        schema: &Schema,
        scales: [&Scale; 2],
    ) -> Result<Prepared, Error> {
        check(data, split)?;
        let found = data.schema();
        let fits = found.columns == schema.columns
            && found.form == schema.form
            && found.classes == schema.classes
            && found.target_names.len() == schema.target_names.len();
        if !fits {
            return Err(Error::Model(format!(
                "{}: the columns or classes are not those of the model to start from; wgrad inspect MODEL lists them",
                data.name
            )));
        }
        let [inputs, targets] = scales;
        Prepared::sorted(data, split, schema.clone(), inputs.clone(), Some(targets))
    }

    /// Sorts and scales `data`. Learns the scale of values, unless there is one.
    fn sorted(
        data: &Dataset,
        split: &Split,
        schema: Schema,
        input_scale: Scale,
        target_scale: Option<&Scale>,
    ) -> Result<Prepared, Error> {
        // Here and on the device.
        let bytes = 2 * 4 * data.rows as u128 * schema.inputs as u128;
        let what = format!(
            "{}: {} of {}",
            data.name,
            counted(data.rows, "row"),
            counted(schema.inputs, "input")
        );
        let cure = "use fewer `bins` or `max_levels`, or a sample of the rows";
        memory::require(bytes, 1, &what, cure)?;
        let all = [&split.train, &split.val, &split.test];
        let order: Vec<u32> = all.into_iter().flatten().copied().collect();
        let rows = || order.iter().map(|&row| row as usize);
        let inputs = network_inputs(&schema, &input_scale, &data.inputs, rows());
        let (targets, target_scale, outputs, classes) = match data.targets.as_ref() {
            None => return Err(no_target(data)),
            Some(Targets::Classes { labels, names }) => {
                let labels = order.iter().map(|&row| labels[row as usize] as f32);
                (labels.collect(), Scale::identity(1), names.len(), true)
            }
            Some(Targets::Values { values }) => {
                let width = data.target_names.len();
                let learned = || Scale::standard(values, width, &split.train);
                let scale = target_scale.map_or_else(learned, Scale::clone);
                let scaled = scale.apply(values, rows());
                (scaled, scale, width, false)
            }
        };
        let rows = |first, count| Rows { first, count };
        let (train, val) = (split.train.len(), split.val.len());
        Ok(Prepared {
            inputs,
            targets,
            weighted: false,
            train: rows(0, train),
            val: rows(train, val),
            test: rows(train + val, split.test.len()),
            classes,
            outputs,
            input_scale,
            target_scale,
            schema,
            slices: None,
        })
    }

    /// Returns the number of columns of the targets.
    pub(crate) fn target_width(&self) -> usize {
        let targets = kernels::Targets {
            classes: self.classes,
            weighted: self.weighted,
        };
        targets.width(self.outputs)
    }

    /// Gives each row its weight, by its number in the data that was split by `split`.
    pub(crate) fn weigh(self, weights: Option<&[f32]>, split: &Split) -> Prepared {
        let Some(weights) = weights.filter(|_| !self.weighted) else {
            return self;
        };
        let order = [&split.train, &split.val, &split.test]
            .into_iter()
            .flatten();
        let rows = self.targets.chunks(self.target_width()).zip(order);
        let both = rows.flat_map(|(row, number)| {
            let weight = weights[*number as usize];
            row.iter().copied().chain([weight])
        });
        Prepared {
            targets: both.collect(),
            weighted: true,
            ..self
        }
    }

    /// Returns the same rows, sorted by another split. The scales stay. Rows that `from` lacks are left out.
    pub(crate) fn resorted(&self, from: &Split, to: &Split) -> Prepared {
        let parts = |split: &Split| [&split.train[..], &split.val, &split.test].concat();
        let places: HashMap<u32, usize> = parts(from).into_iter().zip(0..).collect();
        let kept = |rows: &[u32]| -> Vec<usize> {
            rows.iter()
                .filter_map(|row| places.get(row).copied())
                .collect()
        };
        let [train, val, test] = [&to.train, &to.val, &to.test].map(|rows| kept(rows));
        let counts = [train.len(), val.len(), test.len()];
        let order = [train, val, test].concat();
        let sorted = |values: &[f32], width: usize| -> Vec<f32> {
            let rows = order.iter();
            rows.flat_map(|row| &values[row * width..][..width])
                .copied()
                .collect()
        };
        let rows = |first, count| Rows { first, count };
        Prepared {
            inputs: sorted(&self.inputs, self.schema.inputs),
            targets: sorted(&self.targets, self.target_width()),
            train: rows(0, counts[0]),
            val: rows(counts[0], counts[1]),
            test: rows(counts[0] + counts[1], counts[2]),
            input_scale: self.input_scale.clone(),
            target_scale: self.target_scale.clone(),
            schema: self.schema.clone(),
            slices: None,
            ..*self
        }
    }

    /// Returns the same rows, with those for validation among those to train on. The scales stay.
    pub fn with_validation_rows(&self) -> Prepared {
        let count = self.train.count + self.val.count;
        Prepared {
            train: Rows { first: 0, count },
            val: Rows {
                first: count,
                count: 0,
            },
            slices: self.slices.as_ref().map(Slices::with_validation_rows),
            ..self.clone()
        }
    }

    /// Checks that a network and its training settings fit the data.
    ///
    /// # Errors
    /// Returns an error that says what does not fit.
    pub fn check(&self, mlp: &Mlp, training: &Training) -> Result<(), Error> {
        let refused = |why: String| Err(Error::Config(why));
        if let Err(why) = mlp.check() {
            return refused(why);
        }
        let (inputs, outputs) = (self.schema.inputs, self.outputs);
        if [mlp.inputs(), mlp.outputs()] != [inputs, outputs] {
            return refused(format!(
                "the network has {} and output width {}; the data has {} per row and needs output width {outputs}",
                counted(mlp.inputs(), "input"),
                mlp.outputs(),
                counted(inputs, "input"),
            ));
        }
        if training.classes != self.classes {
            let kind = |classes| if classes { "classes" } else { "values" };
            return refused(format!(
                "the training is for {}, and the data has {}",
                kind(training.classes),
                kind(self.classes)
            ));
        }
        if training.batch_size == 0 {
            return refused("a batch of 0 rows; expected at least 1".to_owned());
        }
        if self.train.count == 0 {
            return refused("there is no row to train on".to_owned());
        }
        if training.weighted != self.weighted {
            return refused("only one of training and data has weights for the rows".to_owned());
        }
        let targets = self.target_width();
        let ends = [self.train, self.val, self.test].map(|rows| rows.first + rows.count);
        let held = match &self.slices {
            None => ends.into_iter().max().unwrap_or(0),
            Some(slices) => slices.held(),
        };
        if self.inputs.len() < held * inputs || self.targets.len() < held * targets {
            return refused(format!(
                "{} of {} and {targets} are named, and there are {} inputs and {} targets",
                counted(held, "row"),
                counted(inputs, "input"),
                self.inputs.len(),
                self.targets.len()
            ));
        }
        Ok(())
    }

    /// Returns the number of rows, of all ranks.
    pub fn rows(&self) -> usize {
        self.train.count + self.val.count + self.test.count
    }
}

fn no_target(data: &Dataset) -> Error {
    let name = &data.name;
    Error::Config(format!("{name}: there is no target to learn"))
}

/// Checks that data has targets and consistent parts, and the rows of a split.
fn check(data: &Dataset, split: &Split) -> Result<(), Error> {
    if data.targets.is_none() {
        return Err(no_target(data));
    }
    data.check()?;
    let mut all = [&split.train, &split.val, &split.test]
        .into_iter()
        .flatten();
    match all.find(|row| **row as usize >= data.rows) {
        None => Ok(()),
        Some(row) => Err(Error::Config(format!(
            "{}: the split names row {row}, and there are {} (counted from 0)",
            data.name, data.rows
        ))),
    }
}
