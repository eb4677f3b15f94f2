//! `wgrad bench --calibrate`: measures the cost of a step on each device, and saves it for `--device auto`.

use super::args::{Bench, tell};
use crate::cli::messages::{print_json, print_lines, warn};
use serde_json::json;
use std::process::ExitCode;
use wgrad::bench::calibrate;
use wgrad::device::{Calibration, Device, calibration::Curve};
use wgrad::gpu::DeviceKey;

pub(super) fn run(args: &Bench) -> anyhow::Result<ExitCode> {
    let mut calibration = Calibration::load().unwrap_or_else(|why| {
        warn(Some(&format!("replacing the calibration: {why}")));
        Calibration::default()
    });
    // Fail before the measurements, not after, if the file cannot be written.
    calibration.save()?;
    let mut measured: Vec<(String, Curve)> = Vec::new();
    let mut failure = None;
    for device in args.devices()? {
        match device.and_then(|device| Ok((device.name(), measure(args, &device)?))) {
            Ok(curve) => measured.push(curve),
            // An older curve stays.
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
    for (_, curve) in &measured {
        calibration.insert(curve.clone());
    }
    let path = calibration.save()?.display().to_string();
    let words = crossovers(&calibration, &measured);
    if args.json {
        let curves: Vec<&Curve> = measured.iter().map(|(_, curve)| curve).collect();
        let object = json!({"calibration": path, "curves": curves, "crossover": words});
        print_json(&object)?;
    } else {
        let lines = table(&measured).into_iter().chain(words);
        print_lines(lines.chain([format!("saved   {path}")]))?;
    }
    failure.map_or(Ok(ExitCode::SUCCESS), |why| Err(why.into()))
}

fn measure(args: &Bench, device: &Device) -> Result<Curve, wgrad::Error> {
    let name = device.name();
    tell(args, &format!("{name}: calibrating"));
    calibrate::curve(device, &mut |point| {
        let (size, us) = (point.multiply_adds, point.us_per_step);
        tell(
            args,
            &format!("  {size:.1e} multiply-adds: {us:.1} us per step"),
        );
    })
}

/// Formats the table: one column per device, one row per step size.
fn table(measured: &[(String, Curve)]) -> Vec<String> {
    let longest = measured.iter().max_by_key(|(_, curve)| curve.points.len());
    let mut head = format!("{:>13}", "multiply-adds");
    for (name, _) in measured {
        head += &format!("  {name:>14}");
    }
    let mut lines = vec![head];
    let sizes = longest.map_or(&[][..], |(_, curve)| &curve.points);
    for (row, size) in sizes.iter().enumerate() {
        let mut line = format!("{:>13.1e}", size.multiply_adds);
        for (name, curve) in measured {
            let width = name.chars().count().max(14);
            let point = curve.points.get(row);
            let cell = point.map_or("-".to_owned(), |p| format!("{:.1} us", p.us_per_step));
            line += &format!("  {cell:>width$}");
        }
        lines.push(line);
    }
    lines.push(String::new());
    lines
}

/// Says, for each adapter, from which step size on it is faster than the CPU device.
fn crossovers(calibration: &Calibration, measured: &[(String, Curve)]) -> Vec<String> {
    let Some(cpu) = calibration.curve(&DeviceKey::cpu(wgrad::cpu::threads())) else {
        return vec![
            "the CPU device is not calibrated: --device auto chooses as before".to_owned(),
        ];
    };
    let adapters = measured.iter().filter(|(_, curve)| curve.key != cpu.key);
    let sizes: Vec<usize> = (12..=40)
        .map(|i| 10f64.powf(f64::from(i) / 4.0) as usize)
        .collect();
    adapters
        .map(|(name, curve)| {
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
