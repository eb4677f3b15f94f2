//! Settings of the data set and its split.

use crate::dataset::{Delimiter, DialectOptions, MAX_LEVELS, MissingRows, ReadOptions, Task};
use serde::{Deserialize, Serialize};

/// Settings of the data set and its split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// A file, a folder or a built-in name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Target columns; if there are none, the one with a usual name, else the last column.
    pub target: Vec<String>,
    /// Classes or values; guessed from the target if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Columns to ignore.
    pub drop: Vec<String>,
    /// The columns to learn from; all others if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Columns to take as numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
    /// Columns to take as categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Marks for missing values, in all columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// What to do with rows with missing inputs.
    pub missing_rows: MissingRows,
    /// In older files: `true` for `missing_rows = "drop"`.
    #[serde(skip_serializing)]
    pub(super) skip_missing: bool,
    /// The largest number of levels of a category.
    pub max_levels: usize,
    /// The largest number of bins that each number becomes, beside itself; if not given, it depends on the recipe and on the
    /// data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bins: Option<usize>,
    /// What separates cells; detected if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<Delimiter>,
    /// The decimal mark, `.` or `,`; detected if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// The encoding of the text; detected if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// What a comment line begins with; detected if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether line 1 has the names of the columns; detected if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// The height and width to which images are scaled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<[usize; 2]>,
    /// Share of the rows in the validation set.
    pub val: f64,
    /// Share of the rows in the test set.
    pub test: f64,
    /// A file with the validation rows. Replaces `val`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub val_file: Option<String>,
    /// A file with the test rows. Replaces `test`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_file: Option<String>,
    /// Whether rows are shuffled before they are split; else the last rows are for the test.
    #[serde(skip_serializing_if = "is_true")]
    pub shuffle: bool,
    /// The column of groups: rows of one group are in one part of the split.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_by: Option<String>,
    /// The column of weights: what the error of each row is multiplied by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// Of a cross-validation: the fold to validate on, from 1, and the number of folds. Replaces `val`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fold: Option<[usize; 2]>,
    /// Seed of the split, the row order and generated data; that of `[run]` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_seed: Option<u64>,
}

impl Default for DataConfig {
    fn default() -> DataConfig {
        DataConfig {
            source: None,
            target: Vec::new(),
            task: None,
            drop: Vec::new(),
            features: Vec::new(),
            numbers: Vec::new(),
            categories: Vec::new(),
            missing: Vec::new(),
            missing_rows: MissingRows::default(),
            skip_missing: false,
            max_levels: MAX_LEVELS,
            bins: None,
            delimiter: None,
            decimal: None,
            encoding: None,
            comment: None,
            header: None,
            size: None,
            val: 0.1,
            test: 0.2,
            val_file: None,
            test_file: None,
            shuffle: true,
            split_by: None,
            weights: None,
            fold: None,
            split_seed: None,
        }
    }
}

/// Whether a switch is at its default, on.
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(super) fn is_true(switch: &bool) -> bool {
    *switch
}

impl DataConfig {
    /// Returns the options for reading the data.
    pub fn read_options(&self) -> ReadOptions {
        ReadOptions {
            target: self.target.clone(),
            task: self.task,
            drop: self.drop.clone(),
            features: self.features.clone(),
            numbers: self.numbers.clone(),
            categories: self.categories.clone(),
            missing: self.missing.clone(),
            missing_rows: self.missing_rows,
            max_levels: self.max_levels,
            bins: self.bins,
            dialect: DialectOptions {
                delimiter: self.delimiter,
                decimal: self.decimal,
                encoding: self.encoding.clone(),
                comment: self.comment.clone(),
                header: self.header,
            },
            size: self.size,
            val_file: self.val_file.clone(),
            test_file: self.test_file.clone(),
            split_by: self.split_by.clone(),
            weights: self.weights.clone(),
            keep: Vec::new(),
        }
    }
}
