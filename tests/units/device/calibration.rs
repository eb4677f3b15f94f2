//! Curves of speed, and the file that keeps them.

use wgrad::device::{
    Calibration,
    calibration::{Curve, Point, PopulationCurve},
};
use wgrad::gpu::DeviceKey;
use wgrad::plan::Family;

fn curve(points: &[(f64, f64)]) -> Curve {
    let point = |&(multiply_adds, us_per_step)| Point {
        multiply_adds,
        us_per_step,
        load_us: 0.0,
    };
    Curve {
        key: DeviceKey::cpu(2),
        points: points.iter().map(point).collect(),
    }
}

/// A population of `networks` networks that takes `us` a step, at any size.
fn population(networks: usize, us: f64) -> PopulationCurve {
    PopulationCurve {
        family: Family::Lane,
        networks,
        curve: curve(&[(1.0, us), (1e9, us)]),
    }
}

#[test]
fn between_points_a_curve_is_a_power_law_and_beyond_them_it_stays_sensible() {
    let curve = curve(&[(1e3, 10.0), (1e5, 1000.0), (1e6, 2000.0)]);
    let near = |work, us: f64| (curve.us_per_step(work) / us - 1.0).abs() < 1e-9;
    assert!(near(10_000, 100.0));
    assert!(near(0, 10.0) && near(1000, 10.0));
    assert!(near(10_000_000, 20_000.0));
}

#[test]
fn what_was_saved_reads_back_and_a_curve_takes_the_place_of_its_predecessor() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/er/calibration.json");
    assert_eq!(
        Calibration::load_from(&path).unwrap(),
        Calibration::default()
    );
    let mut calibration = Calibration::default();
    calibration.insert(curve(&[(1.0, 1.0)]), vec![population(16, 1.0)]);
    let newer = vec![population(16, 2.0), population(512, 3.0)];
    calibration.insert(curve(&[(1e3, 2.5), (1e9, 1e6)]), newer);
    calibration.save_to(&path).unwrap();
    let read = Calibration::load_from(&path).unwrap();
    assert_eq!(read, calibration);
    assert_eq!((read.curves.len(), read.populations.len()), (1, 2));
    let left = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "nothing else is left in the folder");
}

#[test]
fn a_curve_of_another_version_driver_or_thread_count_does_not_count() {
    let mut calibration = Calibration::default();
    calibration.insert(curve(&[(1.0, 1.0)]), vec![population(16, 1.0)]);
    let here = DeviceKey::cpu(2);
    assert!(calibration.curve(&here).is_some());
    assert_eq!(calibration.populations(&here).count(), 1);
    let (mut version, mut driver, mut threads) = (here.clone(), here.clone(), here);
    version.wgrad = "0.0.1".to_owned();
    driver.driver_info = "another".to_owned();
    threads.threads += 1;
    for other in [version, driver, threads] {
        assert!(calibration.curve(&other).is_none(), "{other:?}");
        assert_eq!(calibration.populations(&other).count(), 0, "{other:?}");
    }
}

#[test]
fn the_time_of_a_population_is_a_power_law_of_its_networks_and_of_their_size() {
    let mut calibration = Calibration::default();
    let steep = PopulationCurve {
        curve: curve(&[(10.0, 100.0), (1e5, 1e6)]),
        ..population(1600, 1.0)
    };
    // In no order: a file may have been edited.
    calibration.insert(curve(&[(1.0, 1.0)]), vec![steep, population(16, 100.0)]);
    let here = DeviceKey::cpu(2);
    let time =
        |family, networks, size| calibration.us_per_population_step(&here, family, networks, size);
    let near = |networks, size, us: f64| {
        (time(Family::Lane, networks, size).unwrap() / us - 1.0).abs() < 1e-9
    };
    assert!(near(1, 1000, 100.0) && near(16, 1000, 100.0));
    assert!(near(1600, 1000, 1e4) && near(160, 1000, 1e3));
    assert!(near(1600, 10, 100.0) && near(160, 10, 100.0));
    assert!(near(16_000, 1000, 1e5), "as many again take as long again");
    assert_eq!(time(Family::Workgroup, 16, 1000), None);
}

#[test]
fn a_calibration_without_populations_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("calibration.json");
    let mut calibration = Calibration::default();
    calibration.insert(curve(&[(1.0, 1.0)]), Vec::new());
    let text = serde_json::to_string(&calibration).unwrap();
    let older = text.replace(",\"populations\":[]", "");
    assert_ne!(older, text);
    std::fs::write(&path, older).unwrap();
    assert_eq!(Calibration::load_from(&path).unwrap(), calibration);
}

#[test]
fn a_file_that_is_no_calibration_is_an_error_that_names_it_and_the_cure() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("calibration.json");
    let text = |curves: Vec<Curve>, populations: Vec<PopulationCurve>| {
        serde_json::to_string(&Calibration {
            curves,
            populations,
        })
        .unwrap()
    };
    let falling = || curve(&[(2.0, 1.0), (1.0, 1.0)]);
    let negative = text(vec![curve(&[(1.0, 1.0)])], vec![]).replace(":1.0", ":-1.0");
    let falling_population = PopulationCurve {
        curve: falling(),
        ..population(16, 1.0)
    };
    let falling = text(vec![falling()], vec![]);
    let of_population = text(vec![], vec![falling_population]);
    let bad = ["{", "[]", "{\"curves\":[{}]}", &falling, &of_population];
    for text in bad.into_iter().chain([&negative[..]]) {
        std::fs::write(&path, text).unwrap();
        let error = Calibration::load_from(&path).unwrap_err().to_string();
        assert!(
            error.contains("calibration.json") && error.contains("--calibrate"),
            "{error}"
        );
    }
}
