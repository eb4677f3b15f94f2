//! The GPU executor of the device family. It uses one dispatch per call, two for a variant with a reduction, and one
//! for many calls in a fused block of rows.
//!
//! Loading a plan creates the buffers, pipelines and bind groups once. A run is one submission of many steps, or a few
//! submissions. Only the status word is read back. One dispatch gathers the rows of several steps (`prefetch.rs`).

use crate::Error;
use crate::gpu::Gpu;
use crate::gpu::adapter::transfers::{read_words, storage, upload};
use crate::gpu::buffers::{
    blocks::Block,
    dispatch::Program,
    loader::Loader,
    memory::{Placed, place},
    prefetch::{self, Prefetch, PrefetchSlot, SCHEDULE_ROWS, STEP_BYTES, steps_at_once},
    system::SystemBuffers,
};
use crate::gpu::print::{block::BlockShape, network::Edit};
use crate::kernels::{Buffer, Diverged, Slice, Status, Step};
use crate::plan::{KernelChoice, Phase, Plan, check_steps, fusion::FusedPlan, layout::unknown};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Minimum number of steps of a run's first submission on hardware; and how many times longer the longest submission
/// is.
const MIN_FIRST_STEPS: usize = 8;
const MAX_UNITS: usize = 8;

/// A plan loaded onto an adapter.
pub struct GpuSession {
    /// Maximum number of rows of a step.
    rows: usize,
    /// Rows of the data set.
    data: usize,
    gpu: Arc<Gpu>,
    buffers: HashMap<Buffer, Placed>,
    system: SystemBuffers,
    phases: HashMap<Phase, Program>,
    /// The shape of fused blocks of rows, if the session uses them, and the edit of their modules.
    blocks: Option<(BlockShape, Box<Edit>)>,
    /// The plan: some phases are loaded only when they are first run.
    plan: Plan,
    fused_plan: FusedPlan,
    pub(crate) chosen: Vec<KernelChoice>,
    warning: Option<String>,
    rate: f32,
    status: u32,
    /// The prefetch slot with the rows of the last step.
    prefetch_slot: PrefetchSlot,
}

impl GpuSession {
    /// Loads `plan` with each call in a dispatch of its own.
    pub fn call_by_call(gpu: Arc<Gpu>, plan: &Plan, data: usize) -> Result<GpuSession, Error> {
        GpuSession::with(gpu, plan, data, None)
    }

    /// Loads `plan` with fused blocks of `shape`, which must suit the adapter. `edit` transforms the printed modules;
    /// tests use it to seed faults.
    pub fn in_blocks(
        gpu: Arc<Gpu>,
        plan: &Plan,
        data: usize,
        shape: BlockShape,
        edit: impl Fn(String) -> String + Send + 'static,
    ) -> Result<GpuSession, Error> {
        GpuSession::with(gpu, plan, data, Some((shape, Box::new(edit))))
    }

    /// Returns the number of dispatches per step of `phase`, without those that gather rows, which serve several steps.
    ///
    /// # Errors
    /// If the phase is loaded only when it is first run, and has not been run.
    pub fn dispatches(&self, phase: Phase) -> Result<usize, Error> {
        let program = self.phases.get(&phase);
        let program =
            program.ok_or_else(|| Error::Config(format!("{phase:?} is not loaded yet")))?;
        Ok(program.dispatches.len())
    }

    pub(crate) fn with(
        gpu: Arc<Gpu>,
        plan: &Plan,
        data: usize,
        blocks: Option<(BlockShape, Box<Edit>)>,
    ) -> Result<GpuSession, Error> {
        let shape = blocks.as_ref().map(|(shape, _)| shape);
        plan.check(data)?;
        let buffers = place(&gpu, plan, data, shape)?;
        let bytes = |words: usize| (words * 4) as u64;
        let step = (size_of::<Step>() / 4).next_multiple_of(4);
        let system = SystemBuffers {
            steps: storage(&gpu, "steps", STEP_BYTES * prefetch::MAX_STEPS as u64)?,
            status: storage(&gpu, "status", bytes(1))?,
            counter: storage(&gpu, "counter", bytes(1))?,
            schedule: storage(&gpu, "schedule", bytes(step * SCHEDULE_ROWS))?,
            nothing: storage(&gpu, "nothing", bytes(4))?,
        };
        let fine = bytemuck::bytes_of(&Status::FINE);
        gpu.write(&system.status, 0, fine)?;
        let switches = gpu.capabilities().switches;
        let fused_plan = FusedPlan::new(plan, || switches.has("fused-sgd"));
        let mut session = GpuSession {
            rows: plan.widest(),
            data,
            gpu,
            buffers,
            system,
            phases: HashMap::new(),
            blocks,
            plan: plan.clone(),
            fused_plan,
            chosen: Vec::new(),
            warning: None,
            rate: 1.0,
            status: Status::FINE,
            prefetch_slot: Prefetch::new(plan, Phase::Train, &switches).prefetch_slot(0),
        };
        let phases = match session.fused_plan.has_fused_sgd() {
            // The two phases then share few pipelines, and a training run seldom needs the gradient.
            true => &[Phase::Train, Phase::Evaluate, Phase::Predict][..],
            false => &Phase::ALL,
        };
        session.load(plan, phases)?;
        Ok(session)
    }

