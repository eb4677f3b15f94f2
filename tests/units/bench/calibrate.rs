//! The ladder of sizes that a calibration measures.

use wgrad::bench::{
    BenchJob,
    calibrate::{LADDER, POPULATIONS, multiply_adds, populations, settle},
};
use wgrad::device::{
    Device,
    calibration::{Point, PopulationCurve},
};
use wgrad::plan::Family;

#[test]
fn a_step_that_took_longer_than_a_larger_one_was_disturbed() {
    let measured = [3.0, 90.0, 8.0, 40.0, 35.0, 300.0];
    let mut points = measured.map(|us_per_step| Point {
        multiply_adds: 1.0,
        us_per_step,
        load_us: 0.0,
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

#[test]
fn the_ladders_of_populations_rise_and_the_cpu_device_has_a_curve_for_each_family_and_number() {
    for (family, counts, sizes) in POPULATIONS {
        let job = |(widths, batch): &(&[usize], usize)| BenchJob::new(widths.to_vec(), *batch);
        let sizes: Vec<usize> = sizes.iter().map(|size| multiply_adds(&job(size))).collect();
        assert!(sizes.is_sorted() && counts.is_sorted(), "{family:?}");
        assert!(counts[0] > 1, "one network is no population");
    }
    let mut told = 0;
    let curves = populations(&Device::Cpu, &mut |_, _, _| told += 1).unwrap();
    let points = curves.iter().map(|own| own.curve.points.len());
    assert_eq!(points.sum::<usize>(), told);
    let key = Device::Cpu.key();
    for (family, counts, _) in POPULATIONS {
        for networks in counts {
            let own = |own: &&PopulationCurve| {
                (own.family, own.networks, &own.curve.key) == (family, *networks, &key)
            };
            let is_used = family != Family::Workgroup;
            assert_eq!(
                curves.iter().any(|curve| own(&curve)),
                is_used,
                "{family:?}"
            );
        }
    }
}
