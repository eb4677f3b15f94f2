//! Scaling, column by column.

use wgrad::dataset::Scale;

#[test]
fn standard_columns_have_mean_zero_and_deviation_one_and_come_back() {
    let raw = [1.0, 7.0, 3.0, 7.0, 5.0, 7.0];
    let scale = Scale::standard(&raw, 2, &[0, 1, 2]);
    let values = scale.apply(&raw, 0..3);
    let column: Vec<f32> = values.iter().step_by(2).copied().collect();
    assert!(column.iter().sum::<f32>().abs() < 1e-6);
    assert!((column.iter().map(|v| v * v).sum::<f32>() / 3.0 - 1.0).abs() < 1e-6);
    assert_eq!(values[1], 0.0, "a constant column");
    let back = scale.invert(&values);
    let near = |(back, raw): (&f64, &f64)| (back - raw).abs() < 1e-6;
    assert!(back.iter().zip(&raw).all(near), "{back:?}");
    assert_eq!(scale.apply(&raw, [2, 0].into_iter()).len(), 4);
}

#[test]
fn only_the_named_rows_count() {
    let scale = Scale::standard(&[0.0, 100.0, 2.0], 1, &[0, 2]);
    assert_eq!((scale.shift[0], scale.factor[0]), (1.0, 1.0));
}

#[test]
fn a_constant_whose_mean_is_rounded_is_still_constant_and_neighbours_are_not() {
    let tenths = Scale::standard(&[0.1; 7], 1, &[0, 1, 2, 3, 4, 5, 6]);
    assert_eq!((tenths.shift[0], tenths.factor[0]), (0.1, 0.0));
    let neighbours = Scale::standard(&[16_777_216.0, 16_777_218.0], 1, &[0, 1]);
    assert_eq!(neighbours.factor[0], 1.0);
    let rounded = Scale::standard(&[0.1 + 0.2, 0.3], 1, &[0, 1]);
    assert_eq!(rounded.factor[0], 0.0, "what differs by rounding alone");
}

#[test]
fn differences_that_are_small_beside_the_numbers_are_kept() {
    let times: Vec<f64> = (0..100).map(|i| 1.7e9 + 1.7 * f64::from(i)).collect();
    let rows: Vec<u32> = (0..100).collect();
    let scale = Scale::standard(&times, 1, &rows);
    let scaled = scale.apply(&times, 0..100);
    let steps = scaled.windows(2).map(|pair| pair[1] - pair[0]);
    let step = 1.7 * scale.factor[0] as f32;
    assert!(steps.into_iter().all(|s| (s - step).abs() < 1e-6));
    let back = scale.invert(&scaled);
    let near = |(back, time): (&f64, &f64)| (back - time).abs() < 1e-5;
    assert!(back.iter().zip(&times).all(near));
}

#[test]
fn the_largest_and_the_smallest_numbers_stay_finite() {
    let (most, least) = (f64::from(f32::MAX), f64::from(f32::MIN));
    let tiny = f64::MIN_POSITIVE;
    for pair in [
        [most, least],
        [0.0, 1e-45],
        [most, 0.0],
        [1e140, -1e140],
        [3.9e38, 1.0],
        [1e-300, 2e-300],
        [tiny, 3.0 * tiny],
    ] {
        let scale = Scale::standard(&pair, 1, &[0, 1]);
        let values = scale.apply(&pair, 0..2);
        let one = |v: &f32| v.abs() > 0.9 && v.abs() < 1.1;
        assert!(values.iter().all(one), "{pair:?}: {values:?}");
        let values = scale.invert(&values);
        assert!(values.iter().all(|v| v.is_finite()), "{pair:?}: {values:?}");
    }
}

#[test]
fn no_rows_and_no_columns_are_no_trouble() {
    assert_eq!(Scale::standard(&[], 2, &[]).factor, [0.0, 0.0]);
    assert_eq!(Scale::standard(&[], 0, &[0, 1]), Scale::identity(0));
    assert!(Scale::identity(0).apply::<f64>(&[], 0..2).is_empty());
    assert!(Scale::identity(0).invert(&[]).is_empty());
}

#[test]
fn pixels_go_from_zero_to_one() {
    let pixels = Scale::images(3).apply(&[0u8, 51, 255], 0..1);
    assert_eq!(pixels, [0.0, 0.2, 1.0]);
}
