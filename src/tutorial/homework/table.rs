//! A table of a network's file, with errors that name the file, the key, what was expected, what was found, and a cure.

use crate::Error;
use crate::text::{counted, nearest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::Value;

/// Largest magnitude of a number: beyond, f32 and a reader lose count.
const LARGEST: f64 = 1e6;

/// A table, with where it is.
pub(super) struct Table<'a> {
    file: &'a str,
    /// What comes before its keys: `layers[2].`, or nothing.
    path: String,
    table: toml::Table,
}

impl<'a> Table<'a> {
    /// Parses the text of a file.
    pub(super) fn parse(file: &'a str, text: &str) -> Result<Table<'a>, Error> {
        let parsed = text.parse::<toml::Table>();
        let table = parsed.map_err(|why| {
            let at = why.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
            let why = why.message().replace('\n', ", ");
            Error::Config(format!(
                "{file}:{line}: expected TOML, found: {why}; wgrad tutorial --template prints a file that works"
            ))
        })?;
        Ok(Table {
            file,
            path: String::new(),
            table,
        })
    }

    /// Returns an error about `key`.
    pub(super) fn fault(&self, key: &str, why: String) -> Error {
        Error::Config(format!("{}: {}{key}: {why}", self.file, self.path))
    }

    fn kind(&self, key: &str, expected: &str, found: &Value, cure: &str) -> Error {
        let found = shown(found);
        self.fault(key, format!("expected {expected}, found {found}; {cure}"))
    }

    /// Checks that all keys are among `known`.
    pub(super) fn knows(&self, known: &[&str]) -> Result<(), Error> {
        let Some(key) = self.table.keys().find(|key| !known.contains(&key.as_str())) else {
            return Ok(());
        };
        let cure = match nearest(key, known.iter().copied()) {
            Some(meant) => format!("did you mean {meant}?"),
            None if !self.path.is_empty() => {
                "leave it out; settings of the whole file stand above the first [[...]]".to_owned()
            }
            None => "leave it out".to_owned(),
        };
        let expected = known.join(", ");
        Err(self.fault(key, format!("an unknown key; expected {expected}; {cure}")))
    }

    /// Returns the tables of the list `key`, 1 to `most` of them.
    pub(super) fn tables(&self, key: &str, most: usize) -> Result<Vec<Table<'a>>, Error> {
        let cure = format!("write [[{key}]] above the lines of each");
        let expected = format!("1 to {most} blocks [[{key}]]");
        let list = match self.table.get(key) {
            None => return Err(self.fault(key, format!("expected {expected}, found none; {cure}"))),
            Some(Value::Array(list)) => list,
            Some(other) => return Err(self.kind(key, &expected, other, &cure)),
        };
        if !(1..=most).contains(&list.len()) {
            let found = list.len();
            return Err(self.fault(
                key,
                format!("expected {expected}, found {found}; leave some out"),
            ));
        }
        let table = |(n, value): (usize, &Value)| match value {
            Value::Table(table) => Ok(Table {
                file: self.file,
                path: format!("{key}[{}].", n + 1),
                table: table.clone(),
            }),
            other => Err(self.kind(key, &expected, other, &cure)),
        };
        list.iter().enumerate().map(table).collect()
    }

    fn required(&self, key: &str, expected: &str, example: &str) -> Result<&Value, Error> {
        let missing = || {
            self.fault(
                key,
                format!("expected {expected}, found none; write {key} = {example}"),
            )
        };
        self.table.get(key).ok_or_else(missing)
    }

