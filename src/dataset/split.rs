//! Splits rows into training, validation and test sets.

mod groups;

use super::error::{DataError, DataErrorKind as Kind};
use crate::dataset::{Dataset, Targets};
use crate::math::{Random, Stream};
use groups::{Groups, fold_numbers, group_of};
use std::collections::HashSet;
use std::ops::Range;

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

/// How to split rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SplitOptions {
    /// Share of the rows for validation, at least 0 and below 1.
    pub val: f64,
    /// Share of the rows for the test, at least 0 and below 1.
    pub test: f64,
    /// Seed of the shuffle.
    pub seed: u64,
    /// Whether rows are shuffled; else the last rows are for the test, and those before them for validation.
    pub shuffle: bool,
}

impl Default for SplitOptions {
    fn default() -> SplitOptions {
        SplitOptions {
            val: 0.1,
            test: 0.2,
            seed: 0,
            shuffle: true,
        }
    }
}

/// Below this number of rows, all rows are for training.
pub(super) const FEW: usize = 10;

/// Splits the rows of `data`. Rows for validation or for the test that came with the data stay as they are, and no share
/// is taken for such a part. Fewer than 10 other rows are all for training.
///
/// - By default, the split is random and stratified: each set has its share of every class, and every class keeps at
///   least one training row.
/// - Of data with [groups](Dataset::groups), no group is in two sets. The shares are met as nearly as whole groups allow.
/// - Without `shuffle`, the rows keep their order: first those to train on, then validation, then test.
///
/// # Errors
/// Returns an error if a share is none, if nothing is left to train on, or if groups cannot be kept apart.
pub fn split(data: &Dataset, options: &SplitOptions) -> Result<Split, DataError> {
    let parts = Parts::of(data)?;
    let taken = |own: Option<usize>, share| own.map_or(share, |_| 0.0);
    let val = taken(data.val_from, options.val);
    let test = taken(data.test_from, options.test);
    check_shares(val, test)?;
    if parts.rest == 0 {
        let message = format!("{}: no rows to train on", data.name);
        return Err(DataError::new(Kind::Split, message));
    }
    let mut split = Split {
        val: parts.val.clone().collect(),
        test: parts.test.clone().collect(),
        ..Split::default()
    };
    if let Some(groups) = &data.groups {
        require_apart(data, groups, &parts)?;
    }
    if (parts.rest as usize) < FEW {
        split.train = (0..parts.rest).collect();
        return Ok(split);
    }
    let found = match &data.groups {
        Some(groups) => by_group(data, groups, parts.rest, [val, test], options.seed)?,
        None if options.shuffle => stratified(data, parts.rest, [val, test], options.seed),
        None => in_order(parts.rest, [val, test]),
    };
    split.train = found.train;
    split.val.extend(found.val);
    split.test.extend(found.test);
    Ok(split)
}

/// Splits the rows of `data` for cross-validation, once for each of `folds` folds. Each fold is the validation set of
/// one split, and part of the training set of the others; `options.val` has no effect. `options.test` is the share of
/// the test set of all splits, unless the data came with one. Rows for validation that came with the data are shared
/// out like the others.
///
/// The rows of each class are spread evenly over the folds. Of data with groups, no group is in two folds. Without
/// `shuffle`, each fold is a run of rows.
///
/// # Errors
/// Returns the errors of [`split`], and one if there cannot be so many folds.
pub fn folds(
    data: &Dataset,
    folds: usize,
    options: &SplitOptions,
) -> Result<Vec<Split>, DataError> {
    let options = SplitOptions {
        val: 0.0,
        ..*options
    };
    let mut whole = split(data, &options)?;
    whole.train.append(&mut whole.val);
    let rows = &whole.train;
    let numbers = match &data.groups {
        Some(groups) => {
            let groups: Vec<u32> = rows.iter().map(|&row| group_of(groups, row)).collect();
            fold_numbers(&groups, folds, options.seed)
        }
        None if folds < 2 || folds > rows.len() => Err(rows.len()),
        // The training rows are sorted by class, so dealing them out in turn spreads each class.
        None if options.shuffle => Ok((0..rows.len()).map(|place| place % folds).collect()),
        None => Ok((0..rows.len())
            .map(|place| place * folds / rows.len())
            .collect()),
    };
    let numbers: Vec<usize> = numbers.map_err(|most| {
        let what = if data.groups.is_some() {
            "groups of rows"
        } else {
            "rows"
        };
        let message = format!(
            "`folds = {folds}`: expected 2 to {most}, as many as {} has {what} to learn from",
            data.name
        );
        DataError::new(Kind::Split, message)
    })?;
    let fold = |fold: usize| {
        let (val, train) = (0..rows.len()).partition::<Vec<_>, _>(|place| numbers[*place] == fold);
        let rows = |places: Vec<usize>| places.iter().map(|p| rows[*p]).collect();
        Split {
            train: rows(train),
            val: rows(val),
            test: whole.test.clone(),
            is_fold: true,
        }
    };
    Ok((0..folds).map(fold).collect())
}

/// Where the rows of a data set belong before they are split.
struct Parts {
    /// Number of rows that no part has yet; they come first.
    rest: u32,
    /// Rows for validation that came with the data.
    val: Range<u32>,
    /// Rows for the test that came with the data.
    test: Range<u32>,
}

