//! A case on an adapter, and its verdict.

use libtest_mimic::Failed;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wgrad::gpu::{Gpu, GpuSession};
use wgrad::plan::Session;
use wgrad::verify::case::{Case, Tensors, run};

/// The case loaded onto an adapter. Tests that share a case share its session: compiling takes most of their time.
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

/// A lock, whatever became of the test that had it before.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The case on an adapter, which must not claim that it diverged.
pub(crate) fn on_gpu(gpu: &Arc<Gpu>, case: &Case) -> Result<Tensors<f32>, Failed> {
    let session = load(gpu, case)?;
    let mut session = lock(&session);
    let found = run(&mut *session, case)?;
    match session.diverged()? {
        None => Ok(found),
        Some(diverged) => Err(format!("{}: {diverged:?}", case.name).into()),
    }
}

/// Runs the case on an adapter and holds it against the f64 twin: the largest share of its bound that an element uses.
pub(crate) fn check(gpu: &Arc<Gpu>, case: &Case) -> Result<f64, Failed> {
    let found = on_gpu(gpu, case)?;
    let verdict = case.judge(&found)?.sound();
    let worst = verdict.map_err(|why| format!("{}: {why}", case.name))?;
    Ok(worst.share())
}

/// The adapter, taken for hardware: on a software adapter a session cuts no rows and submits a run as one.
pub(crate) fn as_hardware(adapter: &Arc<Gpu>) -> Arc<Gpu> {
    let mut gpu = (**adapter).clone();
    gpu.info.device_type = wgpu::DeviceType::DiscreteGpu;
    Arc::new(gpu)
}
