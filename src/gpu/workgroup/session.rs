//! The GPU executor of the workgroup family: each network in the memory of one workgroup, many steps per dispatch.
//!
//! It is for networks that are too large for a lane, on hardware. On software adapters it is correct but slow. Data set
//! and schedule stay on the device, and each workgroup computes the positions of its rows in the row order. Each
//! dispatch gets the range of steps for each fold. A population is a grid of workgroups.

use crate::Error;
use crate::gpu::Gpu;
use crate::gpu::adapter::transfers::{read_words, upload};
use crate::gpu::print::{network::Edit, workgroup::WorkgroupShape};
use crate::gpu::workgroup::chunk::{Chunk, Chunks, SCHEDULE_STEPS};
use crate::kernels::{Buffer, Diverged, Status, Step};
use crate::plan::{
    Family, Layout, Member, Phase, Plan, Population, PopulationWatch, check_steps,
    layout::check_written,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Maximum number of workgroups along one dimension of a dispatch.
const MAX_NETWORKS: usize = 65_535;

/// A population of networks with one plan, loaded onto an adapter.
pub struct WorkgroupSession {
    /// Rows of the data set.
    data: usize,
    gpu: Arc<Gpu>,
    plan: Plan,
    shape: WorkgroupShape,
    members: Vec<Member>,
    shared: SharedBuffers,
    own: PerNetwork,
    pipelines: HashMap<Phase, wgpu::ComputePipeline>,
    status: Vec<u32>,
    edit: Option<Box<Edit>>,
}

/// The buffers that all networks share.
struct SharedBuffers {
    schedule: wgpu::Buffer,
    data: [wgpu::Buffer; 2],
}

/// The buffers with data per network or per fold.
struct PerNetwork {
    spans: wgpu::Buffer,
    networks: wgpu::Buffer,
    kept: wgpu::Buffer,
    status: wgpu::Buffer,
}

/// `Network` in `memory_workgroup.wgsl`.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Network {
    fold: u32,
    rate: f32,
}

impl WorkgroupSession {
    /// Loads the networks `members` of `plan`. `data` is the number of rows of all folds.
    ///
    /// # Errors
    /// If a network does not fit into a workgroup's memory, or the buffers do not fit into the adapter's.
    pub fn new(
        gpu: Arc<Gpu>,
        plan: &Plan,
        data: usize,
        members: &[Member],
    ) -> Result<WorkgroupSession, Error> {
        plan.check(data)?;
        let name = &gpu.info.name;
        let adapter = gpu.capabilities();
        let shape = WorkgroupShape::new(plan, adapter.workgroup_memory);
        let mut shape = shape.map_err(|why| Error::Adapter(format!("{name}: {why}")))?;
        let set = adapter.switches.size("network-workgroup");
        shape.team = set.unwrap_or(shape.team);
        if members.len() > MAX_NETWORKS {
            return Err(Error::Adapter(format!(
                "{name}: {} networks at once, a dispatch holds {MAX_NETWORKS}: train fewer",
                members.len()
            )));
        }
        let rows = |buffer| Layout::of(plan.extent(buffer), 1, data, 1).len;
        let step = size_of::<Step>() / 4;
        let make = |label, words| gpu.words(label, words, wgpu::BufferUsages::STORAGE);
        let shared = SharedBuffers {
            schedule: make("schedule", step * SCHEDULE_STEPS)?,
            data: [
                make("inputs", rows(Buffer::DataInputs))?,
                make("targets", rows(Buffer::DataTargets))?,
            ],
        };
        let session = WorkgroupSession {
            data,
            own: PerNetwork::new(&gpu, shape.kept(), members)?,
            status: vec![Status::FINE; members.len()],
            gpu,
            plan: plan.clone(),
            shape,
            members: members.to_vec(),
            shared,
            pipelines: HashMap::new(),
            edit: None,
        };
        session.note_members()?;
        Ok(session)
    }

