//! A cache of pipelines. Pipelines that a program will need are created in parallel beforehand: a driver takes 0.1 to
//! 0.6 seconds for one that it has not compiled before.

use crate::Error;
use crate::gpu::Gpu;
use crate::gpu::print::buffers::source;
use crate::kernels::{Call, Kernel, Sizes, Variant};
use crate::threads::{locked, on_threads, threads};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Values of a pipeline's constants, by name.
pub(super) type Constants = Vec<(&'static str, u64)>;

/// The names of a call's arguments among the constants (`call.wgsl`).
const ARGS: [&str; 5] = ["ARG0", "ARG1", "ARG2", "ARG3", "ARG4"];

/// Returns the constants of a call of these sizes. `slot_rows`: rows from a prefetch slot to the next.
pub(super) fn constants(call: &Call, sizes: &Sizes, subgroup: u32, slot_rows: usize) -> Constants {
    let units = (call.kernel.units)(sizes);
    let mut constants = vec![
        ("UNITS0", units[0] as u64),
        ("UNITS1", units[1] as u64),
        ("SUBGROUP", subgroup.into()),
        ("SLOT_ROWS", slot_rows as u64),
    ];
    let args = call.args.iter().map(|arg| u64::from(*arg));
    constants.extend(ARGS.into_iter().zip(args));
    constants
}

/// The key of a pipeline on one adapter.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct PipelineKey {
    /// The kernel's name.
    pub(super) label: &'static str,
    pub(super) variant: &'static str,
    pub(super) entry: &'static str,
    pub(super) constants: Constants,
}

/// The cached pipelines, and their modules by source.
#[derive(Default)]
pub(super) struct Pipelines {
    modules: HashMap<String, wgpu::ShaderModule>,
    made: HashMap<PipelineKey, wgpu::ComputePipeline>,
}

impl Pipelines {
    /// A pipeline of a kernel's variant: the one that there is, or a new one.
    pub(super) fn get(
        &mut self,
        gpu: &Gpu,
        (kernel, variant): (&Kernel, &Variant),
        key: PipelineKey,
    ) -> Result<wgpu::ComputePipeline, Error> {
        if let Some(pipeline) = self.made.get(&key) {
            return Ok(pipeline.clone());
        }
        let source = source(kernel, variant);
        let module = match self.modules.get(&source) {
            Some(module) => module.clone(),
            None => {
                let module = gpu.module(&[&source], variant.name)?;
                self.modules.insert(source, module.clone());
                module
            }
        };
        let pipeline = make(gpu, &module, &key)?;
        self.made.insert(key, pipeline.clone());
        Ok(pipeline)
    }

    /// Creates the missing pipelines in parallel. If the driver refuses one, [`Pipelines::get`] tries again and reports
    /// the error.
    pub(super) fn prepare(
        &mut self,
        gpu: &Gpu,
        wanted: Vec<(&'static Kernel, &'static Variant, PipelineKey)>,
    ) {
        let mut new: Vec<(String, &Variant, PipelineKey)> = Vec::new();
        for (kernel, variant, key) in wanted {
            if !self.made.contains_key(&key) && new.iter().all(|(_, _, other)| *other != key) {
                new.push((source(kernel, variant), variant, key));
            }
        }
        let mut sources: Vec<(&String, &Variant)> = Vec::new();
        for (source, variant, _) in &new {
            let is_known = self.modules.contains_key(source);
            if !is_known && sources.iter().all(|(other, _)| *other != source) {
                sources.push((source, variant));
            }
        }
        let modules = in_parallel(&sources, |(source, variant)| {
            gpu.attempt(|| gpu.module(&[source], variant.name))
        });
        let modules = sources.into_iter().zip(modules);
        let modules = modules.filter_map(|((source, _), module)| Some((source.clone(), module?)));
        self.modules.extend(modules);
        let pipelines = in_parallel(&new, |(source, _, key)| {
            let module = self.modules.get(source);
            module.map_or(Ok(None), |module| gpu.attempt(|| make(gpu, module, key)))
        });
        let keys = new.into_iter().map(|(.., key)| key);
        let made = keys
            .zip(pipelines)
            .filter_map(|(key, made)| Some((key, made?)));
        self.made.extend(made);
    }

    /// Clears the cache, including pipelines that the driver refused.
    pub(super) fn clear(&mut self) {
        *self = Pipelines::default();
    }
}

fn make(
    gpu: &Gpu,
    module: &wgpu::ShaderModule,
    key: &PipelineKey,
) -> Result<wgpu::ComputePipeline, Error> {
    let values: Vec<(&str, f64)> = key.constants.iter().map(|(n, v)| (*n, *v as f64)).collect();
    gpu.pipeline(key.label, module, key.entry, &values)
}

/// Calls `make` for each item, on as many threads as there are processors. Returns none for the items that fail.
pub fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    make: impl Fn(&T) -> Result<Option<R>, Error> + Sync,
) -> Vec<Option<R>> {
    let made: Vec<_> = items.iter().map(|_| Mutex::new(None)).collect();
    let queue = Mutex::new(items.iter().zip(&made));
    let next = || locked(&queue).next();
    on_threads(threads().min(items.len()), |_, _| {
        while let Some((item, made)) = next() {
            // What cannot be made is left out; a fault of the adapter is noted, and ends the run later.
            *locked(made) = make(item).ok().flatten();
        }
    });
    let value = |made: Mutex<_>| made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.into_iter().map(value).collect()
}
