//! The device family's dispatches as data ([`Replay`]): each call in its plain variant, which asks nothing of an adapter, from
//! the module and with the constants that a session would use.

use crate::gpu::adapter::{
    limits::fold,
    replay::{Binding, RecordedDispatch, Replay},
    transfers::ALIGN,
};
use crate::gpu::buffers::{
    memory::TEXEL,
    pipelines::constants,
    prefetch::{STEP_BYTES, gathers},
};
use crate::gpu::print::buffers::source;
use crate::kernels::{Buffer, Call, DispatchLoad, Sizes, Slice, Status, Step, System, Variant};
use crate::plan::{Layout, Phase, Plan};
use std::collections::HashMap;

/// Records the dispatches of a plan.
pub struct DeviceRecorder {
    replay: Replay,
    placed: HashMap<Buffer, (usize, Layout)>,
    system: Numbers,
    rows: usize,
}

/// The numbers of the executor's own buffers.
struct Numbers {
    steps: usize,
    status: usize,
    counter: usize,
    schedule: usize,
    nothing: usize,
}

impl DeviceRecorder {
    /// Creates the buffers of `plan` for a data set of `data` rows, and a schedule of one step.
    pub fn new(plan: &Plan, data: usize, step: &Step) -> DeviceRecorder {
        let mut replay = Replay::default();
        let mut placed = HashMap::new();
        for (name, extent) in &plan.buffers {
            let layout = Layout::of(extent, plan.widest(), data, ALIGN);
            let bytes = 4 * layout.len.max(TEXEL).next_multiple_of(TEXEL) as u64;
            let number = replay.buffer(&format!("{name:?}"), bytes, Vec::new());
            let tensors = layout.starts.iter().zip(&layout.lengths);
            replay.buffers[number].tensors = tensors.map(|(at, len)| [*at, *len]).collect();
            placed.insert(*name, (number, layout));
        }
        let words: &[u32] = bytemuck::cast_slice(std::slice::from_ref(step));
        let system = Numbers {
            steps: replay.buffer("steps", STEP_BYTES, Vec::new()),
            status: replay.buffer("status", 4, vec![Status::FINE]),
            counter: replay.buffer("counter", 4, vec![0]),
            schedule: replay.buffer("schedule", 4 * words.len() as u64, words.to_vec()),
            nothing: replay.buffer("nothing", 16, Vec::new()),
        };
        DeviceRecorder {
            replay,
            placed,
            system,
            rows: plan.rows(Phase::Train),
        }
    }

    /// Sets the first contents of a buffer, without gaps.
    ///
    /// # Panics
    /// If the plan has no such buffer, or has it in another size.
    pub fn write(&mut self, buffer: Buffer, values: &[f32]) {
        let (number, layout) = &self.placed[&buffer];
        assert_eq!(layout.dense_len(), values.len(), "{buffer:?}");
        let words = layout.spread(values).into_iter().map(f32::to_bits);
        self.replay.buffers[*number].words = words.collect();
    }

    /// Adds the dispatches of some calls.
    pub fn record<'a>(&mut self, calls: impl IntoIterator<Item = &'a Call>) {
        for call in calls {
            let dispatch = self.dispatch(call);
            self.replay.dispatches.push(dispatch);
        }
    }

    /// Returns what was recorded.
    pub fn finish(self) -> Replay {
        self.replay
    }

    fn dispatch(&mut self, call: &Call) -> RecordedDispatch {
        let variants = call.kernel.variants;
        let plain: &Variant = &variants[variants.len() - 1];
        let module = self
            .replay
            .module(call.kernel.name, source(call.kernel, plain));
        let (_, written) = &self.placed[&call.writes[0].buffer];
        let sizes = Sizes {
            args: &call.args,
            batch: self.rows,
            len: written.range(&call.writes[0].tensors).len(),
        };
        let load = DispatchLoad {
            units: (call.kernel.units)(&sizes),
            sizes: &sizes,
        };
        let values = constants(call, &sizes, 1, self.rows);
        let named = |(name, value): (&str, u64)| (name.to_owned(), value as f64);
        RecordedDispatch {
            label: call.kernel.name.to_owned(),
            module,
            entry: plain.entry.to_owned(),
            constants: values.into_iter().map(named).collect(),
            bindings: self.bindings(call),
            groups: fold((plain.groups)(&load)),
            steps: 1,
        }
    }

    fn bindings(&self, call: &Call) -> Vec<Binding> {
        let kernel = call.kernel;
        let reads = (0..).zip(&call.reads);
        let mut all: Vec<Binding> = reads
            .map(|(k, slice)| self.slice(kernel.binding(k), slice))
            .collect();
        all.extend((0..kernel.writes.len()).map(|k| {
            let binding = kernel.binding(kernel.reads.len() + k);
            match call.writes.get(k) {
                Some(slice) if gathers(call) => {
                    self.replay.whole(binding, self.placed[&slice.buffer].0)
                }
                Some(slice) => self.slice(binding, slice),
                None => self.replay.whole(binding, self.system.nothing),
            }
        }));
        all.extend(kernel.system.iter().flat_map(|system| self.system(*system)));
        all
    }

    /// Binds whole texels of a slice, as [`Placed::bound`](super::memory::Placed) does.
    fn slice(&self, binding: u32, slice: &Slice) -> Binding {
        let (buffer, layout) = &self.placed[&slice.buffer];
        let range = layout.range(&slice.tensors);
        Binding {
            binding,
            buffer: *buffer,
            offset: 4 * range.start as u64,
            size: 4 * range.len().max(1).next_multiple_of(TEXEL) as u64,
        }
    }

    /// Binds a buffer of the executor's own (numbers as in `device.wgsl`).
    fn system(&self, system: System) -> Vec<Binding> {
        let own = &self.system;
        let whole = |binding, buffer| self.replay.whole(binding, buffer);
        match system {
            System::Step => vec![Binding {
                size: size_of::<Step>() as u64,
                ..whole(0, own.steps)
            }],
            System::Status => vec![whole(5, own.status)],
            System::Counter => vec![whole(6, own.counter)],
            System::Schedule => vec![whole(7, own.schedule), whole(8, own.steps)],
        }
    }
}
