//! The keys of a configuration and the kinds of their values. Errors use them to suggest the right key for a misspelt
//! one, and to say what kind of value was expected.

use super::kinds::{Kind, names};
use super::run::{Distributed, Keep, Recipe};
use crate::Error;
use crate::dataset::{MissingRows, Task};
use crate::gpu::{Precision, Sums};
use crate::model::{Activation, Initialization, Loss, OptimizerKind};
use crate::plan::{Order, RateSchedule};
use crate::text::nearest;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Maximum number of characters of a line that an error quotes.
const MOST_QUOTED: usize = 80;

/// The keys of each block, including those without a default.
pub(super) const KEYS: [(&str, &[(&str, Kind)]); 5] = [
    (
        "data",
        &[
            ("source", Kind::Text),
            ("target", Kind::Texts),
            ("task", Kind::OneOf(|| names(&Task::ALL))),
            ("drop", Kind::Texts),
            ("features", Kind::Texts),
            ("numbers", Kind::Texts),
            ("categories", Kind::Texts),
            ("missing", Kind::Texts),
            ("missing_rows", Kind::OneOf(|| names(&MissingRows::ALL))),
            ("skip_missing", Kind::Switch),
            ("max_levels", Kind::Count),
            ("bins", Kind::Count),
            ("delimiter", Kind::Text),
            ("decimal", Kind::OneOf(|| names(&['.', ',']))),
            ("encoding", Kind::Text),
            ("comment", Kind::Text),
            ("header", Kind::Switch),
            ("size", Kind::Counts),
            ("val", Kind::Number),
            ("test", Kind::Number),
            ("val_file", Kind::Text),
            ("test_file", Kind::Text),
            ("shuffle", Kind::Switch),
            ("split_by", Kind::Text),
            ("weights", Kind::Text),
            ("fold", Kind::Counts),
            ("split_seed", Kind::Count),
        ],
    ),
    (
        "network",
        &[
            ("hidden", Kind::Counts),
            ("activation", Kind::OneOf(|| names(&Activation::ALL))),
            ("init", Kind::OneOf(|| names(&Initialization::ALL))),
            ("from", Kind::Text),
            ("train_bias", Kind::Switch),
            ("dropout", Kind::Number),
            (
                "dropout_schedule",
                Kind::OneOf(|| names(&RateSchedule::ALL)),
            ),
        ],
    ),
    (
        "loss",
        &[
            ("kind", Kind::OneOf(|| names(&Loss::ALL))),
            ("label_smoothing", Kind::Number),
            ("quantile", Kind::Number),
            ("class_weights", Kind::Texts),
        ],
    ),
    (
        "optimizer",
        &[
            ("kind", Kind::OneOf(|| names(&OptimizerKind::ALL))),
            ("learning_rate", Kind::Number),
            ("schedule", Kind::OneOf(|| names(&RateSchedule::ALL))),
            ("warmup", Kind::Count),
            ("momentum", Kind::Number),
            ("nesterov", Kind::Switch),
            ("weight_decay", Kind::Number),
            (
                "weight_decay_schedule",
                Kind::OneOf(|| names(&RateSchedule::ALL)),
            ),
            ("decay_biases", Kind::Switch),
            ("bias_rate", Kind::Number),
            ("clip_norm", Kind::Number),
            ("clip_value", Kind::Number),
            ("beta1", Kind::Number),
            ("beta2", Kind::Number),
            ("epsilon", Kind::Number),
        ],
    ),
    (
        "run",
        &[
            ("recipe", Kind::OneOf(|| names(&Recipe::ALL))),
            ("epochs", Kind::Count),
            ("max_steps", Kind::Count),
            ("patience", Kind::Count),
            ("keep", Kind::OneOf(|| names(&Keep::ALL))),
            ("refit", Kind::Switch),
            ("ensemble", Kind::Count),
            ("batch_size", Kind::Count),
            ("seed", Kind::Count),
            ("device", Kind::Text),
            ("backend", Kind::Text),
            ("memory_limit", Kind::Count),
            ("max_time", Kind::Number),
            ("checkpoint", Kind::Number),
            ("distributed", Kind::OneOf(|| names(&Distributed::ALL))),
            ("order", Kind::OneOf(|| names(&Order::ALL))),
            ("sums", Kind::OneOf(|| names(&Sums::ALL))),
            ("precision", Kind::OneOf(|| names(&Precision::ALL))),
        ],
    ),
];

/// The text of a configuration, and the file name for errors.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) name: &'a str,
}

impl Source<'_> {
    /// Returns the line number of a byte offset, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    fn error(&self, span: &Range<usize>, message: &str) -> Error {
        let line = self.line(span.start);
        Error::Config(format!("{}:{line}: {message}", self.name))
    }

    /// Returns the error for text that is not TOML. Shortens the quoted line: other files may be one long line.
    pub(super) fn not_toml(&self, error: &toml::de::Error) -> Error {
        let span = error.span().unwrap_or(0..0);
        let line = self.text.lines().nth(self.line(span.start) - 1);
        let line: String = line
            .unwrap_or_default()
            .trim()
            .chars()
            .take(MOST_QUOTED)
            .collect();
        let why = error.message().replace('\n', ", ");
        let cure = match why.contains("duplicate") {
            true => "keep one of the two",
            false => {
                "expected blocks, as [run], and settings, as epochs = 30 or device = \"cpu\", one per line"
            }
        };
        self.error(&span, &format!("{line:?} is not TOML ({why}); {cure}"))
    }

    /// Checks the keys and the kinds of values. Serde's errors neither suggest keys nor describe kinds in plain words.
    pub(super) fn check_keys(&self, table: &DeTable) -> Result<(), Error> {
        for (block, value) in table {
            let blocks = KEYS.iter().map(|(block, _)| *block);
            let found = KEYS.iter().find(|(known, _)| known == block.get_ref());
            let Some((name, keys)) = found else {
                return Err(self.unknown("block", block, blocks));
            };
            let DeValue::Table(settings) = value.get_ref() else {
                let span = value.span();
                let found = Kind::found(value, self.text);
                let message =
                    format!("{name}: expected a block that begins with [{name}], found {found}");
                return Err(self.error(&span, &message));
            };
            for (key, value) in settings {
                self.check_key(name, keys, key, value)?;
            }
        }
        Ok(())
    }

    fn check_key(
        &self,
        block: &str,
        keys: &[(&str, Kind)],
        key: &Spanned<std::borrow::Cow<str>>,
        value: &Spanned<DeValue>,
    ) -> Result<(), Error> {
        let Some((_, kind)) = keys.iter().find(|(known, _)| known == key.get_ref()) else {
            let known = keys.iter().map(|(known, _)| *known);
            return Err(self.unknown(&format!("key in [{block}]:"), key, known));
        };
        let Some(fault) = kind.fault(value) else {
            return Ok(());
        };
        let (key, expected) = (key.get_ref(), kind.expected());
        let (found, cure) = (Kind::found(fault, self.text), kind.cure(fault));
        let message = format!("{key} in [{block}]: expected {expected}, found {found}{cure}");
        Err(self.error(&fault.span(), &message))
    }

    fn unknown<'a>(
        &self,
        what: &str,
        key: &Spanned<std::borrow::Cow<str>>,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Error {
        let (typed, span) = (key.get_ref(), key.span());
        let meant = nearest(typed, known.clone());
        let meant = meant.map_or(String::new(), |m| format!("; did you mean {m:?}?"));
        let known = known.collect::<Vec<_>>().join(", ");
        let message = format!("unknown {what} {typed:?}, expected one of {known}{meant}");
        self.error(&span, &message)
    }
}
