//! Which rows are for training, validation and test.

use super::{DataError, Dataset, Targets};
use crate::random::{Random, Stream};

/// Row numbers of the three sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// To learn from.
    pub train: Vec<u32>,
    /// To watch while learning.
    pub val: Vec<u32>,
    /// To judge by at the end.
    pub test: Vec<u32>,
}

/// Rows below which everything is for training.
const FEW: usize = 10;

/// Splits `data` by the seed, each class for itself: a share `val` for validation and `test` for the test. A test set
/// that came with the data stays as it is.
pub fn split(data: &Dataset, val: f64, test: f64, seed: u64) -> Result<Split, DataError> {
    for (flag, share) in [("--val", val), ("--test", test)] {
        if !(0.0..1.0).contains(&share) {
            return Err(DataError(format!(
                "{flag} {share}: expected a share of the rows, from 0 to below 1"
            )));
        }
    }
    if val + test >= 1.0 {
        return Err(DataError(format!(
            "--val {val} and --test {test} leave no rows to train on; expected less than 1 together"
        )));
    }
    let rest = data.test_from.unwrap_or(data.rows);
    let mut split = Split {
        test: (rest as u32..data.rows as u32).collect(),
        ..Split::default()
    };
    if rest < FEW {
        split.train = (0..rest as u32).collect();
        return Ok(split);
    }
    let test = if data.test_from.is_some() { 0.0 } else { test };
    let order = Random::new(seed, Stream::Split, 0);
    let shuffled = (0..rest as u32).map(|i| order.shuffled(i, rest as u32));
    let mut groups: Vec<Vec<u32>> = vec![Vec::new(); group_count(data)];
    shuffled.for_each(|row| groups[group(data, row)].push(row));
    let tests = shares(&groups, test, &vec![0; groups.len()]);
    let vals = shares(&groups, val, &tests);
    for ((group, tests), vals) in groups.iter().zip(tests).zip(vals) {
        let (test, rest) = group.split_at(tests);
        let (val, train) = rest.split_at(vals);
        split.test.extend(test);
        split.val.extend(val);
        split.train.extend(train);
    }
    if split.train.is_empty() {
        return Err(DataError(format!(
            "{}: no rows are left to train on; lower --val and --test",
            data.name
        )));
    }
    Ok(split)
}

fn group_count(data: &Dataset) -> usize {
    match &data.targets {
        Some(Targets::Classes { names, .. }) => names.len(),
        _ => 1,
    }
}

fn group(data: &Dataset, row: u32) -> usize {
    match &data.targets {
        Some(Targets::Classes { labels, .. }) => labels[row as usize] as usize,
        _ => 0,
    }
}

/// How many rows of each group make a share of all rows: the whole parts, then one more for the largest remainders. A
/// group keeps at least one row, beyond those `taken` already.
fn shares(groups: &[Vec<u32>], share: f64, taken: &[usize]) -> Vec<usize> {
    let total: usize = groups.iter().map(Vec::len).sum();
    let wanted = (total as f64 * share).round() as usize;
    let exact: Vec<f64> = groups.iter().map(|g| g.len() as f64 * share).collect();
    let room = |g: usize| groups[g].len().saturating_sub(taken[g] + 1);
    let mut counts: Vec<usize> = (0..groups.len())
        .map(|g| (exact[g] as usize).min(room(g)))
        .collect();
    let mut by_remainder: Vec<usize> = (0..groups.len()).collect();
    by_remainder.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()));
    for g in by_remainder {
        if counts.iter().sum::<usize>() < wanted && counts[g] < room(g) {
            counts[g] += 1;
        }
    }
    counts
}
