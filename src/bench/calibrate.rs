//! Measures the curve by which `--device auto` decides: what a training step costs on a device at six sizes.

use super::{BenchJob, Family};
use crate::Error;
use crate::cpu::threads;
use crate::device::{
    Device,
    calibration::{Curve, Point},
};
use crate::gpu::DeviceKey;

/// What is measured, widths and rows a step: from a thousand multiply-adds a step to a thousand millions.
pub const LADDER: [(&[usize], usize); 6] = [
    (&[4, 16, 3], 3),
    (&[4, 16, 3], 64),
    (&[64, 32, 10], 64),
    (&[784, 128, 10], 32),
    (&[784, 128, 10], 320),
    (&[784, 512, 512, 10], 512),
];
/// A step so slow, in microseconds, that no larger one is measured.
const SLOW: f64 = 0.5e6;

/// Multiply-adds of a step as [`crate::device::choose`] is told them: three products a weight and row.
pub fn multiply_adds(job: &BenchJob) -> usize {
    let weights: usize = job.widths.windows(2).map(|w| w[0] * w[1]).sum();
    3 * weights * job.batch
}

/// Measures `device`: some seconds, twice that on a slow one. `each` hears of every point.
///
/// # Errors
/// If not even the smallest step can be measured.
pub fn curve(device: &Device, each: &mut dyn FnMut(&Point)) -> Result<Curve, Error> {
    let mut points: Vec<Point> = Vec::new();
    for (widths, batch) in LADDER {
        let job = BenchJob::new(widths.to_vec(), batch);
        let us_per_step = match job.measure(device, Family::Device) {
            Ok(row) => row.us_per_step,
            Err(why) if points.is_empty() => return Err(why),
            Err(_) => break,
        };
        let point = Point {
            multiply_adds: multiply_adds(&job) as f64,
            us_per_step,
        };
        each(&point);
        points.push(point);
        if us_per_step > SLOW {
            break;
        }
    }
    settle(&mut points);
    let key = match device {
        Device::Cpu => DeviceKey::cpu(threads()),
        Device::Gpu(gpu) => DeviceKey::adapter(&gpu.info, threads()),
    };
    Ok(Curve { key, points })
}

/// No step takes longer than a larger one: other work on the machine made it seem so.
pub fn settle(points: &mut [Point]) {
    for larger in (1..points.len()).rev() {
        let most = points[larger].us_per_step;
        let smaller = &mut points[larger - 1];
        smaller.us_per_step = smaller.us_per_step.min(most);
    }
}
