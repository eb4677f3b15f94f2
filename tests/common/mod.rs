//! Shared by all tests that need an adapter: one trial for each test and adapter, named `sentence [llvmpipe]`.
//!
//! Without an adapter the trials are ignored, with the reason in their names. With `WGRAD_REQUIRE_GPU=1` they fail
//! instead. They never pass without running. With `WGRAD_SHOW_TIMES=1` each prints the seconds that it took.

use libtest_mimic::{Completion, Failed, Trial};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use wgrad::gpu::adapter::{
    adapters as found,
    adapters::{NO_ADAPTER_CURE, backends, is_software},
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

/// An adapter with its short name, or why it cannot be opened, and devices of it that no test has at the moment.
///
/// Mesa's software driver compiles shaders on one thread for each device. So tests that run side by side have a device
/// each there. Tests on hardware share one.
struct Adapter {
    name: String,
    gpu: Result<Arc<Gpu>, String>,
    free: Mutex<Vec<Arc<Gpu>>>,
}

impl Adapter {
    fn run<O>(&self, test: impl FnOnce(&Arc<Gpu>) -> Result<O, Failed>) -> Result<O, Failed> {
        let first = self.gpu.as_ref().map_err(String::clone)?;
        if !is_software(&first.info) {
            return test(first);
        }
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let last = free().pop();
        let gpu = match last {
            Some(gpu) => gpu,
            None => Arc::new(first.again()?),
        };
        let outcome = test(&gpu);
        // A device does not recover from a fault.
        if gpu.check().is_ok() {
            free().push(gpu);
        }
        outcome
    }
}

/// Creates a trial for each test and adapter.
pub(crate) fn trials<N, F, O>(tests: Vec<(N, F)>) -> Vec<Trial>
where
    N: AsRef<str>,
    F: Fn(&Arc<Gpu>) -> Result<O, Failed> + Send + Sync + 'static,
    O: Outcome + 'static,
{
    let adapters: Vec<_> = adapters().into_iter().map(Arc::new).collect();
    let mut trials = Vec::new();
    for (sentence, run) in tests {
        let (sentence, run) = (sentence.as_ref(), Arc::new(run));
        if adapters.is_empty() {
            trials.push(without_adapter(sentence));
        }
        for adapter in &adapters {
            let (run, adapter) = (run.clone(), adapter.clone());
            let name = format!("{sentence} [{}]", adapter.name);
            let told = name.clone();
            let trial = move || {
                let start = Instant::now();
                let outcome = adapter.run(&*run);
                if std::env::var_os("WGRAD_SHOW_TIMES").is_some() {
                    eprintln!("{:8.2} s  {told}", start.elapsed().as_secs_f64());
                }
                outcome.map(Outcome::completion)
            };
            trials.push(Trial::ignorable_test(name, trial));
        }
    }
    trials
}

/// Opens the adapters, by short name. An adapter that cannot be opened fails its tests.
fn adapters() -> Vec<Adapter> {
    let backends = backends(None).unwrap_or_else(|_| wgpu::Backends::all());
    let mut opened: Vec<Adapter> = Vec::new();
    for adapter in found::adapters(backends) {
        let name = adapter.get_info().name;
        let short = name.split_whitespace().next().unwrap_or("adapter");
        let alike = opened.iter().filter(|other| other.name.starts_with(short));
        let name = match alike.count() {
            0 => short.to_owned(),
            n => format!("{short} {}", n + 1),
        };
        let gpu = Gpu::open(&adapter, Precision::F32).map(Arc::new);
        let gpu = gpu.map_err(|why| why.to_string());
        let free = gpu.iter().cloned().collect();
        opened.push(Adapter {
            name,
            gpu,
            free: Mutex::new(free),
        });
    }
    opened
}

fn without_adapter(sentence: &str) -> Trial {
    let required = std::env::var_os("WGRAD_REQUIRE_GPU").is_some_and(|value| value == "1");
    let why = format!("no GPU adapter found: {}", NO_ADAPTER_CURE);
    let trial = move || Err(Failed::from(why));
    Trial::test(format!("{sentence} [no GPU adapter]"), trial).with_ignored_flag(!required)
}
