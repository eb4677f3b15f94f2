//! Runs a case on an adapter, and judges the result.

use libtest_mimic::Failed;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wgrad::gpu::{Gpu, GpuSession};
use wgrad::plan::Session;
use wgrad::verify::case::{Case, Tensors, run};

/// Loaded cases, by what a session depends on.
#[derive(Default)]
pub(crate) struct Loaded(Mutex<BTreeMap<String, Arc<Mutex<GpuSession>>>>);

impl Loaded {
    /// Creates an empty set.
    pub(crate) const fn new() -> Loaded {
        Loaded(Mutex::new(BTreeMap::new()))
    }

    /// Loads the case onto an adapter, or returns the session of a case that is equal but for its numbers.
    fn load(&self, gpu: &Arc<Gpu>, case: &Case) -> Result<Arc<Mutex<GpuSession>>, Failed> {
        let (adapter, variant) = (Arc::as_ptr(gpu), case.kernel().variants.as_ptr());
        let key = format!("{adapter:p} {variant:p} {}", case.sizes());
        if let Some(session) = lock(&self.0).get(&key) {
            return Ok(session.clone());
        }
        // Not under the lock: other tests load theirs meanwhile.
        let session = GpuSession::new(gpu.clone(), &case.plan(), case.data)?;
        let session = Arc::new(Mutex::new(session));
        lock(&self.0).insert(key, session.clone());
        Ok(session)
    }

    /// Runs the case, compares it with the f64 twin, and returns the largest share of a bound.
    pub(crate) fn check(&self, gpu: &Arc<Gpu>, case: &Case) -> Result<f64, Failed> {
        let found = run_in(&*self.load(gpu, case)?, case)?;
        let verdict = case.judge(&found)?.sound();
        let worst = verdict.map_err(|why| format!("{}: {why}", case.name))?;
        Ok(worst.share())
    }
}

/// The cases of all tests. Equal ones share a session, because compiling takes most of the time.
static ALL: Loaded = Loaded::new();

/// Loads the case onto an adapter.
pub(crate) fn load(gpu: &Arc<Gpu>, case: &Case) -> Result<Arc<Mutex<GpuSession>>, Failed> {
    ALL.load(gpu, case)
}

/// Locks a mutex, even if a previous test panicked.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs the case on an adapter, which must report the divergence that the case has, if any.
pub(crate) fn on_gpu(gpu: &Arc<Gpu>, case: &Case) -> Result<Tensors<f32>, Failed> {
    run_in(&*load(gpu, case)?, case)
}

fn run_in(session: &Mutex<GpuSession>, case: &Case) -> Result<Tensors<f32>, Failed> {
    let mut session = lock(session);
    session.begin(&[1.0])?;
    let found = run(&mut *session, case)?;
    match session.diverged()? {
        diverged if diverged == case.diverges => Ok(found),
        diverged => Err(format!("{}: {diverged:?}", case.name).into()),
    }
}

/// Runs the case on an adapter, compares it with the f64 twin, and returns the largest share of a bound.
pub(crate) fn check(gpu: &Arc<Gpu>, case: &Case) -> Result<f64, Failed> {
    ALL.check(gpu, case)
}

/// Treats the adapter as hardware. On a software adapter a session neither splits rows nor submits a run in parts.
pub(crate) fn as_hardware(adapter: &Arc<Gpu>) -> Arc<Gpu> {
    let mut gpu = (**adapter).clone();
    gpu.info.device_type = wgpu::DeviceType::DiscreteGpu;
    Arc::new(gpu)
}
