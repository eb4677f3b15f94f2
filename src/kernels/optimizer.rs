//! What the kernels of optimizers share: twin of `shaders/shared/optimizer.wgsl`.

use super::part::Part;
use crate::math::real::INFINITE;

/// Notes whether the parameters that a call stored are finite, by their largest magnitude: the end of `store_parameter`.
pub(crate) fn note_stored(part: &Part, largest: u32) {
    if largest >= INFINITE {
        part.status.update_diverged(part.step);
    }
}
