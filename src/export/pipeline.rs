//! What a model does with a row, from the cells of a table to an answer: one description, which every format spells in its
//! own language.

use crate::Error;
use crate::dataset::{ColumnEncoder, Form, Scale, TimePart};
use crate::model::Mlp;
use crate::train::Model;

/// The steps: read the cells, compute the features, scale them, run the networks, answer.
pub struct Pipeline<'a> {
    /// What a row is.
    pub row: Row,
    /// The columns, in the order of training.
    pub columns: Vec<Column>,
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
        /// Numbers that are missing, as NaN is.
        marks: Vec<f64>,
        /// Whether they are times.
        is_time: bool,
    },
    /// Texts. The code of a text is the index of its level; other texts have the code after the last level, and missing
    /// ones the code after that.
    Texts {
        /// The levels.
        levels: Vec<String>,
        /// Texts that are missing, as the empty one is.
        marks: Vec<String>,
    },
}

/// An input of the networks, before it is scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feature {
    /// The column: its index among those of numbers, or among those of texts.
    pub of: usize,
    /// What it tells of the column.
    pub kind: FeatureKind,
}

/// What a feature tells of its column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FeatureKind {
    /// The number, with missing numbers filled in.
    Value,
    /// How far the filled-in number is from `low` to `high`, cut off at 0 and 1.
    Bin {
        /// The lower edge.
        low: f64,
        /// The upper edge.
        high: f64,
    },
    /// 1 if the number is missing, else 0.
    Missing,
    /// 1 if the time is in this month, from 0; else, or if it is missing, 0.
    Month(u8),
    /// 1 if the time is on this day of the week, 0 for Monday; else, or if it is missing, 0.
    Weekday(u8),
    /// The sine of the time of day, as an angle, times this factor; 0 if the time is missing.
    Sine(u8),
    /// The cosine of the time of day, as [`FeatureKind::Sine`].
    Cosine(u8),
    /// 1 if the code of the text is from `first` to `last`, else 0.
    Code {
        /// The first code.
        first: usize,
        /// The last code.
        last: usize,
    },
}

