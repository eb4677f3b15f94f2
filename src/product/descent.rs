//! Gradient descent against a product: parameters take a step against each of its sums as soon as it is there.

#[cfg(target_arch = "x86_64")]
use super::avx2;
use super::{Matrix, SMALL, Start, check, fast};
use crate::real::Real;
use crate::wide::wide;

/// A step of gradient descent: p -= rate (g + decay p).
#[derive(Clone, Copy, Debug)]
pub struct Descent<T> {
    /// The learning rate.
    pub rate: T,
    /// The L2 penalty, if there is one.
    pub decay: Option<T>,
}

impl<T: Real> Descent<T> {
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
    pub(crate) fn take(self, parameters: &mut [T], gradient: &[T]) -> u32 {
        wide(
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

/// Terms of a sum up to which [`descend`] needs no memory for the sums.
pub(crate) fn longest_descent() -> usize {
    #[cfg(target_arch = "x86_64")]
    if avx2::is_available() {
        return avx2::LONGEST_DESCENT;
    }
    0
}

/// A step of descent of `out` (row-major) against a b, where `a` is a part of a matrix of `rows` rows: the bits of `fast` and
/// then the step. The largest magnitude of `out`.
pub(crate) fn descend(
    out: &mut [f32],
    a: Matrix<f32>,
    b: Matrix<f32>,
    rows: usize,
    descent: Descent<f32>,
) -> u32 {
    let (m, n, k) = (a.row.count, b.column.count, a.column.count);
    #[cfg(target_arch = "x86_64")]
    if k > 0 && k <= longest_descent() {
        check(out, a, b);
        return call_descent(&mut out[..m * n], a, b, rows * n * k >= SMALL, descent);
    }
    let mut gradient = vec![0.0; m * n];
    fast(&mut gradient, a, b, rows, Start::Zero);
    descent.take(out, &gradient)
}

/// Safety: `descend` has checked that this is a CPU for it, and that every element of `a`, `b` and `out` that the sizes and
/// strides reach lies in its slice.
#[cfg(target_arch = "x86_64")]
#[allow(
    unsafe_code,
    reason = "an audited exception: a function for some CPUs only"
)]
fn call_descent(
    out: &mut [f32],
    a: Matrix<f32>,
    b: Matrix<f32>,
    fused: bool,
    descent: Descent<f32>,
) -> u32 {
    let sums = avx2::Sums {
        add: false,
        fused,
        descent: Some(descent),
    };
    unsafe { avx2::multiply(out, a, b, sums) }
}
