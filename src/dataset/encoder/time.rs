//! The parts of a time that are inputs.

use crate::dataset::inputs::DURATION;
use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// A part of a time that varies in the training rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimePart {
    /// Seconds since 1970: one input, scaled.
    Elapsed,
    /// The month: twelve inputs, one of them 1.
    Month,
    /// The day of the week: seven inputs, one of them 1.
    Weekday,
    /// The time of day: sine and cosine of it, and of twice it.
    Hour,
}

impl TimePart {
    pub(super) const ALL: [TimePart; 4] = [
        TimePart::Elapsed,
        TimePart::Month,
        TimePart::Weekday,
        TimePart::Hour,
    ];

    /// Returns the parts that times of a format may have.
    pub(super) fn of_format(format: &str) -> impl Iterator<Item = TimePart> {
        // A month begins on any day of the week.
        let has_day = !format.starts_with(['%', 'Q']) || format.contains("%d");
        let is_duration = format == DURATION;
        Self::ALL.into_iter().filter(move |part| match part {
            TimePart::Elapsed => true,
            TimePart::Weekday => has_day && !is_duration,
            TimePart::Month | TimePart::Hour => !is_duration,
        })
    }

    pub(super) fn width(self) -> usize {
        match self {
            TimePart::Elapsed => 1,
            TimePart::Month => 12,
            TimePart::Weekday => 7,
            TimePart::Hour => 4,
        }
    }

    pub(super) fn input_names(self, column: &str) -> Vec<String> {
        let each = |what: &'static str, count: usize| {
            (1..=count)
                .map(|n| format!("{column} {what} {n}"))
                .collect()
        };
        match self {
            TimePart::Elapsed => vec![column.to_owned()],
            TimePart::Month => each("month", 12),
            TimePart::Weekday => each("weekday", 7),
            TimePart::Hour => each("time of day", 4),
        }
    }

    /// Returns a number that differs where the part differs.
    pub(super) fn of(self, seconds: f64) -> f64 {
        let time = civil(seconds);
        match self {
            TimePart::Elapsed => seconds,
            TimePart::Month => f64::from(time.month() - 1),
            TimePart::Weekday => f64::from(time.weekday().to_monday_zero_offset()),
            TimePart::Hour => f64::from(time.hour()) + f64::from(time.minute()) / 60.0,
        }
    }

    pub(super) fn encode(self, seconds: f64, out: &mut [f64]) {
        let value = self.of(seconds);
        match self {
            TimePart::Elapsed => out[0] = value,
            TimePart::Month | TimePart::Weekday => out[value as usize] = 1.0,
            TimePart::Hour => {
                let angle = TAU * value / 24.0;
                let (once, twice) = (angle.sin_cos(), (2.0 * angle).sin_cos());
                out.copy_from_slice(&[once.0, once.1, twice.0, twice.1]);
            }
        }
    }
}

/// Returns the date and time of day, `seconds` after 1970 began.
fn civil(seconds: f64) -> DateTime {
    let timestamp = Timestamp::from_second(seconds.floor() as i64).unwrap_or_default();
    TimeZone::UTC.to_datetime(timestamp)
}
