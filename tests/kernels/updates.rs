//! Tests of `fused_sgd`, a step of plain gradient descent in one kernel.

use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::cpu::CpuSession;
use wgrad::gpu::{Gpu, GpuSession};
use wgrad::kernels::Buffer;
use wgrad::model::{Loss, Optimizer};
use wgrad::plan::{Phase, Session};
use wgrad::verify::training::TrainingRun;

/// A step of plain gradient descent without a stored gradient has the bits of the gradient followed by the update.
pub(crate) fn fused_sgd_is_a_gradient_and_a_step(
    load: impl Fn(&TrainingRun) -> Result<Box<dyn Session<f32>>, wgrad::Error>,
) -> Result<(), Failed> {
    for (widths, batch, decay) in [
        (&[12, 33, 5][..], 31, 0.0),
        (&[7, 4, 3], 64, 0.01),
        (&[16, 64, 32, 10], 200, 0.0),
    ] {
        let sgd = Optimizer::Sgd {
            learning_rate: 0.25,
            momentum: 0.0,
            weight_decay: decay,
        };
        let run = TrainingRun::new("fused_sgd", widths, Loss::HalfSse, sgd, [batch, batch + 3]);
        let (start, steps) = (&run.mlp.parameters, run.steps(1));
        let mut session = load(&run)?;
        run.train(&mut *session, start, &[])?;
        session.run(Phase::Gradient, &steps[..1])?;
        let gradient = session.read(Buffer::Gradient)?;
        let rate = steps[0].learning_rate;
        let step = |(p, g): (&f32, &f32)| match decay as f32 {
            0.0 => p - rate * g,
            decay => p - rate * (g + decay * p),
        };
        let expected: Vec<f32> = start.iter().zip(&gradient).map(step).collect();
        let found = run.train(&mut *session, start, &steps[..1])?;
        if found != expected {
            return Err(format!("{widths:?}, batch {batch}: other bits").into());
        }
        if let Ok(stale) = session.read(Buffer::Gradient) {
            return Err(format!("{widths:?}: {} numbers for a gradient", stale.len()).into());
        }
        session.run(Phase::Gradient, &steps[..1])?;
        session.read(Buffer::Gradient)?;
    }
    Ok(())
}

pub(crate) fn fused_sgd_on_an_adapter(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    fused_sgd_is_a_gradient_and_a_step(|run| {
        let session = GpuSession::new(adapter.clone(), &run.plan(), run.rows)?;
        Ok(Box::new(session))
    })
}

pub(crate) fn fused_sgd_on_the_cpu() -> Result<(), Failed> {
    let load = |threads| {
        move |run: &TrainingRun| -> Result<Box<dyn Session<f32>>, wgrad::Error> {
            Ok(Box::new(CpuSession::new(&run.plan(), run.rows, threads)?))
        }
    };
    let loads = [1, 2, 3].map(load);
    loads
        .into_iter()
        .try_for_each(fused_sgd_is_a_gradient_and_a_step)
}
