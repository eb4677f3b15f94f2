//! The inputs of the networks before they are scaled, by the column that each tells something of.

use crate::dataset::{ColumnEncoder, TimePart};

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

/// Returns the features of a column, in the order of the network's inputs.
pub(super) fn kinds(encoder: &ColumnEncoder) -> Result<Vec<FeatureKind>, String> {
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
