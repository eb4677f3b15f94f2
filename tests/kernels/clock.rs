//! Tests of the adapter's clock: it counts the submitted work, and changes no bit.

use libtest_mimic::{Completion, Failed};
use std::sync::Arc;
use std::time::Instant;
use wgrad::gpu::{Gpu, GpuSession};
use wgrad::kernels::Buffer;
use wgrad::model::{Loss, Optimizer};
use wgrad::plan::Session;
use wgrad::verify::training::TrainingRun;

/// Uses a clock of its own, because other tests run at the same time.
pub(crate) fn times_what_runs(gpu: &Arc<Gpu>) -> Result<Completion, Failed> {
    let gpu = Arc::new(gpu.with_clock()?);
    let Some(clock) = &gpu.clock else {
        return Ok(Completion::ignored_with("no clock"));
    };
    let run = TrainingRun::new(
        "a run",
        &[20, 24, 5],
        Loss::HalfSse,
        Optimizer::sgd(0.1),
        [33, 70],
    );
    let mut session = GpuSession::new(gpu.clone(), &run.plan(), run.rows)?;
    let mut train = || run.train(&mut session, &run.mlp.parameters, &run.steps(20));
    let untimed = train()?;
    let standing = gpu.stop_clock()?;
    clock.start();
    let idle = gpu.stop_clock()?;
    if standing.is_some() || idle.is_some() {
        return Err(format!("nothing was timed, and it says {standing:?} and {idle:?}").into());
    }
    let start = Instant::now();
    clock.start();
    let timed = train()?;
    let whole = start.elapsed().as_secs_f64();
    let seconds = gpu.stop_clock()?.unwrap_or_default();
    // A wrong unit of time would be off by a factor of a thousand or more.
    if !(seconds > 1e-4 * whole && seconds < whole) {
        return Err(format!("{seconds} s on the adapter of {whole} s in all").into());
    }
    if timed != untimed {
        return Err("the bits differ".into());
    }
    // Submissions beyond its last query have no time. Then it returns none rather than too little.
    clock.start();
    for _ in 0..3000 {
        Session::<f32>::read(&mut session, Buffer::Parameters)?;
    }
    match gpu.stop_clock()? {
        None => Ok(Completion::Completed),
        Some(seconds) => Err(format!("of 3000 submissions a part is told: {seconds} s").into()),
    }
}
