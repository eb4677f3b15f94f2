//! The GPU executor, lane family: each network in the registers of one invocation, many steps a dispatch.
//!
//! The plan's calls are printed, one call a unit with literal arguments, in front of the same unit functions that the
//! device family runs. It prints `const` lines and calls, never an expression: the one place where WGSL comes from Rust.

use super::{Buffer, Call, Diverged, Extent, Phase, Placement, Plan, Slice, Status};
use crate::Error;
use crate::device::Gpu;
use crate::kernel::{Axis, Sizes};
use crate::plan::gpu::{SAFE_TRIPS, read_words};
use crate::schedule::Step;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

/// Printed units that a driver still compiles into registers in good time (measured on Mesa's lavapipe).
const MOST_UNROLLED: usize = 1_500;
/// Operations of one invocation between two looks at the clock: about 100 ms at the pace of one lane.
const SERIAL_WORK: usize = 50_000_000;
/// Loop turns of `shuffled`: a walk of at most a few cycles of 6 rounds.
const SHUFFLE_TRIPS: usize = 28;
/// Steps that one dispatch may hold.
const SCHEDULE_ROWS: usize = 16_384;
/// Networks of a workgroup (`memory_lane.wgsl`).
const WORKGROUP: usize = 64;

/// A population of networks of one plan, loaded onto an adapter.
pub struct Session {
    gpu: Arc<Gpu>,
    networks: usize,
    layout: Layout,
    pipelines: HashMap<Phase, (wgpu::ComputePipeline, wgpu::BindGroup)>,
    buffers: Buffers,
    trips_a_row: usize,
    work_a_row: usize,
    status: u32,
}

struct Buffers {
    schedule: wgpu::Buffer,
    inputs: wgpu::Buffer,
    targets: wgpu::Buffer,
    kept: wgpu::Buffer,
    status: wgpu::Buffer,
    chunk: wgpu::Buffer,
}

/// Where each buffer of the plan lies in a lane's state: first what is kept between dispatches.
struct Layout {
    places: Vec<(Buffer, usize, Placement)>,
    kept: usize,
    len: usize,
}

impl Layout {
    fn new(plan: &Plan) -> Layout {
        let outputs = plan.buffers.iter().filter_map(|(name, _)| match name {
            Buffer::Out(l) => Some(*l),
            _ => None,
        });
        let last = Buffer::Out(outputs.max().unwrap_or(0));
        let is_kept = |name: Buffer| match name {
            Buffer::Parameters | Buffer::Moment(_) | Buffer::Error | Buffer::Hits => true,
            other => other == last,
        };
        let in_state = |(_, extent): &&(Buffer, Extent)| !matches!(extent, Extent::Data { .. });
        let mut sorted: Vec<_> = plan.buffers.iter().filter(in_state).collect();
        sorted.sort_by_key(|(name, _)| !is_kept(*name));
        let (mut len, mut kept) = (0, 0);
        let mut places = Vec::new();
        for (name, extent) in sorted {
            let placement = Placement::of(extent, 1, 0, 1);
            let at = len;
            len += placement.len;
            if is_kept(*name) {
                kept = len;
            }
            places.push((*name, at, placement));
        }
        Layout { places, kept, len }
    }

    fn find(&self, buffer: Buffer) -> &(Buffer, usize, Placement) {
        let found = self.places.iter().find(|(name, ..)| *name == buffer);
        found.unwrap_or_else(|| panic!("the plan has no buffer {buffer:?} in a lane"))
    }

    /// The base of a slice: an offset into the state, or which data buffer.
    fn base(&self, slice: &Slice) -> usize {
        match slice.buffer {
            Buffer::DataInputs => 0,
            Buffer::DataTargets => 1,
            buffer => {
                let (_, at, placement) = self.find(buffer);
                at + placement.range(&slice.tensors).start
            }
        }
    }

    fn len_of(&self, slice: &Slice) -> usize {
        let (.., placement) = self.find(slice.buffer);
        placement.range(&slice.tensors).len()
    }
}

/// Whether the networks of `plan` fit a lane.
pub fn fits(plan: &Plan) -> bool {
    check(plan, unrolled(plan, &Layout::new(plan), Phase::Train).0).is_ok()
}

/// Why the networks of `plan`, with so many operations a row, do not fit a lane.
fn check(plan: &Plan, operations: usize) -> Result<(), Error> {
    if updates_early(plan) && plan.batch > 1 {
        return Err(Error::Adapter(
            "a lane takes one row at a time, and cannot update in place within a batch: use a batch of 1, or the device family".to_owned(),
        ));
    }
    if operations > MOST_UNROLLED {
        return Err(Error::Adapter(format!(
            "a lane holds networks of up to {MOST_UNROLLED} printed operations a row, this one has {operations}: use the device family"
        )));
    }
    Ok(())
}

/// Whether some updates come within the gradient, as in the article's in-place order.
fn updates_early(plan: &Plan) -> bool {
    let mut calls = plan.gradient.iter();
    calls.any(|call| call.kernel.axis == Axis::Elements)
}

