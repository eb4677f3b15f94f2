//! Transfers to and from an adapter, and stopping its clock.

use super::clock::Clock;
use super::gpu::Gpu;
use crate::Error;
use std::ops::Range;

/// Alignment of tensors, in elements: 256 bytes, the largest alignment that WebGPU lets an adapter require.
pub(crate) const ALIGN: usize = 64;

/// Loop iterations per invocation that are safe on a software adapter: Mesa's lavapipe ends loops after 65,535.
pub(crate) const SAFE_TRIPS: usize = 60_000;

/// Creates a storage buffer of `size` bytes.
pub(crate) fn storage(gpu: &Gpu, label: &str, size: u64) -> Result<wgpu::Buffer, Error> {
    gpu.buffer(label, size, wgpu::BufferUsages::STORAGE)
}

/// Overwrites a buffer, starting at byte `first`.
pub(crate) fn upload<T: bytemuck::NoUninit>(
    gpu: &Gpu,
    buffer: &wgpu::Buffer,
    first: u64,
    values: &[T],
) -> Result<(), Error> {
    /// Bytes per piece. wgpu keeps a copy of the data until it is uploaded.
    const PIECE: usize = 1 << 24;
    let bytes: &[u8] = bytemuck::cast_slice(values);
    for (i, piece) in bytes.chunks(PIECE).enumerate() {
        gpu.write(buffer, first + (i * PIECE) as u64, piece)?;
        if bytes.len() > PIECE {
            gpu.guard(|| gpu.queue.submit([]))?;
            gpu.wait()?;
        }
    }
    gpu.check()
}

/// Records commands, then copies byte ranges of buffers. Submits, waits, and returns the copied words, range after
/// range.
pub(crate) fn read_words(
    gpu: &Gpu,
    buffers: &[(&wgpu::Buffer, Range<u64>)],
    record: impl FnOnce(&mut wgpu::CommandEncoder),
) -> Result<Vec<u32>, Error> {
    let size = buffers
        .iter()
        .map(|(_, bytes)| bytes.end - bytes.start)
        .sum();
    let descriptor = wgpu::BufferDescriptor {
        label: Some("read-back"),
        size,
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    };
    let staging = gpu.guard(|| gpu.device.create_buffer(&descriptor))?;
    gpu.submit(|encoder| {
        gpu.record(encoder, record);
        let mut at = 0;
        for (buffer, bytes) in buffers {
            let len = bytes.end - bytes.start;
            encoder.copy_buffer_to_buffer(buffer, bytes.start, &staging, at, len);
            at += len;
        }
    })?;
    gpu.guard(|| staging.map_async(wgpu::MapMode::Read, .., |_| ()))?;
    gpu.wait()?;
    let words = gpu.guard(|| {
        let view = staging.get_mapped_range(..)?;
        Ok(bytemuck::pod_collect_to_vec(&view))
    })?;
    let name = &gpu.info.name;
    words.map_err(|why: wgpu::MapRangeError| {
        Error::Device(format!("{name}: read-back failed: {why}"))
    })
}

impl Gpu {
    /// Stops the clock. Returns the total time of all submissions since its start in seconds. Returns none without a
    /// clock, if there were no submissions or too many, or if the clock ran backwards, as clocks with few bits do.
    pub fn stop_clock(&self) -> Result<Option<f64>, Error> {
        let Some((clock, timed)) = self
            .clock
            .as_ref()
            .and_then(|clock| Some((clock, clock.stop()?)))
        else {
            return Ok(None);
        };
        let words = read_words(self, &[clock.times(timed)], |encoder| {
            clock.resolve(timed, encoder)
        })?;
        let ticks = Clock::ticks(&words).unwrap_or(0);
        let period = self.guard(|| self.queue.get_timestamp_period())?;
        let seconds = ticks as f64 * f64::from(period) * 1e-9;
        Ok((seconds > 0.0).then_some(seconds))
    }
}
