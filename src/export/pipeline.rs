//! What a model does with a row, from the cells of a table to an answer: one description, which every format spells in its
//! own language.

mod feature;

pub use feature::{Feature, FeatureKind};

use crate::Error;
use crate::dataset::{ColumnEncoder, Form, Scale};
use crate::model::{Link, Mlp};
use crate::train::Model;
use feature::kinds;
use std::collections::BTreeSet;

/// The steps: read the cells, compute the features, scale them, run the networks, answer.
pub struct Pipeline<'a> {
    /// What a row is.
    pub row: Row,
    /// The columns, in the order of training.
    pub columns: Vec<Column>,
    /// Texts that are missing, as the empty one is.
    pub missing_texts: Vec<String>,
    /// Numbers that are missing, as NaN is. No time is.
    pub missing_numbers: Vec<f64>,
    /// The inputs of the networks, before they are scaled.
    pub features: Vec<Feature>,
    /// The scaling of the features.
    pub scale: &'a Scale,
    /// The networks, all with the same layers.
    pub networks: Vec<&'a Mlp>,
    /// The names of the targets.
    pub targets: &'a [String],
    /// What the outputs mean.
    pub answer: Answer<'a>,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A cell for each column, by its name.
    Cells,
    /// An array of numbers.
    Numbers,
    /// An array of pixels, from 0 to 255.
    Pixels,
}

/// A column that the model reads.
pub struct Column {
    /// Its name in the table.
    pub name: String,
    /// What its cells are.
    pub cells: Cells,
}

/// The cells of a column.
pub enum Cells {
    /// Numbers, or times in seconds since 1970.
    Numbers {
        /// What stands for a missing number.
        fill: f64,
        /// Whether they are times.
        is_time: bool,
    },
    /// Texts. The code of a text is the index of its level; other texts have the code after the last level, and missing
    /// ones the code after that.
    Texts {
        /// The levels.
        levels: Vec<String>,
    },
}

