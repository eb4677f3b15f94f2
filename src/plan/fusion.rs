//! Calls of a plan made into fewer, with the same bits: what an executor replays instead, if it gains by it.

use super::{Phase, Plan};
use crate::Error;
use crate::kernels::{Buffer, Call, Slice, descent, sgd, weight_gradient};

/// The calls of `phase`, with `descent` for each `weight_gradient` and its share of `sgd`, if the optimizer remembers
/// nothing and a layer's gradient comes in one call. Gradients are not stored then. The update of a layer still comes
/// after the last call that reads its weights.
pub fn descending(plan: &Plan, phase: Phase) -> Vec<Call> {
    let whole = || plan.calls(phase).cloned().collect();
    let (Phase::Train, [update]) = (phase, &plan.update[..]) else {
        return whole();
    };
    let (gradients, others): (Vec<&Call>, Vec<&Call>) = plan
        .gradient
        .iter()
        .partition(|call| std::ptr::eq(call.kernel, &weight_gradient::KERNEL));
    let is_plain = std::ptr::eq(update.kernel, &sgd::KERNEL) && update.args[0] == 0;
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
    let descents = gradients.iter().map(|call| {
        descent::call(
            [call.args[0], call.args[1]],
            update.args[1],
            [0, 1].map(|slot| call.reads[slot].clone()),
            [0, 1].map(|slot| parameters(&call.writes[slot])),
        )
    });
    let kept = plan.gather.iter().chain(others).cloned();
    kept.chain(descents).collect()
}

/// What a session replays of a plan: its calls, or fewer; and whether the gradient is there to be read.
pub(crate) struct Replayed {
    descends: bool,
    gradient_is_stale: bool,
}

impl Replayed {
    /// As few calls of `plan` as there can be, if the executor gains by it.
    pub(crate) fn new(plan: &Plan, gains: impl FnOnce() -> bool) -> Replayed {
        let fewer = descending(plan, Phase::Train).len() < plan.calls(Phase::Train).count();
        Replayed {
            descends: fewer && gains(),
            gradient_is_stale: false,
        }
    }

    /// Whether training does not store the gradient.
    pub(crate) fn descends(&self) -> bool {
        self.descends
    }

    /// The calls of a phase.
    pub(crate) fn calls(&self, plan: &Plan, phase: Phase) -> Vec<Call> {
        match self.descends {
            true => descending(plan, phase),
            false => plan.calls(phase).cloned().collect(),
        }
    }

    /// Notes a run of `phase`.
    pub(crate) fn note_run(&mut self, phase: Phase) {
        match phase {
            Phase::Train => self.gradient_is_stale = self.descends,
            Phase::Gradient => self.gradient_is_stale = false,
            Phase::Evaluate | Phase::Predict => {}
        }
    }

    /// Checks that `buffer` is what the last run made it.
    ///
    /// # Errors
    /// For the gradient, if training did not store it.
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

/// Whether the calls write each tensor of `slice` once, and nothing else.
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
