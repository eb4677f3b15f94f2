//! Pipelines of variants, each made once. Those that a program will need are made side by side beforehand: a driver takes 0.1
//! to 0.6 seconds for one that it has not compiled before.

use crate::Error;
use crate::gpu::adapter::gpu::Gpu;
use crate::gpu::print::buffers::source;
use crate::kernels::kernel::Kernel;
use crate::kernels::variant::Variant;
use std::collections::HashMap;

/// Values of a pipeline's constants, by name.
pub(super) type Constants = Vec<(&'static str, u64)>;

/// What tells a pipeline from others of the same adapter.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// Of the kernel.
    pub(super) label: &'static str,
    pub(super) variant: &'static str,
    pub(super) entry: &'static str,
    pub(super) constants: Constants,
}

/// Those that were made, and their modules by their sources.
#[derive(Default)]
pub(super) struct Pipelines {
    modules: HashMap<String, wgpu::ShaderModule>,
    made: HashMap<Key, wgpu::ComputePipeline>,
}

impl Pipelines {
    /// A pipeline of a kernel's variant: the one that there is, or a new one.
    pub(super) fn get(
        &mut self,
        gpu: &Gpu,
        (kernel, variant): (&Kernel, &Variant),
        key: Key,
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

    /// Makes pipelines side by side, those that there are not yet. What the driver refuses is left to [`Pipelines::get`], which
    /// reports it.
    pub(super) fn prepare(
        &mut self,
        gpu: &Gpu,
        wanted: Vec<(&'static Kernel, &'static Variant, Key)>,
    ) {
        let mut new: Vec<(String, &Variant, Key)> = Vec::new();
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
        let modules = side_by_side(&sources, |(source, variant)| {
            gpu.attempt(|| gpu.module(&[source], variant.name))
        });
        let modules = sources.into_iter().zip(modules);
        let modules = modules.filter_map(|((source, _), module)| Some((source.clone(), module?)));
        self.modules.extend(modules);
        let pipelines = side_by_side(&new, |(source, _, key)| {
            let module = self.modules.get(source);
            module.map_or(Ok(None), |module| gpu.attempt(|| make(gpu, module, key)))
        });
        let keys = new.into_iter().map(|(.., key)| key);
        let made = keys
            .zip(pipelines)
            .filter_map(|(key, made)| Some((key, made?)));
        self.made.extend(made);
    }

    /// Forgets all of them, with what a driver refused.
    pub(super) fn clear(&mut self) {
        *self = Pipelines::default();
    }
}

fn make(gpu: &Gpu, module: &wgpu::ShaderModule, key: &Key) -> Result<wgpu::ComputePipeline, Error> {
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

/// What `make` makes of each of some items, with as many threads as there are processors; none where it fails.
fn side_by_side<T: Sync, R: Send>(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_side_by_side_is_in_order_and_failures_are_left_out() {
        let items: Vec<u32> = (0..100).collect();
        let made = side_by_side(&items, |item| match item % 3 {
            0 => Ok(None),
            1 => Err(Error::Config("refused".to_owned())),
            _ => Ok(Some(item * 2)),
        });
        let expected = items.iter().map(|item| (item % 3 == 2).then_some(item * 2));
        assert_eq!(made, expected.collect::<Vec<_>>());
        assert_eq!(side_by_side(&[] as &[u32], |_| Ok(Some(0))), []);
    }
}
