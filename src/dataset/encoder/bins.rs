//! The bins of numbers: piecewise linear encoding (Gorishniy et al., 2022, arXiv 2203.05556).
//!
//! The edges are quantiles of the training rows. Each bin is an input: 0 for numbers below it, 1 for numbers above it, and
//! in between how far the number is through the bin. So a network sees steps and bends without having to learn them.

// Chosen on 17 public tables (benches/tables). With few rows, a network learns chance from bins.

/// The smallest and the largest default number of bins of a number, and the largest of all numbers.
const FEWEST: usize = 4;
const MOST: usize = 16;
const MOST_OF_ALL: usize = 512;
/// Rows to learn from for each bin of a number.
const ROWS_PER_BIN: usize = 50;
/// The largest default number of bins of all numbers in all rows: 512 MiB as inputs.
const MOST_CELLS: usize = 1 << 27;

/// Returns the default number of bins in the recipe for tables, for so many rows to learn from and columns of numbers; 0
/// for none.
pub fn usual_bins(rows: usize, numbers: usize) -> usize {
    let cells = MOST_CELLS.checked_div(rows).unwrap_or(0);
    let room = MOST_OF_ALL.min(cells).checked_div(numbers).unwrap_or(0);
    match MOST.min(rows / ROWS_PER_BIN).min(room) {
        0..FEWEST => 0,
        bins => bins,
    }
}

/// Returns the number of bins between some edges.
pub(super) fn count(edges: &[f64]) -> usize {
    edges.len().saturating_sub(1)
}

/// Writes the input of each bin.
pub(super) fn encode(number: f64, edges: &[f64], out: &mut [f64]) {
    for (bin, ends) in out.iter_mut().zip(edges.windows(2)) {
        *bin = ((number - ends[0]) / (ends[1] - ends[0])).clamp(0.0, 1.0);
    }
}

/// Returns the edges of at most so many bins with about as many of `numbers` each; none if there would be fewer than two
/// bins. Each edge is one of the numbers.
pub(super) fn edges(mut numbers: Vec<f64>, bins: usize) -> Vec<f64> {
    // The width of a bin must be finite.
    numbers.retain(|number| number.abs() < f64::MAX / 4.0);
    let Some(last) = numbers.len().checked_sub(1).filter(|_| bins > 0) else {
        return Vec::new();
    };
    let places: Vec<usize> = (0..=bins).map(|edge| edge * last / bins).collect();
    select(&mut numbers, 0, &places);
    let mut edges: Vec<f64> = places.iter().map(|place| numbers[*place]).collect();
    // 0 and -0 are equal.
    edges.dedup_by(|a, b| a == b);
    if edges.len() < 3 {
        edges.clear();
    }
    edges
}

/// Puts the numbers into their places in sorted order that are `places`, which ascend. `numbers` begins at place `first`.
fn select(numbers: &mut [f64], first: usize, places: &[usize]) {
    if places.is_empty() {
        return;
    }
    let (before, rest) = places.split_at(places.len() / 2);
    let (below, _, above) = numbers.select_nth_unstable_by(rest[0] - first, f64::total_cmp);
    // Places that are there twice are found.
    let before = &before[..before.partition_point(|place| *place < rest[0])];
    let after = &rest[rest.partition_point(|place| *place <= rest[0])..];
    select(below, first, before);
    select(above, rest[0] + 1, after);
}

/// Checks that edges can be used.
pub(super) fn check(edges: &[f64]) -> Result<(), String> {
    let apart = |ends: &[f64]| ends[0] < ends[1] && (ends[1] - ends[0]).is_finite();
    match edges.iter().all(|edge| edge.is_finite()) && edges.windows(2).all(apart) {
        true => Ok(()),
        false => Err("edges of bins that do not ascend, or are not finite".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_quantiles_without_repetition() {
        let numbers: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(edges(numbers.clone(), 4), [0.0, 25.0, 50.0, 75.0, 100.0]);
        assert_eq!(
            edges(vec![1.0, 1.0, 1.0, 1.0, 2.0, 9.0], 5),
            [1.0, 2.0, 9.0]
        );
        for few in [
            vec![],
            vec![3.0],
            vec![0.0, -0.0, 5.0, 5.0],
            vec![f64::MAX, f64::MIN, 0.0],
        ] {
            assert!(edges(few, 8).is_empty());
        }
        assert!(edges(numbers, 0).is_empty());
    }

    #[test]
    fn each_bin_says_how_far_a_number_is_through_it() {
        let edges = [0.0, 10.0, 30.0];
        for (number, expected) in [
            (-5.0, [0.0, 0.0]),
            (0.0, [0.0, 0.0]),
            (2.5, [0.25, 0.0]),
            (10.0, [1.0, 0.0]),
            (20.0, [1.0, 0.5]),
            (99.0, [1.0, 1.0]),
        ] {
            let mut out = [9.0; 2];
            encode(number, &edges, &mut out);
            assert_eq!(out, expected, "{number}");
        }
        assert!(check(&edges).is_ok() && check(&[]).is_ok());
        for bad in [
            vec![0.0, 0.0, 1.0],
            vec![2.0, 1.0],
            vec![0.0, f64::NAN],
            vec![f64::MIN, f64::MAX],
        ] {
            assert!(check(&bad).is_err(), "{bad:?}");
        }
    }
}
