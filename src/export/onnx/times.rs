//! Parts of dates and times, from seconds since 1970: ONNX has no operator for them.

use super::graph::Graph;
use super::proto::DataType;
use crate::export::pipeline::{Feature, FeatureKind};
use std::f64::consts::{FRAC_PI_2, TAU};

const DAY: f64 = 86_400.0;

/// Adds 1 where the month or the day of the week is that of the feature; 0 for missing times, as nothing equals NaN.
///
/// # Shapes
/// `seconds` (N, features): the time of each feature.
pub(super) fn part_of_date(graph: &mut Graph, seconds: &str, features: &[&Feature]) -> String {
    let mut of = Calculation { graph };
    let days = of.floored(seconds, DAY);
    let (part, numbers): (String, Vec<f64>) = match features[0].kind {
        FeatureKind::Month(_) => {
            let month = of.month(&days);
            (month, numbers(features))
        }
        _ => {
            // 1970 began on a Thursday, which is day 3.
            let days = of.with("Add", &days, 3.0);
            let weekday = of.remainder(&days, 7.0);
            (weekday, numbers(features))
        }
    };
    let numbers = of.graph.row(&numbers, "numbers of parts");
    let is_part = of.graph.node("Equal", &[&part, &numbers], "is the part");
    of.graph.cast(&is_part, DataType::Double, "parts of dates")
}

fn numbers(features: &[&Feature]) -> Vec<f64> {
    let number = |feature: &&Feature| match feature.kind {
        FeatureKind::Month(number) | FeatureKind::Weekday(number) => Some(f64::from(number)),
        _ => None,
    };
    features.iter().filter_map(number).collect()
}

/// Adds sines and cosines of the time of day; 0 for missing times.
///
/// # Shapes
/// `seconds` (N, features): the time of each feature.
pub(super) fn time_of_day(graph: &mut Graph, seconds: &str, features: &[&Feature]) -> String {
    let wave = |feature: &&Feature| match feature.kind {
        FeatureKind::Sine(turns) => Some((f64::from(turns), 0.0)),
        // Runtimes have no cosine in f64.
        FeatureKind::Cosine(turns) => Some((f64::from(turns), FRAC_PI_2)),
        _ => None,
    };
    let (turns, phases): (Vec<f64>, Vec<f64>) = features.iter().filter_map(wave).unzip();
    let mut of = Calculation { graph };
    let whole = of.graph.node("Floor", &[seconds], "whole seconds");
    let of_day = of.remainder(&whole, DAY);
    let minutes = of.floored(&of_day, 60.0);
    let hours = of.floored(&minutes, 60.0);
    let minute = of.remainder(&minutes, 60.0);
    let minute = of.with("Div", &minute, 60.0);
    let time = of.graph.node("Add", &[&hours, &minute], "time of day");
    let angle = of.with("Mul", &time, TAU);
    let angle = of.with("Div", &angle, 24.0);
    let turns = of.graph.row(&turns, "turns a day");
    let phases = of.graph.row(&phases, "phases");
    let angle = of.graph.node("Mul", &[&angle, &turns], "angle");
    let angle = of.graph.node("Add", &[&angle, &phases], "angle");
    let sine = of.graph.node("Sin", &[&angle], "sine");
    let missing = of.graph.node("IsNaN", &[seconds], "time is missing");
    let zero = of.graph.double(0.0, "zero");
    of.graph
        .node("Where", &[&missing, &zero, &sine], "times of day")
}

/// Arithmetic with constants, exact for whole numbers.
struct Calculation<'g> {
    graph: &'g mut Graph,
}

impl Calculation<'_> {
    /// `value` and a constant, by an operator.
    fn with(&mut self, operator: &str, value: &str, constant: f64) -> String {
        let constant = self.graph.double(constant, "constant");
        self.graph.node(operator, &[value, &constant], "date")
    }

    /// The largest whole number up to `value / by`.
    fn floored(&mut self, value: &str, by: f64) -> String {
        let quotient = self.with("Div", value, by);
        self.graph.node("Floor", &[&quotient], "date")
    }

    fn minus(&mut self, value: &str, other: &str) -> String {
        self.graph.node("Sub", &[value, other], "date")
    }

    fn plus(&mut self, value: &str, other: &str) -> String {
        self.graph.node("Add", &[value, other], "date")
    }

    /// What `value` is above the next lower multiple of `by`.
    fn remainder(&mut self, value: &str, by: f64) -> String {
        let whole = self.floored(value, by);
        let multiple = self.with("Mul", &whole, by);
        self.minus(value, &multiple)
    }

    /// The month, from 0, of days since 1970: Howard Hinnant's `civil_from_days`, which counts years from March.
    fn month(&mut self, days: &str) -> String {
        let since_march_of_year_0 = self.with("Add", days, 719_468.0);
        // 400 years have 146,097 days.
        let day = self.remainder(&since_march_of_year_0, 146_097.0);
        let leaps = [1460.0, 36_524.0, 146_096.0].map(|span| self.floored(&day, span));
        let [four, hundred, four_hundred] = leaps;
        let no_leap = self.minus(&day, &four);
        let no_leap = self.plus(&no_leap, &hundred);
        let no_leap = self.minus(&no_leap, &four_hundred);
        let year = self.floored(&no_leap, 365.0);
        let before = self.with("Mul", &year, 365.0);
        let four = self.floored(&year, 4.0);
        let hundred = self.floored(&year, 100.0);
        let before = self.plus(&before, &four);
        let before = self.minus(&before, &hundred);
        let of_year = self.minus(&day, &before);
        // Five months from March on have 153 days, whichever are the first two.
        let fifths = self.with("Mul", &of_year, 5.0);
        let fifths = self.with("Add", &fifths, 2.0);
        let from_march = self.floored(&fifths, 153.0);
        let from_january = self.with("Add", &from_march, 2.0);
        self.remainder(&from_january, 12.0)
    }
}
