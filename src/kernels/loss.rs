//! What the kernels of losses share: twin of `shaders/shared/loss.wgsl`.

use super::part::Part;
use crate::math::Real;

/// The target of output `o` in the row whose targets are `row`.
#[inline]
pub(crate) fn wanted<T: Real>(row: &[T], o: usize, classes: bool) -> T {
    match classes {
        false => row[o],
        true => T::of(f64::from(u8::from(row[0].to_f64() as usize == o))),
    }
}

/// Adds the error of a row to its account.
#[inline]
pub(crate) fn close_row<T: Real>(part: &Part, account: &mut T, error: T) {
    *account += error;
    if !error.is_finite() {
        part.status.forward_diverged(part.step);
    }
}
