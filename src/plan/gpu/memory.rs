//! The adapter's memory: where the buffers of a plan are, and how numbers come and go.

use crate::Error;
use crate::device::Gpu;
use crate::kernel::System;
use crate::plan::images::TEXEL;
use crate::plan::inline::block::Shape;
use crate::plan::{Buffer, Call, Extent, Placement, Plan};
use std::collections::HashMap;
use std::ops::Range;

/// Elements that tensors are aligned to: 256 bytes, the largest alignment that WebGPU lets an adapter ask for.
pub(crate) const ALIGN: usize = 64;

/// Elements that `gather` brings at once, and for how many steps at most: a dispatch less in most steps.
const AHEAD_ELEMENTS: usize = 1 << 18;
const AHEAD_STEPS: usize = 16;

/// What `gather` brings at once: rows of so many steps, each with a place of its own.
#[derive(Clone, Copy)]
pub(super) struct Ahead {
    pub(super) steps: usize,
    /// From the rows of a step to those of the next.
    pub(super) rows: usize,
}

impl Ahead {
    pub(super) fn new(plan: &Plan) -> Ahead {
        let batch = plan.widest();
        let widths = brought(plan).map(|buffer| match plan.extent(buffer) {
            Extent::Batch { width } => *width,
            other => panic!("gather brings {buffer:?}, which is {other:?}, not rows"),
        });
        // Each place can be bound.
        let odd = widths
            .clone()
            .map(|width| ALIGN >> width.trailing_zeros().min(ALIGN.ilog2()));
        let rows = batch.next_multiple_of(odd.max().unwrap_or(1));
        let elements = rows * widths.sum::<usize>();
        match AHEAD_ELEMENTS / elements.max(1) {
            0 | 1 => Ahead {
                steps: 1,
                rows: batch,
            },
            steps => Ahead {
                steps: steps.min(AHEAD_STEPS),
                rows,
            },
        }
    }
}

/// Whether a call brings rows of the data set.
pub(super) fn brings(call: &Call) -> bool {
    call.kernel.system.contains(&System::Schedule)
}

/// The buffers that rows are brought to.
fn brought(plan: &Plan) -> impl Iterator<Item = Buffer> + Clone {
    let calls = plan.gather.iter().filter(|call| brings(call));
    calls.flat_map(|call| call.writes.iter().map(|slice| slice.buffer))
}

/// Where a plan's buffer is: in one of the adapter's, from an element on.
pub(super) struct Placed {
    pub(super) buffer: wgpu::Buffer,
    pub(super) first: usize,
    pub(super) placement: Placement,
    /// Places that it has, and elements from one to the next.
    pub(super) places: usize,
    pub(super) apart: usize,
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
    ahead: Ahead,
) -> Result<HashMap<Buffer, Placed>, Error> {
    let mut buffers = HashMap::new();
    let results = shape.map(|shape| room(gpu, "results", shape.results_len()));
    let results = results.transpose()?;
    for (name, extent) in &plan.buffers {
        let is_brought = brought(plan).any(|buffer| buffer == *name);
        let of_rows = |rows: usize| Placement::of(extent, rows, data, ALIGN);
        let placement = of_rows(plan.widest());
        let (places, apart) = match is_brought {
            true => (ahead.steps, of_rows(ahead.rows).len),
            false => (1, placement.len),
        };
        let (buffer, first) = match (&results, shape.and_then(|shape| shape.result(*name))) {
            (Some(results), Some(first)) => (results.clone(), first),
            _ => (room(gpu, &format!("{name:?}"), places * apart)?, 0),
        };
        let placed = Placed {
            buffer,
            first,
            placement,
            places,
            apart,
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
    record(&mut encoder);
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
