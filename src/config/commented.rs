//! A configuration file with a comment on each key, those included that are not set.

use super::Config;
use super::docs::{describe, describe_block, is_of_older_files};
use super::keys::KEYS;
use super::kinds::Kind;
use super::origin::values;
use std::fmt::Write;

impl Config {
    /// Returns the configuration as TOML, with a comment on each key. Keys that are not set are in comments too.
    pub fn to_commented_toml(&self) -> String {
        let values = values(self);
        let mut text = String::new();
        for (block, keys) in KEYS {
            let _ = write!(text, "\n# {}\n[{block}]\n", describe_block(block));
            for (key, kind) in keys {
                let value = values.get(&[block, key].map(str::to_owned));
                text += &setting(&describe(block, key), key, *kind, value);
            }
        }
        text
    }
}

/// Returns the lines of a key.
fn setting(description: &str, key: &str, kind: Kind, value: Option<&String>) -> String {
    match (value, kind) {
        _ if is_of_older_files(description) => String::new(),
        (Some(value), Kind::OneOf(_)) => {
            let choices = kind.expected();
            format!("\n# {description} {choices}.\n{key} = {value}\n")
        }
        (Some(value), _) => format!("\n# {description}\n{key} = {value}\n"),
        (None, _) => format!("\n# {description}\n# {key} = <{}>\n", kind.expected()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commented_file_has_every_key_and_the_same_settings() {
        let config = Config::default().hidden([8, 4]).dropout(0.25).seed(7);
        let text = config.to_commented_toml();
        assert_eq!(Config::parse(&text, "config.toml").unwrap(), config);
        for (block, keys) in KEYS {
            assert!(text.contains(&format!("\n[{block}]\n")));
            for (key, _) in keys.iter().filter(|(key, _)| *key != "skip_missing") {
                let lines = [format!("\n{key} = "), format!("\n# {key} = <")];
                assert!(lines.iter().any(|line| text.contains(line)), "{key}");
            }
        }
        let hidden = "# Widths of the hidden layers; empty for a linear model.\nhidden = [8, 4]\n";
        assert!(text.contains(hidden), "{text}");
    }
}
