//! Splits rows into training, validation and test sets.

use super::error::{DataError, DataErrorKind as Kind};
use crate::dataset::{Dataset, Targets};
use crate::math::{Random, Stream};

/// Row numbers of the three sets, which are disjoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Training set.
    pub train: Vec<u32>,
    /// Validation set, evaluated during training.
    pub val: Vec<u32>,
    /// Test set, evaluated at the end.
    pub test: Vec<u32>,
    /// Whether this is one of the folds of a cross-validation.
    pub is_fold: bool,
}

/// Below this number of rows, all rows are for training.
pub(super) const FEW: usize = 10;

/// Splits the rows of `data` at random, by the seed. `val` and `test` are the shares for validation and test, each at
/// least 0 and below 1.
///
/// The split is stratified: each set has its share of every class, and every class keeps at least one training row. A
/// test set that came with the data stays as it is, whatever `test` says. Fewer than 10 rows are all for training.
pub fn split(data: &Dataset, val: f64, test: f64, seed: u64) -> Result<Split, DataError> {
    let rows = row_numbers(data)?;
    let rest = data
        .test_from
        .map_or(rows, |from| from.min(data.rows) as u32);
    let test = if data.test_from.is_some() { 0.0 } else { test };
    check_shares(val, test)?;
    if rest == 0 {
        let message = format!("{}: no rows to train on", data.name);
        return Err(DataError::new(Kind::Split, message));
    }
    let mut split = Split {
        test: (rest..rows).collect(),
        ..Split::default()
    };
    if (rest as usize) < FEW {
        split.train = (0..rest).collect();
        return Ok(split);
    }
    let groups = groups(data, rest, seed);
    let tests = shares(&groups, test, &vec![0; groups.len()]);
    let vals = shares(&groups, val, &tests);
    for ((group, tests), vals) in groups.iter().zip(tests).zip(vals) {
        let (test, rest) = group.split_at(tests);
        let (val, train) = rest.split_at(vals);
        split.test.extend(test);
        split.val.extend(val);
        split.train.extend(train);
    }
    Ok(split)
}

/// Splits the rows of `data` for cross-validation, once for each of `folds` folds. Each fold is the validation set of
/// one split, and part of the training set of the others. A share `test` is the test set of all splits.
///
/// The rows of each class are spread evenly over the folds. A test set that came with the data stays as it is.
pub fn folds(data: &Dataset, folds: usize, test: f64, seed: u64) -> Result<Vec<Split>, DataError> {
    let whole = split(data, 0.0, test, seed)?;
    let rows = whole.train.len();
    if folds < 2 || folds > rows {
        let message = format!(
            "`folds = {folds}`: expected 2 to {rows}, as many as {} has rows to learn from",
            data.name
        );
        return Err(DataError::new(Kind::Split, message));
    }
    // The training rows are sorted by class, so dealing them out in turn spreads each class.
    let fold = |fold: usize| {
        let (val, train) = (0..rows).partition::<Vec<_>, _>(|place| place % folds == fold);
        let rows = |places: Vec<usize>| places.iter().map(|p| whole.train[*p]).collect();
        Split {
            train: rows(train),
            val: rows(val),
            test: whole.test.clone(),
            is_fold: true,
        }
    };
    Ok((0..folds).map(fold).collect())
}

/// Returns the number of rows as u32, the type of row numbers.
fn row_numbers(data: &Dataset) -> Result<u32, DataError> {
    u32::try_from(data.rows).map_err(|_| {
        let (name, rows, most) = (&data.name, data.rows, u32::MAX);
        let message = format!("{name}: {rows} rows, expected at most {most}; train on a part");
        DataError::new(Kind::Split, message)
    })
}

fn check_shares(val: f64, test: f64) -> Result<(), DataError> {
    for (key, share) in [("val", val), ("test", test)] {
        if !(0.0..1.0).contains(&share) {
            let message =
                format!("`{key} = {share}`: expected a share of the rows, from 0 to below 1");
            return Err(DataError::new(Kind::Split, message));
        }
    }
    if val + test >= 1.0 {
        let message = format!(
            "`val = {val}` and `test = {test}` leave no rows to train on; expected less than 1 together"
        );
        return Err(DataError::new(Kind::Split, message));
    }
    Ok(())
}

/// Returns the first `count` rows, shuffled, in one group per class.
fn groups(data: &Dataset, count: u32, seed: u64) -> Vec<Vec<u32>> {
    let (labels, classes) = match &data.targets {
        Some(Targets::Classes { labels, names }) => (&labels[..], names.len()),
        _ => (&[][..], 1),
    };
    let mut groups = vec![Vec::new(); classes.max(1)];
    let order = Random::new(seed, Stream::Split, 0);
    for row in (0..count).map(|i| order.shuffled(i, count)) {
        let label = labels.get(row as usize).copied().unwrap_or(0) as usize;
        groups[label.min(classes.max(1) - 1)].push(row);
    }
    groups
}

/// Returns how many rows of each group make up a share of all rows: the whole parts, plus one for the largest
/// remainders. A group keeps at least one row, beyond those already `taken`.
fn shares(groups: &[Vec<u32>], share: f64, taken: &[usize]) -> Vec<usize> {
    let total: usize = groups.iter().map(Vec::len).sum();
    let wanted = (total as f64 * share).round() as usize;
    let exact: Vec<f64> = groups.iter().map(|g| g.len() as f64 * share).collect();
    let room = |g: usize| groups[g].len().saturating_sub(taken[g] + 1);
    let mut counts: Vec<usize> = (0..groups.len())
        .map(|g| (exact[g] as usize).min(room(g)))
        .collect();
    let mut given: usize = counts.iter().sum();
    let mut by_remainder: Vec<usize> = (0..groups.len()).collect();
    by_remainder.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()));
    for g in by_remainder {
        if given < wanted && counts[g] < room(g) {
            counts[g] += 1;
            given += 1;
        }
    }
    counts
}
