//! The GPU executor, device family: one dispatch a call, or two where a variant has a reduction.
//!
//! Buffers, pipelines and bind groups are made once, when a plan is loaded. A run is one submission of many steps;
//! nothing is read back but the status word.

mod bindings;
mod loader;
mod trial;
mod tuning;

pub use tuning::Tuning;

use super::images::{Images, TEXEL, Timing};
use super::{Buffer, Call, Chosen, Diverged, Phase, Placement, Plan, Status, fusion};
use crate::Error;
use crate::device::Gpu;
use crate::schedule::Step;
use loader::Loader;
use std::collections::HashMap;
use std::sync::Arc;

/// Elements that tensors are aligned to: 256 bytes, the largest alignment that WebGPU lets an adapter ask for.
const ALIGN: usize = 64;
/// Steps that one submission may hold.
const SCHEDULE_ROWS: usize = 4096;
/// Loop turns of an invocation that are safe on a software adapter: Mesa's lavapipe ends loops after 65,535.
pub(crate) const SAFE_TRIPS: usize = 60_000;

/// A plan loaded onto an adapter.
pub struct Session {
    gpu: Arc<Gpu>,
    buffers: HashMap<Buffer, Placed>,
    system: SystemBuffers,
    images: Images,
    phases: HashMap<Phase, Program>,
    /// The plan whose `Phase::Gradient` is loaded when it is first run.
    later: Option<Plan>,
    /// Whether training does not store the gradient.
    descends: bool,
    /// Whether it is not what the last run made it.
    gradient_is_stale: bool,
    chosen: Vec<Chosen>,
    warning: Option<String>,
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

/// The dispatches of each call of a phase, and when their images are made.
struct Program {
    calls: Vec<Vec<Dispatch>>,
    images: Timing,
}

struct Dispatch {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    groups: [u32; 2],
}

impl Dispatch {
    fn record(&self, pass: &mut wgpu::ComputePass) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(self.groups[0], self.groups[1], 1);
    }
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
            nothing: storage(&gpu, "nothing", bytes(4)),
        };
        let fine = bytemuck::bytes_of(&Status::FINE);
        gpu.queue.write_buffer(&system.status, 0, fine);
        let descends = fusion::descends(plan) && {
            let mut loader = Loader::new(&gpu, &buffers, &system, Images::default());
            let mut calls = plan.gradient.iter();
            calls.all(|call| loader.takes_one_dispatch(call, plan.batch))
        };
        let mut session = Session {
            gpu,
            buffers,
            system,
            images: Images::default(),
            phases: HashMap::new(),
            later: None,
            descends,
            gradient_is_stale: false,
            chosen: Vec::new(),
            warning: None,
            rate: 1.0,
            status: Status::FINE,
        };
        let phases = match descends {
            // Then the two have few pipelines in common, and who trains seldom asks for gradients.
            true => &[Phase::Train, Phase::Evaluate, Phase::Predict][..],
            false => &Phase::ALL,
        };
        session.load(plan, phases)?;
        session.later = descends.then(|| plan.clone());
        Ok(session)
    }

    /// Makes the programs of some phases.
    fn load(&mut self, plan: &Plan, phases: &[Phase]) -> Result<(), Error> {
        let images = std::mem::take(&mut self.images);
        let mut loader = Loader::new(&self.gpu, &self.buffers, &self.system, images);
        for phase in phases {
            let calls = match self.descends {
                true => fusion::descending(plan, *phase),
                false => plan.calls(*phase).cloned().collect(),
            };
            let calls: Vec<&Call> = calls.iter().collect();
            let program = loader.program(&calls, plan.rows(*phase))?;
            self.phases.insert(*phase, program);
        }
        let (images, chosen, warning) = loader.finish();
        self.images = images;
        let new = chosen.into_iter().filter(|c| !self.chosen.contains(c));
        self.chosen.extend(new.collect::<Vec<_>>());
        self.warning = self.warning.take().or(warning);
        Ok(())
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

/// A storage buffer of so many bytes.
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

impl super::Session<f32> for Session {
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error> {
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
        upload(&self.gpu, &placed.buffer, values)
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, Error> {
        if self.gradient_is_stale && buffer == Buffer::Gradient {
            return Err(fusion::not_stored());
        }
        let placed = self.placed(buffer);
        let placement = placed.placement.clone();
        let bytes = (placement.len * 4) as u64;
        let words = read_words(&self.gpu, &[(&placed.buffer, bytes)], |_| ())?;
        let values: Vec<f32> = words.into_iter().map(f32::from_bits).collect();
        Ok(placement.collect(&values))
    }

    fn run(&mut self, phase: Phase, steps: &[Step]) -> Result<(), Error> {
        if !self.phases.contains_key(&phase)
            && let Some(plan) = self.later.take()
        {
            self.load(&plan, &[phase])?;
        }
        self.gradient_is_stale = fusion::makes_stale(self.descends, phase, self.gradient_is_stale);
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
                let step = || program.calls.iter().zip(before_call);
                let mut pass = None;
                for (dispatches, images) in steps.iter().flat_map(|_| step()) {
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
                    dispatches.iter().for_each(|dispatch| dispatch.record(pass));
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

    fn chosen(&self) -> &[Chosen] {
        &self.chosen
    }

    fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }
}

/// Overwrites a buffer, from its beginning.
pub(crate) fn upload<T: bytemuck::NoUninit>(
    gpu: &Gpu,
    buffer: &wgpu::Buffer,
    values: &[T],
) -> Result<(), Error> {
    /// Bytes a piece: wgpu copies what it is given before it uploads it.
    const PIECE: usize = 1 << 24;
    let bytes: &[u8] = bytemuck::cast_slice(values);
    for (i, piece) in bytes.chunks(PIECE).enumerate() {
        gpu.queue.write_buffer(buffer, (i * PIECE) as u64, piece);
        if bytes.len() > PIECE {
            gpu.queue.submit([]);
            gpu.wait()?;
        }
    }
    gpu.check()
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