    /// Returns a text.
    pub(super) fn text(&self, key: &str) -> Result<Option<&str>, Error> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.kind(key, "a text in quotes", other, "put it in quotes")),
        }
    }

    /// Returns one of `all`, by its name.
    pub(super) fn choice<T: Serialize + DeserializeOwned + Copy>(
        &self,
        key: &str,
        all: &[T],
    ) -> Result<Option<T>, Error> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        if let Ok(value) = serde_json::from_value(text.into()) {
            return Ok(Some(value));
        }
        let names: Vec<String> = all
            .iter()
            .filter_map(|value| serde_json::to_value(value).ok())
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect();
        let cure = nearest(text, names.iter().map(String::as_str))
            .map_or("write one of these".to_owned(), |name| {
                format!("did you mean {name:?}?")
            });
        let expected = names.join(", ");
        Err(self.fault(
            key,
            format!("expected one of {expected}, found {text:?}; {cure}"),
        ))
    }

    /// Returns true or false.
    pub(super) fn switch(&self, key: &str) -> Result<Option<bool>, Error> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::Boolean(value)) => Ok(Some(*value)),
            Some(other) => Err(self.kind(key, "true or false", other, "write it without quotes")),
        }
    }

    /// Returns a whole number from 1 to `most`.
    pub(super) fn count(&self, key: &str, most: usize) -> Result<Option<usize>, Error> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        let count = value.as_integer().and_then(|n| usize::try_from(n).ok());
        match count {
            Some(count) if (1..=most).contains(&count) => Ok(Some(count)),
            _ => Err(self.kind(
                key,
                &format!("a whole number from 1 to {most}"),
                value,
                &format!("write {key} = 100, for example"),
            )),
        }
    }

    /// Returns a number of the value at `key`.
    fn number(&self, key: &str, value: &Value) -> Result<f64, Error> {
        let number = match value {
            Value::Integer(number) => *number as f64,
            Value::Float(number) => *number,
            other => {
                return Err(self.kind(
                    key,
                    "a number",
                    other,
                    "write it without quotes, as in 0.5",
                ));
            }
        };
        match number.abs() <= LARGEST {
            true => Ok(number),
            false => Err(self.kind(
                key,
                "a number from -1000000 to 1000000",
                value,
                "use a finite one of usual size",
            )),
        }
    }

    /// Returns a number above 0, which must be there.
    pub(super) fn positive(&self, key: &str) -> Result<f64, Error> {
        let expected = "a number above 0";
        let value = self.required(key, expected, "0.5")?;
        match self.number(key, value)? {
            number if number as f32 > 0.0 => Ok(number),
            _ => Err(self.kind(key, expected, value, "write 0.5, for example")),
        }
    }

    /// Returns a number from 0 to below 1.
    pub(super) fn share(&self, key: &str) -> Result<Option<f64>, Error> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        match self.number(key, value)? {
            number if (0.0..1.0).contains(&number) => Ok(Some(number)),
            _ => Err(self.kind(
                key,
                "a number from 0 to below 1",
                value,
                "write 0.9, for example",
            )),
        }
    }

    fn list(&self, key: &str, value: &Value, of: &str) -> Result<Vec<f64>, Error> {
        let expected = format!("a list of {of}");
        match value {
            Value::Array(list) if !list.is_empty() => {
                list.iter().map(|value| self.number(key, value)).collect()
            }
            other => Err(self.kind(key, &expected, other, "write it as in [0.05, 0.1]")),
        }
    }

    /// Returns a list of numbers, which must be there.
    pub(super) fn numbers(&self, key: &str) -> Result<Vec<f64>, Error> {
        let value = self.required(key, "a list of numbers", "[0.05, 0.1]")?;
        self.list(key, value, "numbers")
    }

    /// Returns lists of numbers, which must be there.
    pub(super) fn lists(&self, key: &str) -> Result<Vec<Vec<f64>>, Error> {
        let expected = "a list of weights for each neuron";
        let cure = "write [[0.1, 0.2], [0.3, 0.4]] for two neurons that two values reach";
        let value = self.required(key, expected, "[[0.1, 0.2], [0.3, 0.4]]")?;
        match value {
            Value::Array(lists) if !lists.is_empty() => lists
                .iter()
                .map(|list| match list {
                    Value::Array(_) => self.list(key, list, "weights"),
                    other => Err(self.kind(key, expected, other, cure)),
                })
                .collect(),
            other => Err(self.kind(key, expected, other, cure)),
        }
    }

    /// Returns a number, or a list of them and true.
    pub(super) fn number_or_numbers(&self, key: &str) -> Result<Option<(Vec<f64>, bool)>, Error> {
        Ok(match self.table.get(key) {
            None => None,
            Some(list @ Value::Array(_)) => Some((self.list(key, list, "numbers")?, true)),
            Some(value) => Some((vec![self.number(key, value)?], false)),
        })
    }

    /// Returns `count` names in quotes.
    pub(super) fn names(&self, key: &str, count: usize) -> Result<Option<Vec<String>>, Error> {
        let expected = format!("{} in quotes", counted(count, "name"));
        let cure = "write it as in [\"a\", \"b\"], or leave it out";
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        let name = |name: &Value| name.as_str().map(str::to_owned);
        let names = value
            .as_array()
            .and_then(|list| list.iter().map(name).collect::<Option<Vec<_>>>());
        match names {
            Some(names) if names.len() == count => Ok(Some(names)),
            Some(names) => {
                let found = names.len();
                Err(self.fault(key, format!("expected {expected}, found {found}; {cure}")))
            }
            None => Err(self.kind(key, &expected, value, cure)),
        }
    }

    /// Checks the length of a list against that of another.
    pub(super) fn as_long(
        &self,
        key: &str,
        found: usize,
        expected: usize,
        as_in: &str,
    ) -> Result<(), Error> {
        match found == expected {
            true => Ok(()),
            false => Err(self.fault(
                key,
                format!(
                    "expected {} as in {as_in}, found {found}; give all rows as many",
                    counted(expected, "number")
                ),
            )),
        }
    }
}

/// Describes a value that was found.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() <= 40 => format!("{text:?}"),
        Value::String(_) => "a long text".to_owned(),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => value.to_string(),
        Value::Datetime(_) => "a date".to_owned(),
        Value::Array(list) if list.is_empty() => "an empty list".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Table(_) => "a block".to_owned(),
    }
}
