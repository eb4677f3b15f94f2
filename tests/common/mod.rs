//! Shared by all tests that need an adapter: one trial for each test and adapter, named `sentence [llvmpipe]`.
//!
//! Without an adapter the trials are ignored, with the reason in their names. With `WGRAD_REQUIRE_GPU=1` they fail
//! instead. They never pass without running.

use libtest_mimic::{Completion, Failed, Trial};
use std::sync::Arc;
use wgrad::gpu::adapter::{
    adapters as found,
    adapters::{NO_ADAPTER_CURE, backends},
};
use wgrad::gpu::{Gpu, Precision};

/// The return value of a test that did not fail: nothing, or whether the test applies to the adapter.
pub(crate) trait Outcome {
    fn completion(self) -> Completion;
}

impl Outcome for () {
    fn completion(self) -> Completion {
        Completion::Completed
    }
}

impl Outcome for Completion {
    fn completion(self) -> Completion {
        self
    }
}

/// Creates a trial for each test and adapter.
pub(crate) fn trials<N, F, O>(tests: Vec<(N, F)>) -> Vec<Trial>
where
    N: AsRef<str>,
    F: Fn(&Arc<Gpu>) -> Result<O, Failed> + Send + Sync + 'static,
    O: Outcome + 'static,
{
    let adapters = adapters();
    let mut trials = Vec::new();
    for (sentence, run) in tests {
        let (sentence, run) = (sentence.as_ref(), Arc::new(run));
        if adapters.is_empty() {
            trials.push(without_adapter(sentence));
        }
        for (name, gpu) in &adapters {
            let (run, gpu) = (run.clone(), gpu.clone());
            let trial = move || {
                let gpu = gpu.as_ref().map_err(String::clone)?;
                run(gpu).map(Outcome::completion)
            };
            trials.push(Trial::ignorable_test(format!("{sentence} [{name}]"), trial));
        }
    }
    trials
}

/// Opens the adapters, by short name. An adapter that cannot be opened fails its tests.
fn adapters() -> Vec<(String, Result<Arc<Gpu>, String>)> {
    let backends = backends(None).unwrap_or_else(|_| wgpu::Backends::all());
    let mut opened: Vec<(String, _)> = Vec::new();
    for adapter in found::adapters(backends) {
        let name = adapter.get_info().name;
        let short = name.split_whitespace().next().unwrap_or("adapter");
        let alike = opened.iter().filter(|(name, _)| name.starts_with(short));
        let name = match alike.count() {
            0 => short.to_owned(),
            n => format!("{short} {}", n + 1),
        };
        let gpu = Gpu::open(&adapter, Precision::F32).map(Arc::new);
        opened.push((name, gpu.map_err(|why| why.to_string())));
    }
    opened
}

fn without_adapter(sentence: &str) -> Trial {
    let required = std::env::var_os("WGRAD_REQUIRE_GPU").is_some_and(|value| value == "1");
    let why = format!("no GPU adapter found: {}", NO_ADAPTER_CURE);
    let trial = move || Err(Failed::from(why));
    Trial::test(format!("{sentence} [no GPU adapter]"), trial).with_ignored_flag(!required)
}
