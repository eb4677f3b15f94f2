//! The GPU executor of the lane family: each network in the registers of one invocation, many steps per dispatch.
//!
//! The networks share a data set. In a cross-validation the networks of a workgroup share a fold, and so its rows and
//! their order. Between two dispatches, the kept values of neighbouring networks are interleaved in memory.

use crate::Error;
use crate::gpu::Gpu;
use crate::gpu::adapter::transfers::read_words;
use crate::gpu::lane::{
    buffers::{Buffers, PENDING, SCRIPTS},
    grid::{Grid, MAX_GROUPS, WORKGROUP, place},
    script::{Bounds, SERIAL_WORK, ScriptRows},
};
use crate::gpu::print::network::{Edit, ModuleKey, StateLayout, check, source, unrolled};
use crate::kernels::{Buffer, Diverged, Status, Step};
use crate::plan::{Member, Phase, Plan, PopulationWatch, layout::check_written};
use crate::text::counted;
use std::{collections::HashMap, sync::Arc};

/// Maximum number of steps per call of `run`. It is large enough to fill the scripts.
const STEPS_AT_ONCE: usize = 1 << 16;

/// What keeps buffers, in errors.
const FAMILY: &str = "the lane family";

/// A population of networks with one plan, loaded onto an adapter.
pub struct LaneSession {
    pub(super) gpu: Arc<Gpu>,
    pub(super) plan: Plan,
    pub(super) grid: Grid,
    pub(super) layout: StateLayout,
    pub(super) rows: ScriptRows,
    pub(super) buffers: Buffers,
    pub(super) subgroup: Option<u32>,
    pub(super) pipelines: HashMap<ModuleKey, wgpu::ComputePipeline>,
    pub(super) bounds: Bounds,
    pub(super) status: Vec<u32>,
    edit: Box<Edit>,
}

impl LaneSession {
    /// Loads `networks` networks of `plan`, which differ in their parameters only.
    pub fn new(gpu: Arc<Gpu>, plan: &Plan, networks: usize) -> Result<LaneSession, Error> {
        LaneSession::of(gpu, plan, &vec![Member::default(); networks])
    }

    /// Loads the networks `members` of `plan`.
    pub fn of(gpu: Arc<Gpu>, plan: &Plan, members: &[Member]) -> Result<LaneSession, Error> {
        let adapter = gpu.capabilities();
        let shared = |size: &u32| adapter.software && size.is_multiple_of(4);
        LaneSession::with(gpu, plan, members, adapter.subgroup.filter(shared))
    }

    /// Loads one network of `plan` with the script that hardware has, and adapters without subgroups: each invocation
    /// reads every word by itself.
    /// `edit` transforms the printed modules; tests use it to seed faults.
    pub fn unshared(
        gpu: Arc<Gpu>,
        plan: &Plan,
        edit: impl Fn(String) -> String + Send + 'static,
    ) -> Result<LaneSession, Error> {
        let session = LaneSession::with(gpu, plan, &[Member::default()], None)?;
        Ok(LaneSession {
            edit: Box::new(edit),
            ..session
        })
    }

    fn with(
        gpu: Arc<Gpu>,
        plan: &Plan,
        members: &[Member],
        subgroup: Option<u32>,
    ) -> Result<LaneSession, Error> {
        let layout = StateLayout::new(plan);
        let (work_a_row, trips_a_row) = unrolled(plan, &layout, Phase::Train);
        check(plan, work_a_row, gpu.uniform_bytes())?;
        let adapter = gpu.capabilities();
        let whole = adapter.subgroup.map_or(WORKGROUP, |size| size as usize);
        let set = adapter.switches.size("lane-workgroup").unwrap_or(whole);
        let workgroup = subgroup.map_or(set, |size| size as usize);
        let grid = Grid::new(members, workgroup);
        if grid.len > MAX_GROUPS * workgroup {
            return Err(Error::Adapter(format!(
                "{} networks at once, a dispatch holds {}: train fewer",
                members.len(),
                MAX_GROUPS * workgroup
            )));
        }
        let buffers = Buffers::new(&gpu, layout.kept, &grid)?;
        Ok(LaneSession {
            status: vec![Status::FINE; grid.len],
            edit: Box::new(|source| source),
            gpu,
            plan: plan.clone(),
            rows: ScriptRows::new(plan),
            grid,
            layout,
            buffers,
            subgroup,
            pipelines: HashMap::new(),
            bounds: Bounds {
                trips_a_row,
                work_a_row,
                software: adapter.software,
            },
        })
    }

