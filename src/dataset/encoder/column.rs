//! What one column becomes.

use super::bins;
use super::time::TimePart;
use super::unseen::Unseen;
use crate::dataset::inputs::{ColumnValues, InputColumn};
use crate::dataset::limits::repeated;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What a column becomes: inputs of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum ColumnEncoder {
    /// The number, and how far it is through each of its bins.
    Number {
        /// The training median, for missing numbers.
        fill: f64,
        /// Whether one more input says that the number is missing.
        missing: bool,
        /// The unit behind the numbers, or `%`; empty if there is none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        unit: String,
        /// The edges of the bins, ascending; none without bins.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        edges: Vec<f64>,
    },
    /// One input: 0 or 1.
    Flag {
        /// The text of 0, and that of 1.
        levels: [String; 2],
        /// The more frequent one, for missing flags.
        fill: f64,
        /// Whether one more input says that the flag is missing.
        missing: bool,
    },
    /// One input per level, of which one is 1.
    Category {
        /// The levels.
        levels: Vec<String>,
        /// Whether one more input stands for all other levels: those that were too rare, or not seen in training.
        other: bool,
        /// Whether one more input stands for missing cells.
        missing: bool,
    },
    /// The inputs of each part.
    Time {
        /// How the file writes times.
        format: String,
        /// The parts that vary.
        parts: Vec<TimePart>,
        /// The training median in seconds since 1970, for missing times.
        fill: f64,
        /// Whether one more input says that the time is missing.
        missing: bool,
    },
}

impl ColumnEncoder {
    /// Returns the number of inputs.
    pub fn width(&self) -> usize {
        match self {
            ColumnEncoder::Number { missing, edges, .. } => {
                1 + bins::count(edges) + usize::from(*missing)
            }
            ColumnEncoder::Flag { missing, .. } => 1 + usize::from(*missing),
            ColumnEncoder::Category {
                levels,
                other,
                missing,
            } => levels.len() + usize::from(*other) + usize::from(*missing),
            ColumnEncoder::Time { parts, missing, .. } => {
                parts.iter().map(|part| part.width()).sum::<usize>() + usize::from(*missing)
            }
        }
    }

    /// Whether missing cells have an input of their own.
    pub fn tells_missing(&self) -> bool {
        match self {
            ColumnEncoder::Number { missing, .. }
            | ColumnEncoder::Flag { missing, .. }
            | ColumnEncoder::Category { missing, .. }
            | ColumnEncoder::Time { missing, .. } => *missing,
        }
    }

    /// Returns the names of the inputs.
    pub(super) fn input_names(&self, column: &str) -> Vec<String> {
        let mut names = match self {
            ColumnEncoder::Number { edges, .. } => {
                let name = |ends: &[f64]| format!("{column} {}..{}", ends[0], ends[1]);
                let own = [column.to_owned()].into_iter();
                own.chain(edges.windows(2).map(name)).collect()
            }
            ColumnEncoder::Flag { levels, .. } => vec![format!("{column}={}", levels[1])],
            ColumnEncoder::Category { levels, other, .. } => {
                let names = levels.iter().map(|level| format!("{column}={level}"));
                names
                    .chain(other.then(|| format!("{column} other")))
                    .collect()
            }
            ColumnEncoder::Time { parts, .. } => parts
                .iter()
                .flat_map(|part| part.input_names(column))
                .collect(),
        };
        names.extend(self.tells_missing().then(|| format!("{column} missing")));
        names
    }

    /// Checks that the parts can be used.
    pub(super) fn check(&self) -> Result<(), String> {
        let (fill, levels) = match self {
            ColumnEncoder::Number { fill, edges, .. } => {
                bins::check(edges)?;
                (*fill, &[][..])
            }
            ColumnEncoder::Time { fill, .. } => (*fill, &[][..]),
            ColumnEncoder::Flag { fill, levels, .. } => (*fill, &levels[..]),
            ColumnEncoder::Category { levels, .. } => (0.0, &levels[..]),
        };
        if !fill.is_finite() {
            return Err(format!("a fill of {fill}; expected a finite number"));
        }
        match repeated(levels) {
            Some(twice) => Err(format!("the level {twice} is there twice")),
            None => Ok(()),
        }
    }

