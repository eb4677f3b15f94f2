//! A cache of pipelines. Pipelines that a program will need are created in parallel beforehand: a driver takes 0.1 to
//! 0.6 seconds for one that it has not compiled before.

use crate::Error;
use crate::gpu::Gpu;
use crate::gpu::print::buffers::source;
use crate::kernels::{Kernel, Variant};
use std::collections::HashMap;

/// Values of a pipeline's constants, by name.
pub(super) type Constants = Vec<(&'static str, u64)>;

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
    let pipeline = gpu
        .device
        .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(key.label),
            layout: None,
            module,
            entry_point: Some(key.entry),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &values,
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        });
    gpu.check()?;
    Ok(pipeline)
}

/// Calls `make` for each item, on as many threads as there are processors. Returns none for the items that fail.
pub fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    make: impl Fn(&T) -> Result<Option<R>, Error> + Sync,
) -> Vec<Option<R>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let start = |items| {
            let make = &make;
            scope.spawn(move || {
                let made = |item| make(item).ok().flatten();
                <[T]>::iter(items).map(made).collect::<Vec<_>>()
            })
        };
        let running: Vec<_> = items.chunks(share).map(start).collect();
        let chunks = items.chunks(share).map(<[T]>::len);
        let ended = running.into_iter().zip(chunks);
        // A thread in which wgpu panicked has made nothing.
        ended
            .flat_map(|(thread, len)| {
                thread
                    .join()
                    .unwrap_or_else(|_| std::iter::repeat_with(|| None).take(len).collect())
            })
            .collect()
    })
}