    /// Returns a pipeline. It is compiled on first use, because a driver may take seconds.
    fn pipeline(&mut self, phase: Phase, careful: bool) -> Result<wgpu::ComputePipeline, Error> {
        let key = ModuleKey {
            phase,
            careful,
            subgroup: self.subgroup,
        };
        if let Some(pipeline) = self.pipelines.get(&key) {
            return Ok(pipeline.clone());
        }
        let module = self
            .gpu
            .module(&[&(self.edit)(source(&self.plan, key))], "lane")?;
        let workgroup = [("WORKGROUP", self.grid.workgroup as f64)];
        let pipeline = self
            .gpu
            .pipeline("lane", &module, "run_steps", &workgroup)?;
        self.pipelines.insert(key, pipeline.clone());
        Ok(pipeline)
    }

    fn too_large(&self, step: &Step) -> Error {
        Error::Adapter(format!(
            "{}: a step of {} is too long for one dispatch of the lane family; use a smaller `batch_size`, or `device = cpu`",
            self.gpu.info.name,
            counted(step.rows as usize, "row")
        ))
    }

    /// Returns a function that records scripts, given as their number and their number of networks, with as many
    /// workgroups as the networks need.
    fn recorder(
        &self,
        pipeline: wgpu::ComputePipeline,
        scripts: impl Iterator<Item = (usize, usize)>,
    ) -> Result<impl FnOnce(&mut wgpu::CommandEncoder), Error> {
        let dispatch = |(n, networks): (usize, usize)| {
            let groups = networks.div_ceil(self.grid.workgroup) as u32;
            Ok((self.buffers.bind(&self.gpu, &pipeline, n)?, groups))
        };
        let dispatches: Vec<_> = scripts.map(dispatch).collect::<Result<_, Error>>()?;
        Ok(move |encoder: &mut wgpu::CommandEncoder| {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&pipeline);
            for (bindings, groups) in &dispatches {
                pass.set_bind_group(0, bindings, &[]);
                pass.dispatch_workgroups(*groups, 1, 1);
            }
        })
    }

    /// Starts the last script. It runs while the host writes the next one.
    fn start(&mut self, phase: Phase, scripts: &[usize]) -> Result<(), Error> {
        let pipeline = self.pipeline(phase, false)?;
        let last = scripts.iter().copied().enumerate().next_back();
        let record = self.recorder(pipeline, last.into_iter())?;
        self.gpu.submit(|encoder| self.gpu.record(encoder, record))
    }

    /// Runs some scripts, waits for all that were started, and reads the status words.
    fn run_scripts(
        &mut self,
        phase: Phase,
        careful: bool,
        scripts: impl Iterator<Item = (usize, usize)>,
    ) -> Result<(), Error> {
        let pipeline = self.pipeline(phase, careful)?;
        let status = [(&self.buffers.status, 0..(self.grid.len * 4) as u64)];
        let record = self.recorder(pipeline, scripts)?;
        self.status = read_words(&self.gpu, &status, record)?;
        Ok(())
    }

    /// Runs the last script. If some networks are no longer finite, runs all scripts again for them, to find where they
    /// diverged. `scripts` holds the number of networks of each script.
    fn finish(&mut self, phase: Phase, scripts: &mut Vec<usize>) -> Result<(), Error> {
        let all = || scripts.iter().copied().enumerate();
        self.run_scripts(phase, false, all().next_back().into_iter())?;
        let pending = |word: &u32| (PENDING..Status::FINE).contains(word);
        if self.status.iter().any(pending) {
            self.run_scripts(phase, true, all())?;
            for word in self.status.iter_mut().filter(|word| pending(word)) {
                *word = Status::FINE;
            }
            let words = bytemuck::cast_slice(&self.status);
            self.gpu.write(&self.buffers.status, 0, words)?;
        }
        scripts.clear();
        self.gpu.check()
    }

    /// Runs the steps of each fold's schedule (see [`Population::run`]).
    pub(super) fn replay(
        &mut self,
        phase: Phase,
        schedules: &[&[Step]],
        watch: &PopulationWatch,
    ) -> Result<(), Error> {
        let all: usize = schedules.iter().map(|steps| steps.len()).sum();
        // Before anything runs. If the largest batch of the plan fits, no step needs checking.
        let is_too_large = |step: &&Step| !self.rows.fit(step.rows as usize, &self.bounds);
        if !self.rows.fit(self.plan.widest(), &self.bounds)
            && let Some(step) = schedules.iter().copied().flatten().find(is_too_large)
        {
            return Err(self.too_large(step));
        }
        let (mut done, mut scripts, mut work) = (0, Vec::new(), 0);
        for (fold, steps) in schedules.iter().enumerate().take(self.grid.folds.len()) {
            let [first, networks] = self.grid.folds[fold];
            let mut rest = if networks > 0 { *steps } else { &[] };
            while let Some(at) = rest.iter().position(|step| step.rows > 0) {
                rest = &rest[at..];
                if !scripts.is_empty() {
                    self.start(phase, &scripts)?;
                }
                let mut script = self.rows.script(rest, &self.bounds, networks);
                if script.steps == 0 {
                    return Err(self.too_large(&rest[0]));
                }
                rest = &rest[script.steps..];
                let n = scripts.len();
                script.set_run([first, networks, script.segments, self.grid.len, n]);
                self.buffers.write_script(&self.gpu, n, &script.quads)?;
                scripts.push(networks);
                work += self.bounds.work(script.rows, networks);
                if scripts.len() == SCRIPTS || work >= SERIAL_WORK {
                    self.finish(phase, &mut scripts)?;
                    work = 0;
                    if !watch((done + steps.len() - rest.len()) as f64 / all as f64) {
                        return Err(Error::Interrupted);
                    }
                }
            }
            done += steps.len();
        }
        if !scripts.is_empty() {
            self.finish(phase, &mut scripts)?;
        }
        match watch(1.0) {
            true => Ok(()),
            false => Err(Error::Interrupted),
        }
    }

    /// Returns the position of kept element `k` of an invocation (`memory_lane.wgsl`).
    pub(super) fn place(&self, k: usize, invocation: usize) -> usize {
        place(k, invocation, self.grid.len)
    }

    /// Reads the kept elements of all invocations.
    pub(super) fn kept(&self) -> Result<Vec<u32>, Error> {
        let bytes = (self.layout.kept * self.grid.len * 4) as u64;
        read_words(&self.gpu, &[(&self.buffers.kept, 0..bytes)], |_| ())
    }
}

