//! CPU features beyond plain Rust: loops compiled for AVX2, prefetches, and memory aligned to cache lines. No operation
//! is fused with another, so the bits stay the same.

use std::ops::{Deref, DerefMut};

/// Runs `work`, compiled for AVX2 if the CPU has it. `work` must be `#[inline(always)]`.
#[inline]
#[allow(
    unsafe_code,
    reason = "an audited exception: a function for some CPUs only"
)]
pub(crate) fn with_simd<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // Safety: the CPU has AVX2.
        return unsafe { with_avx2(work) };
    }
    work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// Number of cache lines to prefetch. The CPU's own prefetcher continues after that many neighbours.
const LINES: usize = 4;

/// Prefetches `values` into the cache, without waiting for them.
#[inline]
#[allow(
    unsafe_code,
    reason = "an audited exception: an instruction that takes a raw pointer"
)]
pub(crate) fn prefetch<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for line in 0..LINES.min(size_of_val(values).div_ceil(64) + 1) {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        let at = values.as_ptr().cast::<i8>().wrapping_add(64 * line);
        // Safety: it reads nothing, and an address that is not mapped is no fault.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(at) };
    }
}

/// Numbers in memory that is aligned to a cache line, so that no vector load crosses two lines.
pub(crate) struct Aligned<T> {
    values: Vec<T>,
    first: usize,
    len: usize,
}

impl<T: Copy + Default> Aligned<T> {
    /// Allocates `len` zeros.
    pub(crate) fn new(len: usize) -> Aligned<T> {
        let slack = 64 / size_of::<T>().clamp(1, 64);
        let values = vec![T::default(); len + slack];
        let first = values.as_ptr().align_offset(64).min(slack);
        Aligned { values, first, len }
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.values[self.first..][..self.len]
    }
}

impl<T> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[self.first..][..self.len]
    }
}
