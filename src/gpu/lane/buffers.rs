//! The buffers of the lane family's shader, and their bind groups (`memory_lane.wgsl`).

use crate::Error;
use crate::gpu::Gpu;
use crate::gpu::lane::grid::Grid;
use crate::gpu::print::network::SCRIPT;
use crate::kernels::Status;

/// Number of scripts that the buffer holds.
pub(super) const SCRIPTS: usize = 64;
/// Size of the header of a script, in quads (`struct Run` of the shader). It keeps the script aligned for binding on
/// every adapter.
pub(super) const RUN: usize = 16;
/// Bytes per script, with its header.
const STRIDE: usize = 16 * (RUN + SCRIPT);

/// Status words from this value on hold the number of a script (`memory_lane.wgsl`).
pub(super) const PENDING: u32 = 0xFFFF_FF00;

pub(super) struct Buffers {
    scripts: wgpu::Buffer,
    pub(super) kept: wgpu::Buffer,
    pub(super) status: wgpu::Buffer,
    rates: wgpu::Buffer,
}

impl Buffers {
    /// Creates the buffers for the networks of `grid`, with `kept` elements per network.
    pub(super) fn new(gpu: &Gpu, kept: usize, grid: &Grid) -> Result<Buffers, Error> {
        let storage = wgpu::BufferUsages::STORAGE;
        let uniform = wgpu::BufferUsages::UNIFORM;
        let buffers = Buffers {
            scripts: gpu.words("scripts", STRIDE / 4 * SCRIPTS, uniform | storage)?,
            kept: gpu.words("networks", kept * grid.len, storage)?,
            status: gpu.words("status words", grid.len, storage)?,
            rates: gpu.words("rates", grid.len, storage)?,
        };
        buffers.begin(gpu, grid)?;
        Ok(buffers)
    }

    /// Writes the learning-rate factors of the networks, and resets their status words.
    pub(super) fn begin(&self, gpu: &Gpu, grid: &Grid) -> Result<(), Error> {
        let rates = grid.spread(|network| grid.members[network].rate, 0.0);
        let fine = vec![Status::FINE; grid.len];
        gpu.write(&self.rates, 0, bytemuck::cast_slice(&rates))?;
        gpu.write(&self.status, 0, bytemuck::cast_slice(&fine))
    }

    /// Writes script `n`.
    pub(super) fn write_script(
        &self,
        gpu: &Gpu,
        n: usize,
        quads: &[[u32; 4]],
    ) -> Result<(), Error> {
        let quads = bytemuck::cast_slice(quads);
        gpu.write(&self.scripts, (n * STRIDE) as u64, quads)
    }

    /// Creates the bind group of script `n`.
    pub(super) fn bind(
        &self,
        gpu: &Gpu,
        pipeline: &wgpu::ComputePipeline,
        n: usize,
    ) -> Result<wgpu::BindGroup, Error> {
        let part = |first: usize, size: usize| {
            wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: &self.scripts,
                offset: (n * STRIDE + first) as u64,
                size: std::num::NonZeroU64::new(size as u64),
            })
        };
        let bound = [
            part(16 * RUN, 16 * SCRIPT),
            self.kept.as_entire_binding(),
            self.status.as_entire_binding(),
            self.rates.as_entire_binding(),
            part(0, 20),
        ];
        let entries: Vec<_> = (0..)
            .zip(bound)
            .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
            .collect();
        gpu.bind("lane", pipeline, &entries)
    }
}