/// What the outputs of the networks mean.
#[derive(Clone, Copy)]
pub enum Answer<'a> {
    /// Logits of classes. Of several networks, probabilities are averaged.
    Logits(&'a [String]),
    /// Shares of classes, to be normalised to the sum 1. Of several networks, shares are averaged.
    Shares(&'a [String]),
    /// Scaled values of the targets, through a link. Of several networks, they are averaged.
    Values(&'a Scale, Link),
}

impl Column {
    /// Says what its cells are, and how missing ones are written.
    pub fn doc(&self) -> String {
        match &self.cells {
            Cells::Numbers { is_time: false, .. } => "number; NaN is missing".to_owned(),
            Cells::Numbers { is_time: true, .. } => {
                "time: seconds since 1970, without a time zone, or of a duration; NaN is missing"
                    .to_owned()
            }
            Cells::Texts { levels, .. } => {
                const SHOWN: usize = 8;
                let mut shown = levels[..levels.len().min(SHOWN)].join(", ");
                if levels.len() > SHOWN {
                    shown += &format!(" and {} more", levels.len() - SHOWN);
                }
                format!("text: {shown}; an empty one is missing")
            }
        }
    }
}

impl<'a> Answer<'a> {
    /// Returns the classes; none for values.
    pub fn classes(&self) -> &'a [String] {
        match self {
            Answer::Logits(classes) | Answer::Shares(classes) => classes,
            Answer::Values(..) => &[],
        }
    }
}

impl<'a> Pipeline<'a> {
    /// Describes what `model` does. With `matrix`, a row is an array of numbers even if its columns have names.
    ///
    /// # Errors
    /// Returns an error if a column is not one of numbers and there must be an array, or an encoder is not one that
    /// training makes.
    pub fn new(model: &'a Model, matrix: bool) -> Result<Pipeline<'a>, Error> {
        let schema = &model.schema;
        let marks = schema.encoder.iter().flat_map(|encoder| &encoder.marks);
        let marks = marks.map(|mark| mark.trim().to_owned());
        let missing_texts: BTreeSet<String> = marks.filter(|mark| !mark.is_empty()).collect();
        let numbers = missing_texts.iter().filter_map(|mark| mark.parse().ok());
        let mut pipeline = Pipeline {
            row: row(model, matrix),
            columns: Vec::new(),
            missing_numbers: numbers.filter(|mark: &f64| mark.is_finite()).collect(),
            missing_texts: missing_texts.into_iter().collect(),
            features: Vec::new(),
            scale: &model.input_scale,
            networks: model.networks().collect(),
            targets: &schema.target_names,
            answer: match (&schema.classes[..], model.loss.needs_classes()) {
                ([], _) => Answer::Values(&model.target_scale, model.loss.link()),
                (classes, true) => Answer::Logits(classes),
                (classes, false) => Answer::Shares(classes),
            },
        };
        for (name, encoder) in encoders(model) {
            if matrix && is_text(&encoder) {
                return Err(Error::Config(format!(
                    "the column {name} holds text, expected numbers in all columns of a matrix; leave `matrix` out"
                )));
            }
            pipeline.add(name, &encoder)?;
        }
        match pipeline.features.len() == schema.inputs {
            true => Ok(pipeline),
            false => Err(Error::Model(format!(
                "the columns make {} inputs, and the network has {}; train again",
                pipeline.features.len(),
                schema.inputs
            ))),
        }
    }

    /// Says what the model is.
    pub fn summary(&self) -> String {
        let networks = match &self.networks[..] {
            [mlp] => format!("network {mlp}"),
            all => format!("ensemble of {} networks {}", all.len(), all[0]),
        };
        let targets = self.targets.join(", ");
        format!("{networks} that predicts {targets}; trained with wgrad")
    }

    /// Returns the number of parameters of all networks.
    pub fn parameters(&self) -> usize {
        self.networks.iter().map(|mlp| mlp.parameters.len()).sum()
    }

    /// Returns the columns of numbers, each with what stands for a missing number.
    pub fn numbers(&self) -> Vec<(&Column, f64)> {
        let numbers = self.columns.iter().filter_map(|column| match column.cells {
            Cells::Numbers { fill, .. } => Some((column, fill)),
            Cells::Texts { .. } => None,
        });
        numbers.collect()
    }

    /// Returns the columns of texts, each with its levels.
    pub fn texts(&self) -> Vec<(&Column, &[String])> {
        let texts = self
            .columns
            .iter()
            .filter_map(|column| match &column.cells {
                Cells::Texts { levels } => Some((column, &levels[..])),
                Cells::Numbers { .. } => None,
            });
        texts.collect()
    }

    fn add(&mut self, name: String, encoder: &ColumnEncoder) -> Result<(), Error> {
        let of = match is_text(encoder) {
            true => self.texts().len(),
            false => self.numbers().len(),
        };
        let kinds = kinds(encoder).map_err(|why| {
            Error::Model(format!("the column {name}: {why}; train the model again"))
        })?;
        let features = kinds.into_iter().map(|kind| Feature { of, kind });
        self.features.extend(features);
        let cells = cells(encoder);
        self.columns.push(Column { name, cells });
        Ok(())
    }
}

/// Returns what a row of a model is.
fn row(model: &Model, matrix: bool) -> Row {
    let schema = &model.schema;
    // The names that the columns of arrays get.
    let mut numbered = schema.columns.iter().zip(1..);
    let is_array = numbered.all(|(name, c)| *name == format!("x{c}"));
    match schema.form {
        Form::Images { .. } => Row::Pixels,
        Form::Table if matrix => Row::Numbers,
        Form::Table if is_array && !encoders(model).iter().any(|(_, of)| is_text(of)) => {
            Row::Numbers
        }
        Form::Table => Row::Cells,
    }
}

/// Returns the name and the encoder of each column.
fn encoders(model: &Model) -> Vec<(String, ColumnEncoder)> {
    let schema = &model.schema;
    let number = |fill| ColumnEncoder::Number {
        fill,
        missing: false,
        unit: String::new(),
        edges: Vec::new(),
    };
    match (&schema.encoder, schema.form) {
        (Some(encoder), _) => {
            let columns = schema.columns.iter().zip(&encoder.columns);
            columns
                .map(|(name, of)| (name.clone(), of.clone()))
                .collect()
        }
        // As in `network_inputs`: the mean is the best guess.
        (None, Form::Table) => {
            let columns = schema.columns.iter().zip(&model.input_scale.shift);
            columns
                .map(|(name, mean)| (name.clone(), number(*mean)))
                .collect()
        }
        (None, Form::Images { .. }) => {
            let pixels = 0..schema.inputs;
            pixels
                .map(|p| (format!("pixel {p}"), number(0.0)))
                .collect()
        }
    }
}

fn is_text(encoder: &ColumnEncoder) -> bool {
    matches!(
        encoder,
        ColumnEncoder::Flag { .. } | ColumnEncoder::Category { .. }
    )
}

fn cells(encoder: &ColumnEncoder) -> Cells {
    match encoder {
        ColumnEncoder::Number { fill, .. } => Cells::Numbers {
            fill: *fill,
            is_time: false,
        },
        ColumnEncoder::Time { fill, .. } => Cells::Numbers {
            fill: *fill,
            is_time: true,
        },
        ColumnEncoder::Flag { levels, .. } => Cells::Texts {
            levels: levels.to_vec(),
        },
        ColumnEncoder::Category { levels, .. } => Cells::Texts {
            levels: levels.clone(),
        },
    }
}