    /// Returns the levels of a column that were not there in training.
    pub(super) fn unseen(&self, column: &InputColumn) -> Option<Unseen> {
        match self {
            ColumnEncoder::Flag { levels, .. } => Unseen::of(column, levels),
            // Rare levels are not kept by name, so they cannot be told from those that were not seen.
            ColumnEncoder::Category { levels, other, .. } if !other => Unseen::of(column, levels),
            _ => None,
        }
    }

    /// Prepares the cells of a column for [`Ready::encode`].
    pub(super) fn ready<'a>(&'a self, values: &'a ColumnValues) -> Ready<'a> {
        let places = match (self, values) {
            (ColumnEncoder::Flag { levels, .. }, ColumnValues::Levels { names, .. }) => {
                places(levels, names)
            }
            (ColumnEncoder::Category { levels, .. }, ColumnValues::Levels { names, .. }) => {
                places(levels, names)
            }
            _ => Vec::new(),
        };
        Ready {
            encoder: self,
            values,
            places,
        }
    }
}

/// Returns the index of each name in `levels`.
fn places(levels: &[String], names: &[String]) -> Vec<Option<usize>> {
    let place: HashMap<&String, usize> = levels.iter().zip(0..).collect();
    names.iter().map(|name| place.get(name).copied()).collect()
}

/// A column with its encoder.
pub(super) struct Ready<'a> {
    encoder: &'a ColumnEncoder,
    values: &'a ColumnValues,
    /// The encoder's level for each level of the column.
    places: Vec<Option<usize>>,
}

impl Ready<'_> {
    /// Writes the inputs of a row.
    pub(super) fn encode(&self, row: usize, out: &mut [f64]) {
        out.fill(0.0);
        let last = out.len().wrapping_sub(1);
        let number = match self.values {
            ColumnValues::Numbers(values) | ColumnValues::Times { values, .. } => values[row],
            ColumnValues::Levels { .. } => f64::NAN,
        };
        match self.encoder {
            ColumnEncoder::Number {
                fill,
                missing,
                edges,
                ..
            } => {
                let known = if number.is_nan() { *fill } else { number };
                out[0] = known;
                bins::encode(known, edges, &mut out[1..]);
                if *missing {
                    out[last] = f64::from(u8::from(number.is_nan()));
                }
            }
            ColumnEncoder::Flag { fill, missing, .. } => {
                let place = self.place(row);
                out[0] = place.map_or(*fill, |place| place as f64);
                if *missing {
                    out[1] = f64::from(u8::from(place.is_none()));
                }
            }
            ColumnEncoder::Category {
                levels,
                other,
                missing,
            } => match (self.place(row), self.values.is_missing(row)) {
                (Some(place), _) => out[place] = 1.0,
                (None, true) if *missing => out[last] = 1.0,
                (None, _) if *other => out[levels.len()] = 1.0,
                (None, _) => {}
            },
            ColumnEncoder::Time {
                parts,
                fill,
                missing,
                ..
            } => {
                let mut at = 0;
                for part in parts {
                    let own = &mut out[at..at + part.width()];
                    match number.is_nan() {
                        false => part.encode(number, own),
                        true if *part == TimePart::Elapsed => own[0] = *fill,
                        true => {}
                    }
                    at += part.width();
                }
                if *missing {
                    out[last] = f64::from(u8::from(number.is_nan()));
                }
            }
        }
    }

    /// Returns the encoder's level of a row, if it has one.
    fn place(&self, row: usize) -> Option<usize> {
        match self.values {
            ColumnValues::Levels { codes, .. } => {
                self.places.get(codes[row] as usize).copied().flatten()
            }
            _ => None,
        }
    }
}
