//! Kinds of settings, with descriptions for errors.

use crate::text::nearest;
use serde::Serialize;
use toml::Spanned;
use toml::de::DeValue;

/// The kind of a setting's value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Texts,
    Count,
    Counts,
    Number,
    Switch,
    OneOf(fn() -> Vec<String>),
}

/// Returns the names of an enum's variants in a configuration.
pub(super) fn names<T: Serialize>(all: &[T]) -> Vec<String> {
    let name = |value: &T| match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Some(name),
        _ => None,
    };
    all.iter().filter_map(name).collect()
}

/// Maximum length of a value that an error quotes.
const SHOWN: usize = 40;

impl Kind {
    /// Returns the part of `value` that has another kind, if any.
    pub(super) fn fault<'v, 'i>(
        self,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Option<&'v Spanned<DeValue<'i>>> {
        let fits = match (self, value.get_ref()) {
            (Kind::Texts, DeValue::Array(all)) => {
                return all.iter().find_map(|one| Kind::Text.fault(one));
            }
            (Kind::Counts, DeValue::Array(all)) => {
                return all.iter().find_map(|one| Kind::Count.fault(one));
            }
            (Kind::Text, DeValue::String(_)) | (Kind::Switch, DeValue::Boolean(_)) => true,
            (Kind::Number, DeValue::Integer(number)) => {
                i128::from_str_radix(number.as_str(), number.radix()).is_ok()
            }
            (Kind::Number, DeValue::Float(number)) => {
                number.as_str().parse().is_ok_and(|x: f64| !x.is_infinite())
                    || number.as_str().ends_with("inf")
            }
            (Kind::Count, DeValue::Integer(number)) => {
                usize::from_str_radix(number.as_str(), number.radix()).is_ok()
            }
            (Kind::OneOf(names), DeValue::String(name)) => names().iter().any(|n| n == name),
            _ => false,
        };
        (!fits).then_some(value)
    }

    /// Describes the expected value.
    pub(super) fn expected(self) -> String {
        match self {
            Kind::Text => "text in quotes".to_owned(),
            Kind::Texts => "a list of texts, as in [\"a\", \"b\"]".to_owned(),
            Kind::Count => "a whole number, 0 or more".to_owned(),
            Kind::Counts => "a list of whole numbers, as in [64, 32]".to_owned(),
            Kind::Number => "a number".to_owned(),
            Kind::Switch => "true or false".to_owned(),
            Kind::OneOf(names) => {
                let names: Vec<String> = names().iter().map(|n| format!("{n:?}")).collect();
                names.join(" or ")
            }
        }
    }

    /// Suggests a fix, if possible.
    pub(super) fn cure(self, found: &Spanned<DeValue>) -> String {
        let number = |text: &str| text.parse::<f64>().is_ok();
        match (self, found.get_ref()) {
            (Kind::Texts, DeValue::String(text)) => format!("; write [{text:?}]"),
            (Kind::Counts, DeValue::Integer(number)) => format!("; write [{number}]"),
            (Kind::Count | Kind::Counts | Kind::Number, DeValue::String(text)) if number(text) => {
                "; leave the quotes out".to_owned()
            }
            (Kind::Count, DeValue::Integer(number)) if !number.as_str().starts_with('-') => {
                format!("; the most is {}", usize::MAX)
            }
            (Kind::Switch, DeValue::String(text)) if text == "true" || text == "false" => {
                "; leave the quotes out".to_owned()
            }
            (Kind::OneOf(names), DeValue::String(text)) => {
                let names = names();
                let meant = nearest(text, names.iter().map(String::as_str));
                meant.map_or(String::new(), |name| format!("; did you mean {name:?}?"))
            }
            _ => String::new(),
        }
    }

    /// Describes the found value: quoted from `text`, or only its kind if it is long.
    pub(super) fn found(value: &Spanned<DeValue>, text: &str) -> String {
        let what = match value.get_ref() {
            DeValue::String(_) => "a long text",
            DeValue::Integer(_) | DeValue::Float(_) => "a long number",
            DeValue::Boolean(_) | DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => return "a block".to_owned(),
        };
        let shown = text.get(value.span()).unwrap_or_default();
        match shown.is_empty() || shown.len() > SHOWN || shown.contains('\n') {
            true => what.to_owned(),
            false => shown.to_owned(),
        }
    }
}
