//! Cases and bounds of the kernels that clip a gradient: `square_sums`, `clip_factor`, `clip`.

use super::case::{Case, Tensors, U, exact, guarded};
use super::numbers::{Draw, Numbers};
use super::updates::{ANY, LENGTHS, both, pair};
use crate::kernels::{Buffer::Scratch, clip, clip_factor, square_sums};

/// Returns cases of `square_sums` of tensors of several lengths.
pub(super) fn square_sums_cases(numbers: Numbers) -> Vec<Case> {
    let lengths = [1, 2, 15, 16, 17, 64, 1017, 5000];
    let cases = lengths.into_iter().enumerate().map(|(seed, length)| {
        let gradient = Draw::new(numbers, seed).take(length, 1.0);
        let sums = vec![f32::NAN; square_sums::sums(length)];
        let call = square_sums::call(length, Scratch(0).tensor(1), Scratch(1).tensor(1));
        let tensors = vec![guarded(&[&gradient]), guarded(&[&sums])];
        Case::new(ANY, vec![call], tensors, square_sums_bound)
    });
    cases.collect()
}

/// Squares of small integers add up exactly. Else each term rounds twice at most, and the sum has the tight bound.
fn square_sums_bound(case: &Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let is_whole = |g: &f64| g.fract() == 0.0;
    let sums = case.writes(after)[0];
    match case.reads(before)[0].iter().all(is_whole) {
        true => exact(case, before, after),
        false => case.place(vec![sums.iter().map(|sum| 8.0 * U * sum).collect()]),
    }
}

/// Returns cases of `clip_factor`, of every place among the tensors, with a limit above and below the norm.
pub(super) fn clip_factor_cases(numbers: Numbers) -> Vec<Case> {
    let places = [[true, false], [false, false], [false, true], [true, true]];
    let limits = [0.5, 1e4];
    let all = places.into_iter().flat_map(|p| limits.map(|l| (p, l)));
    let cases = all.enumerate().map(|(seed, (ends, limit))| {
        let mut draw = Draw::new(numbers, seed);
        let count = [1, 3, 64, 256][seed % 4];
        let squares = |x: Vec<f32>| x.iter().map(|x| x * x).collect::<Vec<f32>>();
        let sums = squares(draw.take(count, 1.0));
        let so_far = match ends[0] {
            true => vec![f32::NAN],
            false => squares(draw.take(1, 3.0)),
        };
        let (read, written) = (Scratch(0).tensor(1), Scratch(1).tensor(1));
        let call = clip_factor::call(count, limit, ends, read, written);
        let tensors = vec![guarded(&[&sums]), guarded(&[&so_far])];
        Case::new(ANY, vec![call], tensors, clip_factor_bound)
    });
    cases.collect()
}

/// The sum has the tight bound, of which the root has half; then a root (9 U, as in adam), a sum and a quotient (5 U).
fn clip_factor_bound(case: &Case, _: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let factor = case.writes(after)[0][0];
    case.place(vec![vec![(8.0 + 9.0 + 1.0 + 5.0) * U * factor.abs()]])
}

/// Returns cases of `clip`, by a factor, by a limit, and by both.
pub(super) fn clip_cases(numbers: Numbers) -> Vec<Case> {
    let ways = [(0.0, true), (0.75, false), (0.5, true)];
    let all = LENGTHS.into_iter().flat_map(|l| ways.map(|w| (l, w)));
    let cases = all.enumerate().map(|(seed, (lengths, (limit, scales)))| {
        let mut draw = Draw::new(numbers, seed);
        let gradient = pair(lengths, || draw.take(1, 1.0)[0]);
        let factor: &[f32] = match numbers {
            Numbers::Integers => &[0.5],
            Numbers::Reals => &[0.3],
        };
        let call = clip::call(limit, scales, Scratch(0).tensor(1), both(1));
        let bound = match numbers {
            Numbers::Integers => exact,
            Numbers::Reals => clip_bound,
        };
        Case::new(ANY, vec![call], vec![guarded(&[factor]), gradient], bound)
    });
    cases.collect()
}

/// A product rounds once.
fn clip_bound(case: &Case, _: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let gradient = case.writes(after)[0];
    case.place(vec![gradient.iter().map(|g| U * g.abs()).collect()])
}
