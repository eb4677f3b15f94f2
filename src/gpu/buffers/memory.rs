//! Device memory: places the buffers of a plan in the adapter's buffers.

use crate::Error;
use crate::gpu::Gpu;
use crate::gpu::adapter::transfers::{ALIGN, storage};
use crate::gpu::buffers::prefetch::{Prefetch, gathered};
use crate::gpu::print::block::BlockShape;
use crate::kernels::Buffer;
use crate::plan::{Layout, Phase, Plan};
use std::collections::HashMap;

/// Elements per texel. Tiles load whole texels.
pub(super) const TEXEL: usize = 4;

/// The place of a plan's buffer: one of the adapter's buffers, and the first element in it.
pub(super) struct Placed {
    pub(super) buffer: wgpu::Buffer,
    pub(super) first: usize,
    pub(super) placement: Layout,
    /// Elements per row, if rows are prefetched into this buffer (`prefetch.rs`); otherwise 0.
    pub(super) row_width: usize,
}

/// Places the plan's buffers. The results of fused blocks share one adapter buffer.
pub(super) fn place(
    gpu: &Gpu,
    plan: &Plan,
    data: usize,
    shape: Option<&BlockShape>,
) -> Result<HashMap<Buffer, Placed>, Error> {
    let (mut buffers, gathered) = (HashMap::new(), gathered(plan));
    let switches = gpu.capabilities().switches;
    let results = shape.map(|shape| allocate(gpu, "results", shape.results_len()));
    let results = results.transpose()?;
    for (name, extent) in &plan.buffers {
        let placement = Layout::of(extent, plan.widest(), data, ALIGN);
        let width = gathered.iter().find(|(buffer, _)| buffer == name);
        let width = width.map_or(0, |(_, width)| *width);
        let prefetch = Phase::ALL.map(|phase| Prefetch::new(plan, phase, &switches));
        let prefetch = prefetch.map(|prefetch| prefetch.count * prefetch.rows * width);
        let len = prefetch.into_iter().fold(placement.len, usize::max);
        let (buffer, first) = match (&results, shape.and_then(|shape| shape.result(*name))) {
            (Some(results), Some(first)) => (results.clone(), first),
            _ => (allocate(gpu, &format!("{name:?}"), len)?, 0),
        };
        let placed = Placed {
            buffer,
            first,
            placement,
            row_width: width,
        };
        buffers.insert(*name, placed);
    }
    gpu.check()?;
    Ok(buffers)
}

/// Creates a buffer for `elements` elements.
fn allocate(gpu: &Gpu, name: &str, elements: usize) -> Result<wgpu::Buffer, Error> {
    let (bytes, most) = ((elements.max(TEXEL) * 4) as u64, gpu.largest_buffer());
    if bytes > most {
        return Err(Error::Adapter(format!(
            "{}: {name} needs {} MiB in one buffer, the adapter allows {} MiB; use a smaller `batch_size` or data set, or `device = cpu`",
            gpu.info.name,
            bytes >> 20,
            most >> 20
        )));
    }
    storage(gpu, name, bytes)
}
