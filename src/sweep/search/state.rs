//! What a search knows so far, from which it goes on; and its bytes in a file.

use super::candidates::Candidate;
use super::tried::{Tried, rank};
use crate::sweep::{Shard, SweepAbout};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Number of folds, and so of rounds.
pub const FOLDS: usize = 5;
/// So many candidates are compared on all folds, if there are so many.
const FINALISTS: usize = 3;

/// What marks the file.
const KEY: &str = "wgrad-search";
const FORMAT: u32 = 1;

/// What a search, or a shard of one, knows so far.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchState {
    /// Which search it is the state of.
    pub about: SweepAbout,
    /// Number of the current round.
    round: usize,
    /// The candidates that are in this round, all shards together.
    left: Vec<usize>,
    /// Scores by round and candidate.
    scores: BTreeMap<(usize, usize), Score>,
}

/// Scores of a network on its validation rows, as bits: decimal numbers may not be read as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Score {
    loss: u64,
    accuracy: Option<u64>,
}

impl Score {
    /// The score of a network that diverged.
    pub(super) const DIVERGED: Score = Score {
        loss: f64::INFINITY.to_bits(),
        accuracy: None,
    };

    pub(super) fn new(loss: f64, accuracy: Option<f64>) -> Score {
        Score {
            loss: loss.to_bits(),
            accuracy: accuracy.map(f64::to_bits),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    kind: String,
    format: u32,
    about: SweepAbout,
    round: usize,
    left: Vec<usize>,
    /// Round, candidate, score.
    scores: Vec<(usize, usize, Score)>,
}

impl SearchState {
    /// The beginning of a search among so many candidates.
    pub fn new(candidates: usize) -> SearchState {
        SearchState {
            about: SweepAbout::default(),
            round: 0,
            left: (0..candidates).collect(),
            scores: BTreeMap::new(),
        }
    }

    /// Returns the number of the current round.
    pub fn round(&self) -> usize {
        self.round
    }

    /// Returns the candidates that this shard trains in this round.
    pub(super) fn own(&self) -> Vec<usize> {
        let Shard { index, count } = self.about.shard;
        let own = self.left.iter().skip(index).step_by(count);
        own.copied().collect()
    }

    /// Returns those of them that are not trained yet.
    pub(super) fn untrained(&self) -> Vec<usize> {
        let mut own = self.own();
        own.retain(|number| !self.scores.contains_key(&(self.round, *number)));
        own
    }

    pub(super) fn note(&mut self, candidate: usize, score: Score) {
        self.scores.insert((self.round, candidate), score);
    }

    /// Returns whether this shard has trained all that it has to in this round.
    pub fn is_done(&self) -> bool {
        self.untrained().is_empty()
    }

    /// Returns whether there is no further round.
    pub fn is_last(&self) -> bool {
        self.round + 1 >= FOLDS
    }

    fn has_all(&self, round: usize) -> bool {
        let mut left = self.left.iter();
        left.all(|number| self.scores.contains_key(&(round, *number)))
    }

    /// Begins the next round, with the better half of the candidates, if this one is complete. Returns whether it is.
    pub(super) fn go_on(&mut self) -> bool {
        match self.better_half() {
            None => false,
            Some(left) => {
                self.go_on_with(left);
                true
            }
        }
    }

    /// Begins the next round with these candidates.
    pub fn go_on_with(&mut self, left: Vec<usize>) {
        self.round += 1;
        self.left = left;
        self.about.has_ended = false;
    }

    /// Returns the candidates of the next round, best first; `None` if this round is not complete.
    pub fn better_half(&self) -> Option<Vec<usize>> {
        if !self.has_all(self.round) {
            return None;
        }
        let mut order = self.ranked();
        let count = self.left.len();
        order.truncate(count.div_ceil(2).max(FINALISTS).min(count));
        Some(order.into_iter().map(|(number, ..)| number).collect())
    }

    /// Returns the numbers of candidates, with losses and accuracies, best first.
    fn ranked(&self) -> Vec<(usize, Vec<f64>, Vec<f64>)> {
        let counts = |round: usize| round < self.round || round == 0 || self.has_all(round);
        let mut known: BTreeMap<usize, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
        for ((round, number), score) in &self.scores {
            if counts(*round) {
                let (losses, accuracies) = known.entry(*number).or_default();
                losses.push(f64::from_bits(score.loss));
                accuracies.extend(score.accuracy.map(f64::from_bits));
            }
        }
        let known = known.into_iter();
        let mut all: Vec<_> = known.map(|(number, (l, a))| (number, l, a)).collect();
        rank(&mut all, |(_, losses, _)| losses);
        all
    }

    /// Returns the candidates that were trained, the best one first.
    pub(super) fn tried(&self, candidates: &[Candidate]) -> Vec<Tried> {
        let ranked = self.ranked().into_iter();
        let tried = ranked.filter_map(|(number, losses, accuracies)| {
            Some(Tried {
                candidate: candidates.get(number)?.clone(),
                losses,
                accuracies,
                model: None,
            })
        });
        tried.collect()
    }

    /// Takes over the scores of another shard.
    pub fn add(&mut self, other: &SearchState) {
        let scores = other.scores.iter();
        self.scores
            .extend(scores.map(|(key, score)| (*key, *score)));
    }

    /// Returns the bytes of the file: JSON, with the CRC-32 of its bytes behind it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let scores = self.scores.iter();
        let content = Content {
            kind: KEY.to_owned(),
            format: FORMAT,
            about: self.about.clone(),
            round: self.round,
            left: self.left.clone(),
            scores: scores
                .map(|((round, number), score)| (*round, *number, *score))
                .collect(),
        };
        let mut bytes = serde_json::to_vec(&content).expect("plain data");
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// Returns whether bytes are those of a search, damaged or not.
    pub fn is_search(bytes: &[u8]) -> bool {
        bytes.starts_with(b"{\"kind\":\"wgrad-search\"")
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// Returns an error if it is damaged, or another kind of file.
    pub fn from_bytes(bytes: &[u8]) -> Result<SearchState, String> {
        let checked = bytes.split_last_chunk::<4>();
        let checked =
            checked.filter(|(bytes, sum)| crc32fast::hash(bytes) == u32::from_le_bytes(**sum));
        let (bytes, _) = checked.ok_or("damaged: its bytes do not match its checksum")?;
        let content: Content = serde_json::from_slice(bytes).map_err(|why| {
            format!("not the state of a search that this version of wgrad reads ({why})")
        })?;
        if content.format != FORMAT {
            let found = content.format;
            return Err(format!(
                "format {found}, and this wgrad reads format {FORMAT}"
            ));
        }
        let scores = content.scores.into_iter();
        Ok(SearchState {
            about: content.about,
            round: content.round,
            left: content.left,
            scores: scores
                .map(|(round, number, score)| ((round, number), score))
                .collect(),
        })
    }
}
