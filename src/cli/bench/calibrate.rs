//! `wgrad bench --calibrate`: measures the cost of a step on each device, and saves it for `--device auto`.

use super::args::{Bench, tell};
use crate::cli::messages::{print_json, print_lines, warn};
use serde_json::json;
use std::process::ExitCode;
use wgrad::bench::calibrate;
use wgrad::device::{
    Calibration, Device,
    calibration::{Curve, PopulationCurve},
};
use wgrad::gpu::DeviceKey;

/// The curves of a device.
struct Measured {
    name: String,
    curve: Curve,
    populations: Vec<PopulationCurve>,
}

pub(super) fn run(args: &Bench) -> anyhow::Result<ExitCode> {
    let mut calibration = Calibration::load().unwrap_or_else(|why| {
        warn(Some(&format!("replacing the calibration: {why}")));
        Calibration::default()
    });
    // Fail before the measurements, not after, if the file cannot be written.
    calibration.save()?;
    let mut measured: Vec<Measured> = Vec::new();
    let mut failure = None;
    for device in args.devices()? {
        match device.and_then(|device| measure(args, &device)) {
            Ok(curves) => measured.push(curves),
            // Older curves stay.
            Err(why) => {
                tell(args, &format!("  skipped: {why}"));
                failure = failure.or(Some(why));
            }
        }
    }
    if measured.is_empty()
        && let Some(why) = failure
    {
        return Err(why.into());
    }
    for own in &measured {
        calibration.insert(own.curve.clone(), own.populations.clone());
    }
    let path = calibration.save()?.display().to_string();
    let words = crossovers(&calibration, &measured);
    if args.json {
        let curves: Vec<&Curve> = measured.iter().map(|own| &own.curve).collect();
        let populations: Vec<_> = measured.iter().flat_map(|own| &own.populations).collect();
        let object = json!({
            "calibration": path, "curves": curves, "populations": populations, "crossover": words,
        });
        print_json(&object)?;
    } else {
        let lines = table(&measured)
            .into_iter()
            .chain(table_of_populations(&measured));
        print_lines(lines.chain(words).chain([format!("saved   {path}")]))?;
    }
    failure.map_or(Ok(ExitCode::SUCCESS), |why| Err(why.into()))
}

fn measure(args: &Bench, device: &Device) -> Result<Measured, wgrad::Error> {
    let name = device.name();
    tell(args, &format!("{name}: calibrating"));
    let curve = calibrate::curve(device, &mut |point| {
        let (size, us) = (point.multiply_adds, point.us_per_step);
        tell(
            args,
            &format!("  {size:.1e} multiply-adds: {us:.1} us per step"),
        );
    })?;
    let populations = calibrate::populations(device, &mut |family, networks, point| {
        let (size, us) = (point.multiply_adds, point.us_per_step);
        let family = family.name();
        tell(
            args,
            &format!(
                "  {networks} networks of {size:.1e} multiply-adds, {family} family: {us:.1} us per step"
            ),
        );
    })?;
    Ok(Measured {
        name,
        curve,
        populations,
    })
}

/// Formats the table of single networks: one column per device, one row per step size.
fn table(measured: &[Measured]) -> Vec<String> {
    let longest = measured.iter().max_by_key(|own| own.curve.points.len());
    let sizes = longest.map_or(&[][..], |own| &own.curve.points);
    let rows = sizes.iter().enumerate().map(|(row, size)| {
        let cell = |own: &Measured| own.curve.points.get(row).map(|p| p.us_per_step);
        let size = format!("{:>13.1e}", size.multiply_adds);
        size + &cells(measured, cell)
    });
    let head = format!("{:>13}{}", "multiply-adds", names(measured));
    [head]
        .into_iter()
        .chain(rows)
        .chain([String::new()])
        .collect()
}

/// Formats the table of populations: one column per device, one row per family, number of networks, and step size of one.
fn table_of_populations(measured: &[Measured]) -> Vec<String> {
    let all = measured.iter().flat_map(|own| &own.populations);
    let each = all.flat_map(|p| {
        let points = p.curve.points.iter();
        points.map(|point| (p.family, p.networks, point.multiply_adds))
    });
    let mut sizes: Vec<_> = Vec::new();
    each.for_each(|size| {
        if !sizes.contains(&size) {
            sizes.push(size);
        }
    });
    let rows = sizes.iter().map(|(family, networks, size)| {
        let cell = |own: &Measured| {
            let mut curves = own.populations.iter();
            let own = curves.find(|p| (p.family, p.networks) == (*family, *networks))?;
            let mut points = own.curve.points.iter();
            Some(points.find(|p| p.multiply_adds == *size)?.us_per_step)
        };
        let what = format!("{:>9}  {networks:>8}  {size:>13.1e}", family.name());
        what + &cells(measured, cell)
    });
    let head = format!(
        "{:>9}  {:>8}  {:>13}{}",
        "family",
        "networks",
        "multiply-adds",
        names(measured)
    );
    [head]
        .into_iter()
        .chain(rows)
        .chain([String::new()])
        .collect()
}

/// Formats the heads of the devices' columns.
fn names(measured: &[Measured]) -> String {
    let name = |own: &Measured| format!("  {:>14}", own.name);
    measured.iter().map(name).collect()
}

/// Formats a row of the devices' columns, with a time for each device that has one.
fn cells(measured: &[Measured], us_per_step: impl Fn(&Measured) -> Option<f64>) -> String {
    let cell = |own: &Measured| {
        let width = own.name.chars().count().max(14);
        let us = us_per_step(own).map_or("-".to_owned(), |us| format!("{us:.1} us"));
        format!("  {us:>width$}")
    };
    measured.iter().map(cell).collect()
}

/// Says, for each adapter, from which step size on it is faster than the CPU device.
fn crossovers(calibration: &Calibration, measured: &[Measured]) -> Vec<String> {
    let Some(cpu) = calibration.curve(&DeviceKey::cpu(wgrad::cpu::threads())) else {
        return vec![
            "the CPU device is not calibrated: --device auto chooses as before".to_owned(),
        ];
    };
    let adapters = measured.iter().filter(|own| own.curve.key != cpu.key);
    let sizes: Vec<usize> = (12..=40)
        .map(|i| 10f64.powf(f64::from(i) / 4.0) as usize)
        .collect();
    adapters
        .map(|Measured { name, curve, .. }| {
            let wins = |size: &&usize| curve.us_per_step(**size) < cpu.us_per_step(**size);
            match sizes.iter().rev().take_while(wins).last() {
                Some(size) => format!(
                    "{name} is faster than the CPU device from about {:.0e} multiply-adds per step on",
                    *size as f64
                ),
                None => format!("{name} is slower than the CPU device in large steps"),
            }
        })
        .collect()
}
