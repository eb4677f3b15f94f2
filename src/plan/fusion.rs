//! Fuses the calls of a plan into fewer calls with the same bits. An executor replays these instead where that is
//! faster.

use super::{Phase, Plan};
use crate::Error;
use crate::kernels::{Buffer, Call, Role, Slice, fused_sgd};

/// Returns the calls of `phase` with fused SGD: one `fused_sgd` call replaces each `weight_gradient` call and its share
/// of the `sgd` call. This needs an optimizer without moments, and one `weight_gradient` call per layer. The gradient
/// is not stored then. A layer is still updated after the last call that reads its weights.
pub fn fused_calls(plan: &Plan, phase: Phase) -> Vec<Call> {
    let whole = || plan.calls(phase).cloned().collect();
    let (Phase::Train, [update]) = (phase, &plan.update[..]) else {
        return whole();
    };
    let (gradients, others): (Vec<&Call>, Vec<&Call>) = plan
        .gradient
        .iter()
        .partition(|call| call.kernel.role == Role::WeightGradient);
    let whole_rate = Some(&f32::to_bits(1.0));
    let is_plain =
        update.kernel.role == Role::Sgd && update.args[0] == 0 && update.args.last() == whole_rate;
    let stray = |call: &&Call| {
        let touched = call.reads.iter().chain(&call.writes);
        touched.into_iter().any(|s| s.buffer == Buffer::Gradient)
            || call.writes.iter().any(|s| s.buffer == Buffer::Parameters)
    };
    if !is_plain || !are_all(&gradients, &update.reads[0]) || others.iter().any(stray) {
        return whole();
    }
    let (from, to) = (&update.reads[0].tensors, &update.writes[0]);
    let parameters = |gradient: &Slice| {
        let tensors = &gradient.tensors;
        let moved = |t: usize| t - from.start + to.tensors.start;
        to.buffer.tensors(moved(tensors.start)..moved(tensors.end))
    };
    let fused = gradients.iter().map(|call| {
        fused_sgd::call(
            [call.args[0], call.args[1]],
            update.args[1],
            [0, 1].map(|slot| call.reads[slot].clone()),
            [0, 1].map(|slot| parameters(&call.writes[slot])),
        )
    });
    let kept = plan.gather.iter().chain(others).cloned();
    kept.chain(fused).collect()
}

/// The calls that a session replays, with or without fused SGD, and whether its gradient buffer is up to date.
pub(crate) struct FusedPlan {
    fused_sgd: bool,
    gradient_is_stale: bool,
}

impl FusedPlan {
    /// Uses fused SGD if the plan allows it and `pays` returns true.
    pub(crate) fn new(plan: &Plan, pays: impl FnOnce() -> bool) -> FusedPlan {
        let fewer = fused_calls(plan, Phase::Train).len() < plan.calls(Phase::Train).count();
        FusedPlan {
            fused_sgd: fewer && pays(),
            gradient_is_stale: false,
        }
    }

    /// Returns whether training uses fused SGD and so does not store the gradient.
    pub(crate) fn has_fused_sgd(&self) -> bool {
        self.fused_sgd
    }

    /// Returns the calls of a phase.
    pub(crate) fn calls(&self, plan: &Plan, phase: Phase) -> Vec<Call> {
        match self.fused_sgd {
            true => fused_calls(plan, phase),
            false => plan.calls(phase).cloned().collect(),
        }
    }

    /// Notes a run of `phase`.
    pub(crate) fn note_run(&mut self, phase: Phase) {
        match phase {
            Phase::Train => self.gradient_is_stale = self.fused_sgd,
            Phase::Gradient | Phase::Layer(_) => self.gradient_is_stale = false,
            Phase::Update | Phase::Evaluate | Phase::Predict => {}
        }
    }

    /// Checks that the last run stored `buffer`.
    ///
    /// # Errors
    /// If `buffer` is the gradient and the last training run did not store it.
    pub(crate) fn check_read(&self, buffer: Buffer) -> Result<(), Error> {
        match self.gradient_is_stale && buffer == Buffer::Gradient {
            false => Ok(()),
            true => Err(Error::Config(
                "Gradient: training by plain gradient descent does not store it; run Phase::Gradient first"
                    .into(),
            )),
        }
    }
}

/// Returns whether the calls write each tensor of `slice` once, and nothing else.
fn are_all(calls: &[&Call], slice: &Slice) -> bool {
    let written = calls.iter().flat_map(|call| &call.writes);
    let mut tensors: Vec<usize> = Vec::new();
    for each in written {
        if each.buffer != slice.buffer {
            return false;
        }
        tensors.extend(each.tensors.clone());
    }
    tensors.sort_unstable();
    tensors == slice.tensors.clone().collect::<Vec<usize>>()
}
