//! A plain SGD step, which a product can apply to each of its sums as soon as it is complete.

use crate::math::{Real, simd::with_simd};

/// A plain SGD step: p -= rate (g + decay p).
#[derive(Clone, Copy, Debug)]
pub struct SgdStep<T> {
    /// The learning rate.
    pub rate: T,
    /// The L2 penalty, if there is one.
    pub decay: Option<T>,
}

impl<T: Real> SgdStep<T> {
    /// Returns the gradient plus the L2 penalty's gradient.
    #[inline(always)]
    pub(crate) fn decayed(&self, parameter: T, gradient: T) -> T {
        match self.decay {
            None => gradient,
            Some(decay) => gradient + decay * parameter,
        }
    }

    /// Returns the updated parameter.
    #[inline(always)]
    pub(crate) fn updated(&self, parameter: T, gradient: T) -> T {
        parameter - self.rate * self.decayed(parameter, gradient)
    }

    /// Applies the step to all parameters. Returns their largest magnitude.
    pub fn take(self, parameters: &mut [T], gradient: &[T]) -> u32 {
        with_simd(
            #[inline(always)]
            || {
                let mut largest = 0;
                for (p, g) in parameters.iter_mut().zip(gradient) {
                    *p = self.updated(*p, *g);
                    largest = largest.max(p.magnitude());
                }
                largest
            },
        )
    }
}
