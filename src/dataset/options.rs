//! Options for reading a data set.

use super::types::Task;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Options for reading a data set. A default is what wgrad finds out by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Target columns; if there are none, the one with a usual name, else the last column.
    pub target: Vec<String>,
    /// Classes or values; guessed from the target if not given.
    pub task: Option<Task>,
    /// Columns to ignore.
    pub drop: Vec<String>,
    /// The columns to learn from; all others are ignored. All columns if there are none.
    pub features: Vec<String>,
    /// Columns to take as numbers.
    pub numbers: Vec<String>,
    /// Columns to take as categories.
    pub categories: Vec<String>,
    /// Marks for missing values, in all columns.
    pub missing: Vec<String>,
    /// What to do with rows with missing inputs.
    pub missing_rows: MissingRows,
    /// The largest number of levels of a category; the rarer ones become one level.
    pub max_levels: usize,
    /// The largest number of bins of a number, for [`inspect`](crate::dataset::inspect); the usual number if not given.
    pub bins: Option<usize>,
    /// How the text of a table is written.
    pub dialect: DialectOptions,
    /// The height and width to which images are scaled.
    pub size: Option<[usize; 2]>,
    /// A file with validation rows.
    pub val_file: Option<String>,
    /// A file with test rows.
    pub test_file: Option<String>,
    /// The column of groups: rows of one group are in one part of the split.
    pub split_by: Option<String>,
    /// The column of weights: what the error of each row is multiplied by.
    pub weights: Option<String>,
    /// For predictions: columns of the file to copy, or `all`.
    pub keep: Vec<String>,
}

/// How the text of a table is written. What is `None` is detected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DialectOptions {
    /// What separates cells.
    pub delimiter: Option<Delimiter>,
    /// The decimal mark: `.` or `,`.
    pub decimal: Option<char>,
    /// The name of the encoding, as of the WHATWG: `utf-8`, `utf-16le`, `windows-1252`, ...
    pub encoding: Option<String>,
    /// What a comment line begins with.
    pub comment: Option<String>,
    /// Whether line 1 has the names of the columns.
    pub header: Option<bool>,
}

/// What separates the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Delimiter {
    /// One byte.
    Byte(u8),
    /// Any number of spaces and tabs.
    Blanks,
}

/// What to do with rows with missing inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum MissingRows {
    /// Fill in: a number with the training median, a category with a level of its own.
    #[default]
    Fill,
    /// Leave the rows out.
    Drop,
    /// Refuse the data.
    Refuse,
}

impl MissingRows {
    /// All choices.
    pub const ALL: [MissingRows; 3] = [MissingRows::Fill, MissingRows::Drop, MissingRows::Refuse];
}

/// The default of [`ReadOptions::max_levels`].
pub const MAX_LEVELS: usize = 100;

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions {
            target: Vec::new(),
            task: None,
            drop: Vec::new(),
            features: Vec::new(),
            numbers: Vec::new(),
            categories: Vec::new(),
            missing: Vec::new(),
            missing_rows: MissingRows::default(),
            max_levels: MAX_LEVELS,
            bins: None,
            dialect: DialectOptions::default(),
            size: None,
            val_file: None,
            test_file: None,
            split_by: None,
            weights: None,
            keep: Vec::new(),
        }
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Delimiter::Byte(b'\t') => write!(f, "tab"),
            Delimiter::Byte(byte) => write!(f, "{}", char::from(*byte)),
            Delimiter::Blanks => write!(f, "blanks"),
        }
    }
}

impl From<Delimiter> for String {
    fn from(delimiter: Delimiter) -> String {
        delimiter.to_string()
    }
}

impl TryFrom<String> for Delimiter {
    type Error = String;

    fn try_from(text: String) -> Result<Delimiter, String> {
        text.parse()
    }
}

impl FromStr for Delimiter {
    type Err = String;

    fn from_str(text: &str) -> Result<Delimiter, String> {
        match text {
            "tab" | "\t" | "\\t" => Ok(Delimiter::Byte(b'\t')),
            "blanks" | " " => Ok(Delimiter::Blanks),
            _ => match text.as_bytes() {
                [byte] if byte.is_ascii_punctuation() && !b"\"'.-+".contains(byte) => {
                    Ok(Delimiter::Byte(*byte))
                }
                _ => {
                    Err("expected one character such as , or ; or |, or tab, or blanks".to_owned())
                }
            },
        }
    }
}
