//! What a device reaches at best: a large product of matrices, and a large copy.

use super::RUNS;
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
    /// Billions of operations a second in a product of (512, 1024) by (1024, 1024).
    pub gflops: f64,
    /// Billions of bytes a second in a copy of 128 MiB (less if a buffer must be smaller), read and written counted.
    pub copy_gb_per_s: f64,
}

/// Measures what `device` reaches at best.
///
/// # Errors
/// If the device cannot hold the product or the copy, or fails.
pub fn ceiling(device: &Device) -> Result<Ceiling, Error> {
    Ok(Ceiling {
        adapter: device.name(),
        gflops: product(device)?,
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
    session.run(Phase::Gradient, &step)?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        session.run(Phase::Gradient, &step)?;
        times.push(start.elapsed().as_secs_f64());
    }
    Ok(2.0 * (ROWS * WIDTH * WIDTH) as f64 / least(&times) / 1e9)
}