    /// Transforms the printed modules with `edit` from now on. Tests use it to seed faults.
    pub fn edited(mut self, edit: impl Fn(String) -> String + Send + 'static) -> WorkgroupSession {
        self.edit = Some(Box::new(edit));
        self.pipelines.clear();
        self
    }

    /// Uploads folds, learning-rate factors and status words.
    fn note_members(&self) -> Result<(), Error> {
        let network = |member: &Member| Network {
            fold: member.fold as u32,
            rate: member.rate,
        };
        let networks: Vec<Network> = self.members.iter().map(network).collect();
        let (gpu, own) = (&self.gpu, &self.own);
        gpu.write(&own.networks, 0, bytemuck::cast_slice(&networks))?;
        gpu.write(&own.status, 0, bytemuck::cast_slice(&self.status))
    }

    /// Returns the pipeline of a phase. It is compiled on first use.
    fn pipeline(&mut self, phase: Phase) -> Result<wgpu::ComputePipeline, Error> {
        if let Some(pipeline) = self.pipelines.get(&phase) {
            return Ok(pipeline.clone());
        }
        let mut source = self.shape.source(&self.plan, phase);
        if let Some(edit) = &self.edit {
            source = edit(source);
        }
        let module = self.gpu.module(&[&source], "workgroup")?;
        let pipeline = self.gpu.pipeline("workgroup", &module, "run_steps", &[])?;
        self.pipelines.insert(phase, pipeline.clone());
        Ok(pipeline)
    }

    fn bind(&self, pipeline: &wgpu::ComputePipeline) -> Result<wgpu::BindGroup, Error> {
        let (shared, own) = (&self.shared, &self.own);
        let [inputs, targets] = &shared.data;
        let bound = [
            &shared.schedule,
            &own.spans,
            &own.networks,
            inputs,
            targets,
            &own.kept,
            &own.status,
        ];
        let entries: Vec<_> = (0..)
            .zip(bound)
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        self.gpu.bind("workgroup", pipeline, &entries)
    }

    fn chunks(&self) -> Chunks<'_> {
        Chunks {
            gpu: &self.gpu,
            plan: &self.plan,
            shape: &self.shape,
            members: &self.members,
        }
    }

    /// Runs a chunk in one submission.
    fn submit(&mut self, phase: Phase, chunk: &Chunk) -> Result<(), Error> {
        let pipeline = self.pipeline(phase)?;
        let bindings = self.bind(&pipeline)?;
        let (gpu, shared, own) = (&self.gpu, &self.shared, &self.own);
        gpu.write(&shared.schedule, 0, bytemuck::cast_slice(&chunk.steps))?;
        gpu.write(&own.spans, 0, bytemuck::cast_slice(&chunk.spans))?;
        let status = [(&own.status, 0..(self.members.len() * 4) as u64)];
        self.status = read_words(&self.gpu, &status, |encoder| {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&pipeline);
            pass.set_bind_group(0, &bindings, &[]);
            pass.dispatch_workgroups(self.members.len() as u32, 1, 1);
        })?;
        Ok(())
    }

    /// Reads the kept elements of all networks.
    fn kept(&self) -> Result<Vec<u32>, Error> {
        let bytes = (self.shape.kept() * self.members.len() * 4) as u64;
        match bytes {
            0 => Ok(Vec::new()),
            _ => read_words(&self.gpu, &[(&self.own.kept, 0..bytes)], |_| ()),
        }
    }
}

impl PerNetwork {
    fn new(gpu: &Gpu, kept: usize, members: &[Member]) -> Result<PerNetwork, Error> {
        let folds = members.iter().map(|member| member.fold + 1).max();
        let make = |label, words| gpu.words(label, words, wgpu::BufferUsages::STORAGE);
        let own = PerNetwork {
            spans: make("spans", 2 * folds.unwrap_or(0))?,
            networks: make("members", 2 * members.len())?,
            kept: make("networks", kept * members.len())?,
            status: make("status words", members.len())?,
        };
        gpu.check()?;
        Ok(own)
    }
}

