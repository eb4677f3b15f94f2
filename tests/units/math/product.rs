//! Products in parts, and fused SGD against a product and a step.

use wgrad::math::{Matrix, Product, Random, Start, Stream, product::sgd::SgdStep, real::INFINITE};

fn numbers(len: usize, part: u32) -> Vec<f32> {
    let random = Random::new(5, Stream::Data, part);
    (0..len as u32).map(|i| random.normal(i) as f32).collect()
}

#[test]
fn fused_sgd_has_the_bits_of_a_product_and_a_step() {
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
            let sgd_step = SgdStep { rate: 0.125, decay };
            let mut gradient = vec![f32::NAN; m * n];
            f32::multiply(&mut gradient, a, b, m, Start::Zero);
            let (mut expected, mut found) = (numbers(m * n, 2), numbers(m * n, 2));
            let largest = sgd_step.take(&mut expected, &gradient);
            assert_eq!(
                f32::multiply_into_sgd(&mut found, a, b, m, sgd_step),
                largest,
                "{m} {n} {k}"
            );
            assert!(found == expected, "{m} {n} {k}");
        }
    }
}

#[test]
fn fused_sgd_shows_what_is_not_finite() {
    let (a, b) = ([1.0, f32::NAN], [1.0; 20]);
    let (a, b) = (Matrix::new(&a, 2, 1), Matrix::new(&b, 1, 20));
    let sgd_step = SgdStep {
        rate: 1.0,
        decay: None,
    };
    let largest = f32::multiply_into_sgd(&mut [0.0; 40], a, b, 2, sgd_step);
    assert!(largest >= INFINITE);
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
fn a_product_has_the_same_bits_however_it_is_cut() {
    let (m, n, k) = (45, 37, 300);
    let (a, b) = (numbers(m * k, 0), numbers(k * n, 1));
    let (a, b) = (Matrix::new(&a, m, k), Matrix::new(&b, k, n));
    let mut whole = vec![0.5; m * n];
    f32::multiply(&mut whole, a, b, m, Start::Present);
    let mut parts = vec![0.5; m * n];
    for rows in [0..1, 1..8, 8..40, 40..45] {
        let out = &mut parts[rows.start * n..rows.end * n];
        f32::multiply(out, a.rows(rows.start, rows.end), b, m, Start::Present);
    }
    assert!(whole == parts);
}
