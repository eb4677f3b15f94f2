//! Values of Parquet columns as cells.

use crate::dataset::cells::CellColumn;
use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use ::parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use ::parquet::schema::types::ColumnDescriptor;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What the values of a column mean.
#[derive(Clone, Copy)]
pub(super) enum Meaning {
    /// Themselves.
    Plain,
    /// Integers without a sign.
    Unsigned,
    /// Integers of which one is a power of ten, with a negative exponent.
    Decimal(i32),
    /// Days since 1970.
    Date,
    /// Times since 1970.
    Time { per_second: i64, is_utc: bool },
}

/// A physical value.
pub(super) trait Value {
    fn push(&self, meaning: Meaning, column: &mut CellColumn);
}

impl Meaning {
    /// Returns the meaning of a column, or what it holds that is no cell.
    pub(super) fn of(column: &ColumnDescriptor) -> Result<Meaning, &'static str> {
        let time = |per_second, is_utc| Meaning::Time { per_second, is_utc };
        Ok(match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Timestamp(stamp)), _) => {
                let per_second = match stamp.unit {
                    TimeUnit::MILLIS => 1_000,
                    TimeUnit::MICROS => 1_000_000,
                    TimeUnit::NANOS => 1_000_000_000,
                };
                time(per_second, stamp.is_adjusted_to_u_t_c)
            }
            (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => Meaning::Date,
            (None, ConvertedType::TIMESTAMP_MILLIS) => time(1_000, true),
            (None, ConvertedType::TIMESTAMP_MICROS) => time(1_000_000, true),
            (Some(LogicalType::Integer(integer)), _) if !integer.is_signed => Meaning::Unsigned,
            (
                None,
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64,
            ) => Meaning::Unsigned,
            (Some(LogicalType::Decimal(_)), _) | (None, ConvertedType::DECIMAL) => {
                Meaning::Decimal(column.type_scale())
            }
            (Some(LogicalType::Time(_)), _) => return Err("times of day"),
            (Some(LogicalType::Float16), _) => return Err("numbers of 16 bits"),
            (Some(LogicalType::Uuid), _) => return Err("identifiers in binary"),
            _ if column.physical_type() == Type::FIXED_LEN_BYTE_ARRAY => return Err("binary data"),
            _ => Meaning::Plain,
        })
    }

    pub(super) fn push(self, value: &impl Value, column: &mut CellColumn) {
        value.push(self, column);
    }
}

impl Value for bool {
    fn push(&self, _: Meaning, column: &mut CellColumn) {
        column.push_text(if *self { "true" } else { "false" });
    }
}

impl Value for i32 {
    fn push(&self, meaning: Meaning, column: &mut CellColumn) {
        match meaning {
            Meaning::Unsigned => column.push_number(f64::from(*self as u32)),
            Meaning::Date => {
                let days = i64::from(*self);
                match Timestamp::from_second(days * 86_400) {
                    Ok(at) => column.push_text(&at.to_zoned(TimeZone::UTC).date().to_string()),
                    // Not a missing cell: among dates, it is refused.
                    Err(_) => column.push_text(&format!("{days} days since 1970")),
                }
            }
            _ => i64::from(*self).push(meaning, column),
        }
    }
}

impl Value for i64 {
    fn push(&self, meaning: Meaning, column: &mut CellColumn) {
        match meaning {
            // As CSV has it: a long identifier is not rounded.
            Meaning::Unsigned => column.push(&(*self as u64).to_string()),
            Meaning::Decimal(scale) => push_decimal(i128::from(*self), scale, column),
            Meaning::Time { per_second, is_utc } => push_time(*self, per_second, is_utc, column),
            _ if self.unsigned_abs() < 1 << 53 => column.push_number(*self as f64),
            _ => column.push(&self.to_string()),
        }
    }
}

impl Value for Int96 {
    fn push(&self, _: Meaning, column: &mut CellColumn) {
        let [low, high, day] = [0, 1, 2].map(|at| i128::from(self.data()[at]));
        // The Julian day of 1970-01-01.
        let nanoseconds = (day - 2_440_588) * 86_400_000_000_000 + (high << 32 | low);
        push_nanoseconds(nanoseconds, false, column);
    }
}

impl Value for f32 {
    fn push(&self, _: Meaning, column: &mut CellColumn) {
        column.push_number(f64::from(*self));
    }
}

impl Value for f64 {
    fn push(&self, _: Meaning, column: &mut CellColumn) {
        column.push_number(*self);
    }
}

impl Value for ByteArray {
    fn push(&self, meaning: Meaning, column: &mut CellColumn) {
        push_bytes(self.data(), meaning, column);
    }
}

impl Value for FixedLenByteArray {
    fn push(&self, meaning: Meaning, column: &mut CellColumn) {
        push_bytes(self.data(), meaning, column);
    }
}

/// Pushes a text, or a decimal number of up to 16 bytes, the highest first.
fn push_bytes(bytes: &[u8], meaning: Meaning, column: &mut CellColumn) {
    match meaning {
        Meaning::Decimal(scale) if bytes.len() <= 16 => {
            let sign = bytes.first().is_some_and(|byte| byte >> 7 == 1);
            let start = if sign { -1i128 } else { 0 };
            let unscaled = bytes
                .iter()
                .fold(start, |all, byte| all << 8 | i128::from(*byte));
            push_decimal(unscaled, scale, column);
        }
        _ => column.push(String::from_utf8_lossy(bytes).trim()),
    }
}

fn push_decimal(unscaled: i128, scale: i32, column: &mut CellColumn) {
    let scale = usize::try_from(scale).unwrap_or(0);
    if scale == 0 || scale > 64 {
        return column.push(&unscaled.to_string());
    }
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    column.push(&format!("{sign}{whole}.{part}"));
}

fn push_time(value: i64, per_second: i64, is_utc: bool, column: &mut CellColumn) {
    let nanoseconds = i128::from(value) * i128::from(1_000_000_000 / per_second);
    push_nanoseconds(nanoseconds, is_utc, column);
}

/// Pushes a time as in ISO 8601. One outside of the years -9999 to 9999 is no missing cell: among times, it is refused.
fn push_nanoseconds(nanoseconds: i128, is_utc: bool, column: &mut CellColumn) {
    let Ok(at) = Timestamp::from_nanosecond(nanoseconds) else {
        return column.push_text(&format!("{nanoseconds} ns since 1970"));
    };
    match is_utc {
        true => column.push_text(&at.to_string()),
        false => column.push_text(&at.to_zoned(TimeZone::UTC).datetime().to_string()),
    }
}