/// Printed units, and loop turns, of one row.
fn unrolled(plan: &Plan, layout: &Layout, phase: Phase) -> (usize, usize) {
    let sizes = plan.calls(phase).map(|call| {
        let sizes = lane_sizes(call, layout);
        let [fast, slow] = (call.kernel.units)(&sizes);
        let trips = (call.kernel.trips)(&sizes);
        (fast * slow * trips.max(1), fast * slow * trips)
    });
    sizes.fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1))
}

fn lane_sizes<'a>(call: &'a Call, layout: &Layout) -> Sizes<'a> {
    Sizes {
        args: &call.args,
        batch: 1,
        len: layout.len_of(&call.writes[0]),
    }
}

/// The printed part of a phase's module.
fn print(plan: &Plan, layout: &Layout, phase: Phase) -> String {
    let early = updates_early(plan);
    let mut text = format!(
        "const STATE = {}u;\nconst EARLY_UPDATES = {early};\n",
        layout.len
    );
    let gradient = layout
        .places
        .iter()
        .find(|(name, ..)| *name == Buffer::Gradient);
    let cleared = gradient.map_or(0..0, |(_, at, placement)| *at..*at + placement.len);
    for (name, unit, range) in [
        ("restore", "recall", 0..layout.kept),
        ("clear", "reset", cleared),
        ("save", "keep", 0..layout.kept),
    ] {
        let calls: String = range.map(|k| format!("    {unit}({k}u);\n")).collect();
        let _ = write!(text, "fn {name}() {{\n{calls}}}\n");
    }
    let (body, update): (&[Call], &[Call]) = match phase {
        Phase::Train => (&plan.gradient, &plan.update),
        Phase::Gradient => (&plan.gradient, &[]),
        Phase::Evaluate => (&plan.evaluate, &[]),
        Phase::Predict => (&plan.predict, &[]),
    };
    for (name, calls) in [
        ("bring_row", &plan.gather[..]),
        ("gradient", body),
        ("update", update),
    ] {
        let calls: String = calls.iter().map(|call| print_call(call, layout)).collect();
        let _ = write!(text, "fn {name}() {{\n{calls}}}\n");
    }
    text
}

/// A call, once for each unit.
fn print_call(call: &Call, layout: &Layout) -> String {
    let [fast, slow] = (call.kernel.units)(&lane_sizes(call, layout));
    let bases = call.reads.iter().chain(&call.writes);
    let rest: String = call
        .args
        .iter()
        .map(|arg| format!(", {arg}u"))
        .chain(bases.map(|slice| format!(", {}u", layout.base(slice))))
        .collect();
    let name = call.kernel.name;
    let units = (0..slow).flat_map(|slow| (0..fast).map(move |fast| (fast, slow)));
    units
        .map(|(fast, slow)| format!("    {name}({fast}u, {slow}u{rest});\n"))
        .collect()
}

/// The whole module of a phase: the printed part, the kernels' unit functions, the rules, the memory.
pub fn source(plan: &Plan, phase: Phase) -> String {
    let mut kernels: Vec<(&str, &str)> = plan
        .calls(phase)
        .map(|call| (call.kernel.name, call.kernel.source))
        .collect();
    kernels.sort_unstable();
    kernels.dedup();
    let mut text = print(plan, &Layout::new(plan), phase);
    text.extend(kernels.into_iter().map(|(_, source)| source));
    for shared in [
        include_str!("../../shaders/rules.wgsl"),
        include_str!("../../shaders/step.wgsl"),
        include_str!("../../shaders/loss.wgsl"),
        include_str!("../../shaders/optimizer.wgsl"),
        include_str!("../../shaders/memory_lane.wgsl"),
    ] {
        text.push_str(shared);
    }
    text
}

impl Session {
    /// Loads `networks` networks of `plan` for a data set of `data` rows.
    pub fn new(gpu: Arc<Gpu>, plan: &Plan, data: usize, networks: usize) -> Result<Session, Error> {
        let layout = Layout::new(plan);
        let (work_a_row, trips_a_row) = unrolled(plan, &layout, Phase::Train);
        check(plan, work_a_row)?;
        let buffers = buffers(&gpu, plan, data, layout.kept * networks, networks);
        gpu.queue.write_buffer(
            &buffers.status,
            0,
            bytemuck::cast_slice(&vec![Status::FINE; networks]),
        );
        let mut pipelines = HashMap::new();
        for phase in [Phase::Train, Phase::Evaluate] {
            pipelines.insert(phase, pipeline(&gpu, plan, phase, &buffers)?);
        }
        Ok(Session {
            gpu,
            networks,
            layout,
            pipelines,
            buffers,
            trips_a_row,
            work_a_row,
            status: Status::FINE,
        })
    }

    /// The steps that one dispatch may hold, when a step has so many rows.
    fn chunk(&self, step: &Step) -> usize {
        let rows = step.rows as usize;
        let shuffle = step.shuffle as usize * SHUFFLE_TRIPS;
        let trips = SAFE_TRIPS / (1 + rows * (1 + shuffle + self.trips_a_row));
        let work = SERIAL_WORK / (rows * self.work_a_row).max(1);
        trips.min(work).clamp(1, SCHEDULE_ROWS)
    }
}

