//! Gradient descent against a product: parameters take a step against each of its sums as soon as it is there.

use crate::math::{real::Real, simd::with_simd};

/// A step of gradient descent: p -= rate (g + decay p).
#[derive(Clone, Copy, Debug)]
pub struct SgdStep<T> {
    /// The learning rate.
    pub rate: T,
    /// The L2 penalty, if there is one.
    pub decay: Option<T>,
}

impl<T: Real> SgdStep<T> {
    /// The gradient with the penalty's.
    #[inline(always)]
    pub(crate) fn decayed(&self, parameter: T, gradient: T) -> T {
        match self.decay {
            None => gradient,
            Some(decay) => gradient + decay * parameter,
        }
    }

    /// What becomes of a parameter.
    #[inline(always)]
    pub(crate) fn of(&self, parameter: T, gradient: T) -> T {
        parameter - self.rate * self.decayed(parameter, gradient)
    }

    /// Takes it. The parameters' largest magnitude.
    pub fn take(self, parameters: &mut [T], gradient: &[T]) -> u32 {
        with_simd(
            #[inline(always)]
            || {
                let mut largest = 0;
                for (p, g) in parameters.iter_mut().zip(gradient) {
                    *p = self.of(*p, *g);
                    largest = largest.max(p.magnitude());
                }
                largest
            },
        )
    }
}
