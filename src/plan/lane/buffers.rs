//! The buffers of a lane's shader, and how they are bound (`memory_lane.wgsl`).

use super::grid::Grid;
use super::script::Script;
use crate::Error;
use crate::device::Gpu;
use crate::plan::Status;
use crate::plan::inline::SCRIPT;

/// Scripts that are there at a time.
pub(super) const SCRIPTS: usize = 64;
/// Bytes between what two scripts say of their run: as far apart as every adapter lets them be bound.
const RUN_STRIDE: usize = 256;

pub(super) struct Buffers {
    scripts: wgpu::Buffer,
    runs: wgpu::Buffer,
    pub(super) kept: wgpu::Buffer,
    pub(super) status: wgpu::Buffer,
    rates: wgpu::Buffer,
}

impl Buffers {
    /// For the networks of `grid`, of each of which `kept` elements are kept.
    pub(super) fn new(gpu: &Gpu, kept: usize, grid: &Grid) -> Result<Buffers, Error> {
        let storage = wgpu::BufferUsages::STORAGE;
        let uniform = wgpu::BufferUsages::UNIFORM;
        let buffers = Buffers {
            scripts: gpu.words("scripts", 4 * SCRIPT * SCRIPTS, uniform)?,
            runs: gpu.words("runs", RUN_STRIDE / 4 * SCRIPTS, storage)?,
            kept: gpu.words("networks", kept * grid.len, storage)?,
            status: gpu.words("status words", grid.len, storage)?,
            rates: gpu.words("rates", grid.len, storage)?,
        };
        buffers.begin(gpu, grid);
        gpu.check()?;
        Ok(buffers)
    }

    /// The networks' rates, and that nothing was found yet.
    pub(super) fn begin(&self, gpu: &Gpu, grid: &Grid) {
        let rates = grid.spread(|network| grid.members[network].rate, 0.0);
        let fine = vec![Status::FINE; grid.len];
        let write = |buffer, bytes| gpu.queue.write_buffer(buffer, 0, bytes);
        write(&self.rates, bytemuck::cast_slice(&rates));
        write(&self.status, bytemuck::cast_slice(&fine));
    }

    /// Script `n`.
    pub(super) fn write_script(&self, gpu: &Gpu, n: usize, script: &Script) {
        let [first, networks, segments, invocations] = script.run;
        let run = [first, networks, segments, invocations, n as u32];
        let write = |buffer, at: usize, bytes| gpu.queue.write_buffer(buffer, at as u64, bytes);
        write(
            &self.scripts,
            n * SCRIPT * 16,
            bytemuck::cast_slice(&script.quads),
        );
        write(&self.runs, n * RUN_STRIDE, bytemuck::bytes_of(&run));
    }

    /// The bind group of script `n`.
    pub(super) fn bind(
        &self,
        gpu: &Gpu,
        pipeline: &wgpu::ComputePipeline,
        n: usize,
    ) -> wgpu::BindGroup {
        let part = |buffer, stride: usize, size: usize| {
            wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer,
                offset: (n * stride) as u64,
                size: std::num::NonZeroU64::new(size as u64),
            })
        };
        let bound = [
            part(&self.scripts, SCRIPT * 16, SCRIPT * 16),
            self.kept.as_entire_binding(),
            self.status.as_entire_binding(),
            self.rates.as_entire_binding(),
            part(&self.runs, RUN_STRIDE, 20),
        ];
        let entries: Vec<_> = (0..)
            .zip(bound)
            .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
            .collect();
        gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("lane"),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        })
    }
}
