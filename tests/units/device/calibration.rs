//! Curves of speed, and the file that keeps them.

use wgrad::device::{
    Calibration,
    calibration::{Curve, Point},
};
use wgrad::gpu::DeviceKey;

fn curve(points: &[(f64, f64)]) -> Curve {
    let point = |&(multiply_adds, us_per_step)| Point {
        multiply_adds,
        us_per_step,
    };
    Curve {
        key: DeviceKey::cpu(2),
        points: points.iter().map(point).collect(),
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
    calibration.insert(curve(&[(1.0, 1.0)]));
    calibration.insert(curve(&[(1e3, 2.5), (1e9, 1e6)]));
    calibration.save_to(&path).unwrap();
    let read = Calibration::load_from(&path).unwrap();
    assert_eq!(read, calibration);
    assert_eq!(read.curves.len(), 1);
    let left = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "nothing else is left in the folder");
}

#[test]
fn a_curve_of_another_version_driver_or_thread_count_does_not_count() {
    let mut calibration = Calibration::default();
    calibration.insert(curve(&[(1.0, 1.0)]));
    let here = DeviceKey::cpu(2);
    assert!(calibration.curve(&here).is_some());
    let (mut version, mut driver, mut threads) = (here.clone(), here.clone(), here);
    version.wgrad = "0.0.1".to_owned();
    driver.driver_info = "another".to_owned();
    threads.threads += 1;
    for other in [version, driver, threads] {
        assert!(calibration.curve(&other).is_none(), "{other:?}");
    }
}

#[test]
fn a_file_that_is_no_calibration_is_an_error_that_names_it_and_the_cure() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("calibration.json");
    let sound = serde_json::to_string(&Calibration {
        curves: vec![curve(&[(1.0, 1.0)])],
    });
    let falling = Calibration {
        curves: vec![curve(&[(2.0, 1.0), (1.0, 1.0)])],
    };
    let falling = serde_json::to_string(&falling).unwrap();
    let negative = sound.unwrap().replace(":1.0", ":-1.0");
    for text in ["{", "[]", "{\"curves\":[{}]}", &falling, &negative] {
        std::fs::write(&path, text).unwrap();
        let error = Calibration::load_from(&path).unwrap_err().to_string();
        assert!(
            error.contains("calibration.json") && error.contains("--calibrate"),
            "{error}"
        );
    }
}
