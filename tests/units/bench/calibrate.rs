//! The ladder of sizes that a calibration measures.

use wgrad::bench::{
    BenchJob,
    calibrate::{LADDER, multiply_adds, settle},
};
use wgrad::device::calibration::Point;

#[test]
fn a_step_that_took_longer_than_a_larger_one_was_disturbed() {
    let measured = [3.0, 90.0, 8.0, 40.0, 35.0, 300.0];
    let mut points = measured.map(|us_per_step| Point {
        multiply_adds: 1.0,
        us_per_step,
    });
    settle(&mut points);
    let settled = points.map(|point| point.us_per_step);
    assert_eq!(settled, [3.0, 8.0, 8.0, 35.0, 35.0, 300.0]);
}

#[test]
fn the_ladder_rises_from_a_thousand_to_a_thousand_million_multiply_adds() {
    let sizes = LADDER.map(|(widths, batch)| multiply_adds(&BenchJob::new(widths.to_vec(), batch)));
    assert!(sizes.is_sorted(), "{sizes:?}");
    let near = |size: usize, wanted: f64| (size as f64 / wanted).ln().abs() < 0.1;
    assert!(near(sizes[0], 1e3) && near(sizes[5], 1e9), "{sizes:?}");
}
