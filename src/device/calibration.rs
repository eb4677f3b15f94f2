//! The calibration: measured step times of this machine's devices. `wgrad bench --calibrate` writes it to a small file.
//!
//! A curve holds a device's step time at several sizes, and is a power law between its points. Populations have curves of
//! their own, one for each family and each of some numbers of networks. A curve is valid only for the adapter, driver,
//! version of wgrad and number of threads that it was measured with ([`DeviceKey`]).

use crate::Error;
use crate::file::{kept, place, unwritten};
use crate::gpu::DeviceKey;
use crate::plan::Family;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Multiply-adds of the step.
    pub multiply_adds: f64,
    /// Time of the step, in microseconds.
    pub us_per_step: f64,
    /// Time to load networks and take their first step, in microseconds. Drivers compile shaders then.
    #[serde(default)]
    pub load_us: f64,
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
        let points = self.points.iter();
        let points: Vec<_> = points.map(|p| (p.multiply_adds, p.us_per_step)).collect();
        power_law(&points, multiply_adds as f64).unwrap_or(f64::INFINITY)
    }

    /// Returns the time to load networks of so many multiply-adds, as [`Curve::us_per_step`] does.
    fn load_us(&self, multiply_adds: usize) -> f64 {
        let points = self.points.iter();
        let points: Vec<_> = points
            .map(|p| (p.multiply_adds, p.load_us.max(1.0)))
            .collect();
        power_law(&points, multiply_adds as f64).unwrap_or(0.0)
    }

    /// Returns whether the curve has points, all finite and above 0, in ascending order of size.
    fn is_sound(&self) -> bool {
        let positive = |v: f64| v.is_finite() && v > 0.0;
        let sound = |p: &Point| {
            positive(p.multiply_adds) && positive(p.us_per_step) && p.load_us.is_finite()
        };
        let mut pairs = self.points.windows(2);
        !self.points.is_empty()
            && self.points.iter().all(sound)
            && pairs.all(|pair| pair[0].multiply_adds < pair[1].multiply_adds)
    }
}

/// Returns the value at `x` of a curve through points of rising `x`: a power law between two points, constant below the
/// first, and proportional to `x` above the last. Returns `None` without points.
fn power_law(points: &[(f64, f64)], x: f64) -> Option<f64> {
    let (x, first, last) = (x.max(1.0), points.first()?, points.last()?);
    if x <= first.0 {
        return Some(first.1);
    }
    let around = |pair: &&[(f64, f64)]| x <= pair[1].0;
    Some(match points.windows(2).find(around) {
        None => last.1 * x / last.0,
        Some(pair) => {
            let run = (pair[1].0 / pair[0].0).ln();
            let share = (x / pair[0].0).ln() / run;
            pair[0].1 * (pair[1].1 / pair[0].1).powf(share)
        }
    })
}

/// The measurements of one device with some networks side by side. A point has the multiply-adds of a step of one network,
/// and the time of a step of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PopulationCurve {
    /// The family that trained the networks.
    pub family: Family,
    /// Number of networks.
    pub networks: usize,
    /// The key and the measurements.
    #[serde(flatten)]
    pub curve: Curve,
}

/// The curves measured on this machine, including those of other drivers and versions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Of single networks.
    pub curves: Vec<Curve>,
    /// Of populations.
    #[serde(default)]
    pub populations: Vec<PopulationCurve>,
}

impl Calibration {
    /// Returns the curve that is valid for `key`.
    pub fn curve(&self, key: &DeviceKey) -> Option<&Curve> {
        self.curves.iter().find(|curve| curve.key == *key)
    }

    /// Returns the curves of populations that are valid for `key`.
    pub fn populations<'a>(
        &'a self,
        key: &'a DeviceKey,
    ) -> impl Iterator<Item = &'a PopulationCurve> {
        let all = self.populations.iter();
        all.filter(move |population| population.curve.key == *key)
    }

    /// Returns the time in microseconds of a step of `networks` networks, of `multiply_adds` each, if `family` was measured
    /// on the device: a power law of the number of networks too.
    pub fn us_per_population_step(
        &self,
        key: &DeviceKey,
        family: Family,
        networks: usize,
        multiply_adds: usize,
    ) -> Option<f64> {
        let measured = self.populations(key).filter(|p| p.family == family);
        let point = |p: &PopulationCurve| (p.networks as f64, p.curve.us_per_step(multiply_adds));
        let mut points: Vec<_> = measured.map(point).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        power_law(&points, networks as f64)
    }

    /// Returns the time in microseconds to load networks of so many multiply-adds each in `family`: the longest, because
    /// drivers keep what they have compiled before.
    pub fn us_of_loading(&self, key: &DeviceKey, family: Family, multiply_adds: usize) -> f64 {
        let measured = self.populations(key).filter(|p| p.family == family);
        let times = measured.map(|p| p.curve.load_us(multiply_adds));
        times.fold(0.0, f64::max)
    }

    /// Inserts a device's curves. They replace all curves with the same key.
    pub fn insert(&mut self, curve: Curve, populations: Vec<PopulationCurve>) {
        self.curves.retain(|old| old.key != curve.key);
        self.populations.retain(|old| old.curve.key != curve.key);
        self.curves.push(curve);
        self.populations.extend(populations);
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
        let of_populations = read.populations.iter().map(|population| &population.curve);
        let mut curves = read.curves.iter().chain(of_populations);
        match curves.find(|curve| !curve.is_sound()) {
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