fn buffers(gpu: &Gpu, plan: &Plan, data: usize, kept: usize, networks: usize) -> Buffers {
    let storage = wgpu::BufferUsages::STORAGE;
    let make = |label, words: usize, usage| {
        gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: (words.max(4) * 4) as u64,
            usage: usage | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    };
    let width = |buffer| Placement::of(plan.extent(buffer), 1, data, 1).len;
    let step = size_of::<Step>() / 4;
    Buffers {
        schedule: make("schedule", step * SCHEDULE_ROWS, storage),
        inputs: make("data inputs", width(Buffer::DataInputs), storage),
        targets: make("data targets", width(Buffer::DataTargets), storage),
        kept: make("kept", kept, storage),
        status: make("status", networks, storage),
        chunk: make("chunk", 4, wgpu::BufferUsages::UNIFORM),
    }
}

fn pipeline(
    gpu: &Gpu,
    plan: &Plan,
    phase: Phase,
    buffers: &Buffers,
) -> Result<(wgpu::ComputePipeline, wgpu::BindGroup), Error> {
    let module = gpu.module(&[&source(plan, phase)], "lane")?;
    let pipeline = gpu
        .device
        .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("lane"),
            layout: None,
            module: &module,
            entry_point: Some("run_steps"),
            compilation_options: Default::default(),
            cache: None,
        });
    gpu.check()?;
    let bound = [
        &buffers.schedule,
        &buffers.inputs,
        &buffers.targets,
        &buffers.kept,
        &buffers.status,
        &buffers.chunk,
    ];
    let entries: Vec<_> = (0..)
        .zip(bound)
        .map(|(binding, buffer)| wgpu::BindGroupEntry {
            binding,
            resource: buffer.as_entire_binding(),
        })
        .collect();
    let bindings = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("lane"),
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    });
    gpu.check()?;
    Ok((pipeline, bindings))
}

impl super::Session<f32> for Session {
    /// A buffer of the data set as it is; any other one network after the other.
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error> {
        let queue = &self.gpu.queue;
        match buffer {
            Buffer::DataInputs => {
                queue.write_buffer(&self.buffers.inputs, 0, bytemuck::cast_slice(values));
            }
            Buffer::DataTargets => {
                queue.write_buffer(&self.buffers.targets, 0, bytemuck::cast_slice(values));
            }
            _ => {
                let (_, at, placement) = self.layout.find(buffer);
                let by_element = transpose(values, self.networks, placement.len);
                let offset = (at * self.networks * 4) as u64;
                queue.write_buffer(
                    &self.buffers.kept,
                    offset,
                    bytemuck::cast_slice(&by_element),
                );
            }
        }
        self.gpu.check()
    }

    /// A kept buffer, one network after the other.
    fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, Error> {
        let (_, at, placement) = self.layout.find(buffer);
        let bytes = (self.layout.kept * self.networks * 4) as u64;
        let words = read_words(&self.gpu, &[(&self.buffers.kept, bytes)], |_| ())?;
        let part = &words[at * self.networks..][..placement.len * self.networks];
        let by_element: Vec<f32> = part.iter().map(|word| f32::from_bits(*word)).collect();
        Ok(transpose(&by_element, placement.len, self.networks))
    }

    fn run(&mut self, phase: Phase, steps: &[Step]) -> Result<(), Error> {
        let mut rest = steps;
        while let Some(first) = rest.first() {
            let (chunk, after) = rest.split_at(self.chunk(first).min(rest.len()));
            rest = after;
            let queue = &self.gpu.queue;
            queue.write_buffer(&self.buffers.schedule, 0, bytemuck::cast_slice(chunk));
            let sizes = [chunk.len() as u32, self.networks as u32, 0, 0];
            queue.write_buffer(&self.buffers.chunk, 0, bytemuck::cast_slice(&sizes));
            let (pipeline, bindings) = &self.pipelines[&phase];
            let groups = self.networks.div_ceil(WORKGROUP) as u32;
            let status = [(&self.buffers.status, (self.networks * 4) as u64)];
            let words = read_words(&self.gpu, &status, |encoder| {
                let mut pass = encoder.begin_compute_pass(&Default::default());
                pass.set_pipeline(pipeline);
                pass.set_bind_group(0, bindings, &[]);
                pass.dispatch_workgroups(groups, 1, 1);
            })?;
            self.status = words.into_iter().min().unwrap_or(Status::FINE);
        }
        Ok(())
    }

    fn diverged(&mut self) -> Result<Option<Diverged>, Error> {
        Ok(Status::explain(self.status))
    }

    fn steps_at_once(&self, _: Phase) -> usize {
        SCHEDULE_ROWS
    }
}

/// (rows, columns) -> (columns, rows).
fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let at = |i: usize| values[(i % rows) * columns + i / rows];
    (0..rows * columns).map(at).collect()
}
