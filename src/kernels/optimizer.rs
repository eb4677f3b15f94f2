//! What the kernels of optimizers share: twin of `shaders/shared/optimizer.wgsl`.

use super::part::Part;
use crate::kernels::Call;
use crate::math::{Real, real::INFINITE};

/// Returns the arguments of an optimizer's call, the last of which is the factor of its learning rate: 1.
pub(crate) fn with_rate<const N: usize>(settings: [u32; N]) -> Vec<u32> {
    settings.into_iter().chain([f32::to_bits(1.0)]).collect()
}

/// Returns an optimizer's call at `factor` times the learning rate of the step.
pub(crate) fn at_rate(mut call: Call, factor: f64) -> Call {
    if let Some(rate) = call.args.last_mut() {
        *rate = (factor as f32).to_bits();
    }
    call
}

/// Returns the learning rate of an optimizer's call with `args`.
pub(crate) fn own_rate<T: Real>(part: &Part, args: &[u32]) -> T {
    let factor = args.last().map_or(1.0, |bits| f32::from_bits(*bits));
    part.learning_rate::<T>() * T::of(factor.into())
}

/// Notes whether the parameters that a call stored are finite, by their largest magnitude: the end of `store_parameter`.
pub(crate) fn note_stored(part: &Part, largest: u32) {
    if largest >= INFINITE {
        part.status.update_diverged(part.step);
    }
}
