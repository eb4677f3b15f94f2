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
    let choices = match kind {
        Kind::OneOf(_) => format!(" {}.", kind.expected()),
        _ => String::new(),
    };
    let comment = comment(&format!("{description}{choices}"));
    match value {
        _ if is_of_older_files(description) => String::new(),
        Some(value) => format!("\n{comment}{key} = {value}\n"),
        None => format!("\n{comment}# {key} = {}\n", example(key, kind)),
    }
}

/// Longest line of a comment.
const WIDTH: usize = 90;

/// Returns the lines of a comment.
fn comment(text: &str) -> String {
    let (mut lines, mut line) = (String::new(), "#".to_owned());
    for word in text.split(' ') {
        if line.len() > 1 && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines += &(line + "\n");
            line = "#".to_owned();
        }
        line += " ";
        line += word;
    }
    lines + &line + "\n"
}

/// Returns a value of a key that is not set.
fn example(key: &str, kind: Kind) -> String {
    match (key, kind) {
        ("fold", _) => "[1, 5]".to_owned(),
        ("class_weights", _) => "[\"balanced\"]".to_owned(),
        ("size", _) => "[28, 28]".to_owned(),
        ("delimiter", _) => "\";\"".to_owned(),
        ("decimal", _) => "\".\"".to_owned(),
        (_, Kind::Text) => "\"...\"".to_owned(),
        (_, Kind::Texts) => "[\"a\", \"b\"]".to_owned(),
        (_, Kind::Count) => "10".to_owned(),
        (_, Kind::Counts) => "[64, 32]".to_owned(),
        (_, Kind::Number) => "0.1".to_owned(),
        (_, Kind::Switch) => "true".to_owned(),
        (_, Kind::OneOf(names)) => format!("{:?}", names().first().map_or("", String::as_str)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Origin;

    #[test]
    fn a_commented_file_has_every_key_and_the_same_settings() {
        let config = Config::default().hidden([8, 4]).dropout(0.25).seed(7);
        let text = config.to_commented_toml();
        assert_eq!(Config::parse(&text, "config.toml").unwrap(), config);
        for (block, keys) in KEYS {
            assert!(text.contains(&format!("\n[{block}]\n")));
            for (key, _) in keys.iter().filter(|(key, _)| *key != "skip_missing") {
                let lines = [format!("\n{key} = "), format!("\n# {key} = ")];
                assert!(lines.iter().any(|line| text.contains(line)), "{key}");
            }
        }
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        // What is in comments may be set as it is.
        for line in text.lines().filter(|line| line.contains(" = ")) {
            if let Some(setting) = line.strip_prefix("# ") {
                let with = text.replacen(line, setting, 1);
                let config = Config::parse(&with, "config.toml");
                let config = config.unwrap_or_else(|why| panic!("{why}"));
                config
                    .check(&Origin::default())
                    .unwrap_or_else(|why| panic!("{why}"));
            }
        }
        let hidden = "# Widths of the hidden layers; empty for a linear model.\nhidden = [8, 4]\n";
        assert!(text.contains(hidden), "{text}");
    }
}