    /// Creates the programs of some phases.
    fn load(&mut self, plan: &Plan, phases: &[Phase]) -> Result<(), Error> {
        let mut loader = Loader::new(&self.gpu, &self.buffers, &self.system, plan.batch_size);
        if !self.phases.is_empty() {
            loader.timing = Duration::MAX; // no timing in a session that has started: it overwrites the buffers
        }
        for phase in phases {
            let calls = self.fused_plan.calls(plan, *phase);
            let whole = Phase::ALL.contains(phase);
            let block = self.blocks.as_ref().filter(|_| whole);
            let block = block.map(|(shape, edit)| Block {
                shape,
                edit,
                plan,
                phase: *phase,
            });
            let prefetch = Prefetch::new(plan, *phase, &self.gpu.capabilities().switches);
            let program = loader.program(&calls, plan.rows(*phase), prefetch, block)?;
            self.phases.insert(*phase, program);
        }
        let (chosen, warning) = loader.finish();
        let new = chosen.into_iter().filter(|c| !self.chosen.contains(c));
        self.chosen.extend(new.collect::<Vec<_>>());
        self.warning = self.warning.take().or(warning);
        Ok(())
    }

    /// Splits a run of `steps` steps into submissions. On hardware the first ones are short, so that the adapter
    /// computes while the host records the next ones. On software adapters there is nothing to gain.
    fn pieces(&self, steps: usize, prefetch: Prefetch) -> Vec<Range<usize>> {
        let has = self.gpu.capabilities();
        let unit = prefetch.count * MIN_FIRST_STEPS.div_ceil(prefetch.count);
        let (mut len, most) = match has.software || !has.switches.has("pipelining") {
            true => (steps, steps),
            false => (unit, MAX_UNITS * unit),
        };
        let (mut pieces, mut first) = (Vec::new(), 0);
        while first < steps {
            pieces.push(first..steps.min(first + len));
            first += len;
            len = (2 * len).min(most);
        }
        pieces
    }

    pub(super) fn placed(&self, buffer: Buffer) -> Result<&Placed, Error> {
        self.buffers.get(&buffer).ok_or_else(|| unknown(buffer))
    }
}

impl crate::plan::Session<f32> for GpuSession {
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error> {
        let placed = self.placed(buffer)?;
        placed.placement.check_write(buffer, values.len())?;
        if placed.row_width > 0 {
            self.prefetch_slot.number = 0;
        }
        let placed = self.placed(buffer)?;
        let spread;
        let values = match placed.placement.starts.len() {
            1 => values,
            _ => {
                spread = placed.placement.spread(values);
                &spread
            }
        };
        upload(
            &self.gpu,
            &placed.buffer,
            placed.offset(self.prefetch_slot),
            values,
        )
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, Error> {
        self.fused_plan.check_read(buffer)?;
        let placed = self.placed(buffer)?;
        let placement = placed.placement.clone();
        let (first, end) = (placed.offset(self.prefetch_slot), placed.buffer.size());
        // The last prefetch slot of a phase with few rows may have less room than the layout of another phase needs.
        let bytes = (placement.len as u64 * 4).min(end - first);
        let region = (&placed.buffer, first..first + bytes);
        let mut words = read_words(&self.gpu, &[region], |_| ())?;
        words.resize(placement.len, 0);
        let values: Vec<f32> = words.into_iter().map(f32::from_bits).collect();
        Ok(placement.collect(&values))
    }

    fn read_tensors(&mut self, slice: &Slice) -> Result<Vec<f32>, Error> {
        self.fused_plan.check_read(slice.buffer)?;
        let placed = self.placed(slice.buffer)?;
        let (placement, first) = (placed.placement.clone(), placed.offset(self.prefetch_slot));
        let range = placement.range(&slice.tensors);
        let [from, to] = [range.start, range.end].map(|at| first + 4 * at as u64);
        let region = (&placed.buffer, from..to);
        let words = read_words(&self.gpu, &[region], |_| ())?;
        let tensors = slice.tensors.clone();
        let dense = tensors.flat_map(|t| {
            let from = placement.starts[t] - range.start;
            words[from..from + placement.lengths[t]].iter()
        });
        Ok(dense.map(|word| f32::from_bits(*word)).collect())
    }

    fn run(&mut self, phase: Phase, steps: &[Step]) -> Result<(), Error> {
        if !self.phases.contains_key(&phase) {
            let plan = self.plan.clone();
            self.load(&plan, &[phase])?;
        }
        check_steps(steps, self.rows, self.data)?;
        self.fused_plan.note_run(phase);
        // The kernel counts a step at its first row, so steps without rows are left out.
        let with_rows = steps.iter().filter(|step| step.rows > 0);
        let steps: Vec<Step> = with_rows.map(|step| step.rated(self.rate)).collect();
        for steps in steps.chunks(self.steps_at_once(phase)) {
            let rows = bytemuck::cast_slice(steps);
            self.gpu.write(&self.system.schedule, 0, rows)?;
            let start = bytemuck::bytes_of(&0u32);
            self.gpu.write(&self.system.counter, 0, start)?;
            let program = &self.phases[&phase];
            let status = [(&self.system.status, 0..4)];
            let record = |piece: Range<usize>, encoder: &mut _| {
                program.record(piece, steps.len(), encoder);
            };
            let mut pieces = self.pieces(steps.len(), program.prefetch);
            let last = pieces.pop().unwrap_or(0..0);
            for piece in pieces {
                let record = |encoder: &mut _| record(piece, encoder);
                self.gpu
                    .submit(|encoder| self.gpu.record(encoder, record))?;
            }
            let words = read_words(&self.gpu, &status, |encoder| record(last, encoder))?;
            self.status = words[0];
            self.prefetch_slot = program
                .prefetch
                .prefetch_slot((steps.len() - 1) % program.prefetch.count);
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
        self.gpu.write(&self.system.status, 0, fine)
    }

    fn steps_at_once(&self, phase: Phase) -> usize {
        let most = self.gpu.capabilities().switches.size("submission");
        steps_at_once(phase).min(most.unwrap_or(SCHEDULE_ROWS))
    }

    fn kernel_choices(&self) -> &[KernelChoice] {
        &self.chosen
    }

    fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }
}