impl crate::plan::Session<f32> for WorkgroupSession {
    /// Writes a buffer of the data set, or any other buffer, one network after the other.
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error> {
        match buffer {
            Buffer::DataInputs => return upload(&self.gpu, &self.shared.data[0], 0, values),
            Buffer::DataTargets => return upload(&self.gpu, &self.shared.data[1], 0, values),
            _ => {}
        }
        let places = self.shape.places(&self.plan, buffer)?;
        let mut kept = self.kept()?;
        let networks = kept.len() / self.shape.kept();
        check_written(buffer, places.len() * networks, values.len())?;
        let networks = kept.chunks_mut(self.shape.kept());
        for (network, own) in networks.zip(values.chunks(places.len())) {
            for (place, value) in places.iter().zip(own) {
                network[*place] = value.to_bits();
            }
        }
        upload(&self.gpu, &self.own.kept, 0, &kept)
    }

    /// Reads a kept buffer, one network after the other.
    fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, Error> {
        let places = self.shape.places(&self.plan, buffer)?;
        let kept = self.kept()?;
        let networks = kept.chunks(self.shape.kept());
        let values = networks.flat_map(|network| places.iter().map(|place| network[*place]));
        Ok(values.map(f32::from_bits).collect())
    }

    fn run(&mut self, phase: Phase, steps: &[Step]) -> Result<(), Error> {
        Population::run(self, phase, &[steps.to_vec()], &|_| true)
    }

    fn diverged(&mut self) -> Result<Option<Diverged>, Error> {
        let first = self.status.iter().copied().min();
        Ok(first.and_then(Status::explain))
    }

    fn begin(&mut self, rates: &[f32]) -> Result<(), Error> {
        for (member, rate) in self.members.iter_mut().zip(rates) {
            member.rate = *rate;
        }
        self.status.fill(Status::FINE);
        self.note_members()
    }

    fn steps_at_once(&self, phase: Phase) -> usize {
        match phase {
            Phase::Predict => 1,
            _ => SCHEDULE_STEPS,
        }
    }
}

impl Population for WorkgroupSession {
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error> {
        crate::plan::Session::write(self, buffer, values)
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, Error> {
        crate::plan::Session::read(self, buffer)
    }

    fn run(
        &mut self,
        phase: Phase,
        schedules: &[Vec<Step>],
        watch: &PopulationWatch,
    ) -> Result<(), Error> {
        let folds = self.chunks().taken(schedules);
        self.chunks().check(phase, &folds)?;
        let mut each = folds.iter();
        each.try_for_each(|steps| check_steps(steps, usize::MAX, self.data))?;
        let mut after: Vec<&[Step]> = folds.iter().map(Vec::as_slice).collect();
        let all: usize = folds.iter().map(Vec::len).sum();
        let mut rest = all;
        while rest > 0 {
            let chunk = self.chunks().chunk(phase, &mut after);
            self.submit(phase, &chunk)?;
            rest -= chunk.steps.len();
            if rest > 0 && !watch((all - rest) as f64 / all as f64) {
                return Err(Error::Interrupted);
            }
        }
        match watch(1.0) {
            true => Ok(()),
            false => Err(Error::Interrupted),
        }
    }

    fn diverged(&mut self) -> Result<Vec<bool>, Error> {
        let words = self.status.iter();
        Ok(words.map(|word| *word != Status::FINE).collect())
    }

    fn keep(&mut self, networks: &[usize]) -> Result<(), Error> {
        let kept = self.kept()?;
        let len = self.shape.kept();
        let mut stay = Vec::with_capacity(networks.len() * len);
        for &network in networks {
            stay.extend_from_slice(&kept[network * len..][..len]);
        }
        self.members = networks.iter().map(|&n| self.members[n]).collect();
        self.status = networks.iter().map(|&n| self.status[n]).collect();
        self.own = PerNetwork::new(&self.gpu, len, &self.members)?;
        upload(&self.gpu, &self.own.kept, 0, &stay)?;
        self.note_members()
    }

    fn family(&self) -> Family {
        Family::Workgroup
    }
}
