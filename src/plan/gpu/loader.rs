//! Calls become dispatches: the variant, its pipeline, its bindings.

use super::{Dispatch, Placed, Program, SAFE_TRIPS, SystemBuffers};
use crate::Error;
use crate::device::{Gpu, is_software};
use crate::kernel::{Load, Sizes, System, Variant};
use crate::plan::images::{self, Images, TEXEL, Timing};
use crate::plan::{Buffer, Call, Slice};
use std::collections::HashMap;
use std::ops::Range;

/// What one dimension of a dispatch may hold (`memory_buffers.wgsl`, `ROW_OF_GROUPS`).
const ROW_OF_GROUPS: u64 = 65_535;

/// Turns calls into dispatches; calls that agree share a pipeline.
pub(super) struct Loader<'a> {
    gpu: &'a Gpu,
    buffers: &'a HashMap<Buffer, Placed>,
    system: &'a SystemBuffers,
    images: Images,
    batch: usize,
    modules: HashMap<String, wgpu::ShaderModule>,
    pipelines: HashMap<([&'static str; 2], Constants), wgpu::ComputePipeline>,
}

/// Values of a pipeline's constants, by name.
type Constants = Vec<(&'static str, u64)>;

/// The names of a call's arguments among them (`device.wgsl`).
const ARGS: [&str; 4] = ["ARG0", "ARG1", "ARG2", "ARG3"];

/// The names of where the images of a variant's slots begin (`image.wgsl`).
const TEXELS: [&str; 4] = ["TEXEL0", "TEXEL1", "TEXEL2", "TEXEL3"];

impl<'a> Loader<'a> {
    pub(super) fn new(
        gpu: &'a Gpu,
        buffers: &'a HashMap<Buffer, Placed>,
        system: &'a SystemBuffers,
    ) -> Loader<'a> {
        Loader {
            gpu,
            buffers,
            system,
            images: Images::default(),
            batch: 0,
            modules: HashMap::new(),
            pipelines: HashMap::new(),
        }
    }

    /// The images that the programs need.
    pub(super) fn into_images(self) -> Images {
        self.images
    }

    /// The program of `calls`, for a batch of so many rows.
    pub(super) fn program(&mut self, calls: &[&Call], batch: usize) -> Result<Program, Error> {
        self.batch = batch;
        let mut dispatches = Vec::new();
        let mut images = Vec::new();
        for call in calls {
            let (dispatch, read) = self.dispatch(call)?;
            dispatches.push(dispatch);
            images.push(read);
        }
        let images = Timing::new(calls, &images);
        Ok(Program { dispatches, images })
    }

    /// The call's dispatch, and what it reads as images.
    fn dispatch(&mut self, call: &Call) -> Result<(Dispatch, Vec<Buffer>), Error> {
        let sizes = Sizes {
            args: &call.args,
            batch: self.batch,
            len: self.range(&call.writes[0]).len(),
        };
        let units = (call.kernel.units)(&sizes);
        self.check_size(call, &sizes, units)?;
        let adapter = self.gpu.capabilities();
        let longest = images::longest(&self.gpu.device);
        let fits = |v: &Variant| {
            let mut images = v.images.iter().map(|slot| v.slot(call, *slot));
            images.all(|slice| self.buffers[&slice.buffer].placement.len <= longest)
        };
        let variant = call.kernel.variant(&adapter, &sizes, fits);
        let load = Load {
            units,
            sizes: &sizes,
            subgroup: adapter.subgroup.unwrap_or(1) as usize,
        };
        let mut constants: Vec<(&'static str, u64)> =
            vec![("UNITS0", units[0] as u64), ("UNITS1", units[1] as u64)];
        let args = call.args.iter().map(|arg| u64::from(*arg));
        constants.extend(ARGS.into_iter().zip(args));
        for slot in variant.images {
            let start = self.range(variant.slot(call, *slot)).start;
            constants.push((TEXELS[*slot], (start / TEXEL) as u64));
        }
        let pipeline = self.pipeline(call, variant, constants)?;
        let groups = (variant.groups)(&load);
        let images = variant.images.iter();
        let images = images.map(|slot| variant.slot(call, *slot).buffer);
        let images: Vec<Buffer> = images.collect();
        let dispatch = Dispatch {
            bindings: self.bind(call, variant, &pipeline),
            pipeline,
            groups: [
                groups.min(ROW_OF_GROUPS) as u32,
                groups.div_ceil(ROW_OF_GROUPS) as u32,
            ],
        };
        Ok((dispatch, images))
    }

    fn check_size(&self, call: &Call, sizes: &Sizes, units: [usize; 2]) -> Result<(), Error> {
        let (trips, name) = ((call.kernel.trips)(sizes), call.kernel.name);
        let adapter = &self.gpu.info.name;
        if is_software(&self.gpu.info) && trips > SAFE_TRIPS {
            return Err(Error::Adapter(format!(
                "{adapter}: {name} adds {trips} terms, and software adapters may stop at {SAFE_TRIPS}; use --device cpu"
            )));
        }
        if units[0] as u64 * units[1] as u64 > u64::from(u32::MAX) - (1 << 24) {
            return Err(Error::Adapter(format!(
                "{adapter}: {name} has {} x {} units, more than 32 bits can count; use a smaller --batch-size, or --device cpu",
                units[0], units[1]
            )));
        }
        Ok(())
    }

    fn range(&self, slice: &Slice) -> Range<usize> {
        self.buffers[&slice.buffer].placement.range(&slice.tensors)
    }

    fn pipeline(
        &mut self,
        call: &Call,
        variant: &'static Variant,
        constants: Constants,
    ) -> Result<wgpu::ComputePipeline, Error> {
        let source = variant.sources.concat();
        let module = match self.modules.get(&source) {
            Some(module) => module.clone(),
            None => {
                let module = self.gpu.module(&[&source], variant.name)?;
                self.modules.insert(source, module.clone());
                module
            }
        };
        let key = ([variant.entry, variant.name], constants);
        if let Some(pipeline) = self.pipelines.get(&key) {
            return Ok(pipeline.clone());
        }
        let values: Vec<(&str, f64)> = key.1.iter().map(|(n, v)| (*n, *v as f64)).collect();
        let descriptor = wgpu::ComputePipelineDescriptor {
            label: Some(call.kernel.name),
            layout: None,
            module: &module,
            entry_point: Some(variant.entry),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &values,
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        };
        let pipeline = self.gpu.device.create_compute_pipeline(&descriptor);
        self.gpu.check()?;
        self.pipelines.insert(key, pipeline.clone());
        Ok(pipeline)
    }

    fn bind(
        &mut self,
        call: &Call,
        variant: &Variant,
        pipeline: &wgpu::ComputePipeline,
    ) -> wgpu::BindGroup {
        let mut views = Vec::new();
        for slot in variant.images {
            let (buffer, device) = (variant.slot(call, *slot).buffer, &self.gpu.device);
            let len = self.buffers[&buffer].placement.len;
            let view = self.images.view(device, buffer, len);
            views.push((variant.image_binding(*slot), view));
        }
        let mut entries: Vec<wgpu::BindGroupEntry> = views
            .iter()
            .map(|(binding, view)| wgpu::BindGroupEntry {
                binding: *binding,
                resource: wgpu::BindingResource::TextureView(view),
            })
            .collect();
        let (reads, writes) = (variant.slots.reads(), call.writes.len());
        for slot in 0..4 {
            let binding = 1 + slot as u32;
            if entries.iter().any(|entry| entry.binding == binding) {
                continue;
            }
            entries.push(match slot < reads + writes {
                true => self.slice(binding, variant.slot(call, slot)),
                false => whole(binding, &self.system.nothing),
            });
        }
        entries.extend(call.kernel.system.iter().flat_map(|s| self.system(*s)));
        self.gpu
            .device
            .create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(call.kernel.name),
                layout: &pipeline.get_bind_group_layout(0),
                entries: &entries,
            })
    }

    /// A slice as a buffer: whole texels, which it has because tensors are aligned.
    fn slice(&self, binding: u32, slice: &Slice) -> wgpu::BindGroupEntry<'_> {
        let range = self.range(slice);
        let size = (range.len().max(1).next_multiple_of(TEXEL) * 4) as u64;
        wgpu::BindGroupEntry {
            binding,
            resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: &self.buffers[&slice.buffer].buffer,
                offset: (range.start * 4) as u64,
                size: std::num::NonZeroU64::new(size),
            }),
        }
    }

    fn system(&self, system: System) -> Vec<wgpu::BindGroupEntry<'_>> {
        let buffers = self.system;
        match system {
            System::Step => vec![whole(0, &buffers.step)],
            System::Status => vec![whole(5, &buffers.status)],
            System::Counter => vec![whole(6, &buffers.counter)],
            System::Schedule => vec![whole(7, &buffers.schedule), whole(8, &buffers.step)],
        }
    }
}

fn whole(binding: u32, buffer: &wgpu::Buffer) -> wgpu::BindGroupEntry<'_> {
    wgpu::BindGroupEntry {
        binding,
        resource: buffer.as_entire_binding(),
    }
}
