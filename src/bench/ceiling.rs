//! Measures the peak performance of a device, with a large matrix product and a large copy.

use super::Row;
use super::measure::{RUNS, WARM_UP};
use crate::Error;
use crate::device::Device;
use crate::gpu::Gpu;
use crate::gpu::adapter::{adapters::is_software, limits::fold, transfers::storage};
use crate::kernels::{Buffer, Step, forward, gather};
use crate::math::{Random, Stream};
use crate::model::{Activation, Layer};
use crate::plan::{Extent, Phase, Plan};
use crate::threads::{locked, on_threads, threads};
use serde::Serialize;
use std::sync::Mutex;
use std::time::Instant;

/// The peak performance of a device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ceiling {
    /// The device's name.
    pub adapter: String,
    /// Peak GFLOP/s: that of a large product, or of a faster job, whose products stayed in a cache or which met a less
    /// busy machine.
    pub gflops: f64,
    /// The measurement that reached `gflops`.
    pub of: String,
    /// Copy bandwidth in GB/s for 128 MiB (less if buffers are limited), counting both reads and writes.
    pub copy_gb_per_s: f64,
}

impl Ceiling {
    /// Raises the peak to the fastest of the device's rows, and sets each row's share of it.
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

/// Measures the peak performance of `device`.
///
/// # Errors
/// Returns an error if the device cannot hold the product or the copy, or fails.
pub fn ceiling(device: &Device) -> Result<Ceiling, Error> {
    Ok(Ceiling {
        adapter: device.name(),
        gflops: large_product(device)?,
        of: "a large product".to_owned(),
        copy_gb_per_s: match device {
            Device::Cpu => copy_cpu(),
            Device::Gpu(gpu) => copy_gpu(gpu)?,
        },
    })
}

/// Returns the shortest time: a peak is the best possible speed, not the usual one.
fn least(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}

/// A copy, one texel per invocation.
pub const COPY_SHADER: &str = include_str!("../../shaders/buffers/copy.wgsl");
/// Bytes of the copy: more than any cache holds.
const COPY: usize = 128 << 20;
/// Copies per submission.
const COPIES: usize = 8;
/// Bytes per workgroup (`copy.wgsl`).
const BYTES_A_GROUP: u64 = 256 * 16;

/// Returns the copy bandwidth of all CPU threads, in GB/s.
fn copy_cpu() -> f64 {
    let words = COPY / 4;
    let share = words.div_ceil(threads());
    let (from, mut to) = (vec![1f32; words], vec![0f32; words]);
    let mut times = Vec::new();
    for _ in 0..=RUNS {
        let start = Instant::now();
        let pieces = Mutex::new(to.chunks_mut(share).zip(from.chunks(share)));
        let next = || locked(&pieces).next();
        on_threads(threads(), |_, _| {
            while let Some((to, from)) = next() {
                to.copy_from_slice(from);
            }
        });
        times.push(start.elapsed().as_secs_f64());
        std::hint::black_box(&mut to);
    }
    2.0 * COPY as f64 / least(&times[1..]) / 1e9
}

/// Returns the copy bandwidth between two buffers of the adapter, in GB/s. Uses a shader on hardware, where copy
/// commands may be slower, and a copy command on adapters that compute on the CPU.
fn copy_gpu(gpu: &Gpu) -> Result<f64, Error> {
    let bytes = (COPY as u64).min(gpu.largest_buffer()) / 16 * 16;
    let from = storage(gpu, "copied from", bytes)?;
    let to = storage(gpu, "copied to", bytes)?;
    let shader = match is_software(&gpu.info) {
        true => None,
        false => Some(copy_shader(gpu, &from, &to)?),
    };
    let [across, down] = fold(bytes.div_ceil(BYTES_A_GROUP));
    let mut times = Vec::new();
    for _ in 0..=RUNS {
        let start = Instant::now();
        gpu.submit(|encoder| {
            for _ in 0..COPIES {
                let Some((pipeline, bindings)) = &shader else {
                    encoder.copy_buffer_to_buffer(&from, 0, &to, 0, bytes);
                    continue;
                };
                let mut pass = encoder.begin_compute_pass(&Default::default());
                pass.set_pipeline(pipeline);
                pass.set_bind_group(0, bindings, &[]);
                pass.dispatch_workgroups(across, down, 1);
            }
        })?;
        gpu.wait()?;
        times.push(start.elapsed().as_secs_f64());
    }
    Ok(2.0 * (COPIES as u64 * bytes) as f64 / least(&times[1..]) / 1e9)
}

/// Returns the pipeline that copies one buffer to another, and its bind group.
fn copy_shader(
    gpu: &Gpu,
    from: &wgpu::Buffer,
    to: &wgpu::Buffer,
) -> Result<(wgpu::ComputePipeline, wgpu::BindGroup), Error> {
    let module = gpu.module(&[COPY_SHADER], "copy")?;
    let pipeline = gpu.pipeline("copy", &module, "run_copy", &[])?;
    let entries = [(0, from), (1, to)].map(|(binding, buffer)| wgpu::BindGroupEntry {
        binding,
        resource: buffer.as_entire_binding(),
    });
    let bindings = gpu.bind("copy", &pipeline, &entries)?;
    Ok((pipeline, bindings))
}

/// Rows and width of the products. The second is for adapters that the first does not saturate.
const PRODUCTS: [[usize; 2]; 2] = [[512, 1024], [4096, 2048]];
/// Time in seconds up to which a product is too small for the adapter.
const SMALL: f64 = 2e-3;
/// Target time in seconds of the products in one submission: many times the overhead of submitting and waiting.
const TOGETHER: f64 = 10e-3;
/// Maximum number of products per submission.
const MOST_TOGETHER: f64 = 256.0;

/// Returns the GFLOP/s of a product of (rows, width) by (width, width).
fn large_product(device: &Device) -> Result<f64, Error> {
    let rate = |[rows, width]: [usize; 2], seconds: f64| {
        2.0 * (rows * width * width) as f64 / seconds / 1e9
    };
    let [first, second] = PRODUCTS;
    let seconds = product(device, first)?;
    let best = rate(first, seconds);
    match device {
        Device::Gpu(_) if seconds < SMALL => Ok(best.max(rate(second, product(device, second)?))),
        _ => Ok(best),
    }
}

/// Returns the time of a product in seconds.
pub fn product(device: &Device, [rows, width]: [usize; 2]) -> Result<f64, Error> {
    let layer = Layer {
        inputs: width,
        outputs: width,
        activation: Activation::Identity,
    };
    let [x, w, b, out] = [0, 1, 2, 3].map(Buffer::Scratch);
    let batch = |width| Extent::Batch { width };
    let plan = Plan {
        batch_size: rows,
        buffers: vec![
            (Buffer::DataInputs, Extent::Data { width: 1 }),
            (Buffer::DataTargets, Extent::Data { width: 1 }),
            (Buffer::Out(0), batch(1)),
            (Buffer::Targets, batch(1)),
            (x, batch(width)),
            (w, Extent::Tensors(vec![width * width])),
            (b, Extent::Tensors(vec![width])),
            (out, batch(width)),
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
    let mut session = device.load(&plan, rows)?;
    // Random numbers, because some hardware multiplies repeated numbers faster.
    let numbers = |seed: u64, len: usize| -> Vec<f32> {
        let random = Random::new(seed, Stream::Data, 0);
        (0..len as u32)
            .map(|i| random.uniform(i) as f32 - 0.5)
            .collect()
    };
    session.write(x, &numbers(0, rows * width))?;
    session.write(w, &numbers(1, width * width))?;
    let mut seconds = |count: usize| {
        let steps = vec![Step::whole(rows, 0.0); count];
        let start = Instant::now();
        session.run(Phase::Gradient, &steps)?;
        Ok::<f64, Error>(start.elapsed().as_secs_f64().max(1e-9) / count as f64)
    };
    // Warm up as long as a job does: the CPU's thread pool first compares itself with one thread, and a cold machine is
    // slower.
    let (begun, mut times, mut count) = (Instant::now(), Vec::new(), 1);
    while begun.elapsed() < WARM_UP || times.len() <= RUNS {
        times.push(seconds(count)?);
        count = (TOGETHER / least(&times)).clamp(1.0, MOST_TOGETHER) as usize;
    }
    Ok(least(&times[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::adapter::transfers::{read_words, upload};

    #[test]
    fn the_copying_shader_copies_every_texel() -> Result<(), Error> {
        for device in crate::device::all() {
            let Device::Gpu(gpu) = device else {
                continue;
            };
            let words: Vec<u32> = (0..5 * 1024 + 4).collect();
            let usage = wgpu::BufferUsages::STORAGE;
            let [from, to] = ["from", "to"].map(|label| gpu.words(label, words.len(), usage));
            let (from, to) = (from?, to?);
            upload(&gpu, &from, 0, &words)?;
            let (pipeline, bindings) = copy_shader(&gpu, &from, &to)?;
            let bytes = 4 * words.len() as u64;
            let copied = read_words(&gpu, &[(&to, 0..bytes)], |encoder| {
                let mut pass = encoder.begin_compute_pass(&Default::default());
                pass.set_pipeline(&pipeline);
                pass.set_bind_group(0, &bindings, &[]);
                pass.dispatch_workgroups(bytes.div_ceil(BYTES_A_GROUP) as u32, 1, 1);
            })?;
            assert_eq!(copied, words, "{}", gpu.info.name);
        }
        Ok(())
    }
}
