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
    /// The numbers of texts that came lately, by the `slot` of each.
    lately: Vec<u32>,
}

/// The number of texts that came lately.
const LATELY: usize = 32;

/// Returns the place of a text among those that came lately.
fn slot(text: &[u8]) -> usize {
    let ends = text.first().zip(text.last());
    let (first, last) = ends.map_or((0, 0), |(first, last)| (*first as usize, *last as usize));
    (text.len() + 5 * first + 11 * last) % LATELY
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
        if let Some(number) = self.lately(text.as_bytes()) {
            return number;
        }
        let number = self.find_or_add(text);
        self.lately.resize(LATELY, 0);
        self.lately[slot(text.as_bytes())] = number;
        number
    }

    /// Returns the number of a text that came lately.
    pub(super) fn lately(&self, text: &[u8]) -> Option<u32> {
        let number = *self.lately.get(slot(text))?;
        (self.get(number).as_bytes() == text).then_some(number)
    }

    fn find_or_add(&mut self, text: &str) -> u32 {
        let mut hash = self.hasher.hash_one(text);
        while let Some(&number) = self.numbers.get(&hash) {
            if self.get(number) == text {
                return number;
            }
            hash = hash.wrapping_add(1);
        }
        let number = u32::try_from(self.ends.len()).expect("fewer than 2^32 texts fit into memory");
        self.joined.push_str(text);
        self.ends.push(self.joined.len());
        self.numbers.insert(hash, number);
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
