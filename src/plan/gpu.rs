//! The GPU executor, device family: one dispatch a call.
//!
//! Buffers, pipelines and bind groups are made once, when a plan is loaded. A run is one submission of many steps;
//! nothing is read back but the status word.

use super::images::{self, Images, TEXEL, Timing};
use super::{Buffer, Call, Diverged, Phase, Placement, Plan, Slice, Status};
use crate::Error;
use crate::device::{Gpu, is_software};
use crate::kernel::{Load, Sizes, System, Variant};
use crate::schedule::Step;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Elements that tensors are aligned to: 256 bytes, the largest alignment that WebGPU lets an adapter ask for.
const ALIGN: usize = 64;
/// Steps that one submission may hold.
const SCHEDULE_ROWS: usize = 4096;
/// Loop turns of an invocation that are safe on a software adapter: Mesa's lavapipe ends loops after 65,535.
pub(crate) const SAFE_TRIPS: usize = 60_000;
/// What one dimension of a dispatch may hold (`memory_buffers.wgsl`, `ROW_OF_GROUPS`).
const ROW_OF_GROUPS: u64 = 65_535;

/// A plan loaded onto an adapter.
pub struct Session {
    gpu: Arc<Gpu>,
    buffers: HashMap<Buffer, Placed>,
    system: SystemBuffers,
    images: Images,
    phases: HashMap<Phase, Program>,
    rate: f32,
    status: u32,
}

struct Placed {
    buffer: wgpu::Buffer,
    placement: Placement,
}

struct SystemBuffers {
    step: wgpu::Buffer,
    status: wgpu::Buffer,
    counter: wgpu::Buffer,
    schedule: wgpu::Buffer,
    /// Bound to the written slots that a call leaves free.
    nothing: wgpu::Buffer,
}

/// The dispatches of a phase, and when their images are made.
struct Program {
    dispatches: Vec<Dispatch>,
    images: Timing,
}

struct Dispatch {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    groups: [u32; 2],
}

impl Session {
    /// Loads `plan` for a data set of `data` rows.
    pub fn new(gpu: Arc<Gpu>, plan: &Plan, data: usize) -> Result<Session, Error> {
        let buffers = place(&gpu, plan, data)?;
        let bytes = |words: usize| (words * 4) as u64;
        let step = (size_of::<Step>() / 4).next_multiple_of(4);
        let system = SystemBuffers {
            step: storage(&gpu, "step", bytes(step)),
            status: storage(&gpu, "status", bytes(1)),
            counter: storage(&gpu, "counter", bytes(1)),
            schedule: storage(&gpu, "schedule", bytes(step * SCHEDULE_ROWS)),
            nothing: storage(&gpu, "nothing", bytes(1)),
        };
        let fine = bytemuck::bytes_of(&Status::FINE);
        gpu.queue.write_buffer(&system.status, 0, fine);
        let mut loader = Loader {
            gpu: &gpu,
            buffers: &buffers,
            system: &system,
            images: Images::default(),
            batch: plan.batch,
            modules: HashMap::new(),
            pipelines: HashMap::new(),
        };
        let mut phases = HashMap::new();
        for phase in Phase::ALL {
            loader.batch = plan.rows(phase);
            let calls: Vec<&Call> = plan.calls(phase).collect();
            phases.insert(phase, loader.program(&calls)?);
        }
        let images = loader.images;
        Ok(Session {
            gpu,
            buffers,
            system,
            images,
            phases,
            rate: 1.0,
            status: Status::FINE,
        })
    }

    fn copy(&self, encoder: &mut wgpu::CommandEncoder, images: &[Buffer]) {
        for buffer in images {
            let source = &self.placed(*buffer).buffer;
            self.images.copy(encoder, *buffer, source);
        }
    }

    fn placed(&self, buffer: Buffer) -> &Placed {
        let found = self.buffers.get(&buffer);
        found.unwrap_or_else(|| panic!("the plan has no buffer {buffer:?}"))
    }
}

