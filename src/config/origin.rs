//! The origins of settings: a line of a file, or the command line.

use super::keys::Source;
use super::{Config, Defaults, Recipe, parsed};
use crate::Error;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// A block and one of its keys.
pub type ConfigKey = (&'static str, &'static str);

/// A configuration read from a file.
#[derive(Clone, Debug, Default)]
pub struct ConfigFile {
    /// The configuration, with defaults filled in.
    pub config: Config,
    /// The line of each setting in the file: `run.toml:3`.
    places: BTreeMap<[String; 2], String>,
}

impl ConfigFile {
    /// Returns the configuration without a file: the defaults of `recipe`.
    pub fn none(recipe: Recipe) -> ConfigFile {
        ConfigFile {
            config: recipe.config(),
            places: BTreeMap::new(),
        }
    }

    /// Reads the file at `path`, with `defaults` for what it does not set.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or is not a valid configuration.
    pub fn read(path: &Path, defaults: Defaults) -> Result<ConfigFile, Error> {
        let name = path.display().to_string();
        let text = text(path)
            .map_err(|why| Error::Config(format!("--config {name}: {why}; {}", cure(path))))?;
        ConfigFile::parse(&text, &name, defaults)
    }

    /// Reads a configuration from TOML, with `defaults` for what it does not set. Errors refer to the text as `name`.
    ///
    /// # Errors
    /// Returns an error if the text is not a valid configuration.
    pub fn parse(text: &str, name: &str, defaults: Defaults) -> Result<ConfigFile, Error> {
        let source = Source { text, name };
        let (config, table) = parsed(&source, defaults)?;
        let places = settings(&table, |at| format!("{name}:{}", source.line(at.start)));
        Ok(ConfigFile { config, places })
    }
}

/// Reads a text file of at most 1 MiB: a configuration is shorter, and a device has no end.
pub(crate) fn text(path: &Path) -> std::io::Result<String> {
    const LONGEST: u64 = 1 << 20;
    let mut text = String::new();
    let read = File::open(path)?
        .take(LONGEST + 1)
        .read_to_string(&mut text)?;
    match read as u64 {
        0..=LONGEST => Ok(text),
        _ => Err(std::io::ErrorKind::FileTooLarge.into()),
    }
}

/// Suggests what to pass instead of an unreadable `path`.
fn cure(path: &Path) -> String {
    let in_run = path.join("config.toml");
    match in_run.exists() {
        true => format!("did you mean {}?", in_run.display()),
        false => "expected a text file, such as the config.toml of a run".to_owned(),
    }
}

/// Maps each setting of a table to `of` the byte range of its value.
fn settings(
    table: &DeTable,
    of: impl Fn(std::ops::Range<usize>) -> String,
) -> BTreeMap<[String; 2], String> {
    let mut settings = BTreeMap::new();
    for (block, value) in table {
        let DeValue::Table(keys) = value.get_ref() else {
            continue;
        };
        for (key, value) in keys {
            let name = [block, key].map(|name| name.get_ref().to_string());
            settings.insert(name, of(value.span()));
        }
    }
    settings
}

/// The origin and the value of each setting of a run.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    places: BTreeMap<[String; 2], String>,
    values: BTreeMap<[String; 2], String>,
}

impl Origin {
    /// Creates the origins for `config`, which is `file` with the flags applied.
    pub fn new(file: &ConfigFile, config: &Config) -> Origin {
        let (values, of_file) = (values(config), values(&file.config));
        let mut places = file.places.clone();
        places.retain(|key, _| values.get(key) == of_file.get(key));
        Origin { places, values }
    }

    /// Returns the line that sets a key, as in `run.toml:3`; `None` if no file sets it.
    pub fn place(&self, key: ConfigKey) -> Option<&str> {
        self.places.get(&owned(key)).map(String::as_str)
    }

    /// Describes a setting with its value as the user gave it: by a line of a file, or by `flag`.
    pub fn given(&self, key: ConfigKey) -> String {
        let value = self.values.get(&owned(key)).map_or("", String::as_str);
        match self.place(key) {
            Some(place) => format!("{place}: {} = {value} in [{}]", key.1, key.0),
            None => {
                let mut plain = value.replace(", ", ",").replace(['[', ']', '"'], "");
                if let (("data", "size"), Some((height, width))) = (key, plain.split_once(',')) {
                    // The flag has the width first.
                    plain = format!("{width},{height}");
                }
                format!("`{} = {plain}`", key.1)
            }
        }
    }

    /// Prefixes `error`, which is about one of `keys`, with the line that sets the key, if a file sets it.
    pub fn blame(&self, error: Error, keys: &[ConfigKey]) -> Error {
        let place = keys.iter().find_map(|key| self.place(*key));
        let Some(place) = place else {
            return error;
        };
        let told = format!("{place}: {error}");
        match error {
            Error::Adapter(_) => Error::Adapter(told),
            Error::Data(error) => Error::Data(error.telling(told)),
            Error::Config(_) => Error::Config(told),
            other => other,
        }
    }
}

fn owned(key: ConfigKey) -> [String; 2] {
    [key.0, key.1].map(str::to_owned)
}

/// Returns the value of each setting in TOML notation.
pub(super) fn values(config: &Config) -> BTreeMap<[String; 2], String> {
    let text = config.to_toml();
    let table = DeTable::parse(&text).expect("what TOML was written is TOML");
    settings(table.get_ref(), |at| text[at].to_owned())
}
