//! The adapter's memory: where the buffers of a plan are, and how numbers come and go.

use super::seats::{Seats, brought};
use crate::Error;
use crate::device::Gpu;
use crate::plan::inline::block::Shape;
use crate::plan::{Buffer, Phase, Placement, Plan};
use std::collections::HashMap;
use std::ops::Range;

/// Elements that tensors are aligned to: 256 bytes, the largest alignment that WebGPU lets an adapter ask for.
pub(crate) const ALIGN: usize = 64;

/// Elements of a texel, by which tiles load.
pub(super) const TEXEL: usize = 4;

/// Where a plan's buffer is: in one of the adapter's, from an element on.
pub(super) struct Placed {
    pub(super) buffer: wgpu::Buffer,
    pub(super) first: usize,
    pub(super) placement: Placement,
    /// Elements of a row, if rows are brought here, to seats (`seats.rs`); or 0.
    pub(super) brought: usize,
}

/// A storage buffer of so many bytes.
pub(super) fn storage(gpu: &Gpu, label: &str, size: u64) -> wgpu::Buffer {
    gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size,
        usage: wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// The plan's buffers; what blocks make is in one.
pub(super) fn place(
    gpu: &Gpu,
    plan: &Plan,
    data: usize,
    shape: Option<&Shape>,
) -> Result<HashMap<Buffer, Placed>, Error> {
    let (mut buffers, brought) = (HashMap::new(), brought(plan));
    let switches = gpu.capabilities().switches;
    let results = shape.map(|shape| room(gpu, "results", shape.results_len()));
    let results = results.transpose()?;
    for (name, extent) in &plan.buffers {
        let placement = Placement::of(extent, plan.widest(), data, ALIGN);
        let width = brought.iter().find(|(buffer, _)| buffer == name);
        let width = width.map_or(0, |(_, width)| *width);
        let seats = Phase::ALL.map(|phase| Seats::new(plan, phase, &switches));
        let seats = seats.map(|seats| seats.count * seats.rows * width);
        let len = seats.into_iter().fold(placement.len, usize::max);
        let (buffer, first) = match (&results, shape.and_then(|shape| shape.result(*name))) {
            (Some(results), Some(first)) => (results.clone(), first),
            _ => (room(gpu, &format!("{name:?}"), len)?, 0),
        };
        let placed = Placed {
            buffer,
            first,
            placement,
            brought: width,
        };
        buffers.insert(*name, placed);
    }
    gpu.check()?;
    Ok(buffers)
}

/// A buffer for so many elements.
fn room(gpu: &Gpu, name: &str, elements: usize) -> Result<wgpu::Buffer, Error> {
    let (bytes, most) = ((elements.max(TEXEL) * 4) as u64, gpu.largest_buffer());
    if bytes > most {
        return Err(Error::Adapter(format!(
            "{}: {name} needs {} MiB in one buffer, the adapter allows {} MiB; use a smaller --batch-size or data set, or --device cpu",
            gpu.info.name,
            bytes >> 20,
            most >> 20
        )));
    }
    Ok(storage(gpu, name, bytes))
}

/// Overwrites a buffer, from byte `first` on.
pub(crate) fn upload<T: bytemuck::NoUninit>(
    gpu: &Gpu,
    buffer: &wgpu::Buffer,
    first: u64,
    values: &[T],
) -> Result<(), Error> {
    /// Bytes a piece: wgpu copies what it is given before it uploads it.
    const PIECE: usize = 1 << 24;
    let bytes: &[u8] = bytemuck::cast_slice(values);
    for (i, piece) in bytes.chunks(PIECE).enumerate() {
        gpu.queue
            .write_buffer(buffer, first + (i * PIECE) as u64, piece);
        if bytes.len() > PIECE {
            gpu.queue.submit([]);
            gpu.wait()?;
        }
    }
    gpu.check()
}

/// Records something, copies bytes of buffers behind it, submits, waits, and returns their words one after another.
pub(crate) fn read_words(
    gpu: &Gpu,
    buffers: &[(&wgpu::Buffer, Range<u64>)],
    record: impl FnOnce(&mut wgpu::CommandEncoder),
) -> Result<Vec<u32>, Error> {
    let size = buffers
        .iter()
        .map(|(_, bytes)| bytes.end - bytes.start)
        .sum();
    let staging = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read-back"),
        size,
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let mut encoder = gpu.device.create_command_encoder(&Default::default());
    gpu.record(&mut encoder, record);
    let mut at = 0;
    for (buffer, bytes) in buffers {
        let len = bytes.end - bytes.start;
        encoder.copy_buffer_to_buffer(buffer, bytes.start, &staging, at, len);
        at += len;
    }
    gpu.queue.submit([encoder.finish()]);
    gpu.check()?;
    staging.map_async(wgpu::MapMode::Read, .., |_| ());
    gpu.wait()?;
    let view = staging
        .get_mapped_range(..)
        .map_err(|why| Error::Device(format!("{}: read-back failed: {why}", gpu.info.name)))?;
    Ok(bytemuck::pod_collect_to_vec(&view))
}
