//! Compares products with plain loops, on odd shapes and in parts, and fused SGD steps with a product and a step.

use super::*;
use crate::math::{Random, Stream};

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
