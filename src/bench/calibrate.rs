//! Measures the curves for `--device auto`: the time of a training step on a device, of one network and of populations.

use super::{BenchJob, Family};
use crate::Error;
use crate::device::{
    Device,
    calibration::{Curve, Point, PopulationCurve},
};

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

/// What to measure of populations: a family, numbers of networks, and for each the widths and batch sizes.
type Ladder = (
    Family,
    &'static [usize],
    &'static [(&'static [usize], usize)],
);

/// The ladders of populations, each with networks of the sizes that a sweep trains in the family.
pub const POPULATIONS: [Ladder; 3] = [
    (
        Family::Lane,
        &[16, 512, 16_384],
        &[(&[2, 2, 2], 1), (&[4, 8, 3], 10), (&[4, 16, 3], 64)],
    ),
    (
        Family::Workgroup,
        &[16, 512],
        &[(&[16, 32, 4], 8), (&[64, 32, 10], 32)],
    ),
    (
        Family::Device,
        &[2, 32],
        &[(&[16, 32, 4], 8), (&[784, 64, 10], 32)],
    ),
];

/// Measures steps of one network on `device` in a few seconds, or twice that on a slow device. Calls `each` for every
/// point.
///
/// # Errors
/// Returns an error if the device fails, or even the smallest step cannot be measured.
pub fn curve(device: &Device, each: &mut dyn FnMut(&Point)) -> Result<Curve, Error> {
    let jobs = LADDER.map(|(widths, batch)| BenchJob::new(widths.to_vec(), batch));
    let points = points(device, Family::Device, &jobs, each)?;
    let key = device.key();
    Ok(Curve { key, points })
}

/// Measures steps of populations on `device`, in as many seconds for each family that sweeps use there. Calls `each` for
/// every point.
///
/// # Errors
/// Returns an error if the device fails.
pub fn populations(
    device: &Device,
    each: &mut dyn FnMut(Family, usize, &Point),
) -> Result<Vec<PopulationCurve>, Error> {
    let mut curves = Vec::new();
    for (family, counts, sizes) in POPULATIONS {
        for &networks in counts {
            let job = |(widths, batch): &(&[usize], usize)| BenchJob {
                networks,
                ..BenchJob::new(widths.to_vec(), *batch)
            };
            let mut jobs: Vec<BenchJob> = sizes.iter().map(job).collect();
            jobs.retain(|job| job.fits(device, family));
            let mut told = |point: &Point| each(family, networks, point);
            let points = points(device, family, &jobs, &mut told)?;
            if !points.is_empty() {
                let key = device.key();
                curves.push(PopulationCurve {
                    family,
                    networks,
                    curve: Curve { key, points },
                });
            }
        }
    }
    Ok(curves)
}

/// Measures jobs of rising size, until the device cannot hold one or is slow. Calls `each` for every point.
fn points(
    device: &Device,
    family: Family,
    jobs: &[BenchJob],
    each: &mut dyn FnMut(&Point),
) -> Result<Vec<Point>, Error> {
    let mut points: Vec<Point> = Vec::new();
    for job in jobs {
        let time = match job.time(device, family) {
            Ok(time) => time,
            // What an adapter cannot hold ends its curve. A device that failed has measured nothing that counts.
            Err(Error::Adapter(_)) if !points.is_empty() => break,
            Err(why) => return Err(why),
        };
        let point = Point {
            multiply_adds: multiply_adds(job) as f64,
            us_per_step: time.seconds * 1e6,
            load_us: time.load * 1e6,
        };
        each(&point);
        points.push(point);
        if point.us_per_step > SLOW {
            break;
        }
    }
    settle(&mut points);
    Ok(points)
}

/// Makes the curve monotonic: a step that seemed slower than a larger one was disturbed by other work on the machine.
pub fn settle(points: &mut [Point]) {
    for larger in (1..points.len()).rev() {
        let most = points[larger].us_per_step;
        let smaller = &mut points[larger - 1];
        smaller.us_per_step = smaller.us_per_step.min(most);
    }
}