impl crate::plan::Session<f32> for LaneSession {
    /// Writes a buffer of the data set, or any other buffer, one network after the other.
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error> {
        if matches!(buffer, Buffer::DataInputs | Buffer::DataTargets) {
            self.rows.write(buffer, values);
            return Ok(());
        }
        let (at, placement) = self.layout.find_kept(FAMILY, buffer)?;
        let len = placement.len;
        let networks = self.grid.invocations.len();
        check_written(buffer, len * networks, values.len())?;
        let mut kept = self.kept()?;
        for (network, &invocation) in self.grid.invocations.iter().enumerate() {
            for k in 0..len {
                kept[self.place(at + k, invocation)] = values[network * len + k].to_bits();
            }
        }
        let kept = bytemuck::cast_slice(&kept);
        self.gpu.write(&self.buffers.kept, 0, kept)?;
        self.gpu.check()
    }

    /// Reads a kept buffer, one network after the other.
    fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, Error> {
        let (at, placement) = self.layout.find_kept(FAMILY, buffer)?;
        let words = self.kept()?;
        let mut values = Vec::with_capacity(placement.len * self.grid.invocations.len());
        for &invocation in &self.grid.invocations {
            let own = (0..placement.len).map(|k| words[self.place(at + k, invocation)]);
            values.extend(own.map(f32::from_bits));
        }
        Ok(values)
    }

    fn run(&mut self, phase: Phase, steps: &[Step]) -> Result<(), Error> {
        self.replay(phase, &[steps], &|_| true)
    }

    fn diverged(&mut self) -> Result<Option<Diverged>, Error> {
        let first = self.status.iter().copied().min();
        Ok(first.and_then(Status::explain))
    }

    fn begin(&mut self, rates: &[f32]) -> Result<(), Error> {
        for (member, rate) in self.grid.members.iter_mut().zip(rates) {
            member.rate = *rate;
        }
        self.status.fill(Status::FINE);
        self.buffers.begin(&self.gpu, &self.grid)
    }

    fn steps_at_once(&self, _: Phase) -> usize {
        STEPS_AT_ONCE
    }
}
