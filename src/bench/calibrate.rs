//! Measures the cost curve for `--device auto`: the time of a training step on a device at six sizes.

use super::{BenchJob, Family};
use crate::Error;
use crate::cpu::threads;
use crate::device::{
    Device,
    calibration::{Curve, Point},
};
use crate::gpu::DeviceKey;

/// Widths and batch sizes to measure: from a thousand to a thousand million multiply-adds per step.
pub const LADDER: [(&[usize], usize); 6] = [
    (&[4, 16, 3], 3),
    (&[4, 16, 3], 64),
    (&[64, 32, 10], 64),
    (&[784, 128, 10], 32),
    (&[784, 128, 10], 320),
    (&[784, 512, 512, 10], 512),
];
/// Step time in microseconds beyond which no larger step is measured.
const SLOW: f64 = 0.5e6;

/// Returns the multiply-adds of a step as [`crate::device::choose`] counts them: three products per weight and row.
pub fn multiply_adds(job: &BenchJob) -> usize {
    let weights: usize = job.widths.windows(2).map(|w| w[0] * w[1]).sum();
    3 * weights * job.batch_size
}

/// Measures `device` in a few seconds, or twice that on a slow device. Calls `each` for every point.
///
/// # Errors
/// Returns an error if the device fails, or even the smallest step cannot be measured.
pub fn curve(device: &Device, each: &mut dyn FnMut(&Point)) -> Result<Curve, Error> {
    let mut points: Vec<Point> = Vec::new();
    for (widths, batch) in LADDER {
        let job = BenchJob::new(widths.to_vec(), batch);
        let us_per_step = match job.measure(device, Family::Device) {
            Ok(row) => row.us_per_step,
            // What an adapter cannot hold ends its curve. A device that failed has measured nothing that counts.
            Err(Error::Adapter(_)) if !points.is_empty() => break,
            Err(why) => return Err(why),
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

/// Makes the curve monotonic: a step that seemed slower than a larger one was disturbed by other work on the machine.
pub fn settle(points: &mut [Point]) {
    for larger in (1..points.len()).rev() {
        let most = points[larger].us_per_step;
        let smaller = &mut points[larger - 1];
        smaller.us_per_step = smaller.us_per_step.min(most);
    }
}