fn storage(gpu: &Gpu, label: &str, size: u64) -> wgpu::Buffer {
    gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size,
        usage: wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

fn place(gpu: &Gpu, plan: &Plan, data: usize) -> Result<HashMap<Buffer, Placed>, Error> {
    let most = gpu.largest_buffer();
    let mut buffers = HashMap::new();
    for (name, extent) in &plan.buffers {
        let placement = Placement::of(extent, plan.widest(), data, ALIGN);
        let bytes = (placement.len.max(TEXEL) * 4) as u64;
        if bytes > most {
            return Err(Error::Adapter(format!(
                "{}: {name:?} needs {} MiB in one buffer, the adapter allows {} MiB; use a smaller --batch-size or data set, or --device cpu",
                gpu.info.name,
                bytes >> 20,
                most >> 20
            )));
        }
        let buffer = storage(gpu, &format!("{name:?}"), bytes);
        buffers.insert(*name, Placed { buffer, placement });
    }
    gpu.check()?;
    Ok(buffers)
}

/// Turns calls into dispatches; calls that agree share a pipeline.
struct Loader<'a> {
    gpu: &'a Gpu,
    buffers: &'a HashMap<Buffer, Placed>,
    system: &'a SystemBuffers,
    images: Images,
    batch: usize,
    modules: HashMap<String, wgpu::ShaderModule>,
    pipelines: HashMap<(&'static str, Constants), wgpu::ComputePipeline>,
}

/// Values of a pipeline's constants, by name.
type Constants = Vec<(&'static str, u64)>;

/// The names of a call's arguments among them (`device.wgsl`).
const ARGS: [&str; 4] = ["ARG0", "ARG1", "ARG2", "ARG3"];

/// The names of where the images of a variant's slots begin (`image.wgsl`).
const TEXELS: [&str; 4] = ["TEXEL0", "TEXEL1", "TEXEL2", "TEXEL3"];

impl Loader<'_> {
    fn program(&mut self, calls: &[&Call]) -> Result<Program, Error> {
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
            args: &call.args,
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
        let key = (variant.entry, constants);
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

impl super::Session<f32> for Session {
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error> {
        /// Bytes a piece: wgpu copies what it is given before it uploads it.
        const PIECE: usize = 1 << 24;
        self.images.written(buffer);
        let placed = self.placed(buffer);
        let spread;
        let values = match placed.placement.starts.len() {
            1 => values,
            _ => {
                spread = placed.placement.spread(values);
                &spread
            }
        };
        let bytes: &[u8] = bytemuck::cast_slice(values);
        for (i, piece) in bytes.chunks(PIECE).enumerate() {
            let at = (i * PIECE) as u64;
            self.gpu.queue.write_buffer(&placed.buffer, at, piece);
            if bytes.len() > PIECE {
                self.gpu.queue.submit([]);
                self.gpu.wait()?;
            }
        }
        self.gpu.check()
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, Error> {
        let placed = self.placed(buffer);
        let placement = placed.placement.clone();
        let bytes = (placement.len * 4) as u64;
        let words = read_words(&self.gpu, &[(&placed.buffer, bytes)], |_| ())?;
        let values: Vec<f32> = words.into_iter().map(f32::from_bits).collect();
        Ok(placement.collect(&values))
    }

    fn run(&mut self, phase: Phase, steps: &[Step]) -> Result<(), Error> {
        for steps in steps.chunks(self.steps_at_once(phase)) {
            let rated: Vec<Step> = steps.iter().map(|step| step.rated(self.rate)).collect();
            let rows = bytemuck::cast_slice(&rated);
            self.gpu.queue.write_buffer(&self.system.schedule, 0, rows);
            let start = bytemuck::bytes_of(&0u32);
            self.gpu.queue.write_buffer(&self.system.counter, 0, start);
            let program = &self.phases[&phase];
            let stale = self.images.take_stale(&program.images.once);
            let status = [(&self.system.status, 4)];
            let words = read_words(&self.gpu, &status, |encoder| {
                self.copy(encoder, &stale);
                let before_call = &program.images.before_call;
                let step = || program.dispatches.iter().zip(before_call);
                let mut pass = None;
                for (dispatch, images) in steps.iter().flat_map(|_| step()) {
                    if !images.is_empty() {
                        pass = None; // it must end where a copy is made
                        self.copy(encoder, images);
                    }
                    let pass = pass.get_or_insert_with(|| {
                        let steps = wgpu::ComputePassDescriptor {
                            label: Some("steps"),
                            timestamp_writes: None,
                        };
                        encoder.begin_compute_pass(&steps).forget_lifetime()
                    });
                    pass.set_pipeline(&dispatch.pipeline);
                    pass.set_bind_group(0, &dispatch.bindings, &[]);
                    pass.dispatch_workgroups(dispatch.groups[0], dispatch.groups[1], 1);
                }
            })?;
            self.status = words[0];
            let written = program.images.written.iter();
            written.for_each(|buffer| self.images.written(*buffer));
        }
        Ok(())
    }

    fn diverged(&mut self) -> Result<Option<Diverged>, Error> {
        Ok(Status::explain(self.status))
    }

    fn begin(&mut self, rates: &[f32]) -> Result<(), Error> {
        self.rate = rates[0];
        self.status = Status::FINE;
        let fine = bytemuck::bytes_of(&Status::FINE);
        self.gpu.queue.write_buffer(&self.system.status, 0, fine);
        self.gpu.check()
    }

    fn steps_at_once(&self, phase: Phase) -> usize {
        match phase {
            Phase::Predict => 1,
            _ => SCHEDULE_ROWS,
        }
    }
}

/// Records something, copies buffers behind it, submits, waits, and returns the words of the buffers one after another.
pub(crate) fn read_words(
    gpu: &Gpu,
    buffers: &[(&wgpu::Buffer, u64)],
    record: impl FnOnce(&mut wgpu::CommandEncoder),
) -> Result<Vec<u32>, Error> {
    let size = buffers.iter().map(|(_, bytes)| bytes).sum();
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
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, at, *bytes);
        at += bytes;
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
