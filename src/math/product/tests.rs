//! Compares products with plain loops, on odd shapes and in parts, and fused SGD steps with a product and a step.

use super::*;
use crate::math::random::{Random, Stream};

fn numbers(len: usize, part: u32) -> Vec<f32> {
    let random = Random::new(5, Stream::Data, part);
    (0..len as u32).map(|i| random.normal(i) as f32).collect()
}

fn fast_product(out: &mut [f32], a: Matrix<f32>, b: Matrix<f32>, start: Start) {
    call_fastest(out, a, b, start, false);
}

/// Tests `a` (m, k) and `b` (k, n): dense, transposed in memory, and with rows or columns at arbitrary positions.
fn check(m: usize, n: usize, k: usize) {
    let (a, b) = (numbers(m * k, 0), numbers(k * n, 1));
    let apart = [m, n, k].map(|count| (0..count as u32).rev().collect::<Vec<u32>>());
    let lefts = [
        Matrix::new(&a, m, k),
        Matrix::new(&a, k, m).transposed(),
        Matrix::of_rows(&a, &apart[0], k),
        Matrix::of_rows(&a, &apart[2], m).transposed(),
    ];
    let rights = [
        Matrix::new(&b, k, n),
        Matrix::new(&b, n, k).transposed(),
        Matrix::of_rows(&b, &apart[2], n),
        Matrix::of_rows(&b, &apart[1], k).transposed(),
    ];
    let pairs = lefts.map(|a| rights.map(|b| (a, b)));
    for (a, b) in pairs.into_iter().flatten() {
        for start in [Start::Zero, Start::Present] {
            let mut exact = vec![0.25; m * n];
            plain(&mut exact, a, b, start);
            let mut in_order = vec![0.25; m * n];
            call_fastest(&mut in_order, a, b, start, true);
            assert!(in_order == exact, "{m} {n} {k}");
            for product in [fast_product, call_gemm] {
                let mut found = vec![0.25; m * n];
                product(&mut found, a, b, start);
                for (e, f) in exact.iter().zip(&found) {
                    assert!((e - f).abs() <= 4e-6 * k as f32, "{m} {n} {k}: {e} {f}");
                }
            }
        }
    }
}

#[test]
fn fast_products_agree_with_plain_loops_on_odd_shapes() {
    for m in [1, 3, 17, 33] {
        for n in [1, 5, 16, 31] {
            for k in [1, 7, 64, 129] {
                check(m, n, k);
            }
        }
    }
    check(7, 40, 1100);
    check(19, 70, 1100);
}

#[test]
fn a_fused_sgd_step_has_the_bits_of_a_product_and_a_step() {
    for (m, n, k) in [
        (1, 1, 1),
        (7, 5, 3),
        (13, 40, 30),
        (9, 33, 256),
        (6, 20, 300),
    ] {
        let (a, b) = (numbers(k * m, 0), numbers(k * n, 1));
        let (a, b) = (Matrix::new(&a, k, m).transposed(), Matrix::new(&b, k, n));
        for decay in [None, Some(0.25)] {
            let step = SgdStep { rate: 0.125, decay };
            let mut gradient = vec![f32::NAN; m * n];
            fast(&mut gradient, a, b, m, Start::Zero);
            let (mut expected, mut found) = (numbers(m * n, 2), numbers(m * n, 2));
            let largest = step.take(&mut expected, &gradient);
            assert_eq!(
                multiply_into_sgd(&mut found, a, b, m, step),
                largest,
                "{m} {n} {k}"
            );
            assert!(found == expected, "{m} {n} {k}");
        }
    }
}

#[test]
fn a_fused_sgd_step_reports_values_that_are_not_finite() {
    let (a, b) = ([1.0, f32::NAN], [1.0; 20]);
    let (a, b) = (Matrix::new(&a, 2, 1), Matrix::new(&b, 1, 20));
    let step = SgdStep {
        rate: 1.0,
        decay: None,
    };
    let largest = multiply_into_sgd(&mut [0.0; 40], a, b, 2, step);
    assert!(largest >= crate::math::real::INFINITE);
}

#[test]
fn rows_are_where_their_places_say() {
    let values = [0, 1, 10, 11, 20, 21];
    let matrix = Matrix::of_rows(&values, &[2, 0, 1], 2);
    let part = matrix.rows(1, 3);
    assert_eq!([0, 1].map(|row| part.at(row, 1)), [1, 11]);
    assert_eq!([0, 1, 2].map(|c| matrix.transposed().at(0, c)), [20, 0, 10]);
    assert!(matrix.is_inside() && part.is_inside());
    assert!(!Matrix::of_rows(&values, &[2, 3], 2).is_inside());
}

#[test]
fn a_product_has_the_same_bits_however_it_is_split() {
    if !is_cut_freely() {
        return;
    }
    let (m, n, k) = (45, 37, 300);
    let (a, b) = (numbers(m * k, 0), numbers(k * n, 1));
    let (a, b) = (Matrix::new(&a, m, k), Matrix::new(&b, k, n));
    let mut whole = vec![0.5; m * n];
    fast(&mut whole, a, b, m, Start::Present);
    let mut parts = vec![0.5; m * n];
    for rows in [0..1, 1..8, 8..40, 40..45] {
        let out = &mut parts[rows.start * n..rows.end * n];
        fast(out, a.rows(rows.start, rows.end), b, m, Start::Present);
    }
    assert!(whole == parts);
}
