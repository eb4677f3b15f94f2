//! Texts of cells, each stored once, with a number.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

/// Distinct texts, numbered in order of appearance.
#[derive(Clone, Default)]
pub(super) struct Texts {
    joined: String,
    ends: Vec<usize>,
    /// The number of a text, by its hash; a text whose hash is taken is one place on.
    numbers: HashMap<u64, u32, BuildHasherDefault<Same>>,
    hasher: RandomState,
    last: u32,
}

/// The hash of a hash: itself.
#[derive(Clone, Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Texts {
    /// Returns the number of `text`.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        // The text of the row above is often the same.
        if !self.ends.is_empty() && self.get(self.last) == text {
            return self.last;
        }
        let mut hash = self.hasher.hash_one(text);
        while let Some(&number) = self.numbers.get(&hash) {
            if self.get(number) == text {
                self.last = number;
                return number;
            }
            hash = hash.wrapping_add(1);
        }
        let number = u32::try_from(self.ends.len()).expect("fewer than 2^32 texts fit into memory");
        self.joined.push_str(text);
        self.ends.push(self.joined.len());
        self.numbers.insert(hash, number);
        self.last = number;
        number
    }

    pub(super) fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.joined[start..self.ends[number]]
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns about how many bytes the texts take.
    pub(super) fn bytes(&self) -> usize {
        self.joined.len() + 32 * self.ends.len()
    }
}
