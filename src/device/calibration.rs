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
    pub curves: Vec<Curve>,
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
            Err(_) => Ok(Calibration::default()), // without a home folder, nothing was ever saved
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
