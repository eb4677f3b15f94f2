//! The settings that differ in a sweep, each with an axis to draw it on.

use crate::cli::chart::{Axis, Scale};
use serde_json::Value;
use wgrad::text::short;

/// A setting that differs.
pub(super) struct Setting {
    key: &'static str,
    pub(super) name: &'static str,
    pub(super) axis: Axis,
    /// The place of each combination on the axis.
    pub(super) places: Vec<f64>,
}

/// Settings of sweeps and searches, and their names.
const ALL: [(&str, &str); 10] = [
    ("hidden", "hidden layers"),
    ("activation", "activation"),
    ("lr", "learning rate"),
    ("optimizer", "optimizer"),
    ("momentum", "momentum"),
    ("batch_size", "batch size"),
    ("dropout", "dropout"),
    ("weight_decay", "weight decay"),
    ("bins", "bins"),
    ("max_epochs", "epochs"),
];
/// Of so many numbers, each has a place of its own.
const FEW: usize = 6;

impl Setting {
    /// Words its value in a combination: `learning rate 0.01`.
    pub(super) fn worded(&self, own: &Value) -> String {
        format!("{} {}", self.name, self.worded_value(own))
    }

    pub(super) fn worded_value(&self, own: &Value) -> String {
        worded(self.key, &own[self.key])
    }
}

/// Whether two combinations have the same settings.
pub(super) fn is_same(a: &Value, b: &Value) -> bool {
    ALL.iter().all(|(key, _)| a[*key] == b[*key])
}

/// Returns the settings that differ among `ranked`.
pub(super) fn settings(ranked: &[Value]) -> Vec<Setting> {
    let differs = |key: &str| {
        // A linear model has no activation to compare.
        let values: Vec<&Value> = ranked.iter().map(|own| &own[key]).collect();
        values.iter().any(|value| *value != values[0])
    };
    let all = ALL.into_iter().filter(|(key, _)| differs(key));
    all.map(|(key, name)| setting(ranked, key, name)).collect()
}

fn setting(ranked: &[Value], key: &'static str, name: &'static str) -> Setting {
    let mut distinct: Vec<&Value> = ranked.iter().map(|own| &own[key]).collect();
    distinct.sort_by(|a, b| {
        let order = size(a).total_cmp(&size(b));
        order.then_with(|| worded(key, a).cmp(&worded(key, b)))
    });
    distinct.dedup();
    let are_numbers = distinct.iter().all(|value| value.is_number());
    if are_numbers && distinct.len() > FEW {
        let numbers = ranked
            .iter()
            .map(|own| own[key].as_f64().unwrap_or(f64::NAN));
        let places: Vec<f64> = numbers.collect();
        let scale = match places.iter().all(|place| *place > 0.0) {
            true => Scale::Log,
            false => Scale::Linear,
        };
        return Setting {
            key,
            name,
            axis: Axis::new(name, scale),
            places,
        };
    }
    let place = |own: &Value| distinct.iter().position(|value| **value == own[key]);
    Setting {
        key,
        name,
        places: ranked
            .iter()
            .map(|own| place(own).unwrap_or(0) as f64)
            .collect(),
        axis: Axis::of_names(
            name,
            distinct.iter().map(|value| worded(key, value)).collect(),
        ),
    }
}

/// Returns what values are sorted by: numbers by themselves, layers by their weights.
fn size(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.as_f64().unwrap_or(0.0),
        Value::Array(widths) => {
            let widths: Vec<f64> = widths.iter().filter_map(Value::as_f64).collect();
            let pairs: f64 = widths.windows(2).map(|pair| pair[0] * pair[1]).sum();
            pairs + widths.iter().sum::<f64>()
        }
        _ => -1.0,
    }
}

fn worded(key: &str, value: &Value) -> String {
    match value {
        Value::Array(widths) if widths.is_empty() => "none".to_owned(),
        Value::Array(widths) => {
            let widths: Vec<String> = widths.iter().map(Value::to_string).collect();
            widths.join("-")
        }
        Value::Number(number) => short(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => text.clone(),
        Value::Null if key == "bins" => "usual".to_owned(),
        // An optimizer without momentum.
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_settings_that_differ_have_an_axis_and_layers_are_in_the_order_of_their_weights() {
        let ranked = [
            json!({"hidden": [64, 64], "activation": "tanh", "lr": 0.1}),
            json!({"hidden": [128], "activation": "tanh", "lr": 0.01}),
            json!({"hidden": [], "activation": "tanh", "lr": 0.1}),
        ];
        let found = settings(&ranked);
        let names: Vec<&str> = found.iter().map(|own| own.name).collect();
        assert_eq!(names, ["hidden layers", "learning rate"]);
        assert_eq!(found[0].places, [2.0, 1.0, 0.0]);
        assert_eq!(found[0].worded(&ranked[2]), "hidden layers none");
        assert_eq!(found[1].places, [1.0, 0.0, 1.0]);
    }

    #[test]
    fn an_optimizer_without_momentum_has_a_place_of_its_own() {
        let ranked = [
            json!({"lr": 0.1, "optimizer": "adam"}),
            json!({"lr": 0.1, "optimizer": "sgd", "momentum": 0.9}),
        ];
        let found = settings(&ranked);
        let names: Vec<&str> = found.iter().map(|own| own.name).collect();
        assert_eq!(names, ["optimizer", "momentum"]);
        assert_eq!(found[1].worded(&ranked[0]), "momentum none");
        assert_eq!(found[1].worded(&ranked[1]), "momentum 0.9");
    }

    #[test]
    fn many_numbers_are_on_a_scale_of_numbers() {
        let ranked: Vec<Value> = (1..9).map(|k| json!({"lr": 0.1 / f64::from(k)})).collect();
        let found = settings(&ranked);
        assert_eq!((found.len(), found[0].axis.scale), (1, Scale::Log));
        assert_eq!(found[0].places[0], 0.1);
    }
}
