//! Compares products and SGD steps by the vector instructions of this CPU with plain loops, on odd shapes: they have the
//! same bits.

use super::*;
use crate::math::{Lanes, Random, Stream};

fn numbers(len: usize, part: u32) -> Vec<f32> {
    let random = Random::new(5, Stream::Data, part);
    (0..len as u32).map(|i| random.normal(i) as f32).collect()
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
    let widths = Width::available();
    assert_eq!(widths.last(), Some(&Width::Plain));
    for (a, b) in pairs.into_iter().flatten() {
        // Few rows of a large matrix are a large product, and the other way round.
        for rows in [m, SMALL] {
            for start in [Start::Zero, Start::Present] {
                let product = |width| {
                    let mut out = vec![0.25; m * n];
                    multiply(width, &mut out, a, b, rows, start);
                    out
                };
                let expected = product(Width::Plain);
                for width in &widths {
                    assert!(product(*width) == expected, "{width:?}: {m} {n} {k}");
                }
            }
            for decay in [None, Some(0.25)] {
                let step = |width| {
                    let (rate, mut out) = (0.125, numbers(m * n, 2));
                    let step = SgdStep { rate, decay };
                    let largest = multiply_into_sgd(width, &mut out, a, b, rows, step);
                    (largest, out)
                };
                let expected = step(Width::Plain);
                for width in &widths {
                    assert!(step(*width) == expected, "a step by {width:?}: {m} {n} {k}");
                }
            }
        }
    }
}

/// Tests plain loops against sums in f64.
#[test]
fn plain_products_are_close_to_f64() {
    let (m, n, k) = (7, 40, 1100);
    let (a, b) = (numbers(m * k, 0), numbers(k * n, 1));
    let [wide_a, wide_b] =
        [&a, &b].map(|values| values.iter().map(|v| f64::from(*v)).collect::<Vec<_>>());
    let (mut found, mut exact) = (vec![0.25; m * n], vec![0.25; m * n]);
    let [a, b] = [Matrix::new(&a, m, k), Matrix::new(&b, k, n)];
    multiply(Width::Plain, &mut found, a, b, m, Start::Present);
    let [a, b] = [Matrix::new(&wide_a, m, k), Matrix::new(&wide_b, k, n)];
    f64::multiply(&mut exact, a, b, m, Start::Present);
    for (e, f) in exact.iter().zip(&found) {
        assert!((e - f64::from(*f)).abs() <= 4e-6 * k as f64, "{e} {f}");
    }
}

#[test]
fn products_have_the_bits_of_plain_loops_on_odd_shapes() {
    for m in [1, 3, 6, 17, 33] {
        for n in [1, 5, 16, 31, 48, 67] {
            for k in [1, 7, 33, 64] {
                check(m, n, k);
            }
        }
    }
    check(7, 40, 1100);
    check(19, 70, 1100);
}

/// Tests a product of `W` networks against products of each in plain loops.
fn check_lanes<const W: usize>(m: usize, n: usize, k: usize) {
    let of = |len, part| -> Vec<Lanes<W>> {
        let numbers = numbers(len * W, part);
        numbers.chunks_exact(W).map(Lanes::of_each).collect()
    };
    let (a, b) = (of(m * k, 0), of(k * n, 1));
    let one = |values: &[Lanes<W>], network: usize| -> Vec<f32> {
        values.iter().map(|v| v.of_network(network)).collect()
    };
    for (start, is_turned) in [(Start::Zero, false), (Start::Present, true)] {
        let product = |width| {
            let mut out = vec![Lanes::of(0.25); m * n];
            let b = match is_turned {
                true => Matrix::new(&b, n, k).transposed(),
                false => Matrix::new(&b, k, n),
            };
            lanes::multiply(width, &mut out, Matrix::new(&a, m, k), b, start);
            out
        };
        for width in Width::available() {
            let out = product(width);
            for network in 0..W {
                let (a, b) = (one(&a, network), one(&b, network));
                let mut alone = vec![0.25; m * n];
                let b = match is_turned {
                    true => Matrix::new(&b, n, k).transposed(),
                    false => Matrix::new(&b, k, n),
                };
                let add = |a, b, sum| a * b + sum;
                plain(&mut alone, Matrix::new(&a, m, k), b, start, add);
                assert!(one(&out, network) == alone, "{width:?}: {m} {n} {k}");
            }
        }
    }
}

#[test]
fn products_of_many_networks_have_the_bits_of_each() {
    for (m, n, k) in [(1, 1, 1), (2, 3, 5), (3, 4, 2), (5, 9, 7), (1, 6, 4)] {
        check_lanes::<16>(m, n, k);
        check_lanes::<64>(m, n, k);
    }
}