/// What the outputs of the networks mean.
#[derive(Clone, Copy)]
pub enum Answer<'a> {
    /// Logits of classes. Of several networks, probabilities are averaged.
    Logits(&'a [String]),
    /// Shares of classes, to be normalised to the sum 1. Of several networks, shares are averaged.
    Shares(&'a [String]),
    /// Scaled values of the targets. Of several networks, they are averaged.
    Values(&'a Scale),
}

impl Column {
    /// Says what its cells are, and how missing ones are written.
    pub fn doc(&self) -> String {
        match &self.cells {
            Cells::Numbers { is_time: false, .. } => "number; NaN is missing".to_owned(),
            Cells::Numbers { is_time: true, .. } => {
                "time: seconds since 1970, without a time zone; NaN is missing".to_owned()
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
            Answer::Values(_) => &[],
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
        let mut pipeline = Pipeline {
            row: row(model, matrix),
            columns: Vec::new(),
            features: Vec::new(),
            scale: &model.input_scale,
            networks: model.networks().collect(),
            targets: &schema.target_names,
            answer: match (&schema.classes[..], model.loss.needs_classes()) {
                ([], _) => Answer::Values(&model.target_scale),
                (classes, true) => Answer::Logits(classes),
                (classes, false) => Answer::Shares(classes),
            },
        };
        for (name, encoder, marks) in encoders(model) {
            if matrix && is_text(&encoder) {
                return Err(Error::Config(format!(
                    "--matrix: the column {name} holds text, expected numbers in all columns; leave the flag out"
                )));
            }
            pipeline.add(name, &encoder, marks)?;
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

    /// Returns the columns of numbers, with what fills their gaps and the marks for them.
    pub fn numbers(&self) -> Vec<(&Column, f64, &[f64])> {
        let numbers = self.columns.iter().filter_map(|column| match &column.cells {
            Cells::Numbers { fill, marks, .. } => Some((column, *fill, &marks[..])),
            Cells::Texts { .. } => None,
        });
        numbers.collect()
    }

    /// Returns the columns of texts, with their levels and the marks for missing texts.
    pub fn texts(&self) -> Vec<(&Column, &[String], &[String])> {
        let texts = self.columns.iter().filter_map(|column| match &column.cells {
            Cells::Texts { levels, marks } => Some((column, &levels[..], &marks[..])),
            Cells::Numbers { .. } => None,
        });
        texts.collect()
    }

    fn add(
        &mut self,
        name: String,
        encoder: &ColumnEncoder,
        marks: &[String],
    ) -> Result<(), Error> {
        let of = match is_text(encoder) {
            true => self.texts().len(),
            false => self.numbers().len(),
        };
        let kinds = kinds(encoder).map_err(|why| {
            Error::Model(format!("the column {name}: {why}; train the model again"))
        })?;
        let features = kinds.into_iter().map(|kind| Feature { of, kind });
        self.features.extend(features);
        let cells = cells(encoder, marks);
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
        Form::Table if is_array && !encoders(model).iter().any(|(_, e, _)| is_text(e)) => {
            Row::Numbers
        }
        Form::Table => Row::Cells,
    }
}

/// Returns the name, the encoder and the marks for missing cells of each column.
fn encoders(model: &Model) -> Vec<(String, ColumnEncoder, &[String])> {
    let schema = &model.schema;
    let number = |fill| ColumnEncoder::Number {
        fill,
        missing: false,
        edges: Vec::new(),
    };
    match (&schema.encoder, schema.form) {
        (Some(encoder), _) => {
            let columns = schema.columns.iter().zip(&encoder.columns);
            let of = |(name, of): (&String, &ColumnEncoder)| {
                (name.clone(), of.clone(), &encoder.marks[..])
            };
            columns.map(of).collect()
        }
        // As in `network_inputs`: the mean is the best guess.
        (None, Form::Table) => {
            let columns = schema.columns.iter().zip(&model.input_scale.shift);
            let of = |(name, mean): (&String, &f64)| (name.clone(), number(*mean), &[][..]);
            columns.map(of).collect()
        }
        (None, Form::Images { .. }) => {
            let pixels = 0..schema.inputs;
            let of = |p: usize| (format!("pixel {p}"), number(0.0), &[][..]);
            pixels.map(of).collect()
        }
    }
}

fn is_text(encoder: &ColumnEncoder) -> bool {
    matches!(
        encoder,
        ColumnEncoder::Flag { .. } | ColumnEncoder::Category { .. }
    )
}

fn cells(encoder: &ColumnEncoder, marks: &[String]) -> Cells {
    let trimmed = marks.iter().map(|mark| mark.trim().to_owned());
    match encoder {
        ColumnEncoder::Number { fill, .. } => Cells::Numbers {
            fill: *fill,
            marks: trimmed
                .filter_map(|mark| mark.parse().ok())
                .filter(|mark: &f64| mark.is_finite())
                .collect(),
            is_time: false,
        },
        ColumnEncoder::Time { fill, .. } => Cells::Numbers {
            fill: *fill,
            marks: Vec::new(),
            is_time: true,
        },
        ColumnEncoder::Flag { levels, .. } => Cells::Texts {
            levels: levels.to_vec(),
            marks: trimmed.collect(),
        },
        ColumnEncoder::Category { levels, .. } => Cells::Texts {
            levels: levels.clone(),
            marks: trimmed.collect(),
        },
    }
}

/// Returns the features of a column, in the order of the network's inputs.
fn kinds(encoder: &ColumnEncoder) -> Result<Vec<FeatureKind>, String> {
    let code = |first, last| FeatureKind::Code { first, last };
    let is_missing = |missing: &bool| missing.then_some(FeatureKind::Missing);
    Ok(match encoder {
        ColumnEncoder::Number { missing, edges, .. } => {
            let bin = |ends: &[f64]| FeatureKind::Bin {
                low: ends[0],
                high: ends[1],
            };
            let value = [FeatureKind::Value].into_iter();
            let all = value.chain(edges.windows(2).map(bin));
            all.chain(is_missing(missing)).collect()
        }
        ColumnEncoder::Flag { fill, missing, .. } => {
            // Level 1, and all that is neither level if that is the more frequent one.
            let last = match *fill {
                0.0 => 1,
                1.0 => 3,
                fill => return Err(format!("a fill of {fill} for a flag, expected 0 or 1")),
            };
            let own = [code(1, last)].into_iter();
            own.chain(missing.then(|| code(2, 3))).collect()
        }
        ColumnEncoder::Category {
            levels,
            other,
            missing,
        } => {
            let unknown = levels.len();
            let absent = unknown + 1;
            let each = (0..levels.len()).map(|level| code(level, level));
            let other = other.then(|| match missing {
                true => code(unknown, unknown),
                false => code(unknown, absent),
            });
            let missing = missing.then(|| code(absent, absent));
            each.chain(other).chain(missing).collect()
        }
        ColumnEncoder::Time { parts, missing, .. } => {
            let parts = parts.iter().flat_map(|part| of_time(*part));
            parts.chain(is_missing(missing)).collect()
        }
    })
}

fn of_time(part: TimePart) -> Vec<FeatureKind> {
    match part {
        TimePart::Elapsed => vec![FeatureKind::Value],
        TimePart::Month => (0..12).map(FeatureKind::Month).collect(),
        TimePart::Weekday => (0..7).map(FeatureKind::Weekday).collect(),
        TimePart::Hour => vec![
            FeatureKind::Sine(1),
            FeatureKind::Cosine(1),
            FeatureKind::Sine(2),
            FeatureKind::Cosine(2),
        ],
    }
}
