//! A part of a sweep's networks, which one of several processes trains.

use crate::Error;
use crate::sweep::SweepNetwork;
use crate::text::counted;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One of `count` parts. It has every `count`-th network, beginning with network `index`.
///
/// So each part has about as many networks of each setting, and takes about as long as the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Number of the part, from 0.
    pub index: usize,
    /// Number of parts.
    pub count: usize,
}

impl Shard {
    /// All networks.
    pub const WHOLE: Shard = Shard { index: 0, count: 1 };

    /// Returns whether it is all of a sweep.
    pub fn is_whole(self) -> bool {
        self.count == 1
    }

    /// Checks that each part has something to train.
    ///
    /// # Errors
    /// Returns an error if there are more parts than there is `what`.
    pub fn check(self, all: usize, what: &str) -> Result<(), Error> {
        if self.count <= all {
            return Ok(());
        }
        Err(Error::Config(format!(
            "shard {self}: the sweep has {}; use at most {}",
            counted(all, what),
            counted(all, "shard")
        )))
    }

    /// Returns the networks of this part.
    pub(super) fn of(self, networks: Vec<SweepNetwork>) -> Vec<SweepNetwork> {
        let own = networks.into_iter().skip(self.index);
        own.step_by(self.count).collect()
    }

    /// Returns the number that the `k`-th network of this part has in the whole sweep.
    pub(super) fn number(self, k: usize) -> usize {
        self.index + k * self.count
    }
}

impl Default for Shard {
    fn default() -> Shard {
        Shard::WHOLE
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parsed = text.split_once('/').and_then(|(number, count)| {
            let [number, count] = [number, count].map(|part| part.trim().parse::<usize>().ok());
            Some((number?, count?))
        });
        match parsed {
            Some((number, count)) if (1..=count).contains(&number) => Ok(Shard {
                index: number - 1,
                count,
            }),
            _ => Err(
                "expected the number of a part, from 1, and how many there are, as in 2/8"
                    .to_owned(),
            ),
        }
    }
}