impl Parts {
    fn of(data: &Dataset) -> Result<Parts, DataError> {
        let rows = row_numbers(data)?;
        let from =
            |from: Option<usize>, end: u32| from.map_or(end, |from| from.min(end as usize) as u32);
        let test = from(data.test_from, rows);
        let val = from(data.val_from, test);
        Ok(Parts {
            rest: val,
            val: val..test,
            test: test..rows,
        })
    }
}

/// Checks that no group of rows to be split is in a part that came with the data, and none of these in two.
fn require_apart(data: &Dataset, groups: &[u32], parts: &Parts) -> Result<(), DataError> {
    let of = |rows: Range<u32>| -> HashSet<u32> { rows.map(|row| group_of(groups, row)).collect() };
    let (vals, tests) = (of(parts.val.clone()), of(parts.test.clone()));
    let in_two = |row: &u32| {
        let group = group_of(groups, *row);
        tests.contains(&group) || (*row < parts.rest && vals.contains(&group))
    };
    match (0..parts.test.start).find(in_two) {
        None => Ok(()),
        Some(row) => {
            let at = match data.lines.of(row as usize) {
                0 => format!("row {}", row + 1),
                number => format!("{} {number}", data.lines.what()),
            };
            let message = format!(
                "{}: the group of {at} is in another file's rows too, and `split_by` keeps groups apart; move its rows to one file, or leave `split_by` out",
                data.name
            );
            Err(DataError::new(Kind::Split, message))
        }
    }
}

/// Splits the first `rows` rows by whole groups, for the shares of validation and test.
fn by_group(
    data: &Dataset,
    groups: &[u32],
    rows: u32,
    [val, test]: [f64; 2],
    seed: u64,
) -> Result<Split, DataError> {
    let mut groups = Groups::of(rows, groups, seed);
    if groups.count() < 2 && val + test > 0.0 {
        let message = format!(
            "{}: `split_by` finds one group, which cannot be split; name a column with more groups, or leave it out",
            data.name
        );
        return Err(DataError::new(Kind::Split, message));
    }
    Ok(Split {
        test: groups.take(rounded(rows, test)),
        val: groups.take(rounded(rows, val)),
        train: groups.rest(),
        ..Split::default()
    })
}

/// Splits the first `rows` rows in their order, for the shares of validation and test.
fn in_order(rows: u32, [val, test]: [f64; 2]) -> Split {
    let test = rounded(rows, test).min(rows as usize - 1) as u32;
    let val = rounded(rows, val).min((rows - test) as usize - 1) as u32;
    let [first_val, first_test] = [rows - test - val, rows - test];
    Split {
        train: (0..first_val).collect(),
        val: (first_val..first_test).collect(),
        test: (first_test..rows).collect(),
        ..Split::default()
    }
}

/// Splits the first `rows` rows at random, class by class, for the shares of validation and test.
fn stratified(data: &Dataset, rows: u32, [val, test]: [f64; 2], seed: u64) -> Split {
    let mut split = Split::default();
    let classes = classes(data, rows, seed);
    let tests = shares(&classes, test, &vec![0; classes.len()]);
    let vals = shares(&classes, val, &tests);
    for ((class, tests), vals) in classes.iter().zip(tests).zip(vals) {
        let (test, rest) = class.split_at(tests);
        let (val, train) = rest.split_at(vals);
        split.test.extend(test);
        split.val.extend(val);
        split.train.extend(train);
    }
    split
}

/// Returns the number of rows of a share.
fn rounded(rows: u32, share: f64) -> usize {
    (f64::from(rows) * share).round() as usize
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

/// Returns the first `count` rows, shuffled, in one list per class.
fn classes(data: &Dataset, count: u32, seed: u64) -> Vec<Vec<u32>> {
    let (labels, classes) = match &data.targets {
        Some(Targets::Classes { labels, names }) => (&labels[..], names.len()),
        _ => (&[][..], 1),
    };
    let mut lists = vec![Vec::new(); classes.max(1)];
    let order = Random::new(seed, Stream::Split, 0);
    for row in (0..count).map(|i| order.shuffled(i, count)) {
        let label = labels.get(row as usize).copied().unwrap_or(0) as usize;
        lists[label.min(classes.max(1) - 1)].push(row);
    }
    lists
}

/// Returns how many rows of each class make up a share of all rows: the whole parts, plus one for the largest
/// remainders. A class keeps at least one row, beyond those already `taken`.
fn shares(lists: &[Vec<u32>], share: f64, taken: &[usize]) -> Vec<usize> {
    let total: usize = lists.iter().map(Vec::len).sum();
    let wanted = (total as f64 * share).round() as usize;
    let exact: Vec<f64> = lists.iter().map(|g| g.len() as f64 * share).collect();
    let room = |g: usize| lists[g].len().saturating_sub(taken[g] + 1);
    let mut counts: Vec<usize> = (0..lists.len())
        .map(|g| (exact[g] as usize).min(room(g)))
        .collect();
    let mut given: usize = counts.iter().sum();
    let mut by_remainder: Vec<usize> = (0..lists.len()).collect();
    by_remainder.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()));
    for g in by_remainder {
        if given < wanted && counts[g] < room(g) {
            counts[g] += 1;
            given += 1;
        }
    }
    counts
}
