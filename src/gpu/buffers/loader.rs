//! Turns calls into dispatches: chooses the variant, and creates its pipelines and bind groups.

use crate::Error;
use crate::gpu::adapter::{
    adapters::is_software,
    limits::fold,
    timings::Timed,
    transfers::{SAFE_TRIPS, storage},
};
use crate::gpu::buffers::{
    candidates,
    dispatch::Dispatch,
    memory::Placed,
    pipelines::{PipelineKey, Pipelines, constants},
    prefetch::Prefetch,
    system::SystemBuffers,
    timing::Trial,
};
use crate::gpu::{Gpu, Sums};
use crate::kernels::{Buffer, Call, Capabilities, DispatchLoad, Sizes, Slice, Variant};
use crate::plan::KernelChoice;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Turns calls into dispatches. Calls with equal keys share a pipeline.
pub(super) struct Loader<'a> {
    pub(super) gpu: &'a Gpu,
    pub(super) adapter: Capabilities,
    pub(super) buffers: &'a HashMap<Buffer, Placed>,
    pub(super) system: &'a SystemBuffers,
    pub(super) chosen: Vec<KernelChoice>,
    pub(super) batch: usize,
    /// The prefetch slots of the phase.
    pub(super) prefetch: Prefetch,
    /// Whether variants are being timed. Trials use the first prefetch slot only.
    pub(super) is_trial: bool,
    /// Memory between the two dispatches of a variant. All calls share it.
    pub(super) scratch: Option<wgpu::Buffer>,
    /// Time spent on timing variants.
    pub(super) timing: Duration,
    pipelines: Pipelines,
}

