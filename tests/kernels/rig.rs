//! Runs a case on an adapter, and judges the result.

use libtest_mimic::Failed;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wgrad::gpu::{Gpu, GpuSession};
use wgrad::plan::Session;
use wgrad::verify::case::{Case, Tensors, run};

/// Loads the case onto an adapter. Tests with equal cases share a session, because compiling takes most of the time.
pub(crate) fn load(gpu: &Arc<Gpu>, case: &Case) -> Result<Arc<Mutex<GpuSession>>, Failed> {
    static LOADED: Mutex<BTreeMap<String, Arc<Mutex<GpuSession>>>> = Mutex::new(BTreeMap::new());
    let (adapter, variant) = (Arc::as_ptr(gpu), case.kernel().variants.as_ptr());
    let key = format!("{adapter:p} {variant:p} {}", case.sizes());
    let mut loaded = lock(&LOADED);
    if let Some(session) = loaded.get(&key) {
        return Ok(session.clone());
    }
    let session = GpuSession::new(gpu.clone(), &case.plan(), case.data)?;
    let session = Arc::new(Mutex::new(session));
    loaded.insert(key, session.clone());
    Ok(session)
}

/// Locks a mutex, even if a previous test panicked.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs the case on an adapter, which must report the divergence that the case has, if any.
pub(crate) fn on_gpu(gpu: &Arc<Gpu>, case: &Case) -> Result<Tensors<f32>, Failed> {
    let session = load(gpu, case)?;
    let mut session = lock(&session);
    session.begin(&[1.0])?;
    let found = run(&mut *session, case)?;
    match session.diverged()? {
        diverged if diverged == case.diverges => Ok(found),
        diverged => Err(format!("{}: {diverged:?}", case.name).into()),
    }
}

/// Runs the case on an adapter, compares it with the f64 twin, and returns the largest share of a bound.
pub(crate) fn check(gpu: &Arc<Gpu>, case: &Case) -> Result<f64, Failed> {
    let found = on_gpu(gpu, case)?;
    let verdict = case.judge(&found)?.sound();
    let worst = verdict.map_err(|why| format!("{}: {why}", case.name))?;
    Ok(worst.share())
}

/// Treats the adapter as hardware. On a software adapter a session neither splits rows nor submits a run in parts.
pub(crate) fn as_hardware(adapter: &Arc<Gpu>) -> Arc<Gpu> {
    let mut gpu = (**adapter).clone();
    gpu.info.device_type = wgpu::DeviceType::DiscreteGpu;
    Arc::new(gpu)
}
