//! Cuts the rows of a network that several ranks train into slices. The cut depends on the rows and the batch size, and not on
//! the number of ranks.
//!
//! Each slice has its share of the training, validation and test rows. A step takes about the same number of rows from each
//! slice, in an order of its own, so that every row is used once an epoch.

use crate::distributed::Group;
use crate::kernels::Step;
use crate::plan::Rows;
use std::ops::Range;
use std::sync::Arc;

/// Fewest and most slices of a batch, if it has so many rows.
const FEWEST: usize = 8;
const MOST: usize = 64;
/// Rows of a slice of a large batch: enough for a fast product.
const ROWS: usize = 512;
/// A number for training, validation and test.
type Splits<T> = [T; 3];

/// The slices of one rank.
#[derive(Clone, Debug)]
pub struct Slices {
    /// The slices of this rank.
    own: Range<usize>,
    /// The rows of all ranks.
    whole: Splits<Rows>,
    /// The number of rows of each slice, of all ranks.
    counts: Vec<Splits<usize>>,
}

/// The ranks that train with this one, and the slices of this one.
#[derive(Clone)]
pub(super) struct Ranks {
    pub(super) group: Arc<Group>,
    pub(super) slices: Slices,
}

impl Slices {
    /// Cuts the rows `whole` of all ranks for rank `rank` of so many, with batches of `batch` rows. Returns the number of slices
    /// if there are fewer of them than ranks.
    pub(crate) fn new(
        whole: Splits<Rows>,
        batch: usize,
        [rank, ranks]: [usize; 2],
    ) -> Result<Slices, usize> {
        let most = batch.min(whole[0].count).max(1);
        let wanted = (batch / ROWS).clamp(FEWEST, MOST).min(most);
        let slices = 1 << wanted.ilog2();
        let each = slices / ranks;
        let counts = (0..slices).map(|slice| whole.map(|rows| share(rows, slice, slices).len()));
        match each {
            0 => Err(slices),
            _ => Ok(Slices {
                own: rank * each..(rank + 1) * each,
                whole,
                counts: counts.collect(),
            }),
        }
    }

    /// Returns the number of rows of a batch that has so many slices; `None` if no batch has.
    pub(super) fn batch_for(slices: usize) -> Option<usize> {
        match slices {
            0..=FEWEST => Some(slices),
            slices if slices <= MOST => Some(slices * ROWS),
            _ => None,
        }
    }

    /// Returns the number of slices of all ranks.
    pub fn count(&self) -> usize {
        self.counts.len()
    }

    /// Returns the rows of this rank among those of all, in the order in which its memory has them.
    pub(super) fn picked(&self) -> impl Iterator<Item = usize> {
        let slices = self.counts.len();
        let splits = move |slice| self.whole.map(|rows| share(rows, slice, slices));
        self.own.clone().flat_map(splits).flatten()
    }

    /// Returns the same slices, with the rows for validation among those to train on.
    pub(super) fn with_validation_rows(&self) -> Slices {
        let [train, val, test] = self.whole;
        let joined = |[train, val, test]: &Splits<usize>| [train + val, 0, *test];
        let count = train.count + val.count;
        Slices {
            own: self.own.clone(),
            whole: [
                Rows { count, ..train },
                Rows {
                    first: count,
                    count: 0,
                },
                test,
            ],
            counts: self.counts.iter().map(joined).collect(),
        }
    }

    /// Returns the number of rows of this rank.
    pub(super) fn held(&self) -> usize {
        self.counts[self.own.clone()].iter().flatten().sum()
    }

    /// Returns the rows of each own slice that are among the rows `of` all ranks: those for training, validation or test.
    pub(super) fn of(&self, of: Rows) -> Vec<Rows> {
        let split = self.whole.iter().position(|rows| *rows == of);
        let mut first = 0;
        let mut rows = Vec::new();
        for counts in &self.counts[self.own.clone()] {
            rows.extend(split.map(|split| Rows {
                first: first + counts[..split].iter().sum::<usize>(),
                count: counts[split],
            }));
            first += counts.iter().sum::<usize>();
        }
        rows
    }

    /// Returns the largest number of rows of a slice in a step of `batch` rows.
    pub(super) fn most_rows(&self, batch: usize) -> usize {
        let trained = self.counts.iter().map(|counts| counts[0]).max();
        let rows = (trained.unwrap_or(0) * batch).div_ceil(self.whole[0].count.max(1));
        rows.max(1)
    }

