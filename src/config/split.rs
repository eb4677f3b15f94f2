//! How a configuration splits rows.

use super::Config;
use crate::dataset::SplitOptions;

impl Config {
    /// Returns the seed of the split, the row order and generated data.
    pub fn split_seed(&self) -> u64 {
        self.data.split_seed.unwrap_or(self.run.seed)
    }

    /// Returns how the rows are split.
    pub fn split_options(&self) -> SplitOptions {
        SplitOptions {
            val: self.data.val,
            test: self.data.test,
            seed: self.split_seed(),
            shuffle: self.data.shuffle,
        }
    }
}
