//! What a device reaches at best: a large product of matrices, and a large copy.

use super::Row;
use super::measure::{RUNS, WARM_UP};
use crate::Error;
use crate::activation::Activation;
use crate::device::{Device, Gpu};
use crate::kernels::{forward, gather};
use crate::mlp::Layer;
use crate::plan::{Buffer, Extent, Phase, Plan, cpu};
use crate::schedule::Step;
use serde::Serialize;
use std::time::Instant;

/// What a device reaches at best.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ceiling {
    /// The device's name.
    pub adapter: String,
    /// Billions of operations a second, the most that was measured: in a product of (512, 1024) by (1024, 1024), or in a
    /// job that is faster, since its products stay in a cache or the machine was less busy.
    pub gflops: f64,
    /// What it was measured in.
    pub of: String,
    /// Billions of bytes a second in a copy of 128 MiB (less if a buffer must be smaller), read and written counted.
    pub copy_gb_per_s: f64,
}

impl Ceiling {
    /// Takes the rows of the device into account: its ceiling is no lower than any of them, and each is a share of it.
    pub fn settle(&mut self, rows: &mut [Row]) {
        for row in &*rows {
            if row.gflops > self.gflops {
                self.gflops = row.gflops;
                self.of = format!("{} in batches of {}", row.layers, row.batch);
            }
        }
        for row in rows {
            row.share = row.gflops / self.gflops;
        }
    }
}

/// Measures what `device` reaches at best.
///
/// # Errors
/// If the device cannot hold the product or the copy, or fails.
pub fn ceiling(device: &Device) -> Result<Ceiling, Error> {
    Ok(Ceiling {
        adapter: device.name(),
        gflops: product(device)?,
        of: "a large product".to_owned(),
        copy_gb_per_s: match device {
            Device::Cpu => copy_cpu(),
            Device::Gpu(gpu) => copy_gpu(gpu)?,
        },
    })
}

/// The shortest time: a ceiling is what can be reached, not what is usual.
fn least(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Bytes of the copy: more than any cache holds.
const COPY: usize = 128 << 20;
/// Copies that are submitted together.
const COPIES: usize = 4;

/// Bytes a second, in billions, when all threads copy.
fn copy_cpu() -> f64 {
    let words = COPY / 4;
    let share = words.div_ceil(cpu::threads());
    let (from, mut to) = (vec![1f32; words], vec![0f32; words]);
    let mut times = Vec::new();
    for _ in 0..=RUNS {
        let start = Instant::now();
        std::thread::scope(|scope| {
            for (to, from) in to.chunks_mut(share).zip(from.chunks(share)) {
                scope.spawn(|| to.copy_from_slice(from));
            }
        });
        times.push(start.elapsed().as_secs_f64());
        std::hint::black_box(&mut to);
    }
    2.0 * COPY as f64 / least(&times[1..]) / 1e9
}

/// Bytes a second, in billions, from one buffer of the adapter to another.
fn copy_gpu(gpu: &Gpu) -> Result<f64, Error> {
    let bytes = (COPY as u64).min(gpu.largest_buffer()) / 4 * 4;
    let [from, to] = ["copied from", "copied to"].map(|label| {
        gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: bytes,
            usage: wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    });
    gpu.check()?;
    let mut times = Vec::new();
    for _ in 0..=RUNS {
        let start = Instant::now();
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        for _ in 0..COPIES {
            encoder.copy_buffer_to_buffer(&from, 0, &to, 0, bytes);
        }
        gpu.queue.submit([encoder.finish()]);
        gpu.wait()?;
        times.push(start.elapsed().as_secs_f64());
    }
    Ok(2.0 * (COPIES as u64 * bytes) as f64 / least(&times[1..]) / 1e9)
}

/// Billions of operations a second in a product of (512, 1024) by (1024, 1024).
fn product(device: &Device) -> Result<f64, Error> {
    const ROWS: usize = 512;
    const WIDTH: usize = 1024;
    let layer = Layer {
        inputs: WIDTH,
        outputs: WIDTH,
        activation: Activation::Identity,
    };
    let [x, w, b, out] = [0, 1, 2, 3].map(Buffer::Scratch);
    let batch = |width| Extent::Batch { width };
    let plan = Plan {
        batch: ROWS,
        buffers: vec![
            (Buffer::DataInputs, Extent::Data { width: 1 }),
            (Buffer::DataTargets, Extent::Data { width: 1 }),
            (Buffer::Out(0), batch(1)),
            (Buffer::Targets, batch(1)),
            (x, batch(WIDTH)),
            (w, Extent::Tensors(vec![WIDTH * WIDTH])),
            (b, Extent::Tensors(vec![WIDTH])),
            (out, batch(WIDTH)),
        ],
        gather: vec![gather::call(
            1,
            1,
            Buffer::DataInputs.into(),
            Buffer::DataTargets.into(),
            Buffer::Out(0).into(),
            Buffer::Targets.into(),
        )],
        gradient: vec![forward::call(
            &layer,
            x.into(),
            w.into(),
            b.into(),
            out.into(),
        )],
        ..Plan::default()
    };
    let mut session = device.load(&plan, ROWS)?;
    session.write(x, &vec![0.5; ROWS * WIDTH])?;
    session.write(w, &vec![0.25; WIDTH * WIDTH])?;
    let step = [Step::whole(ROWS, 0.0)];
    // As long as a job warms up: the CPU's team tries itself against one thread first, and a cold machine is slower.
    let (begun, mut times) = (Instant::now(), Vec::new());
    while begun.elapsed() < WARM_UP || times.len() <= RUNS {
        let start = Instant::now();
        session.run(Phase::Gradient, &step)?;
        times.push(start.elapsed().as_secs_f64());
    }
    Ok(2.0 * (ROWS * WIDTH * WIDTH) as f64 / least(&times[1..]) / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Family;
    use crate::device::Precision;

    fn row(batch: usize, gflops: f64) -> Row {
        Row {
            layers: "64-32-10".to_owned(),
            batch,
            networks: 1,
            device: "cpu",
            adapter: "cpu".to_owned(),
            family: Family::Device,
            precision: Precision::F32,
            us_per_step: 1.0,
            device_us_per_step: None,
            samples_per_s: 1.0,
            gflops,
            share: 0.0,
        }
    }

    #[test]
    fn a_row_that_is_faster_than_the_large_product_is_the_ceiling() {
        let mut ceiling = Ceiling {
            adapter: "cpu".to_owned(),
            gflops: 50.0,
            of: "a large product".to_owned(),
            copy_gb_per_s: 10.0,
        };
        let mut slow = [row(1, 10.0), row(32, 25.0)];
        ceiling.settle(&mut slow);
        assert_eq!((ceiling.gflops, &ceiling.of[..]), (50.0, "a large product"));
        assert_eq!(slow.map(|row| row.share), [0.2, 0.5]);
        let mut fast = [row(1, 20.0), row(32, 80.0), row(128, 60.0)];
        ceiling.settle(&mut fast);
        assert_eq!(ceiling.gflops, 80.0);
        assert_eq!(ceiling.of, "64-32-10 in batches of 32");
        assert_eq!(fast.map(|row| row.share), [0.25, 1.0, 0.75]);
    }
}