impl<'a> Loader<'a> {
    pub(super) fn new(
        gpu: &'a Gpu,
        buffers: &'a HashMap<Buffer, Placed>,
        system: &'a SystemBuffers,
        batch: usize,
    ) -> Loader<'a> {
        Loader {
            gpu,
            adapter: gpu.capabilities(),
            buffers,
            system,
            chosen: Vec::new(),
            batch,
            prefetch: Prefetch {
                count: 1,
                rows: batch,
            },
            is_trial: false,
            scratch: None,
            timing: Duration::ZERO,
            pipelines: Pipelines::default(),
        }
    }

    /// Returns the choices, and a warning if there was a problem.
    pub(super) fn finish(self) -> (Vec<KernelChoice>, Option<String>) {
        let warning = self.gpu.tuning.as_ref().and_then(|tuning| {
            let mut tuning = tuning.lock().unwrap_or_else(PoisonError::into_inner);
            tuning.save();
            tuning.warning()
        });
        (self.chosen, warning)
    }

    pub(super) fn sizes<'c>(&self, call: &'c Call) -> Sizes<'c> {
        Sizes {
            args: &call.args,
            batch: self.batch,
            len: self.range(&call.writes[0]).len(),
        }
    }

    /// Returns the table's variant for a call.
    pub(super) fn in_table(&self, call: &Call) -> &'static Variant {
        let fits = |variant: &Variant| self.fits(call, variant);
        call.kernel.variant(&self.adapter, &self.sizes(call), fits)
    }

    /// Chooses the variant for a call.
    pub(super) fn choose(&mut self, call: &Call) -> Result<&'static Variant, Error> {
        let (sizes, kernel) = (self.sizes(call), call.kernel);
        let units = (kernel.units)(&sizes);
        self.check_size(call, &sizes, units)?;
        let table = self.in_table(call);
        let mut chosen = KernelChoice {
            kernel: kernel.name,
            units,
            trips: (kernel.trips)(&sizes),
            variant: table.name,
            exact: table.exact,
            timed: false,
        };
        let timed = self.fastest(call, &chosen)?;
        let variant = timed.unwrap_or(table);
        (chosen.variant, chosen.timed) = (variant.name, timed.is_some());
        self.note(chosen);
        Ok(variant)
    }

    /// Adds a choice to the list.
    pub(super) fn note(&mut self, chosen: KernelChoice) {
        if !self.chosen.contains(&chosen) {
            self.chosen.push(chosen);
        }
    }

    /// Returns the fastest exact variant for a call, if it is known or can be timed.
    fn fastest(
        &mut self,
        call: &Call,
        table: &KernelChoice,
    ) -> Result<Option<&'static Variant>, Error> {
        let gpu = self.gpu;
        let can = |v: &Variant| {
            v.can_run(&self.adapter) && (v.shape)(&self.sizes(call)) && self.fits(call, v)
        };
        let candidates = candidates::candidates(call.kernel.variants, table, can);
        let Some(tuning) = gpu.tuning.as_ref().filter(|_| !candidates.is_empty()) else {
            return Ok(None);
        };
        let timed = Timed::Call {
            kernel: table.kernel.to_owned(),
            units: table.units,
            trips: table.trips,
        };
        let mut tuning = tuning.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |name: &str| candidates.iter().copied().find(|v| v.name == name);
        if let Some(found) = tuning.fastest(&gpu.info, &timed).and_then(known) {
            return Ok(Some(found));
        }
        if !tuning.may_go_on(self.timing) {
            return Ok(None);
        }
        let start = Instant::now();
        self.prepare(candidates.iter().map(|variant| (call, *variant)));
        let step = &self.system.steps;
        let trial = Trial::new(gpu, step, self.buffers, call, self.batch);
        let (mut same, mut all, mut expected) = (Vec::new(), Vec::new(), None);
        for variant in &candidates {
            self.is_trial = true;
            let dispatches = gpu.attempt(|| self.dispatches(call, variant));
            self.is_trial = false;
            let Some(dispatches) = dispatches? else {
                self.pipelines.clear(); // the refused pipelines are among them
                self.scratch = None;
                continue;
            };
            let bits = trial.bits(&dispatches)?;
            if *expected.get_or_insert_with(|| bits.clone()) == bits {
                same.push(variant.name);
                all.push(dispatches);
            }
        }
        let times = same.into_iter().zip(trial.times(&all)?);
        let times: Vec<_> = times.collect();
        trial.end()?;
        tuning.insert(&gpu.info, timed.clone(), table.variant, &times);
        self.timing += start.elapsed();
        Ok(tuning.fastest(&gpu.info, &timed).and_then(known))
    }

    /// Returns whether the session has room for the variant's scratch memory, and allows its summation order.
    fn fits(&self, call: &Call, variant: &Variant) -> bool {
        let scratch = 4 * variant.scratch(&self.sizes(call)) as u64;
        let wanted =
            variant.exact || variant.needs.cooperative.is_some() || self.gpu.sums == Sums::Split;
        wanted && scratch <= self.gpu.largest_buffer()
    }

    /// Reserves scratch memory for `elements` elements. It is filled with NaN, so that a read of an unwritten element
    /// shows.
    pub(super) fn reserve(&mut self, elements: usize) -> Result<(), Error> {
        let bytes = 4 * elements as u64;
        if bytes == 0 || self.scratch.as_ref().is_some_and(|s| s.size() >= bytes) {
            return Ok(());
        }
        let scratch = storage(self.gpu, "scratch", bytes)?;
        let poison = vec![f32::NAN; elements];
        self.gpu.write(&scratch, 0, bytemuck::cast_slice(&poison))?;
        self.scratch = Some(scratch);
        Ok(())
    }

    /// Returns the key of the pipeline for a variant's entry point and a call.
    fn key(&self, call: &Call, variant: &Variant, entry: &'static str) -> PipelineKey {
        let sizes = self.sizes(call);
        let subgroup = self.adapter.subgroup.unwrap_or(1);
        let mut constants = constants(call, &sizes, subgroup, self.prefetch.rows);
        let slice_rows = variant.reduction.map(|reduction| (reduction.rows)(&sizes));
        constants.extend(slice_rows.map(|rows| ("SLICE_ROWS", rows as u64)));
        PipelineKey {
            label: call.kernel.name,
            variant: variant.name,
            entry,
            constants,
        }
    }

    /// Creates the pipelines of several calls in parallel.
    pub(super) fn prepare<'c>(
        &mut self,
        calls: impl IntoIterator<Item = (&'c Call, &'static Variant)>,
    ) {
        let mut wanted = Vec::new();
        for (call, variant) in calls {
            let stages = variant.stages().into_iter();
            wanted.extend(stages.map(|stage| {
                let key = self.key(call, variant, stage.entry);
                (call.kernel, variant, key)
            }));
        }
        self.pipelines.prepare(self.gpu, wanted);
    }

    /// Creates the dispatches of a call.
    pub(super) fn dispatches(
        &mut self,
        call: &Call,
        variant: &'static Variant,
    ) -> Result<Vec<Dispatch>, Error> {
        let sizes = self.sizes(call);
        let load = DispatchLoad {
            units: (call.kernel.units)(&sizes),
            sizes: &sizes,
        };
        let mut dispatches = Vec::new();
        for stage in variant.stages() {
            let key = self.key(call, variant, stage.entry);
            let pipeline = self.pipelines.get(self.gpu, (call.kernel, variant), key)?;
            let groups = (stage.groups)(&load);
            dispatches.push(Dispatch {
                bindings: self.bind(call, variant, &stage, &pipeline)?,
                pipeline,
                groups: fold(groups),
            });
        }
        Ok(dispatches)
    }

    /// Creates the dispatch of a printed module, with one bind group of `entries` for each prefetch slot.
    pub(super) fn printed(
        &self,
        label: &str,
        source: &str,
        entry: &str,
        entries: &[Vec<wgpu::BindGroupEntry>],
        groups: u64,
    ) -> Result<Dispatch, Error> {
        let module = self.gpu.module(&[source], label)?;
        let pipeline = self.gpu.pipeline(label, &module, entry, &[])?;
        let bind = |entries: &Vec<_>| self.gpu.bind(label, &pipeline, entries);
        let bindings = entries.iter().map(bind).collect::<Result<_, _>>()?;
        Ok(Dispatch {
            pipeline,
            bindings,
            groups: fold(groups),
        })
    }

    fn check_size(&self, call: &Call, sizes: &Sizes, units: [usize; 2]) -> Result<(), Error> {
        let (trips, name) = ((call.kernel.trips)(sizes), call.kernel.name);
        let adapter = &self.gpu.info.name;
        if is_software(&self.gpu.info) && trips > SAFE_TRIPS {
            return Err(Error::Adapter(format!(
                "{adapter}: {name} adds {trips} terms, and software adapters may stop at {SAFE_TRIPS}; use `device = cpu`"
            )));
        }
        if units[0] as u64 * units[1] as u64 > u64::from(u32::MAX) - (1 << 24) {
            return Err(Error::Adapter(format!(
                "{adapter}: {name} has {} x {} units, more than 32 bits can count; use a smaller `batch_size`, or `device = cpu`",
                units[0], units[1]
            )));
        }
        Ok(())
    }

    pub(super) fn range(&self, slice: &Slice) -> Range<usize> {
        self.buffers[&slice.buffer].placement.range(&slice.tensors)
    }
}
