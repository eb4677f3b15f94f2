//! Splits rows by whole groups.

use crate::math::{Random, Stream};
use std::collections::HashMap;

/// Returns the group of a row. Rows without one, of a data set that contradicts itself, are a group.
pub(super) fn group_of(groups: &[u32], row: u32) -> u32 {
    groups.get(row as usize).copied().unwrap_or(u32::MAX)
}

/// Groups of rows that no set has yet.
pub(super) struct Groups(Vec<Vec<u32>>);

impl Groups {
    /// Sorts the first `rows` rows into their groups, and shuffles the groups.
    pub(super) fn of(rows: u32, groups: &[u32], seed: u64) -> Groups {
        let numbers: Vec<u32> = (0..rows).map(|row| group_of(groups, row)).collect();
        Groups(shuffled(&numbers, seed))
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Takes groups with about `wanted` rows in all: each in turn that fits, then the smallest of the others if it brings
    /// the sum closer, or if none fits. The last group stays.
    pub(super) fn take(&mut self, wanted: usize) -> Vec<u32> {
        let mut taken = Vec::new();
        if wanted == 0 {
            return taken;
        }
        let mut left = self.0.len();
        self.0.retain_mut(|group| {
            if taken.len() + group.len() > wanted || left == 1 {
                return true;
            }
            left -= 1;
            taken.append(group);
            false
        });
        let missing = wanted - taken.len();
        let smallest = (0..left).min_by_key(|group| self.0[*group].len());
        if let Some(smallest) = smallest.filter(|_| left > 1) {
            let is_closer = self.0[smallest].len() < 2 * missing;
            if is_closer || taken.is_empty() {
                taken.append(&mut self.0.remove(smallest));
            }
        }
        taken
    }

    /// Returns the rows that are left.
    pub(super) fn rest(self) -> Vec<u32> {
        self.0.concat()
    }
}

/// Returns the places of each group in `numbers`, the groups in random order.
fn shuffled(numbers: &[u32], seed: u64) -> Vec<Vec<u32>> {
    let mut at = HashMap::new();
    let mut lists: Vec<Vec<u32>> = Vec::new();
    for (place, group) in numbers.iter().enumerate() {
        let list = *at.entry(group).or_insert(lists.len());
        if list == lists.len() {
            lists.push(Vec::new());
        }
        lists[list].push(place as u32);
    }
    let order = Random::new(seed, Stream::Split, 0);
    let count = lists.len() as u32;
    (0..count)
        .map(|i| std::mem::take(&mut lists[order.shuffled(i, count) as usize]))
        .collect()
}

/// Returns the fold of each row, given its group: the largest groups first, each goes to the fold with the fewest rows.
///
/// # Errors
/// Returns the largest possible number of folds.
pub(super) fn fold_numbers(groups: &[u32], folds: usize, seed: u64) -> Result<Vec<usize>, usize> {
    let mut lists = shuffled(groups, seed);
    if folds < 2 || folds > lists.len() {
        return Err(lists.len());
    }
    lists.sort_by_key(|list| std::cmp::Reverse(list.len()));
    let (mut sizes, mut numbers) = (vec![0; folds], vec![0; groups.len()]);
    for list in lists {
        let fewest = (0..folds).min_by_key(|fold| sizes[*fold]).unwrap_or(0);
        sizes[fewest] += list.len();
        list.iter()
            .for_each(|place| numbers[*place as usize] = fewest);
    }
    Ok(numbers)
}