    /// Returns the step that each own slice takes in a `step` over the training rows of all ranks.
    pub(super) fn steps(&self, step: &Step) -> Vec<Step> {
        let places = |slice: usize| {
            [step.start, step.start + step.rows].map(|at| self.edge(slice, at as usize))
        };
        let all = (0..self.count()).map(|slice| {
            let [start, end] = places(slice);
            end - start
        });
        let inverse_rows = 1.0 / all.sum::<usize>().max(1) as f32;
        let own = self.own.clone().zip(self.of(self.whole[0]));
        let steps = own.map(|(slice, rows)| {
            let [start, end] = places(slice);
            let key = [step.key[0] ^ slice as u32, step.key[1]];
            let own = Step {
                first: rows.first as u32,
                count: rows.count as u32,
                start: start as u32,
                rows: (end - start) as u32,
                key,
                inverse_rows,
                ..*step
            };
            match end - start {
                // A row that counts nothing: devices leave out steps without rows.
                0 => Step {
                    start: start.min(rows.count - 1) as u32,
                    rows: 1,
                    inverse_rows: 0.0,
                    ..own
                },
                _ => own,
            }
        });
        steps.collect()
    }

    /// Returns how many of the training rows of a slice are used when `used` of those of all are. Slices round at different
    /// times, so that steps have about the same number of rows.
    fn edge(&self, slice: usize, used: usize) -> usize {
        let (slices, all) = (self.count() as u64, self.whole[0].count as u64);
        let own = self.counts[slice][0] as u64;
        let bits = slices.trailing_zeros();
        let turn = match bits {
            0 => 0,
            _ => (slice as u64).reverse_bits() >> (64 - bits),
        };
        ((own * used as u64 * slices + all * turn) / (all * slices)) as usize
    }
}

/// Returns the rows of one of so many slices.
fn share(rows: Rows, slice: usize, slices: usize) -> Range<usize> {
    let edge = |slice: usize| rows.first + rows.count * slice / slices;
    edge(slice)..edge(slice + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(counts: [usize; 3]) -> Splits<Rows> {
        let mut first = 0;
        counts.map(|count| {
            let rows = Rows { first, count };
            first += count;
            rows
        })
    }

    fn epoch(rows: usize, batch: usize) -> impl Iterator<Item = Step> {
        let starts = (0..rows).step_by(batch);
        starts.map(move |start| Step {
            start: start as u32,
            count: rows as u32,
            shuffle: 1,
            key: [1, 2],
            ..Step::whole(batch.min(rows - start), 0.1)
        })
    }

    #[test]
    fn every_row_is_used_once_an_epoch_in_steps_of_about_a_batch() {
        for (rows, batch) in [
            (1000, 32),
            (1001, 32),
            (997, 100),
            (8, 8),
            (45, 7),
            (5000, 4096),
        ] {
            let splits = whole([rows, 13, 5]);
            let ranks = [1, 2, 4];
            let of = |ranks: usize| {
                let cut = |rank| Slices::new(splits, batch, [rank, ranks]).unwrap();
                (0..ranks).map(cut).collect::<Vec<_>>()
            };
            let mut seen = ranks.map(|ranks| {
                let mut used = Vec::new();
                for slices in of(ranks) {
                    let held: Vec<usize> = slices.picked().collect();
                    assert_eq!(held.len(), slices.held());
                    for step in epoch(rows, batch) {
                        for own in slices.steps(&step) {
                            assert!(own.rows as usize <= slices.most_rows(batch));
                            let counted = own.inverse_rows > 0.0;
                            let here = (0..own.rows).filter(|_| counted);
                            used.extend(here.map(|n| held[own.row(n) as usize]));
                            let total = (1.0 / own.inverse_rows).round();
                            let wanted = step.rows as f32;
                            assert!(
                                !counted || (total - wanted).abs() <= 2.0,
                                "{total} {wanted}"
                            );
                        }
                    }
                }
                used
            });
            for used in &mut seen {
                used.sort_unstable();
                assert!(used.iter().copied().eq(0..rows), "{rows} {batch}");
            }
        }
    }

    #[test]
    fn the_ranks_hold_every_row_once_and_no_more_ranks_than_slices_have_a_part() {
        let splits = whole([100, 30, 21]);
        let cut = |rank| Slices::new(splits, 32, [rank, 4]).unwrap();
        let mut held: Vec<usize> = (0..4)
            .flat_map(|rank| cut(rank).picked().collect::<Vec<_>>())
            .collect();
        held.sort_unstable();
        assert!(held.into_iter().eq(0..151));
        let tests = cut(3).of(splits[2]);
        assert_eq!(tests.iter().map(|rows| rows.count).sum::<usize>(), 6);
        assert_eq!(Slices::new(splits, 32, [0, 16]).unwrap_err(), 8);
        assert_eq!(Slices::new(splits, 5, [0, 8]).unwrap_err(), 4);
        let joined = cut(0).with_validation_rows();
        assert_eq!(joined.of(joined.whole[0])[0].count, 12 + 3);
        assert_eq!(joined.held(), cut(0).held());
    }
}
