//! The adapter's own clock: it counts what is submitted while it runs, and changes no bit.

use crate::training::Run;
use libtest_mimic::{Completion, Failed};
use std::sync::Arc;
use wgrad::device::Gpu;
use wgrad::loss::Loss;
use wgrad::optimizer::Optimizer;
use wgrad::plan::{Buffer, gpu};

pub(crate) fn times_what_runs(gpu: &Arc<Gpu>) -> Result<Completion, Failed> {
    let Some(clock) = &gpu.clock else {
        return Ok(Completion::ignored_with("no clock"));
    };
    let run = Run::new(
        "a run",
        &[20, 24, 5],
        Loss::HalfSse,
        Optimizer::sgd(0.1),
        [33, 70],
    );
    let mut session = gpu::Session::new(gpu.clone(), &run.plan(), run.rows)?;
    let mut train = || run.train(&mut session, &run.mlp.parameters, &run.steps(20));
    let untimed = train()?;
    let standing = clock.stop(gpu)?;
    clock.start();
    let idle = clock.stop(gpu)?;
    if standing.is_some() || idle.is_some() {
        return Err(format!("nothing was timed, and it says {standing:?} and {idle:?}").into());
    }
    clock.start();
    let timed = train()?;
    let seconds = clock.stop(gpu)?.unwrap_or_default();
    if !(seconds > 0.0 && seconds.is_finite()) {
        return Err(format!("{} steps in {seconds} s", run.steps(20).len()).into());
    }
    if timed != untimed {
        return Err("the bits differ".into());
    }
    // Submissions beyond its last query have no time: it says none rather than too little.
    clock.start();
    for _ in 0..1000 {
        wgrad::plan::Session::<f32>::read(&mut session, Buffer::Parameters)?;
    }
    match clock.stop(gpu)? {
        None => Ok(Completion::Completed),
        Some(seconds) => Err(format!("of 1000 submissions a part is told: {seconds} s").into()),
    }
}
