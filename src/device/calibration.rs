//! The calibration: measured step times of this machine's devices. `wgrad bench --calibrate` writes it to a small file.
//!
//! A curve holds a device's step time at several sizes, and is a power law between its points. It is valid only for the
//! adapter, driver, version of wgrad and number of threads that it was measured with ([`DeviceKey`]).

use crate::Error;
use crate::file::{kept, place, unwritten};
use crate::gpu::DeviceKey;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Multiply-adds of the step.
    pub multiply_adds: f64,
    /// Time of the step, in microseconds.
    pub us_per_step: f64,
}

/// The measurements of one device, the smallest step first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The key that the measurements are valid for.
    pub key: DeviceKey,
    /// The measurements.
    pub points: Vec<Point>,
}

impl Curve {
    /// Returns the time of a step of `multiply_adds` in microseconds. Between two points it is a power law. Below the
    /// first point it is constant. Above the last it is proportional to the size.
    pub fn us_per_step(&self, multiply_adds: usize) -> f64 {
        let work = (multiply_adds as f64).max(1.0);
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return f64::INFINITY;
        };
        if work <= first.multiply_adds {
            return first.us_per_step;
        }
        let around = |pair: &&[Point]| work <= pair[1].multiply_adds;
        match self.points.windows(2).find(around) {
            None => last.us_per_step * work / last.multiply_adds,
            Some(pair) => {
                let run = (pair[1].multiply_adds / pair[0].multiply_adds).ln();
                let share = (work / pair[0].multiply_adds).ln() / run;
                pair[0].us_per_step * (pair[1].us_per_step / pair[0].us_per_step).powf(share)
            }
        }
    }

    /// Returns whether the curve has points, all finite and above 0, in ascending order of size.
    fn is_sound(&self) -> bool {
        let positive = |v: f64| v.is_finite() && v > 0.0;
        let sound = |p: &Point| positive(p.multiply_adds) && positive(p.us_per_step);
        let mut pairs = self.points.windows(2);
        !self.points.is_empty()
            && self.points.iter().all(sound)
            && pairs.all(|pair| pair[0].multiply_adds < pair[1].multiply_adds)
    }
}

/// The curves measured on this machine, including those of other drivers and versions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    curves: Vec<Curve>,
}

impl Calibration {
    /// Returns the curve that is valid for `key`.
    pub fn curve(&self, key: &DeviceKey) -> Option<&Curve> {
        self.curves.iter().find(|curve| curve.key == *key)
    }

    /// Inserts a curve. It replaces the curve with the same key.
    pub fn insert(&mut self, curve: Curve) {
        self.curves.retain(|old| old.key != curve.key);
        self.curves.push(curve);
    }

    /// Reads this user's calibration. Returns an empty one if there is no file.
    ///
    /// # Errors
    /// If the file exists and cannot be read or is not a calibration.
    pub fn load() -> Result<Calibration, Error> {
        match kept("calibration.json") {
            Ok(path) => Calibration::load_from(&path),
            Err(_) => Ok(Calibration::default()),
        }
    }

    /// Reads the calibration at `path`. Returns an empty one if there is no file.
    ///
    /// # Errors
    /// If the file exists and cannot be read or is not a calibration.
    pub fn load_from(path: &Path) -> Result<Calibration, Error> {
        const CURE: &str = "delete it, or write it anew with wgrad bench --calibrate";
        let name = path.display();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(why) => {
                return Err(Error::Config(format!(
                    "{name}: cannot be read ({why}); {CURE}"
                )));
            }
        };
        let read: Calibration = serde_json::from_str(&text)
            .map_err(|why| Error::Config(format!("{name}: not a calibration ({why}); {CURE}")))?;
        match read.curves.iter().find(|curve| !curve.is_sound()) {
            None => Ok(read),
            Some(bad) => Err(Error::Config(format!(
                "{name}: the curve of {} is not a rising list of numbers above 0; {CURE}",
                bad.key.name
            ))),
        }
    }

    /// Writes this user's calibration. Returns its path.
    ///
    /// # Errors
    /// If there is no folder for it or it cannot be written. The message names the path and a fix.
    pub fn save(&self) -> Result<PathBuf, Error> {
        let path = kept("calibration.json")?;
        self.save_to(&path)?;
        Ok(path)
    }

    /// Writes the calibration to `path`, atomically.
    ///
    /// # Errors
    /// If it cannot be written. The message names `path` and a fix.
    pub fn save_to(&self, path: &Path) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self).map_err(|why| unwritten(path, why.into()))?;
        place(path, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
